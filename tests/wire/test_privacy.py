"""No member sees another member's address, number or id; no secret and nothing about a person is in a log line.

The whole demo is played, then everything that was sent to anybody is searched, however it is encoded. So that this
cannot fail in silence, a canary is planted in each encoding, in what was really sent, and the same search must find it.
"""

from __future__ import annotations

import base64
import json
import quopri
import re
from collections.abc import Callable
from email.message import EmailMessage
from urllib.parse import quote

import pytest

from tests.wire.evidence import Evidence, Sent, played
from tests.wire.searching import Searcher, texts

wire = pytest.mark.wire

CANARIES = {
    "address": "canary@membres.example",
    "number": "+33612345678",
    "ACI": "6f1c2a4e-0b5d-4c77-9d0e-3a8b1c2d4e5f",
    "telegram id": "100207",
    "secret": "7000000001:AAF-canary_canary_canary_000",
}


@pytest.fixture(scope="module")
def demo() -> Evidence:
    return played("fr")


def whose(demo: Evidence) -> Searcher:
    """Everything of everybody."""
    return Searcher({f"{name}'s {what}": value for name, own in demo.ids.items() for what, value in own.items()})


def people_at(demo: Evidence, sent: Sent) -> set[str]:
    """Who reads what is sent there: one person, or those of a room."""
    if sent.to in demo.rooms:
        return set(demo.rooms[sent.to])
    return {name for name, own in demo.ids.items() if sent.to in own.values()}


# What was sent


@wire
def test_there_is_something_to_search(demo):
    """Every person got something on every channel they have, and their own address is found in it."""
    searcher = whose(demo)
    for name, own in demo.ids.items():
        if name in {"Karim", "Inès"}:
            continue
        found = set().union(*(searcher.find(one.whole) for one in demo.sent if people_at(demo, one) == {name}))
        wanted = {f"{name}'s {what}" for what in own if what != "number"}
        assert wanted <= found, name
    assert len(demo.sent) > 40
    assert all(one.envelope or b"cercle@exemple.org" in one.whole for one in demo.sent if one.channel == "email")


@wire
def test_nobody_is_sent_what_is_another_members(demo):
    searcher = whose(demo)
    seen = []
    for one in demo.sent:
        readers = people_at(demo, one)
        assert readers, f"{one.channel}: nobody of the cast is at {one.to}"
        for found in searcher.find(one.whole) | searcher.find(one.envelope):
            owner, _, what = found.partition("'s ")
            # Into a room may go the native id of who is known to be in it: an answer there names whom it answers.
            if owner not in readers or (len(readers) > 1 and what not in ("telegram id", "ACI")):
                seen.append(f"{', '.join(sorted(readers))} got {found} by {one.channel}")
    assert seen == []


@wire
def test_what_devices_show_has_nothing_of_others_either(demo):
    searcher = whose(demo)
    for (channel, place), lines in demo.seen.items():
        inside = {place[1:]} if place.startswith("@") else {"Karim", "Inès"}
        for line in lines:
            if not line.mine and line.author not in inside:
                owners = {found.partition("'s ")[0] for found in searcher.find([line.text, line.author, line.subject])}
                assert owners <= inside, f"{channel} {place}: {line.text!r}"


@wire
def test_nothing_of_a_member_is_told_to_a_service_without_need(demo):
    searcher = whose(demo)
    assert len(demo.to_nobody) > 10
    for call in demo.to_nobody:
        if call[0] != "answerCallbackQuery":  # its number is Telegram's own, given back
            assert searcher.find(call) == set(), call


@wire
def test_no_secret_is_in_anything_that_is_sent(demo):
    key = bytes.fromhex(demo.secrets["key"])
    kept = {
        **demo.secrets,
        "key in base64": base64.b64encode(key).decode().rstrip("="),
        "key as text": key.decode("latin-1"),
    }
    kept["key in base32"] = base64.b32encode(key).decode().rstrip("=")
    searcher = Searcher({name: value.strip() for name, value in kept.items()})
    for one in demo.sent:
        assert searcher.find(one.whole) == set()
        assert searcher.find(one.envelope) == set()


