"""The sheet to print: what a telephone's camera reads on it, what people read, that it fits; and its code, which serves many."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pypdfium2
import pytest
import zxingcpp

from bot.commands.sheet import Way, page, spelled
from bot.config import channels
from bot.core.scene import House
from bot.i18n import translator
from bot.text import page as drawing
from store.statement import run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import by, code_in, membership, newest

circle, migrated = commands_ground.circle, commands_ground.migrated

ROOT = Path(__file__).resolve().parents[2]
A5 = (148.0, 210.0)
LINKS = (
    "https://t.me/cercle_lecture_bot?start=abcdefghijklmnopqrstuvwx",
    "https://signal.me/#eu/" + "A1b2C3d4" * 8,
    "mailto:cercle@example.org?subject=Invitation%20%3A%20Cercle%20de%20lecture&body=abcdefghijklmnopqrstuvwx",
)


def ways(number=3):
    labels = ("Telegram", "Signal", "le mail")
    places = ("@cercle_lecture_bot", "https://signal.me", "cercle@example.org")
    return [Way(labels[one], LINKS[one], one != 1, places[one], one == 2) for one in range(number)]


def sheet(language="fr", community="Cercle de lecture", number=3, inviter="Amina"):
    return page(
        language, community=community, inviter=inviter, code="7K2F-9MPD", ways=ways(number), day="mardi 3 mars 2026"
    )


def picture(content):
    """The one page of a PDF, as a reader shows it, 150 dots an inch."""
    document = pypdfium2.PdfDocument(content)
    assert len(document) == 1
    return document[0].render(scale=150 / 72).to_pil()


def words(content):
    return (
        pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range().replace("\r\n", "\n").replace("\u00a0", " ")
    )


def read_codes(content):
    return [found.text for found in zxingcpp.read_barcodes(picture(content))]


def test_a_camera_reads_the_three_codes_on_the_printed_page():
    assert sorted(read_codes(drawing.pdf(sheet()))) == sorted(LINKS)


def test_it_is_one_page_of_a5_with_large_letters_and_its_font_in_it():
    content = drawing.pdf(sheet())
    width, height = pypdfium2.PdfDocument(content)[0].get_size()
    assert (width * drawing.POINT, height * drawing.POINT) == pytest.approx(A5, abs=0.1)
    assert b"FontFile2" in content
    assert min(item.size for item in sheet().items if isinstance(item, drawing.Words)) >= 10
    assert len(content) < 100_000


def test_everything_people_need_stands_on_it_in_the_communitys_language():
    shown = words(drawing.pdf(sheet()))
    for part in (
        "Cercle de lecture", "Amina vous invite.", "7K2F-9MPD", "Telegram", "Signal", "Le mail", "puis envoyez le code",
        "cercle@example.org", "(cercle arobase example point org)", "jusqu'à ce qu'il soit retiré", "mardi 3 mars 2026",
        "OUI ou NON",
    ):  # fmt: skip
        assert part in shown.replace("\n", " "), part
    assert "until it is withdrawn" in words(drawing.pdf(sheet("en"))).replace("\n", " ")
    assert "vous invite" not in words(drawing.pdf(sheet(inviter="")))


def test_a_mail_address_is_read_out_sign_by_sign():
    assert spelled(translator("en"), "the-circle_2+c.x@example.org") == (
        "the hyphen circle underscore 2 plus c dot x at example dot org"
    )


@pytest.mark.parametrize("number", [0, 1, 2, 3])
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "community",
    ["Z", "Chœur d'enfants « L'Été » de Łódź & Þór", "The reading circle of the upper town's library, its friends"],
)
def test_whatever_it_is_called_and_however_many_channels_there_are_nothing_stands_over_anything(
    language, community, number
):
    made = sheet(language, community, number)
    boxes = []
    for item in made.items:
        if isinstance(item, drawing.Words):
            wide, high = drawing.wide(item.text, item.size, bold=item.bold), item.size * drawing.POINT
            left = item.x - wide / 2 if item.align == "middle" else item.x
            boxes.append((left, item.y - 0.75 * high, left + wide, item.y + 0.2 * high))
        elif isinstance(item, drawing.Code):
            edge = item.side * 4 / 60  # its white margin may be shared
            boxes.append((item.x + edge, item.y + edge, item.x + item.side - edge, item.y + item.side - edge))
    assert all(x >= 4 and y >= 4 and right <= A5[0] - 4 and bottom <= A5[1] - 4 for x, y, right, bottom in boxes)
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (made.items[place], other)


def test_letters_the_pdfs_font_does_not_have_make_it_a_drawing():
    assert drawing.drawn(sheet())[0] == "pdf"
    for name in ("Кружок чтения", "دائرة القراءة", "読書会"):
        kind, content = drawing.drawn(sheet("en", name))
        assert kind == "svg"
        assert name in content.decode()


def test_the_drawing_is_whole_and_holds_no_more_than_its_words():
    root = ET.fromstring(drawing.svg(sheet("en", "Salt & <Pepper>")))
    assert (root.get("width"), root.get("height")) == ("148mm", "210mm")
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "Salt & <Pepper>" in texts
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) == 3


def test_who_never_prints_loads_nothing_that_draws():
    program = (
        "import importlib, pkgutil, sys, bot.app, bot.features, bot.cli.typed\n"
        "for found in pkgutil.iter_modules(bot.features.__path__): importlib.import_module('bot.features.' + found.name)\n"
        "print(sorted({'reportlab', 'PIL', 'segno'} & {name.split('.')[0] for name in sys.modules}))"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


# What the channels put into their codes


@pytest.mark.parametrize("name", ["telegram", "signal", "email"])
async def test_what_a_camera_opens_leads_to_the_bot(name):
    channel = channels.channel(name)
    box = channel.sandbox()
    await box.start()
    try:
        bridge = channel.make(channel.settings(**box.settings()))
        await bridge.open({})
        opens = getattr(bridge, "invite_qr", lambda code, _: bridge.invite_link(code))(
            "abcd" * 6, "Invitation : l'été & co"
        )
        assert opens.startswith(("https://", "mailto:"))
        assert opens.isascii()
        assert " " not in opens
        assert ("abcd" * 6 in opens) == (name != "signal")
        await bridge.close(1.0)
    finally:
        await box.stop()


async def test_the_letter_a_camera_makes_brings_its_writer_in(circle):
    """As mail programs fill it in: the code is the letter's one line, the subject says what it is about."""
    made = await circle.asks("Amina", "invite sheet")
    code = link_of(circle, made)
    asked = await by(circle, "post", "Paul", code, subject="Invitation : Cercle")
    assert "Amina invites you" in asked[-1]


