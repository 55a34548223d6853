"""Raw mails and what stands in them: machines, bounces, charsets, parts, and what is never passed on."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.errors import Unreadable
from bot.core.events import DeliveryFailed, Ignored
from bridges.email import peek
from bridges.email.outgoing import Writer
from tests.bridges.email_ground import SETTINGS, Direct, message, saying
from tests.bridges.email_letters import ADDRESS, PROGRAMS, REPLY, TOKEN, both, html, mail


@pytest.fixture
def reader() -> Direct:
    return Direct()


# What no human wrote

AUTOMATIC = [
    ("Auto-Submitted", "auto-replied"),
    ("Auto-Submitted", "auto-generated; x=y"),
    ("Precedence", "bulk"),
    ("Precedence", "auto_reply"),
    ("X-Autoreply", "yes"),
    ("X-Autorespond", "on"),
    ("Return-Path", "<>"),
    ("From", "MAILER-DAEMON@membres.example"),
    ("From", "no-reply@membres.example"),
    ("Subject", "Réponse automatique : Beloved"),
    ("Subject", "Message d'absence"),
    ("Subject", "Automatic reply: Beloved"),
    ("Subject", "Out of office: back on Monday"),
    ("Subject", "Abwesenheitsnotiz: bis Montag"),
    ("Subject", "[Auto] Beloved"),
]


@pytest.mark.parametrize(("field", "value"), AUTOMATIC)
async def test_what_no_human_wrote_is_not_read_as_words(reader, field, value):
    raw = mail("Je suis absent.", **{field.replace("-", "_"): value})
    if field == "Return-Path":
        raw = raw.replace(b"Return-Path: <josette@membres.example>\r\n", b"", 1)
    (event,) = await reader.read(raw)
    assert isinstance(event, Ignored)
    assert event.why.startswith("automatic-")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Auto-Submitted", "no"),
        ("X-Auto-Response-Suppress", "All"),
        ("List-Unsubscribe", "<mailto:x@y.example>"),
        ("Subject", "Absence samedi"),
        ("Subject", "Re: Out of Africa"),
        ("Subject", "Je suis absente samedi"),
        ("From", "Norbert <norbert@membres.example>"),
        ("Precedence", "first-class"),
    ],
)
async def test_what_people_write_is_not_taken_for_a_machine(reader, field, value):
    assert (await message(reader, mail("Bonjour", **{field.replace("-", "_"): value}))).text.text == "Bonjour"


async def test_our_own_mail_coming_back_is_ours(reader):
    ours = Writer(SETTINGS).write("josette@membres.example", saying())
    assert await reader.read(ours.data) == (Ignored("ours"),)
    assert await reader.read(mail("x", From=f"Amina <{ADDRESS}>")) == (Ignored("ours"),)
    assert await reader.read(mail("x", From=f"Amina <{REPLY}>")) == (Ignored("ours"),)


# Bounces

BOUNCE = "bouncetoken22222222222222"


def report(
    status: str = "5.1.1", action: str = "failed", to: str = f"cercle+b.{BOUNCE}@exemple.org", returned: str = ""
) -> bytes:
    body = (
        "--r\nContent-Type: text/plain\n\nVotre message n'est pas arrivé.\n--r\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx.membres.example\n\nFinal-Recipient: rfc822; josette@membres.example\n"
        f"Action: {action}\nStatus: {status}\nDiagnostic-Code: smtp; 550 {status} user unknown\n"
        f"--r\nContent-Type: text/rfc822-headers\n\n{returned}Subject: Beloved\n--r--\n"
    )
    return mail(
        body,
        kind='multipart/report; report-type=delivery-status; boundary="r"',
        From="Mail Delivery System <MAILER-DAEMON@mx.membres.example>",
        To=to,
        Subject="Undelivered Mail Returned to Sender",
    )


@pytest.mark.parametrize(
    ("status", "action", "event"),
    [
        ("5.1.1", "failed", DeliveryFailed(BOUNCE, permanent=True, reason="5.1.1")),
        ("5.1.10", "failed", DeliveryFailed(BOUNCE, permanent=True, reason="5.1.10")),
        ("5.2.2", "failed", DeliveryFailed(BOUNCE, permanent=False, reason="5.2.2")),
        ("5.7.1", "failed", DeliveryFailed(BOUNCE, permanent=False, reason="5.7.1")),
        ("4.4.7", "failed", DeliveryFailed(BOUNCE, permanent=False, reason="4.4.7")),
        ("4.4.1", "delayed", Ignored("report-delayed")),
        ("2.0.0", "delivered", Ignored("report-delivered")),
    ],
)
async def test_a_bounce_says_whose_mail_did_not_arrive_and_why(reader, status, action, event):
    assert await reader.read(report(status, action)) == (event,)


async def test_a_bounce_to_the_bare_address_is_known_by_what_it_returns(reader):
    returned = f"X-Fil-Commun-Id: b.{BOUNCE}\n"
    assert await reader.read(report(to=ADDRESS, returned=returned)) == (
        DeliveryFailed(BOUNCE, permanent=True, reason="5.1.1"),
    )
    assert await reader.read(report(to=ADDRESS)) == (Ignored("automatic-report"),)


@pytest.mark.parametrize(
    "raw",
    [
        mail("Je suis en vacances.", To=f"cercle+b.{BOUNCE}@exemple.org", Auto_Submitted="auto-replied"),
        mail("Un mot d'une personne.", To=f"cercle+b.{BOUNCE}@exemple.org"),
        mail("Un mot.", Cc=f"CERCLE+B.{BOUNCE.upper()}@exemple.org"),
        mail("Un mot.", "Delivered-To: " + f"cercle+b.{BOUNCE}@exemple.org", To=REPLY),
        report("4.4.1", "delayed"),
        report("2.0.0", "relayed"),
    ],
)
async def test_nothing_at_a_bounce_address_is_ever_words_of_somebody(reader, raw):
    (event,) = await reader.read(raw)
    assert isinstance(event, Ignored)


async def test_a_bounce_in_words_only_is_understood_by_its_code(reader):
    raw = mail(
        "Bonjour, votre message n'a pas pu être remis : 550 5.1.1 adresse inconnue.",
        From="MAILER-DAEMON@fai.example",
        To=f"cercle+b.{BOUNCE}@exemple.org",
        Subject="Echec",
    )
    assert await reader.read(raw) == (DeliveryFailed(BOUNCE, permanent=True, reason="5.1.1"),)


# Content


@pytest.mark.parametrize(
    ("body", "charset", "text"),
    [
        ("Déjà vu".encode(), "utf-8", "Déjà vu"),
        ("Déjà vu".encode("latin-1"), "iso-8859-1", "Déjà vu"),
        ("10 € l’œuvre".encode("cp1252"), "iso-8859-1", "10 € l’œuvre"),
        ("Déjà vu".encode("latin-1"), "utf-8", "Déjà vu"),
        ("Déjà vu".encode(), "us-ascii", "Déjà vu"),
        ("Déjà vu".encode(), "iso-8859-1", "Déjà vu"),
        ("Déjà vu".encode(), "x-unknown", "Déjà vu"),
        ("Déjà vu".encode(), "uft-8", "Déjà vu"),
        ("Déjà vu".encode(), "zip", "Déjà vu"),
        ("你好".encode("gb18030"), "gb2312", "你好"),
        ("שלום".encode("iso-8859-8"), "iso-8859-8-i", "שלום"),
        (b"a\x00b", "utf-8", "ab"),
    ],
)
async def test_any_charset_and_any_mistake_about_it_is_read(reader, body, charset, text):
    for coding in ("base64", "8bit"):
        raw = mail(body, kind=f"text/plain; charset={charset}", coding=coding)
        assert (await message(reader, raw)).text.text == text


@pytest.mark.parametrize(
    ("field", "subject"),
    [
        ("=?utf-8?q?D=C3=A9j=C3=A0_vu?=", "Déjà vu"),
        ("=?iso-8859-1?q?D=E9j=E0?= vu", "Déjà vu"),
        ("=?utf-8?b?RMOp?= =?utf-8?b?asOgIHZ1?=", "Déjà vu"),
        ("Déjà vu", "Déjà vu"),
        ("=?utf-8?q?Deux=0D=0ABcc:_x@y.example?=", "Deux Bcc: x@y.example"),
        ("=?nonsense?q?Abc?=", "Abc"),
        ("=?utf-8?b?!!!?=", "!!!"),
        ("", ""),
    ],
)
async def test_a_subject_is_read_on_one_line_whatever_it_holds(reader, field, subject):
    assert (await message(reader, mail("Bonjour", Subject=field))).subject == subject


async def test_text_is_preferred_unless_it_only_points_to_the_html(reader):
    assert (await message(reader, both("Bonjour", "<p>Bonjour</p>"))).text.text == "Bonjour"
    pointing = both(
        "Votre logiciel n'affiche pas le format HTML.", "<p>Bonjour à tous</p>" + "<p>encore un mot</p>" * 20
    )
    assert "Bonjour à tous" in (await message(reader, pointing)).text.text


async def test_html_becomes_lines_with_its_links(reader):
    raw = html(
        '<p>Voir <a href="https://exemple.org/x">ici</a>,<br>et <b>là</b>.</p><ul><li>un</li><li>deux</li></ul><style>p {color:red}</style><script>x()</script>'
    )
    assert (await message(reader, raw)).text.text == "Voir ici <https://exemple.org/x>,\net là.\n\n- un\n- deux"


async def test_a_mail_of_pictures_only_is_not_empty(reader):
    body = '--m\nContent-Type: image/jpeg; name=photo.jpg\nContent-Disposition: attachment; filename="../../photo.jpg"\nContent-Transfer-Encoding: base64\n\n/9j/4AAQ\n--m--\n'
    event = await message(reader, mail(body, kind='multipart/mixed; boundary="m"'))
    assert event.text.text == "[photo.jpg]"
    assert [(file.name, file.type, file.kind) for file in event.files] == [("photo.jpg", "image/jpeg", "photo")]


async def test_a_mail_within_the_mail_is_not_its_text(reader):
    body = "--m\nContent-Type: message/rfc822\n\nFrom: paul@membres.example\nSubject: x\n\nMots de Paul\n--m\nContent-Type: text/plain\n\nMots de Josette\n--m--\n"
    event = await message(reader, mail(body, kind='multipart/mixed; boundary="m"'))
    assert event.text.text == "Mots de Josette"


async def test_a_forward_is_kept_whole_and_is_no_command(reader):
    words = "Pour information\n\n---------- Message transféré ---------\nDe : Paul <paul@membres.example>\nObjet : x\n\nstop"
    event = await message(reader, mail(words, Subject="Tr: x"))
    assert event.text.text == words.replace(" <paul@membres.example>", "")
    assert event.evidence == "forward"


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("To: <bruno@membres.example>", "To:"),
        ("À : Bruno <bruno@membres.example>, Tous : Cercle <cercle@exemple.org>", "À : Bruno, Tous : Cercle"),
        ("*Von:* bruno@membres.example", "*Von:*"),
        ("> Cc: bruno@membres.example", "> Cc:"),
        (
            "Le mar. 3 mars 2026 à 19:02, Bruno <bruno@membres.example> a écrit :",
            "Le mar. 3 mars 2026 à 19:02, Bruno a écrit :",
        ),
        ("On Tue, Mar 3, 2026, [bruno@membres.example] wrote:", "On Tue, Mar 3, 2026, wrote:"),
    ],
)
async def test_addresses_a_program_put_above_a_forward_are_not_passed_on(reader, line, kept):
    words = f"Pour information\n\n---------- Message transféré ---------\n{line}\nObjet : x\n\nOn lit Beloved ?"
    event = await message(reader, mail(words, Subject="Tr: x"))
    assert event.text.text == words.replace(line, kept)


async def test_an_address_somebody_writes_on_purpose_is_their_words(reader):
    words = "Inscriptions auprès de marie@mairie.example, ou au 01 02 03 04 05."
    assert (await message(reader, mail(words, Subject="Fête"))).text.text == words


async def test_a_mail_that_only_quotes_is_not_emptied(reader):
    event = await message(reader, mail("> On lit Beloved ?\n"))
    assert event.text.text == "> On lit Beloved ?"


async def test_the_writers_private_address_is_not_passed_on(reader):
    words = f"Écrivez à {REPLY} ou à cercle+b.{BOUNCE}@exemple.org.\nréf:r.{TOKEN}\nMerci ref: r.{TOKEN}"
    text = (await message(reader, mail(words, In_Reply_To=None, References=None, Subject="Adresse"))).text.text
    assert TOKEN not in text
    assert BOUNCE not in text
    assert text == f"Écrivez à {ADDRESS} ou à {ADDRESS}.\nMerci"


async def test_a_mail_without_an_id_gets_one_that_stays(reader):
    raw = mail("Bonjour", Message_ID=None)
    first, second = await message(reader, raw), await message(reader, raw)
    assert first.remote_id == second.remote_id
    assert first.remote_id.endswith("@missing")


async def test_ids_that_stop_other_parsers_are_read(reader):
    event = await message(
        reader, mail("Bonjour", Message_ID="<[1.2.3]>", References="<[x]> junk <a@b>", In_Reply_To="nonsense")
    )
    assert event.remote_id == "[1.2.3]"
    assert event.references == ("a@b", "[x]")


@pytest.mark.parametrize(
    "date", ["Fri, 1 Jan 2100 00:00:00 +0000", "yesterday", "", None, "Wed, 99 Foo 20260 99:99:99"]
)
async def test_a_date_that_cannot_be_is_now(reader, date):
    event = await message(reader, mail("Bonjour", Date=date))
    assert abs(event.sent_at - datetime.now(UTC)) < timedelta(minutes=1)


# Anything at all

PIECES = [
    b"\r\n", b"--sep", b"Content-Type: multipart/mixed; boundary=sep\r\n", b"=?utf-8?q?=00?=", b"(", b'"', b"<", b">" * 50, b"\x00",
    b"\xff\xfe", b'charset="', b"Content-Transfer-Encoding: base64\r\n", b"On 3 May 2026 wrote:\r\n", b"=\r\n", b"From: x@y.example\r\n",
    b"Content-Type: message/rfc822\r\n", b"Content-Disposition: attachment; filename*0*=x''%\r\n", b"\xe2\x80\xae", b"Content-Type: text/html\r\n",
]  # fmt: skip


def mutated(chance: random.Random, raw: bytes) -> bytes:
    """The mail with a dozen accidents."""
    data = bytearray(raw)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data[at:at] = chance.choice(PIECES)
            case 1:
                del data[at : at + chance.randint(1, 80)]
            case 2:
                data[at:at] = chance.randbytes(chance.randint(1, 12))
            case 3:
                other = chance.randrange(len(data) + 1)
                data[at:at] = data[other : other + chance.randint(1, 300)]
    return bytes(data)


async def test_no_accident_makes_the_parser_fail(reader):
    seed = random.randrange(10**9)
    chance = random.Random(seed)
    mails = [raw for raw, _ in PROGRAMS.values()] + [report(), both("un", "<p>deux</p>")]
    for number in range(2000):
        raw = mutated(chance, chance.choice(mails))
        peek.arrival_key(raw)
        peek.sender_lane(raw)
        try:
            await reader.read(raw)
        except Unreadable as error:
            if "failed" in str(error):
                pytest.fail(f"seed {seed}, mail {number}: {error}")
