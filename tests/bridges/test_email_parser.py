"""The parser process: its limits, its deaths, the keys of mails, and other people's mails through it."""

from __future__ import annotations

import base64
import json
import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from bot.core.errors import Unreadable
from bot.core.events import Ignored, MessageReceived
from bridges.email import peek
from bridges.email.incoming import Reader
from bridges.email.replies import reply_text
from tests.bridges.email_ground import SETTINGS, message, unreadable
from tests.bridges.email_letters import ADDRESS, html, mail


@pytest.fixture
async def reader():
    running = Reader(SETTINGS)
    yield running
    await running.close()


# Limits


@pytest.mark.parametrize(
    ("raw", "defect"),
    [
        (mail("x", *[f"X-{n}: {'y' * 900}" for n in range(90)]), "longer than 64 kB"),
        (mail("x", Subject="y" * 20_000), "longer than 16 kB"),
        (mail("é" * 600_000), "more than 1 MB of text"),
        (
            mail(
                "".join(f"--m\nContent-Type: text/plain\n\n{n}\n" for n in range(300)),
                kind='multipart/mixed; boundary="m"',
            ),
            "200 parts",
        ),
        (mail("".join(f"--m\n\n{n}\n" for n in range(100_000)), kind='multipart/mixed; boundary="m"'), "200 parts"),
        (b"", None),
        (b"\r\n\r\nwords", "no header"),
    ],
    ids=["header block", "field", "text", "parts", "many parts", "nothing", "no header"],
)
async def test_a_mail_beyond_a_limit_is_unreadable_by_its_name(reader, raw, defect):
    if defect is None:
        assert await reader.read(raw) == ()
    else:
        assert defect in await unreadable(reader, raw)
    assert (await message(reader, mail("Bonjour"))).text.text == "Bonjour"


@pytest.mark.parametrize("depth", [30, 3000])
async def test_a_mail_nested_too_deep_is_unreadable_by_its_name(reader, depth):
    body = "".join(f"--b{n}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(depth))
    assert "deeper than 20" in await unreadable(reader, mail(body, kind="multipart/mixed; boundary=b0"))


async def test_html_nested_too_deep_is_read_all_the_same(reader):
    event = await message(reader, html("<div>" * 3000 + "Bonjour" + "</div>" * 3000))
    assert "Bonjour" in event.text.text


@pytest.mark.parametrize("field", ["From", "To", "Subject", "References", "Authentication-Results", "Content-Type"])
async def test_thousands_of_parentheses_cost_nothing(reader, field):
    start = time.monotonic()
    with suppress(Unreadable):
        await reader.read(mail("Bonjour", **{field.replace("-", "_"): "(" * 15_000}))
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    "line",
    [
        "a" * 300_000,
        "On " * 100_000,
        "> " * 100_000,
        "Le 3 mars 2026 " * 20_000,
        "<" * 200_000,
        "a@" * 100_000,
        "De : " * 50_000,
    ],
)
async def test_a_line_without_end_costs_nothing(reader, line):
    start = time.monotonic()
    await message(reader, mail(f"Oui\n\n{line}\n\n> x"))
    assert time.monotonic() - start < 2


async def test_a_mail_that_takes_too_long_is_given_up_and_the_next_is_read(reader):
    assert (await message(reader, mail("Bonjour"))).text.text == "Bonjour"
    first = reader._process
    os.kill(first.pid, 19)  # SIGSTOP: it answers nothing
    reader.seconds = 0.3
    assert "more than" in await unreadable(reader, mail("Bonjour"))
    reader.seconds = 10.0
    assert (await message(reader, mail("Bonjour"))).text.text == "Bonjour"
    assert reader._process.pid != first.pid


async def test_a_parser_that_was_killed_between_two_mails_costs_no_mail(reader):
    assert (await message(reader, mail("Bonjour"))).text.text == "Bonjour"
    reader._process.kill()
    await reader._process.wait()
    assert (await message(reader, mail("Bonsoir"))).text.text == "Bonsoir"


async def test_the_parser_has_no_more_than_its_memory_and_none_of_our_secrets(reader, monkeypatch):
    monkeypatch.setenv("FILCOMMUN_EMAIL__SMTP__PASSWORD", "secret-of-the-relay")
    await reader.read(mail("Bonjour"))
    process = Path(f"/proc/{reader._process.pid}")
    if not process.exists():
        pytest.skip("no /proc here")
    assert b"secret-of-the-relay" not in (process / "environ").read_bytes()
    assert "536870912" in next(
        line for line in (process / "limits").read_text().splitlines() if "address space" in line
    )