@wire
def test_a_relayed_line_says_who_and_what_and_never_by_which_channel(demo):
    labels = re.compile(r"(?i)telegram|signal|e-?mail|\bmail\b|courriel")
    found = 0
    for said in demo.play.tally.said:
        for spot in said.readers:
            line = demo.play.tally.line(said, spot) or next(
                line for line in demo.seen[spot.key] if line.text.endswith(said.words)
            )
            found += 1
            assert said.who in line.text + line.author
            assert not labels.search(line.text.replace(said.words, "")), line.text
            assert not labels.search(line.author), line.author
    assert found == demo.figures.deliveries


# What was logged


@wire
def test_no_log_line_has_anything_of_anybody(demo):
    assert demo.log.count("\n") > 100
    assert "inbound.handled" in demo.log
    assert "signal.listening" in demo.log, "the listener's own lines are there too"
    for line in demo.log.splitlines():
        assert whose(demo).find(line) == set(), line


@wire
def test_no_log_line_has_words_or_names(demo):
    for said in demo.play.tally.said:
        assert said.words not in demo.log
        assert not re.search(rf"\b{said.who}\b", demo.log)


@wire
def test_no_log_line_has_a_secret_or_a_token(demo):
    tokens = set()
    for one in demo.sent:
        if one.channel == "email":
            heads = one.whole.decode("ascii", "replace") + one.envelope
            tokens |= set(re.findall(r"\+[rbq]\.([a-z2-7]{20,})@", heads))
            tokens |= set(re.findall(r"<[mn]\.([a-z2-7]{20,})@", heads))
    shown = "\n".join(line.text for lines in demo.seen.values() for line in lines)
    codes = set(re.findall(r"start=([\w-]{16,})", shown))
    typed = set(re.findall(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b", shown))
    assert len(tokens) > 20
    assert codes
    assert typed
    secrets = {**demo.secrets, **{one: one for one in tokens | codes | typed}}
    searcher = Searcher(secrets)
    for line in demo.log.splitlines():
        assert searcher.find(line) == set(), line


# The canaries: the same search finds them


def mail(body: str = "Bonjour", encoding: str = "quoted-printable", subtype: str = "plain", **heads: str) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Amina <cercle@exemple.org>", "bruno@membres.example", "Bonjour"
    for name, value in heads.items():
        del made[name.replace("_", "-")]
        made[name.replace("_", "-")] = value
    made.set_content(body, subtype=subtype, cte=encoding)
    return made.as_bytes()


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def with_file(text: str) -> bytes:
    made = EmailMessage()
    made["Subject"] = "a file"
    made.set_content("see the file")
    made.add_attachment(text.encode(), maintype="application", subtype="octet-stream", filename="a.bin")
    return made.as_bytes()


def named_file(text: str) -> bytes:
    made = EmailMessage()
    made.set_content("see the file")
    made.add_attachment(b"0", maintype="application", subtype="octet-stream", filename=f"é {text}.bin")
    return made.as_bytes()


ENCODINGS: dict[str, Callable[[str], object]] = {
    "as it is": lambda text: f"words {text} words",
    "in other letters": lambda text: text.upper().replace("@", "＠"),
    "a JSON string, deep down": lambda text: {"a": [{"b": f"x {text}"}]},
    "a JSON key": lambda text: {text: 1},
    "JSON within JSON": lambda text: {"text": json.dumps({"quoted": text})},
    "JSON escapes": lambda text: '{"text": "' + "".join(f"\\u{ord(char):04x}" for char in text) + '"}',
    "percent signs": lambda text: "https://x.example/?a=" + quote(text, safe=""),
    "every letter percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "base64": lambda text: {"data": b64(f"this is {text} here")},
    "base64 in a link": lambda text: "x?y=" + base64.urlsafe_b64encode(f"{text} here".encode()).decode().rstrip("="),
    "base64 of base64": lambda text: b64("a " + b64(f"this is {text}")),
    "base64 over lines": lambda text: "\r\n".join(re.findall(".{1,20}", b64(f"this is {text} and more"))),
    "hexadecimal": lambda text: text.encode().hex(),
    "HTML entities": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "HTML with tags between": lambda text: f"<p>{text[:5]}<b></b>{text[5:]}</p>",
    "a mail's text, quoted-printable": lambda text: mail(f"é {text}"),
    "a mail's text, all quoted": lambda text: mail().replace(
        b"Bonjour\n", b"".join(b"=%02X" % byte for byte in text.encode()) + b"\n"
    ),
    "quoted-printable without a mail": lambda text: quopri.encodestring(f"é {text} é".encode()).decode(),
    "a mail's text, base64": lambda text: mail(f"é {text}", "base64"),
    "a mail's HTML, base64": lambda text: mail(f"<a href='x:{quote(text)}'>é</a>", "base64", "html"),
    "a mail's subject, encoded": lambda text: mail(Subject=f"é {text} é"),
    "a mail's subject, base64 words": lambda text: b"Subject: =?utf-8?B?" + b64(f"é {text}").encode() + b"?=\r\n\r\n",
    "a mail's References": lambda text: mail(References=f"<{text}>"),
    "a mail's own field": lambda text: mail(X_Anything=f"é {text}"),
    "an attachment": with_file,
    "an attachment's name": named_file,
}  # fmt: skip


@pytest.mark.parametrize("what", CANARIES)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_canary_is_found_in_every_encoding(encoding, what):
    planted = ENCODINGS[encoding](CANARIES[what])
    assert what in Searcher(CANARIES).find(planted)


@pytest.mark.parametrize(
    "written",
    [
        "06 12 34 56 78", "06.12.34.56.78", "06-12-34-56-78", "+33 6 12 34 56 78", "0033612345678", "(+33) 6/12.34.56.78",
        "06\u00a012\u00a034\u00a056\u00a078", "06\u202f12 34 56\u200978", "0612345678", "+33612345678",
    ],
)  # fmt: skip
def test_a_number_is_found_with_any_separators(written):
    for planted in (written, {"a": written}, b64(f"tel: {written}"), mail(f"tél. {written}", "base64")):
        assert Searcher(CANARIES).find(planted) == {"number"}


def test_what_is_not_there_is_not_found():
    innocent = [
        "Bonjour à tous", {"message_id": 1002071, "date": 1732233600}, mail("06 12 34 56 7", "base64"), b64("nothing to see here"),
        "canary@membres.exemple", "6f1c2a4e-0b5d-4c77-9d0e-3a8b1c2d4e5e", "1002078",
    ]  # fmt: skip
    for one in innocent:
        assert Searcher(CANARIES).find(one) == set(), one


@wire
@pytest.mark.parametrize("what", CANARIES)
def test_a_canary_planted_in_what_was_really_sent_is_found(demo, what):
    """In one real request and one real mail of every kind: the search reads what the bridges write."""
    searcher, canary = Searcher(CANARIES), CANARIES[what]
    for one in demo.sent[::5]:
        assert what not in searcher.find(one.whole)
        if isinstance(one.whole, bytes):
            head, _, body = one.whole.partition(b"\r\n\r\n")
            planted = [
                head + b"\r\nX-Trace: " + canary.encode() + b"\r\n\r\n" + body,
                head + b"\r\nX-Trace: =?utf-8?b?" + b64(canary).encode() + b"?=\r\n\r\n" + body,
                one.whole.replace(b"<html", quopri.encodestring(f"<p>{canary}</p>".encode()) + b"<html"),
            ]
        else:
            planted = [one.whole | {"more": canary}, one.whole | {"more": json.dumps([{"a": canary}])}]
        for each in planted:
            assert what in searcher.find(each)


@wire
def test_a_canary_in_a_log_line_is_found(demo):
    line = next(line for line in demo.log.splitlines() if "parcel.sent" in line)
    for what, canary in CANARIES.items():
        assert what in Searcher(CANARIES).find(f"{line} note={quote(canary)}")


def test_decoding_ends():
    assert len(list(texts(b64(b64(b64(b64(b64("deep")))))))) < 1000
