"""The journal: its lines, what it never shows, and the events tests hang on to."""

import io
import json
import logging
import os
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot import journal

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def lines():
    """What the journal wrote, a line each; everything is as before afterwards."""
    stream = io.StringIO()
    handler, level, shown = journal._handler, logging.getLogger("filcommun").level, logging.raiseExceptions

    def read():
        return stream.getvalue().splitlines()

    read.setup = lambda **how: journal.setup(stream=stream, **({"times": False} | how))
    read.setup()
    yield read
    logging.getLogger().removeHandler(journal._handler)
    journal._handler, logging.raiseExceptions = handler, shown
    if handler:
        logging.getLogger().addHandler(handler)
    journal._settle()
    logging.getLogger("filcommun").setLevel(level)


def test_a_line_is_an_event_and_its_fields(lines):
    journal.event("parcel.sent", parcel=812, message=301, channel="postcard", attempt=1, took=0.41)
    journal.event("parcel.later", parcel=813, next=60, error="TryLater: 429", nothing=None)
    assert lines() == [
        "parcel.sent      parcel=812 message=301 channel=postcard attempt=1 took=0.41s",
        'parcel.later     parcel=813 next=60s error="TryLater: 429"',
    ]


def test_a_bridge_writes_the_same_with_the_standard_library(lines):
    logging.getLogger("filcommun.postcard").info("card.sent", extra={"fields": {"card": 3}})
    logging.getLogger("filcommun.postcard").warning("card.wet")
    assert lines() == ["card.sent        card=3", "card.wet         level=warning"]


def test_lines_begin_with_the_time_unless_somebody_else_adds_it(lines, monkeypatch):
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    lines.setup(times=None)
    journal.event("a.b")
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    lines.setup(times=None)
    journal.event("a.b")
    stamped, bare = lines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4} a\.b", stamped)
    assert bare == "a.b"


def test_a_line_can_be_json(lines):
    lines.setup(form="json")
    journal.event("parcel.sent", parcel=812, took=0.41, note="to anne@example.org")
    line = json.loads(lines()[0])
    assert line.pop("time")
    assert line == {"event": "parcel.sent", "parcel": 812, "took": 0.41, "note": "to [redacted]"}


def test_a_line_stays_one_line(lines):
    journal.event("a.b", text='two\nlines and "marks"')
    assert lines() == ['a.b              text="two\\nlines and \\"marks\\""']


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0ms"),
        (0.0004, "0.4ms"),
        (0.41, "0.41s"),
        (9.94, "9.9s"),
        (60, "60s"),
        (90, "90s"),
        (5400, "90m"),
        (259_200, "3d"),
    ],
)
def test_a_length_of_time_is_shown_as_people_say_it(seconds, shown):
    assert journal.span(seconds) == shown


SECRETS = [
    "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    "anne@example.org",
    "Anne.O'Neil+fil@mail.example.co.uk",
    "anne%40example.org",
    "jürgen@bücher.example",
    "+33612345678",
    "+33 6 12 34 56 78",
    "+33-6-12-34-56-78",
    "+1 (555) 123-4567",
    "0033612345678",
    "06 12 34 56 78",
    "0612345678",
    "987654321",
    "-1001234567890",
    "0b0f6f0e-2222-4444-8888-aaaaaaaaaaaa",
    "0B0F6F0E222244448888AAAAAAAAAAAA",
    "mfrggzdfmztwq2lknnwg23tpobyxe43u",
    "group.MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43UabcdEFGH0123456789==",
    "bot:hunter22@db",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "around", ["{}", "sent to {} now", "<{}>", '"{}"', "x={},y", "https://api/bot{}/getMe", "({})"]
)
def test_what_looks_like_a_secret_or_an_address_is_taken_out(lines, secret, around):
    if secret == "bot:hunter22@db":
        around = "postgresql://{}/name"
    journal.event("a.b", text=around.format(secret))
    (line,) = lines()
    assert "[redacted]" in line
    digits = re.sub(r"\D", "", secret)
    assert secret.strip("-") not in line
    assert len(digits) < 8 or digits not in re.sub(r"\D", "", line)
    assert "hunter22" not in line


@given(
    some.uuids(),
    some.integers(10**9, 10**12),
    some.from_regex(r"[a-z0-9]{1,12}@[a-z0-9]{1,9}\.(org|fr|info)", fullmatch=True),
)
def test_no_id_number_or_address_survives(person, number, address):
    text = f"{person} {person.hex} {number} {address}"
    shown = journal.redact(text)
    for secret in (str(person), person.hex, str(number), address):
        assert secret not in shown


@pytest.mark.parametrize(
    "text",
    [
        "TryLater: 429",
        "Unreachable: 550 5.1.1",
        "127.0.0.1:5432",
        "https://api.telegram.org",
        "SMTPRecipientsRefused",
        "ConnectionRefusedError",
        "bot/core/relay.py:120 deliver",
        "2026-11-21T23:36:28",
        "sqlite:///data/filcommun.db",
        "22.8.1",
        "",
    ],
)
def test_what_an_operator_needs_is_left_in(text):
    assert journal.redact(text) == text


