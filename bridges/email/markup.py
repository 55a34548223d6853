"""An HTML body as lines that know whether they are quoted. What programs mark as quote is believed; the rest is text.

Walked, not recursed: a body of 3,000 nested elements is somebody's idea of a joke.
"""

from __future__ import annotations

import re
from typing import Any

from bridges.email import phrases
from bridges.email.quoting import Line

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_GAPS = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "table", "ul", "ol", "blockquote"])
_DROPPED = frozenset(["head", "style", "script", "title", "meta", "link", "template", "noscript", "object", "svg"])
#: Elements whose content is quoted; what follows them may be the writer's again.
_QUOTE_CLASSES = re.compile(
    r"(?:^|\s)(?:yahoo_quoted|protonmail_quote|tutanota_quote|zmail_extra|moz-forward-container|quoted-?text|front-blockquote|"
    r"gmail_quote_inner|mailspring-quote|yahoo-quoted\S*|ymail_android_signature_quoted|wlReplyMsg|hmmessage_quote)(?:\s|$)",
    re.IGNORECASE,
)
_ATTRIBUTION_CLASSES = re.compile(
    r"(?:^|\s)(?:moz-cite-prefix|gmail_attr|quote_intro|moz-email-headers-table)(?:\s|$)", re.IGNORECASE
)
#: Elements with which everything that is not the writer's begins.
_CUT_IDS = re.compile(
    r"^(?:x_)*(?:divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION|zwchr|mail-editor-reference-message-container|stopSpelling|replySplit|"
    r"reply-intro|orangemail-quoted|isReplyContent|divTaggedContent)$",
    re.IGNORECASE,
)
_CUT_CLASSES = re.compile(
    r"(?:^|\s)(?:OutlookMessageHeader|ms-outlook-mobile-reference-message|email-quote-header|AppleOriginalContents)(?:\s|$)",
    re.IGNORECASE,
)
_BORDER_TOP = re.compile(
    r"border-top\s*:\s*(?:solid|#[0-9a-f]{3,6}\s+[\d.]+p[tx]\s+solid|[\d.]+p[tx]\s+solid)", re.IGNORECASE
)
_SPACES = re.compile(r"[ \t\r\n\f]+")