async def test_the_parser_ends_when_the_bot_is_gone(reader):
    await reader.read(mail("Bonjour"))
    process = reader._process
    process.stdin.close()
    await process.wait()
    assert process.returncode == 0


# Keys


def test_the_same_mail_has_the_same_key_and_another_mail_another():
    raw = mail("Bonjour", To=ADDRESS)
    again = b"Received: from elsewhere\r\nDelivered-To: cercle@exemple.org\r\n" + raw
    assert peek.arrival_key(raw) == peek.arrival_key(again) == peek.arrival_key(raw.replace(b"\r\n", b"\n"))
    others = [
        mail("Bonsoir", To=ADDRESS),
        mail("Bonjour", To=ADDRESS, Message_ID="<other@x>"),
        mail("Bonjour", To=ADDRESS, From="x@y.example"),
    ]
    assert len({peek.arrival_key(each) for each in [raw, *others]}) == 4


def test_two_addresses_in_blind_copy_are_two_mails():
    first, second = (
        b"Delivered-To: cercle+c." + slug + b"@exemple.org\r\n" + mail("Bonjour", To="x@y.example")
        for slug in (b"un", b"deux")
    )
    assert peek.arrival_key(first) != peek.arrival_key(second)


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n", b"\xff\xfe", b"From", b"From:", b"From: \xff@\xfe", b":" * 5000, b"From: " + b"<" * 9000]
)
def test_looking_at_a_broken_mail_never_fails(raw):
    assert peek.arrival_key(raw)
    assert isinstance(peek.sender_lane(raw), str)


# Other people's mails


def corpora() -> Path:
    where = os.environ.get("CORPORA")
    if where:
        return Path(where)
    if "corpora" in os.environ.get("TEST_REQUIRE", "").split(","):
        pytest.fail("CORPORA is not set, and TEST_REQUIRE asks for it")
    pytest.skip("CORPORA is not set: point it at the folder of reply corpora (*.jsonl, score.py)")


def cases() -> list[dict]:
    return [json.loads(line) for file in sorted(corpora().glob("*.jsonl")) for line in file.read_text().splitlines()]


async def test_every_mail_of_the_corpora_reads_or_fails_with_the_name_of_its_defect(reader):
    known = ("From field", "longer than", "more than", "deeper than", "no header", "larger than")
    read = 0
    unnamed: list[tuple[str, str]] = []
    for case in cases():
        try:
            for event in await reader.read(base64.b64decode(case["raw_b64"])):
                assert isinstance(event, (MessageReceived, Ignored))
                read += 1
        except Unreadable as error:
            unnamed += [] if any(name in str(error) for name in known) else [(case["id"], str(error))]
    assert unnamed == []
    assert read > 370


def test_at_least_nine_of_ten_corpus_replies_are_exact():
    """The scorer beside the corpora is the real measure; this only notices when something breaks."""

    def words(text: str) -> str:
        return " ".join(text.split())

    plain = [case for case in cases() if case["accept"] and case["kind"] == "plain"]
    right = sum(
        any(words(reply_text(base64.b64decode(case["raw_b64"]))) == words(text) for text in case["accept"])
        for case in plain
    )
    assert right / len(plain) > 0.9


def test_the_known_parent_takes_out_a_quote_nobody_marked():
    parent = "On lit Beloved de Toni Morrison en mars ?\nRendez-vous à la bibliothèque le jeudi soir comme toujours."
    raw = mail(f"Oui, volontiers, je viens.\n\n{parent}\n")
    assert "bibliothèque" in reply_text(raw)
    assert reply_text(raw, parent) == "Oui, volontiers, je viens."


def test_a_sentence_that_repeats_the_parent_is_not_taken_out():
    parent = "On lit Beloved de Toni Morrison en mars ?"
    raw = mail(f"{parent}\n\nOui, je trouve que c'est une bonne idée.\n")
    assert parent in reply_text(raw, parent)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff" * 500,
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
        mail(b"\xff\xfe\x00", kind="text/html"),
        mail("x", kind='text/plain; charset="'),
    ],
)
def test_extraction_never_raises(raw):
    assert isinstance(reply_text(raw), str)
