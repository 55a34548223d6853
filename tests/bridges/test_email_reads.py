"""Raw mails and what they mean: who wrote, to whom, what was said now, and in which program."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from bridges.email import phrases
from bridges.email.replies import reply_text
from tests.bridges.email_ground import SETTINGS, Direct, message, unreadable
from tests.bridges.email_letters import ADDRESS, PROGRAMS, REPLY, TOKEN, mail


@pytest.fixture
def reader() -> Direct:
    return Direct()


@pytest.mark.parametrize("program", PROGRAMS)
async def test_what_was_said_is_read_out_of_the_answer_of(reader, program):
    raw, said = PROGRAMS[program]
    assert (await message(reader, raw)).text.text == said
    assert reply_text(raw).count("On lit Beloved en mars") == 0


async def test_an_answer_says_who_what_and_to_which_mail(reader):
    event = await message(reader, PROGRAMS["Gmail, French"][0])
    assert (event.sender.id, event.sender.name) == ("josette@membres.example", "Josette Martin")
    assert event.place.id == ADDRESS
    assert event.remote_id == "answer.1@membres.example"
    assert event.tokens == (f"r.{TOKEN}",)
    assert event.references == ("m.parent", "root@membres.example")
    assert event.subject == "Re: Beloved en mars ?"
    assert event.sent_at == datetime(2026, 3, 4, 7, 12, tzinfo=UTC)
    assert event.authentic == "yes"
    assert event.evidence == "direct"


# Where it went


@pytest.mark.parametrize(
    ("field", "value", "token"),
    [
        ("To", f"cercle+r.{TOKEN}@exemple.org", f"r.{TOKEN}"),
        ("To", f"CERCLE+R.{TOKEN.upper()}@EXEMPLE.ORG", f"r.{TOKEN}"),
        ("To", f"Tous <cercler.{TOKEN}@exemple.org>", f"r.{TOKEN}"),
        ("To", f"r.{TOKEN}@exemple.org", f"r.{TOKEN}"),
        ("To", "cercle+c.lecture@exemple.org", "c.lecture"),
        ("Cc", f"Paul <paul@membres.example>, <cercle+r.{TOKEN}@exemple.org>", f"r.{TOKEN}"),
        ("Delivered-To", f"cercle+r.{TOKEN}@exemple.org", f"r.{TOKEN}"),
        ("X-Original-To", f"cercle+r.{TOKEN}@exemple.org", f"r.{TOKEN}"),
        ("X-Gm-Original-To", f"cercle+r.{TOKEN}@exemple.org", f"r.{TOKEN}"),
        ("Envelope-To", f"<cercle+r.{TOKEN}@exemple.org>", f"r.{TOKEN}"),
        ("To", f"cercle+r.{TOKEN}@elsewhere.example", None),
        ("To", f"other+r.{TOKEN}@exemple.org", None),
        ("To", ADDRESS, None),
    ],
)
async def test_our_token_is_found_wherever_a_server_puts_it(reader, field, value, token):
    fields = {"To": ADDRESS, field.replace("-", "_"): value}
    assert (await message(reader, mail("Bonjour", **fields))).tokens == ((token,) if token else ())


async def test_the_address_nearest_to_the_envelope_comes_first(reader):
    raw = mail("Bonjour", "Delivered-To: cercle+r.nearest2222222@exemple.org", To=REPLY)
    assert (await message(reader, raw)).tokens == ("r.nearest2222222", f"r.{TOKEN}")


# Who wrote it


@pytest.mark.parametrize(
    ("field", "address", "name"),
    [
        ("josette@membres.example", "josette@membres.example", ""),
        ("Josette <Josette@Membres.Example>", "josette@membres.example", "Josette"),
        ('"Martin, Josette" <josette@membres.example>', "josette@membres.example", "Martin, Josette"),
        ("Martin, Josette <josette@membres.example>", "josette@membres.example", "Martin, Josette"),
        ("=?utf-8?q?Zo=C3=A9?= <zoe@membres.example>", "zoe@membres.example", "Zoé"),
        ("=?utf-8?b?Wm/D?= =?utf-8?b?qQ==?= <zoe@membres.example>", "zoe@membres.example", "Zoé"),
        ("Zoé <zoe@membres.example>", "zoe@membres.example", "Zoé"),
        ("josette@membres.example (Josette)", "josette@membres.example", "Josette"),
        ('"josette@membres.example" <josette@membres.example>', "josette@membres.example", "josette@membres.example"),
        ("josette@bücher.example", "josette@xn--bcher-kva.example", ""),
        ("Josette (mobile) <josette@membres.example>", "josette@membres.example", "Josette"),
        # These lead other parsers astray; the address in the brackets is the address.
        ("alice@x.example<bob@evil.example>", "bob@evil.example", "alice@x.example"),
        ('"alice@x.example" <bob@evil.example>', "bob@evil.example", "alice@x.example"),
        ("=?utf-8?q?alice=40x=2Eexample=2C?= <bob@evil.example>", "bob@evil.example", "alice@x.example,"),
        ("(alice@x.example) bob@evil.example", "bob@evil.example", ""),
        ("alice@x.example (a) <bob@evil.example>", "bob@evil.example", "alice@x.example"),
    ],
)
async def test_the_sender_is_the_one_address_the_field_names(reader, field, address, name):
    event = await message(reader, mail("Bonjour", From=field))
    assert (event.sender.id, event.sender.name) == (address, name)


@pytest.mark.parametrize(
    "field",
    [
        "alice@x.example, bob@evil.example",
        "Alice <alice@x.example>, Bob <bob@evil.example>",
        "Alice <alice@x.example> <bob@evil.example>",
        "<alice@x.example>bob@evil.example",
        "alice@x.example bob@evil.example",
        "alice@x.example@evil.example",
        "<alice@x.example@evil.example>",
        "Friends: alice@x.example, bob@evil.example;",
        "undisclosed-recipients:;",
        "Alice",
        "",
        "<>",
        "(alice@x.example",
        '"alice@x.example',
        "alice@x.example\r\nFrom: bob@evil.example",
        "alice@",
        "@x.example",
        "alice@x..example",
        "a" * 3000 + "@x.example",
    ],
)
async def test_a_field_that_does_not_name_one_sender_is_nobodys(reader, field):
    assert "From field" in await unreadable(reader, mail("Bonjour", From=field))


async def test_a_mail_without_from_is_nobodys(reader):
    assert "From field" in await unreadable(reader, mail("Bonjour", From=None))


def verdict_mail(*fields: str) -> bytes:
    raw = mail("Bonjour")
    first, rest = raw.split(b"\r\nAuthentication-Results", 1)
    rest = rest.split(b"\r\n", 1)[1]
    return (
        "\r\n".join([first.decode(), *[f"Authentication-Results: {each}" for each in fields]]).encode() + b"\r\n" + rest
    )


@pytest.mark.parametrize(
    ("fields", "authentic"),
    [
        (["sandbox; dmarc=pass header.from=membres.example"], "yes"),
        (["sandbox; spf=fail; dkim=pass; dmarc=pass (p=none) header.from=membres.example"], "yes"),
        (["SANDBOX 1; dmarc=pass"], "yes"),
        (["sandbox; dmarc=fail header.from=membres.example"], "no"),
        (["sandbox; dmarc=none"], "unknown"),
        (["sandbox; spf=pass; dkim=pass"], "unknown"),
        ([], "unknown"),
        (["evil.example; dmarc=pass header.from=membres.example"], "unknown"),
        (["sandbox.evil.example; dmarc=pass"], "unknown"),
        (["evil.example (sandbox); dmarc=pass"], "unknown"),
        (["sandbox; dmarc=pass header.from=evil.example"], "unknown"),
        (["sandbox; dmarc=none (dmarc=pass)"], "unknown"),
        (['sandbox; spf=pass reason="; dmarc=pass"; dmarc=fail'], "no"),
        (["sandbox; dmarc=fail", "sandbox; dmarc=pass"], "no"),
        (["evil.example; dmarc=pass", "sandbox; dmarc=fail"], "no"),
        (["(((; dmarc=pass", "sandbox; dmarc=pass"], "yes"),
        ([""], "unknown"),
    ],
)
async def test_only_the_topmost_verdict_of_our_own_server_counts(reader, fields, authentic):
    assert (await message(reader, verdict_mail(*fields))).authentic == authentic


async def test_without_a_trusted_server_nobody_knows():
    nobody = Direct(SETTINGS.model_copy(update={"authserv_id": ""}))
    assert (await message(nobody, mail("Bonjour"))).authentic == "unknown"


# The patterns

BEGINNINGS = [
    "", "On ", "Le 3 ", "Am 12.", "2026-03-03 ", "03/03/2026 18:02 ", "De : ", "From: ", "-----", "> ", "<", "a@b.example ", "Sent from my ",
    "Envoyé de ", "sent with Mail ", "---- Message d'origine ", "Begin forwarded message ", "Quoting ", "mar. 3 ", "__",
]  # fmt: skip
FILLERS = [
    "a",
    "a ",
    "1 ",
    ". ",
    ", ",
    "- ",
    "_ ",
    "> ",
    "< ",
    "a@",
    "a.b@c.d ",
    "écrit ",
    "wrote: ",
    "x.",
    "= ",
    "* ",
    "À ",
    "lun. 3 ",
]


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_no_line_takes_a_pattern_long(beginning):
    for filler in FILLERS:
        for end in ("", " wrote:", " a écrit :", ">:", "!"):
            line = phrases.squeezed(beginning + filler * 400)[: phrases.LINE - len(end)] + end
            start = time.perf_counter()
            for pattern in (
                phrases.named,
                phrases.original,
                phrases.forward,
                phrases.sent_from,
                phrases.rule,
                phrases.before_attribution,
            ):
                pattern(line)
            phrases.attribution([line] * 7, 0)
            phrases.header_block([line] * 15, 0)
            phrases.list_footer([line] * 9)
            assert time.perf_counter() - start < 0.25, (beginning, filler, end)