class _Writer:
    """Collects lines; text of inline elements goes on in the same one."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.buffer: list[str] = []
        self.quote = 0
        self.own_quote = 0
        self.attribution = 0
        self.pre = 0

    def text(self, text: str | None) -> None:
        if text:
            self.buffer.append(text if self.pre else _SPACES.sub(" ", text))

    def end_line(self, *, gap: bool = False) -> None:
        """End the line under way; `gap`: a blank one after it."""
        text = "".join(self.buffer).replace("\xa0", " ")
        self.buffer.clear()
        for piece in text.split("\n") if self.pre else [text]:
            shown = piece.rstrip() if self.pre else piece.strip()
            if shown:
                self._add(shown)
        if gap and self.lines and self.lines[-1].kind != "blank":
            self.lines.append(Line("blank", ""))

    def _add(self, text: str) -> None:
        if self.attribution:
            self.lines.append(Line("attribution", text))
        elif self.quote or (text.startswith(">") and not self.own_quote):
            self.lines.append(Line("quote", text.lstrip("> "), max(self.quote, 1)))
        else:
            self.lines.append(Line("text", "> " * self.own_quote + text))


def from_html(html: str) -> list[Line]:
    """Lines of an HTML body; [] if it cannot be parsed at all."""
    from lxml import etree  # type: ignore[import-untyped]
    from lxml.html import HTMLParser  # type: ignore[import-untyped]

    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, recover=True, huge_tree=True)
    try:
        root = etree.fromstring(re.sub(r"^\s*<\?xml[^>]*>", "", html).encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return []
    if root is None:
        return []
    return _walk(etree.iterwalk(root, events=("start", "end")))


def _walk(events: Any) -> list[Line]:
    out = _Writer()
    roles: list[str] = []
    for event, element in events:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in _DROPPED:
                events.skip_subtree()
                roles.append("dropped")
                continue
            _start(out, element, tag, roles)
        else:
            role = roles.pop() if roles else ""
            if role != "dropped":
                _end(out, element, tag, role)
            out.text(element.tail)
    out.end_line()
    return out.lines


def _start(out: _Writer, element: Any, tag: str, roles: list[str]) -> None:
    role = _role(out, element, tag)
    if tag in _BLOCKS or role:
        out.end_line(gap=tag in _GAPS)
    if role == "cut":
        out.lines.append(Line("cut", ""))
    elif role == "quote":
        out.quote += 1
    elif role == "own":
        out.own_quote += 1
    elif role == "attribution":
        out.attribution += 1
    if tag == "pre":
        out.pre += 1
    elif tag == "br":
        _break(out)
    elif tag == "li":
        out.text("- ")
    elif tag == "img" and element.get("alt") and not element.get("src", "").startswith("http"):
        out.text(element.get("alt"))
    roles.append(role)
    out.text(element.text)


def _break(out: _Writer) -> None:
    """A line break; two of them are a blank line."""
    if "".join(out.buffer).strip():
        out.end_line()
    else:
        out.buffer.clear()
        if out.lines and out.lines[-1].kind != "blank":
            out.lines.append(Line("blank", ""))


def _end(out: _Writer, element: Any, tag: str, role: str) -> None:
    if tag in _BLOCKS or role:
        if tag in {"td", "th"} and not role:
            out.text(" ")
            out.end_line()
        else:
            out.end_line(gap=tag in _GAPS)
    if tag == "a":
        _link(out, element)
    if tag == "pre":
        out.pre -= 1
    if role == "quote":
        out.quote -= 1
    elif role == "own":
        out.own_quote -= 1
    elif role == "attribution":
        out.attribution -= 1


def _link(out: _Writer, element: Any) -> None:
    """Where a link leads, if its words do not say it."""
    target = (element.get("href") or "").strip()
    if not out.quote and not out.attribution and target.startswith(("http://", "https://")) and len(target) <= 300:
        said = "".join(out.buffer)[-400:]
        bare = target.removeprefix("https://").removeprefix("http://").rstrip("/")
        if bare not in said:
            out.text(f" <{target}>")


def _role(out: _Writer, element: Any, tag: str) -> str:
    """What an element means for the quoting: quote, own (the writer's own blockquote), attribution, cut, or nothing."""
    classes, name = (element.get("class") or "")[:500], (element.get("id") or "")[:200]
    if _CUT_IDS.match(name) or _CUT_CLASSES.search(classes) or element.get("data-marker") == "__QUOTED_TEXT__":
        return "cut"
    if _ATTRIBUTION_CLASSES.search(classes):
        return "attribution"
    if tag == "blockquote":
        return _blockquote(out, element, classes)
    if _QUOTE_CLASSES.search(classes) or element.get("name") == "quote":
        return "quote"
    style = (element.get("style") or "")[:1000]
    if tag == "div" and _BORDER_TOP.search(style) and _header_follows(element):
        return "cut"
    return ""


def _blockquote(out: _Writer, element: Any, classes: str) -> str:
    """A quote if it is marked as one or an attribution stands before it; else the writer's."""
    if (
        out.quote
        or element.get("type") == "cite"
        or re.search(r"quote|cite|reply", classes, re.IGNORECASE)
        or element.get("cite")
    ):
        return "quote"
    before = [line for line in out.lines[-8:] if line.kind != "blank"]
    if before and before[-1].kind == "attribution":
        return "quote"
    texts = [line.text for line in before if line.kind == "text"]
    for start in range(len(texts)):
        count = phrases.attribution(texts, start)
        if count and start + count == len(texts):
            return "quote"
    return "own"


def _header_follows(element: Any) -> bool:
    """The element's own words begin like a header: "De : …"."""
    words = _SPACES.sub(" ", "".join(element.itertext())[:300]).strip()
    return phrases.field(words) in {"from", "date", "subject"} and bool(re.search(r"[:：].{1,250}[:：]", words))
