"""The picture of the README is what the demo shows; when the demo changes, `make picture` draws it anew."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.wire.evidence import Evidence, played

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "demo.svg"
#: The width of one character, in the units rich draws with.
CHARACTER = 12.2
TEXT = "{http://www.w3.org/2000/svg}text"
LINE = re.compile(r"line-(\d+)\)")

#: What differs from one play to the next: the code of the invitation, the day, how fast it went.
CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")
DAY = re.compile(r"(Le salon, )\w.*")
SPEED = re.compile(r"\b\d+ ms\b")

pytestmark = pytest.mark.wire


@pytest.fixture(scope="module")
def demo() -> Evidence:
    return played("en")


def screen(svg: str) -> list[str]:
    """The rows of characters a picture shows."""
    rows: dict[int, str] = {}
    for piece in ET.fromstring(svg).iter(TEXT):
        found = LINE.search(piece.get("clip-path", ""))
        if found is None:
            continue  # the title of the window
        row, at = int(found[1]), round(float(piece.get("x", "0")) / CHARACTER)
        rows[row] = rows.get(row, "").ljust(at) + (piece.text or "").replace("\u00a0", " ")
    return [rows[number].rstrip() for number in sorted(rows)]


def columns(svg: str) -> dict[str, list[str]]:
    """What each device shows, row by row, under the names above it."""
    found: dict[str, list[str]] = {}
    open_: list[str] = []
    for row in screen(svg):
        if row.startswith("╭"):
            open_ = [name.strip("─ ") for name in row.strip("╭╮").split("╮╭")]
            found |= {name: [] for name in open_}
        elif row.startswith("╰"):
            for name, where in zip(open_, row.strip("╰╯").split("╯╰"), strict=True):
                found[name].append(where.strip("─ "))
        elif row.startswith("│"):
            for name, words in zip(open_, row.strip("│").split("││"), strict=True):
                found[name].append(DAY.sub(r"\1…", CODE.sub("CODE", words.strip())))
    return found


def figures(svg: str) -> list[str]:
    """The lines below the devices."""
    return [SPEED.sub("N ms", row) for row in screen(svg) if row and row[0] not in "╭╰│"]


def messages(rows: list[str]) -> list[str]:
    """The rows of a device as the messages they are; the subject above a mail stands by itself."""
    found = [""]
    for row in rows[:-1]:
        if not row or row.startswith("✉"):
            found += [row, ""]
        else:
            found[-1] = f"{found[-1]}\n{row}".strip()
    return [message for message in found if message]


def differences(picture: str, played: str) -> list[str]:
    """What a picture shows differently from a play, drawn so high that nothing has left it.

    Two lines that came in the same moment may stand in either order. What has left a full column, or is cut by its
    upper edge, was among the first.
    """
    here, there = columns(picture), columns(played)
    if list(here) != list(there):
        return [f"columns {list(here)} and {list(there)}"]
    found = [row for row in figures(picture) + figures(played) if (row in figures(picture)) != (row in figures(played))]
    for name, rows in here.items():
        shown, said = messages(rows), messages(there[name])
        if rows[-1] != there[name][-1]:
            found.append(f"{name}: {rows[-1]!r} and {there[name][-1]!r}")
        strange = [one for one in shown if one not in said]
        absent = list((Counter(said) - Counter(shown)).elements())
        if rows[-2]:  # full to its last row
            if strange and strange[0] == shown[0] and any(one.endswith(shown[0]) for one in absent):
                strange.pop(0)
            early = said[: len(absent) + 2]
            absent = [one for one in absent if one not in early]
        found += [f"{name}: only in the picture: {one!r}" for one in strange]
        found += [f"{name}: not in the picture: {one!r}" for one in absent]
    return found


def test_the_picture_of_the_readme_is_what_the_demo_shows(demo):
    assert demo.missing == []
    assert differences(PICTURE.read_text("utf-8"), demo.svg) == [], "the demo has changed; type: make picture"


def test_everybody_is_in_it_with_words_and_figures(demo):
    shown = columns(PICTURE.read_text("utf-8"))
    assert [person.name for person in demo.play.people.values()] == [
        one for name in shown for one in name.split(", ")
    ]  # in the order of the play
    assert all(sum(bool(row) for row in rows) > 15 for rows in shown.values())
    messages, speed = figures(PICTURE.read_text("utf-8"))
    assert messages.startswith(f"{demo.figures.messages} messages, handed over {demo.figures.deliveries} times; 0 lost")
    assert speed.count("N ms") == 2


@pytest.mark.parametrize(
    ("was", "becomes"),
    [("paperback", "hardcover"), ("Karim", "Karin"), ("0&#160;lost", "1&#160;lost"), ("verres&#160;?", "")],
    ids=["a word", "a name", "a figure", "a line left out"],
)
def test_a_picture_of_another_demo_is_noticed(demo, was, becomes):
    picture = PICTURE.read_text("utf-8")
    changed = picture.replace(was, becomes)
    assert changed != picture
    assert differences(changed, demo.svg) != []


def test_it_fetches_nothing_from_anywhere():
    picture = PICTURE.read_text("utf-8")
    assert not re.findall(r"url\((?!#)|@import|href=|<image|<script|src=", picture)