def test_numbers_are_ids_of_ours_and_stay(lines):
    journal.event("a.b", message=1_234_567_890_123, ratio=0.25, yes=True)
    assert lines() == ["a.b              message=1234567890123 ratio=0.25 yes=True"]


def test_an_exception_shows_its_class_and_our_lines_but_no_words(lines):
    def broken():
        secret_words = "what a member said"
        try:
            int(secret_words)
        except ValueError as error:
            raise RuntimeError(secret_words) from error

    try:
        broken()
    except RuntimeError:
        journal.error("inbound.failed", inbound=44)
    (line,) = lines()
    assert line.startswith('inbound.failed   inbound=44 level=error error="RuntimeError from ValueError" at="')
    assert "member" not in line
    assert "broken" in line


def test_the_lines_of_an_exception_are_ours_and_the_last_one(lines):
    try:
        journal.span("not a number")
    except TypeError:
        journal.error("a.b")
    assert re.search(r'at="bot/journal\.py:\d+ span"', lines()[0]), lines()


def test_a_group_of_exceptions_shows_their_classes(lines):
    try:
        raise ExceptionGroup("words", [ValueError("words"), KeyError("words"), ValueError("x")])  # noqa: TRY301
    except ExceptionGroup:
        journal.error("a.b")
    assert 'error="ExceptionGroup from KeyError+ValueError"' in lines()[0]


def test_what_a_library_says_is_shown_without_its_arguments(lines):
    logging.getLogger("telegram.ext").error("Could not send %s to %s\nsecond line", "words", "anne@example.org")
    assert lines() == ['library.error    logger=telegram.ext text="Could not send %s to %s"']


def test_the_loop_says_nothing_of_what_an_exception_said(lines):
    logging.getLogger("asyncio").error(
        "Task exception was never retrieved\nfuture: <Task exception=ValueError('words')>",
        exc_info=ValueError("words"),
    )
    assert lines() == [
        'library.error    logger=asyncio text="Task exception was never retrieved" error=ValueError at=""'
    ]


@pytest.mark.parametrize(
    "name", ["httpx", "httpcore", "telegram", "signalbot", "aioimaplib", "websockets", "aiosmtplib", "aiohttp.access"]
)
def test_libraries_that_tell_of_every_request_are_quiet(lines, name):
    logging.getLogger(f"{name}.inner").info("POST /bot123:secret/getMe")
    assert lines() == []
    assert not logging.getLogger(name).isEnabledFor(logging.INFO)


def test_a_subscriber_hears_every_event_before_the_next_line_runs(lines):
    heard = []
    end = journal.subscribe(lambda event, fields: heard.append((event, dict(fields))))
    try:
        journal.event("a.b", one=1)
        assert heard == [("a.b", {"one": 1})]
        logging.getLogger("filcommun.postcard").debug("c.d", extra={"fields": {"two": 2}})
        journal.event("e.f", logging.DEBUG)
        logging.getLogger("telegram").error("not ours")
    finally:
        end()
    journal.event("g.h")
    assert heard == [("a.b", {"one": 1}), ("c.d", {"two": 2}), ("e.f", {})]
    assert lines()[0] == "a.b              one=1"
    assert not any("c.d" in line or "e.f" in line for line in lines())


def test_a_subscriber_hears_although_nobody_reads():
    program = (
        "from bot import journal\n"
        "journal.subscribe(lambda event, fields: print(event, fields))\n"
        "journal.event('a.b', one=1)\n"
    )
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, timeout=60)
    assert (ran.stdout, ran.stderr) == ("a.b {'one': 1}\n", "")


def test_an_error_of_a_subscriber_is_not_swallowed():
    """A kill point may raise: the test's own start script means it."""

    def die(event, fields):
        raise SystemExit(event)

    end = journal.subscribe(die)
    try:
        with pytest.raises(SystemExit):
            journal.event("a.b")
    finally:
        end()


def test_an_event_nobody_wants_costs_next_to_nothing(lines):
    lines.setup(level=logging.WARNING)
    best = 1.0
    for _ in range(5):
        begun = time.perf_counter()
        for _ in range(2_000):
            journal.event("parcel.sent", parcel=812, message=301)
        best = min(best, (time.perf_counter() - begun) / 2_000)
    assert best < 10e-6  # measured: 0.4 µs
    assert lines() == []


def test_setting_up_twice_writes_each_line_once(lines):
    lines.setup()
    lines.setup()
    journal.event("a.b", n=str(uuid.UUID(int=5)))
    assert len(lines()) == 1


def test_a_line_that_cannot_be_written_is_not_shown_with_its_words_instead(lines, capsys):
    class Unshowable:
        def __str__(self):
            raise ValueError("words of a member")

    journal.event("a.b", who=Unshowable())
    journal.event("c.d")
    assert lines() == ["c.d"]
    assert capsys.readouterr().err == ""
