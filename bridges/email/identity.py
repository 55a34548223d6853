"""Who wrote a mail, as far as its header proves anything: one From, one mailbox, and a verdict we trust.

`email.utils.parseaddr` is never used: of "alice@x<bob@evil>" it makes alice.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from bridges.email import charsets, headers

Verdict = Literal["yes", "no", "unknown"]

_LOCAL = r"[^\s<>()\[\],;:\\\"@]{1,64}"
_DOMAIN = r"[^\s<>()\[\],;:\\\"@]{1,255}"
_BARE = re.compile(rf"({_LOCAL})@({_DOMAIN})\Z")
_ANGLE = re.compile(rf"<\s*({_LOCAL})@({_DOMAIN})\s*>\Z")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_ADDRESSES = re.compile(rf"({_LOCAL})@({_DOMAIN})")
_RESULT = re.compile(r"\bdmarc\s*=\s*([a-z]+)", re.IGNORECASE)
_HEADER_FROM = re.compile(r"\bheader\.from\s*=\s*\"?(?:[^\s;\"@]*@)?([^\s;\"]+)", re.IGNORECASE)


class NotOneSenderError(ValueError):
    """The From field does not name exactly one mailbox."""


def sender(fields: list[str]) -> tuple[str, str]:
    """(address in lower case, display name). Raises NotOneSenderError."""
    if len(fields) != 1:
        raise NotOneSenderError("no From field" if not fields else "several From fields")
    raw = " ".join(fields[0].split())
    bare = _without_comments(raw)
    if bare is None or len(bare) > 2000:
        raise NotOneSenderError("a From field that cannot be read")
    # What stands in quotes is a name, whatever it looks like.
    visible = _QUOTED.sub('""', bare).strip().rstrip(",").strip()
    plain = _BARE.match(visible)
    if plain:
        return _address(plain), _name_in_comment(raw)
    before, bracket, angle = visible.rpartition("<")
    found = _ANGLE.match(bracket + angle)
    if not found:
        raise NotOneSenderError("a From field without one address")
    if "<" in before or ">" in before or re.search(r":.*;|;", before):
        raise NotOneSenderError("a From field with several addresses")
    if "," in before and any("@" in piece for piece in before.split(",")):
        raise NotOneSenderError("a From field with several addresses")
    return _address(found), _display(bare.rpartition("<")[0])


def _address(found: re.Match[str]) -> str:
    """The address, its domain in ASCII, its local part composed; case folded in ASCII only (E59)."""
    local, domain = unicodedata.normalize("NFC", found[1]), found[2].rstrip(".")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode()
        except UnicodeError:
            raise NotOneSenderError("a From field with an impossible domain") from None
    if not re.fullmatch(r"[A-Za-z0-9.-]+", domain) or local.startswith(".") or ".." in domain:
        raise NotOneSenderError("a From field with an impossible address")
    folded = "".join(char.lower() if char.isascii() else char for char in local)
    return f"{folded}@{domain.lower()}"


def _display(raw: str) -> str:
    """A display name as people read it."""
    text = raw.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    return headers.clean(unicodedata.normalize("NFC", charsets.header(text)))[:100].strip('" ')


def _without_comments(raw: str) -> str | None:
    """`raw` without (comments), nested ones too; None if a parenthesis or a quote stays open."""
    out, depth, quoted, skip = [], 0, False, False
    for char in raw:
        if skip:
            skip = False
        elif char == "\\" and (quoted or depth):
            skip = True
        elif quoted:
            quoted = char != '"'
        elif depth:
            depth += {"(": 1, ")": -1}.get(char, 0)
            continue
        elif char == '"':
            quoted = True
        elif char == "(":
            depth = 1
            continue
        if not depth:
            out.append(char)
    return None if quoted or depth else "".join(out)


def _name_in_comment(raw: str) -> str:
    """The name of "josette@example.org (Josette)", as old programs write it."""
    found = re.search(r"\(([^()]{1,100})\)\s*\Z", raw)
    return _display(found[1]) if found else ""


def verdict(results: list[str], authserv_id: str, address: str) -> Verdict:
    """What the topmost Authentication-Results of the server we trust says of `address` (RFC 8601; E4)."""
    if not authserv_id:
        return "unknown"
    for field in results:
        text = _without_comments(" ".join(field.split()))
        if text is None:
            continue  # malformed: as if it were not there
        # A ";" within quotes separates nothing.
        name, _, rest = _QUOTED.sub('""', text).partition(";")
        if name.split()[:1] and name.split()[0].lower() == authserv_id.lower():
            return _dmarc(rest, address)
    return "unknown"


def _dmarc(results: str, address: str) -> Verdict:
    """The verdict in one field's results."""
    found = next((part for part in results.split(";") if _RESULT.search(part)), "")
    result = _RESULT.search(found)
    if result is None:
        return "unknown"
    domain = address.rpartition("@")[2]
    about = _HEADER_FROM.search(found)
    if about and about[1].lower().rstrip(".") not in {domain, *_parents(domain)}:
        return "unknown"  # the verdict is about somebody else's domain
    return {"pass": "yes", "fail": "no"}.get(result[1].lower(), "unknown")  # type: ignore[return-value]


def _parents(domain: str) -> list[str]:
    """The domains above `domain`, the top ones left out."""
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(1, len(labels) - 1)]


def addresses(field: str) -> list[str]:
    """Every address in a recipient field, in lower case; for finding ours, not for identity."""
    return [f"{local}@{domain}".lower() for local, domain in _ADDRESSES.findall(field[:20_000])]
