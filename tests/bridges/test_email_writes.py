"""The bytes of outgoing mails: what every program must be able to read, and what nobody can put into them."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from bot.core.errors import Refused
from bot.text.rich import Rich, Span, bold
from bridges.email import body, headers
from bridges.email.outgoing import Mail, Writer
from bridges.email.sandbox import faults_of
from bridges.email.sandbox_servers import Taken
from bridges.email.settings import Email
from tests.bridges.email_ground import PERSONAL, saying

TOKEN = PERSONAL["reply_token"]


def settings(**changed) -> Email:
    return Email(
        **{"address": "cercle@exemple.org", "smtp": {"host": "127.0.0.1"}, "imap": {"host": "127.0.0.1"}, **changed}
    )


def mail(what=None, to="josette@membres.example", **changed) -> tuple[Mail, EmailMessage]:
    made = Writer(settings(**changed)).write(to, what or saying())
    return made, message_from_bytes(made.data, policy=policy.default)  # type: ignore[return-value]


def text_of(parsed: EmailMessage) -> str:
    return parsed.get_body(("plain",)).get_content().replace("\r\n", "\n")  # type: ignore[union-attr]


def html_words(parsed: EmailMessage) -> list[str]:
    html = parsed.get_body(("html",)).get_content()  # type: ignore[union-attr]
    plain = re.sub(r"<[^>]*>", " ", html.split("<body", 1)[1].partition(">")[2])
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").split()


def strict_faults(made: Mail) -> list[str]:
    return faults_of(Taken(made.sender, [made.recipient], made.data, 0.0))


def test_a_mail_says_who_speaks_and_where_an_answer_goes():
    made, parsed = mail()
    assert parsed["from"].addresses[0].display_name == "Amina · Cercle de lecture"
    assert parsed["from"].addresses[0].addr_spec == "cercle@exemple.org"
    assert parsed["to"] == "josette@membres.example"
    assert parsed["reply-to"].addresses[0].addr_spec == f"cercle+r.{TOKEN}@exemple.org"
    assert made.sender == f"cercle+b.{PERSONAL['bounce_token']}@exemple.org"
    assert parsed["message-id"] == f"<{PERSONAL['id']}@exemple.org>"
    assert parsed["subject"] == "Beloved en mars ?"
    assert parsed["list-id"] == "Cercle de lecture <cercle.exemple.org>"
    assert parsed["list-post"] == "<mailto:cercle+c.cercle@exemple.org>"
    assert parsed["precedence"] == "list"
    assert parsed["auto-submitted"] is None
    assert strict_faults(made) == []


def test_several_authors_are_the_community():
    assert mail(saying(author=""))[1]["from"].addresses[0].display_name == "Cercle de lecture"


def test_an_answer_of_the_bot_says_that_no_human_wrote_it():
    parsed = mail(saying(automatic=True, author=""))[1]
    assert parsed["auto-submitted"] == "auto-generated"
    assert parsed["precedence"] is None


def test_text_and_html_have_the_same_words():
    words = "Bonjour à tous,\n\non lit « Beloved » en mars <ou> en avril & mai ?\nRéponses d'ici vendredi.\n"
    parsed = mail(saying(words, footer=Rich("Répondre = répondre à tout le Cercle.\nPartir : STOP.")))[1]
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]
    assert text_of(parsed).replace("-- \n", "").split() == html_words(parsed)


def test_the_footer_stands_below_the_mark_that_programs_leave_out_of_an_answer():
    text = text_of(mail(saying("Bonjour", footer=Rich("Partir : STOP.")))[1])
    above, _, below = text.partition("\n-- \n")
    assert above.strip() == "Bonjour"
    assert below.strip().split("\n") == ["Partir : STOP.", f"réf:r.{TOKEN}"]


def test_an_answer_has_the_chain_of_what_this_reader_knows():
    what = saying(reply_to="m.parent", ancestors=("root@membres.example", "m.child", "m.parent"))
    parsed = mail(what)[1]
    assert parsed["subject"] == "Re: Beloved en mars ?"
    assert parsed["in-reply-to"] == "<m.parent@exemple.org>"
    assert str(parsed["references"]).split() == [
        "<root@membres.example>",
        "<m.child@exemple.org>",
        "<m.parent@exemple.org>",
    ]


def test_a_long_chain_keeps_its_root_and_its_last_ten():
    ids = tuple(f"m.{number}" for number in range(40))
    chain = str(mail(saying(reply_to="m.39", ancestors=ids))[1]["references"]).split()
    assert len(chain) == 11
    assert (chain[0], chain[1], chain[-1]) == ("<m.0@exemple.org>", "<m.30@exemple.org>", "<m.39@exemple.org>")


def test_a_thread_without_a_parent_still_belongs_to_its_root():
    parsed = mail(saying(ancestors=("m.root",)))[1]
    assert parsed["in-reply-to"] == "<m.root@exemple.org>"


@pytest.mark.parametrize(
    ("style", "reply_to"),
    [
        ("plus", f"cercle+r.{TOKEN}@exemple.org"),
        ("catchall", f"r.{TOKEN}@exemple.org"),
        ("plain", None),
    ],
)
def test_reply_style_says_where_the_token_stands(style, reply_to):
    found = mail(reply_style=style)[1]["reply-to"]
    assert (found.addresses[0].addr_spec if found else None) == reply_to


def test_a_provider_that_refuses_foreign_envelope_senders_gets_ours():
    assert mail(bounce_style="plain")[0].sender == "cercle@exemple.org"


def test_a_token_that_already_says_its_kind_says_it_once():
    parsed = mail(saying(reply_token=f"r.{TOKEN}"))[1]
    assert parsed["reply-to"].addresses[0].addr_spec == f"cercle+r.{TOKEN}@exemple.org"


def test_a_repeated_send_has_the_same_message_id():
    writer = Writer(settings())
    first, second = (writer.write("josette@membres.example", saying(again=again)) for again in (False, True))
    assert re.findall(rb"Message-ID: .*", first.data) == re.findall(rb"Message-ID: .*", second.data)


def test_two_readers_share_the_body_and_nothing_of_each_other():
    writer = Writer(settings())
    josette = writer.write("josette@membres.example", saying(key="one"))
    paul = writer.write(
        "paul@membres.example", saying(key="one", reply_token="p" * 29, bounce_token="q" * 29, id="m.p")
    )
    assert b"paul" not in josette.data
    assert TOKEN.encode() not in paul.data
    assert (
        paul.data.split(b"--fil-")[2].split(b"<div style")[0]
        == josette.data.split(b"--fil-")[2].split(b"<div style")[0]
    )


HOSTILE = [
    "Amina\r\nBcc: everybody@exemple.org",
    "Amina\nX: y",
    "Amina\r\n\r\n<script>",
    "Amina\x00\x1b[31m",
    "Am\u202eina\u2066",
    'Amina" <evil@evil.example>, "',
    "evil@evil.example",
    "=?utf-8?q?=0D=0ABcc:_x@y.example?=",
    "Amina, <a@b.example>",
    "名前" * 120,
    "\ud800broken",
    "é" * 600,
    "",
]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("where", ["author", "community", "subject", "slug"])
def test_no_name_or_subject_adds_a_field_or_breaks_a_line(where, hostile):
    made, parsed = mail(saying(**{where: hostile}))
    plain = mail()[1]
    assert strict_faults(made) == []
    assert set(parsed.keys()) <= set(plain.keys())
    assert [each.addr_spec for each in parsed["from"].addresses] == ["cercle@exemple.org"]
    assert "@" not in parsed["from"].addresses[0].display_name
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", str(parsed["subject"]) + str(parsed["from"]))


@pytest.mark.parametrize("hostile", ["m.1\r\nBcc: x@y.example", "m.1> <m.2", "m.1\x00", "x" * 3000, "é@ü"])
@pytest.mark.parametrize("where", ["id", "reply_to", "reply_token", "bounce_token", "ancestors"])
def test_no_id_adds_a_field_or_breaks_a_line(where, hostile):
    made, parsed = mail(saying(**{where: (hostile,) if where == "ancestors" else hostile}))
    assert "bcc" not in {name.lower() for name in parsed}
    assert all(len(line) <= 998 for line in made.data.split(b"\r\n")) or where in {"id", "reply_token", "bounce_token"}
    assert b"\n" not in made.data.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b.example\r\nRCPT TO:<c@d.example>",
        "a@b.example, c@d.example",
        "a b@c.example",
        "<a@b.example>",
    ],
)
def test_an_address_that_is_not_one_address_is_refused(address):
    with pytest.raises(Refused):
        mail(to=address)


@pytest.mark.parametrize(
    "text",
    [
        "ligne\r\nligne\rligne\nligne",
        ".\n..\n. point",
        "From moi\n\nFrom toi",
        "x" * 5000,
        "é" * 3000 + " fin de ligne \n\t\n",
        "NUL \x00 et \ud800 et 😀",
        "",
        "=3D =\n= ==",
    ],
)
def test_any_words_survive_and_keep_the_rules_of_the_wire(text):
    made, parsed = mail(saying(text))
    assert strict_faults(made) == []
    assert not re.search(rb"\r\n(?:From |\.\r\n)", made.data.partition(b"\r\n\r\n")[2])
    wanted = re.sub("\r\n?", "\n", text).replace("\x00", "").replace("\ud800", "?")
    assert text_of(parsed).partition("\n-- \n")[0].rstrip("\n") == wanted.rstrip("\n")


def test_looks_stand_in_the_html_and_links_in_both():
    text = "Voir ici et là, dit-elle"
    rich = Rich(
        text, (Span("link", 5, 8, "https://exemple.org/x?a=1&b=2"), Span("bold", 12, 14), Span("italic", 9, 14))
    )
    parsed = mail(saying(rich))[1]
    html = parsed.get_body(("html",)).get_content()
    assert '<a href="https://exemple.org/x?a=1&amp;b=2">ici</a>' in html
    assert "<b>" in html
    assert "Voir ici <https://exemple.org/x?a=1&b=2> et là" in text_of(parsed)


def test_a_link_that_runs_a_program_is_no_link():
    rich = Rich("clic", (Span("link", 0, 4, "javascript:alert(1)"),))
    assert body.html(rich) == "clic"
    assert body.plain(rich) == "clic"


def test_a_quote_is_marked_line_by_line():
    rich = Rich("Elle dit\nun\ndeux\net moi", (Span("quote", 9, 16),))
    assert body.plain(rich) == "Elle dit\n> un\n> deux\net moi"


def test_overlapping_spans_close_what_they_open():
    rich = Rich("abcdef", (Span("bold", 0, 4), Span("italic", 2, 6)))
    assert body.html(rich) == "<b>ab</b><b><i>cd</i></b><i>ef</i>"


def test_bold_words_are_plain_in_the_text():
    assert body.plain(bold("oui") + " non") == "oui non"


def test_names_read_back_as_they_were_written():
    for name in ("Amina", "Zoé Ünal", 'O\'Brien "Bob"', "J. Dupont; Cie", "名前", "a" * 80):
        field = b"From: " + headers.mailbox(name, "a@b.example")
        parsed = message_from_bytes(field + b"\r\n\r\n", policy=policy.default)
        assert parsed["from"].addresses[0].display_name == name


def test_the_templates_kept_are_bounded():
    writer = Writer(settings())
    for number in range(300):
        writer.write("a@b.example", saying(key=number))
    assert len(writer._templates) <= 64
