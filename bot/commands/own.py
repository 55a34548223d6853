"""Which part of a text somebody typed now: without the quote, the signature, the closing and the name below it.

Only commands and answers are looked for this way: when a mail is relayed, what is the reply is decided elsewhere, with
more care and more knowledge. All of it is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bot.text.fold import fold

#: A line is judged by its beginning.
_JUDGED = 300

_QUOTED = re.compile(r"\s*>")
_ATTRIBUTION = re.compile(
    r"\s*(?:(?:le|on|am|el|op|il)\s.*\d.*(?:écrit|ecrit|wrote|schrieb|escribió|schreef|scritto)\s*[:：]?\s*$"
    r"|.*<\S+@\S+>\s*(?:a écrit|wrote|schrieb)\s*[:：]\s*$"
    r"|-{2,}\s*(?:original message|message d'origine|message original|message transféré|forwarded message)"
    r"|_{10,}\s*$)",
    re.IGNORECASE,
)
_HEADER = re.compile(r"\s*\*?(?:de|from)\*?\s?[:：]\*?\s.*@", re.IGNORECASE)
_SIGNATURE = re.compile(r"(?:--|—|-- ?|__)\s*$")
_DEVICE = re.compile(
    r"\s*(?:envoy[ée]e? (?:de|depuis|avec|à partir|par)\b|sent (?:from|with|via|using)\b|get outlook|obtenez outlook"
    r"|télécharger? outlook|provenance\s?: |obtenir outlook|yahoo mail)",
    re.IGNORECASE,
)
_CLOSINGS = frozenset(
    fold(words)
    for words in (
        "cordialement", "bien cordialement", "très cordialement", "cdt", "cdlt", "bien à vous", "bien à toi", "amitiés",
        "amicalement", "bises", "bisous", "à bientôt", "a plus", "bonne journée", "bonne soirée", "salutations", "merci d'avance",
        "best", "best regards", "kind regards", "regards", "cheers", "sincerely", "yours", "yours sincerely", "love",
        "many thanks", "merci beaucoup", "have a nice day",
    )
)  # fmt: skip
_NAME = re.compile(r"\s*(?:[-–—]\s?)?[^\W\d_][\w.'’-]*(?:\s+[^\W\d_][\w.'’-]*){0,2}\s*$")


class Line(NamedTuple):
    """A line of a text, and where it stands."""

    start: int
    end: int
    text: str  # its beginning


def typed(text: str) -> tuple[int, int]:
    """Where the words typed now begin and end: between a quote above and a quote or signature below."""
    start = end = 0
    begun = False
    for line in _lines(text):
        blank = not line.text.strip()
        foreign = not blank and bool(_QUOTED.match(line.text) or _ATTRIBUTION.match(line.text))
        if not begun:
            if blank or foreign:
                continue
            begun, start = True, line.start
        elif foreign or _HEADER.match(line.text) or _SIGNATURE.match(line.text):
            break
        if _DEVICE.match(line.text):
            break
        if not blank:
            end = line.end
    return start, max(start, end)


def unsigned(text: str, start: int, end: int) -> int:
    """Where `text[start:end]` ends without a closing ("Cordialement") and a name in a paragraph of its own."""
    if end - start > 600:
        return end
    lines = list(_lines(text[start:end]))
    for position, line in enumerate(lines[1:], 1):
        below = [other for other in lines[position + 1 :] if other.text.strip()]
        apart = not lines[position - 1].text.strip()
        closes = fold(line.text).strip(" ,.!") in _CLOSINGS
        if (closes and len(below) <= 3) or (apart and not below and _is_name(line.text)):
            last = next((other for other in reversed(lines[:position]) if other.text.strip()), lines[0])
            return start + last.end
    return end


def _is_name(line: str) -> bool:
    words = line.strip(" -–—").split()
    return bool(_NAME.match(line)) and all(word[0].isupper() for word in words)


def _lines(text: str) -> Iterator[Line]:
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield Line(start, end, text[start : min(end, start + _JUDGED)].rstrip("\r"))
        start = end + 1
