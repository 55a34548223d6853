"""A page to print: words, frames and QR codes at their places, drawn as PDF or as SVG.

The PDF carries its font along, so it prints alike everywhere; the font has the letters of Europe's Latin alphabets. An
SVG takes the fonts of whoever opens it. What draws is imported when something is drawn: most never print.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from typing import Any, Final, Literal

Align = Literal["left", "middle"]

#: One point is 1/72 inch.
POINT: Final = 25.4 / 72
#: No QR code is read without white around it.
QUIET: Final = 4
#: The kinds of files it is drawn as.
TYPES: Final = {"pdf": "application/pdf", "svg": "image/svg+xml"}
_FONTS: Final = {False: "Vera", True: "VeraBd"}
_FAMILY: Final = "Verdana, 'DejaVu Sans', 'Bitstream Vera Sans', sans-serif"


@dataclass(frozen=True, slots=True)
class Words:
    """A line of words: where its baseline begins (or has its middle), in millimetres; its size in points."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle with round corners."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code, white margin included."""

    x: float
    y: float
    side: float
    content: str


@dataclass(slots=True)
class Page:
    """What stands on it, in millimetres from the upper left corner."""

    width: float
    height: float
    title: str
    items: list[Words | Frame | Code] = field(default_factory=list)

    def lines(
        self,
        text: str,
        y: float,
        *,
        size: float,
        bold: bool = False,
        x: float | None = None,
        room: float = 0.0,
        most: int = 9,
    ) -> float:
        """Set a paragraph, in the middle or from `x`, in at most `most` lines; return where the next baseline may be."""
        width = room or self.width - 20.0
        while len(found := wrapped(text, width, size, bold=bold)) > most and size > 8.0:
            size -= 1.0
        for line in found[:most]:
            middle = x is None
            self.items.append(
                Words(self.width / 2 if x is None else x, y, line, size, bold, "middle" if middle else "left")
            )
            y += size * POINT * 1.3
        return y


def wrapped(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """`text` in lines of at most `width` millimetres; a word that is longer stands alone."""
    lines: list[str] = []
    for word in _plain(text).split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and wide(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def wide(text: str, size: float, *, bold: bool = False) -> float:
    """How many millimetres these words take."""
    return float(_metrics()(text, _FONTS[bold], size)) * POINT


def lacks(text: str) -> bool:
    """Is there a letter in it that the PDF's font does not have?"""
    return any(ord(char) not in _letters() for char in _plain(text))


def drawn(page: Page) -> tuple[str, bytes]:
    """As a PDF; where its font lacks a letter, as an SVG, which is shown with the fonts of the machine it is opened on."""
    if any(isinstance(item, Words) and lacks(item.text) for item in page.items):
        return "svg", svg(page)
    return "pdf", pdf(page)


def pdf(page: Page) -> bytes:
    """The page as a PDF of one page."""
    _metrics()
    out = io.BytesIO()
    mm = 1 / POINT
    drawing: Any = _library("pdfgen.canvas").Canvas(out, pagesize=(page.width * mm, page.height * mm), invariant=1)
    drawing.setTitle(page.title)
    for item in page.items:
        match item:
            case Words():
                drawing.setFont(_FONTS[item.bold], item.size)
                draw = drawing.drawCentredString if item.align == "middle" else drawing.drawString
                draw(item.x * mm, (page.height - item.y) * mm, _plain(item.text))
            case Frame():
                at = item.x * mm, (page.height - item.y - item.height) * mm
                drawing.roundRect(*at, item.width * mm, item.height * mm, 3 * mm, stroke=1, fill=0)
            case Code():
                for x, y, width, height in _dark(item):
                    drawing.rect(x * mm, (page.height - y - height) * mm, width * mm, height * mm, stroke=0, fill=1)
    drawing.showPage()
    drawing.save()
    return out.getvalue()


def svg(page: Page) -> bytes:
    """The page as a drawing that browsers and drawing programs open."""
    size = f'width="{page.width:g}mm" height="{page.height:g}mm" viewBox="0 0 {page.width:g} {page.height:g}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f"<title>{escape(page.title)}</title>",
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for item in page.items:
        match item:
            case Words():
                anchor = ' text-anchor="middle"' if item.align == "middle" else ""
                weight = ' font-weight="bold"' if item.bold else ""
                parts.append(
                    f'<text x="{item.x:g}" y="{item.y:g}" font-family="{_FAMILY}" font-size="{item.size * POINT:.3f}"'
                    f"{weight}{anchor}>{escape(item.text)}</text>"
                )
            case Frame():
                parts.append(
                    f'<rect x="{item.x:g}" y="{item.y:g}" width="{item.width:g}" height="{item.height:g}" rx="3" fill="none"'
                    ' stroke="black" stroke-width="0.4"/>'
                )
            case Code():
                path = "".join(f"M{x:.3f} {y:.3f}h{w:.3f}v{h:.3f}h-{w:.3f}z" for x, y, w, h in _dark(item))
                parts.append(f'<path d="{path}" shape-rendering="crispEdges"/>')
    parts.append("</svg>\n")
    return "\n".join(parts).encode()


def _dark(code: Code) -> Iterator[tuple[float, float, float, float]]:
    """The dark parts of a QR code: x, y, width and height, those that touch in a row as one."""
    import segno

    rows: Sequence[Sequence[int]] = [list(row) for row in segno.make(code.content, error="m", micro=False).matrix]
    unit = code.side / (len(rows) + 2 * QUIET)
    for number, row in enumerate(rows):
        start = None
        for place, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = place
            elif not dark and start is not None:
                yield code.x + (QUIET + start) * unit, code.y + (QUIET + number) * unit, (place - start) * unit, unit
                start = None


def _plain(text: str) -> str:
    """With the blanks that the font has."""
    return text.replace("\u202f", "\u00a0").replace("\u2009", "\u00a0")


@cache
def _metrics() -> Callable[[str, str, float], float]:
    """The font, made known once; how wide words are in it."""
    metrics = _library("pdfbase.pdfmetrics")
    for name in _FONTS.values():
        metrics.registerFont(_library("pdfbase.ttfonts").TTFont(name, f"{name}.ttf"))
    measure: Callable[[str, str, float], float] = metrics.stringWidth
    return measure


@cache
def _letters() -> frozenset[int]:
    _metrics()
    return frozenset(_library("pdfbase.pdfmetrics").getFont(_FONTS[False]).face.charToGlyph)


def _library(module: str) -> Any:
    return importlib.import_module(f"reportlab.{module}")