def link_of(circle, made):
    """The code in the sheet's links: read off the page."""
    ((_, content),) = newest(circle, "chat", "Amina").files
    return next(text for text in read_codes(content)).rpartition("start=")[2]


# INVITE SHEET


async def test_an_organizer_gets_the_page_and_its_code_serves_many(circle):
    made = await circle.asks("Amina", "/invite sheet")
    code = code_in(made)
    line = newest(circle, "chat", "Amina")
    ((name, content),) = line.files
    assert name == "invitation-cercle.pdf"
    shown = words(content)
    assert code in shown
    assert "Amina invites you." in shown
    assert "circle@memory.example" in shown
    for who, said in (("Karim", code), ("Inès", code.lower()), ("Zoé", link_of(circle, made))):
        assert "Amina invites you" in (await by(circle, "chat", who, said))[-1]
        assert "Welcome" in (await by(circle, "chat", who, "yes"))[-1]
    amina = await membership(circle, "Amina")
    assert (await membership(circle, "Inès")).invited_by == amina.id
    assert "printed sheet of" in await circle.asks("Amina", "invited")
    assert "3 people have joined" in await circle.asks("Amina", "invited")


async def test_a_no_to_a_sheet_is_nobodys_refusal_and_a_year_later_it_is_still_good(circle):
    code = code_in(await circle.asks("Amina", "invite sheet"))
    for number in range(6):
        await by(circle, "chat", f"Passer-by {number}", code)
        await by(circle, "chat", f"Passer-by {number}", "no")
    assert not any("answered NO" in text for text in circle.seen("Amina"))
    await circle.write(
        lambda c: run(
            c, sql("UPDATE code SET created_at = created_at - :y, expires_at = expires_at - :y"), {"y": 365 * 86400}
        )
    )
    assert "Amina invites you" in (await by(circle, "chat", "Karim", code))[-1]


@pytest.mark.parametrize("way", ["code", "number"])
async def test_uninvite_ends_a_sheet_also_for_who_has_opened_it_and_not_yet_answered(circle, way):
    code = code_in(await circle.asks("Amina", "invite sheet"))
    await by(circle, "chat", "Karim", code)
    await by(circle, "chat", "Inès", code)
    await by(circle, "chat", "Inès", "yes")
    said = await circle.asks("Amina", f"uninvite {code if way == 'code' else 1}")
    assert "lets nobody in any more" in said
    assert "no longer good" in (await by(circle, "chat", "Karim", "yes"))[-1]
    assert "no longer good" in (await by(circle, "chat", "Paul", code))[-1]
    assert (await membership(circle, "Inès")).status == "active"


async def test_a_member_makes_no_sheet(circle):
    before = await circle.rows("SELECT 1 FROM code")
    assert "organizers" in await circle.asks("Bruno", "/invite sheet")
    assert await circle.rows("SELECT 1 FROM code") == before


@pytest.mark.parametrize("what", ["remove Marion", "lost Marion chat"])
async def test_a_sheet_dies_with_its_makers_membership_or_telephone_and_no_other_does(circle, what):
    await circle.enter("Marion", role="organizer")
    hers, amina_s = [code_in(await circle.asks(who, "invite sheet")) for who in ("Marion", "Amina")]
    await by(circle, "chat", "Karim", hers)
    await by(circle, "chat", "Karim", "yes")
    await circle.asks("Amina", what)
    await circle.says("Amina", "yes")
    assert "no longer good" in (await by(circle, "chat", "Paul", hers))[-1]
    assert "Amina invites you" in (await by(circle, "chat", "Inès", amina_s))[-1]


async def test_where_no_file_goes_the_code_is_told_and_the_way_out(circle):
    from dataclasses import replace

    chat = replace(circle.app.house.channels["chat"], max_file=0)
    circle.app.house.channels = {**circle.app.house.channels, "chat": chat}
    said = await circle.asks("Amina", "invite sheet")
    assert "filcommun invite-sheet" in said
    assert "Amina invites you" in (await by(circle, "chat", "Karim", code_in(said)))[-1]


async def test_neither_the_database_nor_the_disk_shows_a_sheets_code(circle, tmp_path):
    circle.boxes["chat"].fail("refused", who="Amina")
    await circle.says("Amina", "invite sheet")
    files = [file.read_bytes() for file in (tmp_path / "files").rglob("*") if file.is_file()]
    assert len(files) == 1
    assert b"%PDF" not in files[0]
    bodies = "".join(str(row.body) for row in await circle.rows("SELECT body FROM delivery"))
    assert "invitation-cercle" not in bodies


def test_a_house_without_channels_prints_a_page_with_the_code_alone():
    assert House.__dataclass_fields__["invite_qr"].default("x", "y", "z") == ""
    began = time.monotonic()
    assert read_codes(drawing.pdf(sheet(number=0))) == []
    assert time.monotonic() - began < 5
