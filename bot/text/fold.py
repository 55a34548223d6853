"""Words compared as people compare them: without accents and case; names and subjects cleaned before they are shown.

`fold` is what `find`, names, titles and command words are compared by, so both sides of a comparison go through it.
"""

from __future__ import annotations

import re
import unicodedata

#: Marks that hang on a Latin, Greek or Cyrillic letter. Vowel signs of other scripts are letters to their readers.
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_LETTERS = str.maketrans({
    "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i",
    "’": "'", "‘": "'", "ʼ": "'", "′": "'", "`": "'", "´": "'",
    "‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-",
})  # fmt: skip

_ZWNJ, _ZWJ = "\u200c", "\u200d"
#: A run of digits as long as a telephone number, however it is written.
_PHONE = re.compile(r"\+?\(?\d(?:[\s.\-/()]{0,2}\d){6,}")
_ADDRESS = re.compile(r"[^\s@<>()]+@[^\s@<>()]+")

#: How mail programs of our members' countries say "answer" and "forward" (mail facts, E38 and E45).
_PREFIX = re.compile(
    r"\s*(?:(?:re|ré|réf|rép|aw|antw|antwort|sv|vs|odp|ris|rif|res|bls|tr|fw|fwd|wg|wtr|enc|rv|doorst|vb|i)"
    r"\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})?\s*[:：]\s*|\[[^\]\[]{1,80}\]\s*)",
    re.IGNORECASE,
)
#: No subject we care about is longer; some that attack us are (reliability facts, 4).
_LONGEST_SUBJECT = 1000


def fold(text: str) -> str:
    """`text` without accents and case, one space between words: "L'Été  À Œuvrer" is "l'ete a oeuvrer"."""
    # Letters in another dress (ﬁ, 𝞐) show their case only once they are taken apart.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)
    return " ".join(unicodedata.normalize("NFKC", _MARKS.sub("", plain)).split())


def display_name(text: str, longest: int = 40) -> str:
    """A person's name as others may see it: one line, at most `longest` characters, nothing in it that hides or leads.

    Control, bidirectional and zero-width characters go (those that build an emoji or a Persian word stay), and so do
    mail addresses and telephone numbers: a phone that knows no name sends the number in its place. May be empty.
    """
    text = unicodedata.normalize("NFC", text[: 50 * longest])
    visible = "".join(_kept(text, position) for position in range(len(text)))
    visible = _PHONE.sub(" ", _ADDRESS.sub(" ", visible)).replace("@", "")
    visible = " ".join(re.sub(r"[<(\[\"“«]\s*[>)\]\"”»]", " ", visible).split()).strip(" <>()[],;:\"'")
    return _cut(visible, longest)


def _kept(text: str, position: int) -> str:
    """The character at `position`, a space, or nothing."""
    char = text[position]
    category = unicodedata.category(char)
    if category in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    if (
        category == "Mn"
        and position >= 2
        and all(unicodedata.category(c) == "Mn" for c in text[position - 2 : position])
    ):
        return ""  # marks piled up over the lines above and below
    if char in {_ZWJ, _ZWNJ}:
        around = text[max(0, position - 1) : position + 2].replace(char, "")
        script = "AR" if char == _ZWNJ else "So"
        return char if len(around) == 2 and all(_joins(c, script) for c in around) else ""
    return "" if category in {"Cf", "Co", "Cs", "Cn"} else char


def _joins(char: str, script: str) -> bool:
    """True if a zero-width (non-)joiner may stand beside `char`: an emoji, or a letter of the Arabic script."""
    if script == "AR":
        return unicodedata.name(char, "").startswith("ARABIC")
    return unicodedata.category(char) in {"So", "Sk"} or char == "\ufe0f"


def _cut(text: str, longest: int) -> str:
    """At most `longest` characters, never between a letter and its marks."""
    if len(text) <= longest:
        return text
    end = longest
    while end and (unicodedata.category(text[end]).startswith("M") or _ZWJ in text[end - 1 : end + 1]):
        end -= 1
    return text[:end].rstrip()


def canonical_subject(text: str) -> str:
    """A mail's subject without what programs put before it: Re, RE:, Tr :, Fwd, AW, [tags]; in one line.

    What is only a prefix stays as it is: "[Urgent]" is a subject. Two subjects are the same when their `fold` is.
    """
    rest = " ".join(text[:_LONGEST_SUBJECT].replace("\0", " ").split())
    while (found := _PREFIX.match(rest)) and rest[found.end() :].strip():
        rest = rest[found.end() :].strip()
    return rest
