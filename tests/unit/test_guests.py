"""Lists of addresses as people paste them: what is read, with which name, and what is handed back."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands import guests
from bot.commands.catalogue import all_commands
from bot.commands.grammar import Call, Doubtful, Talk, parse

COMMANDS = all_commands()
KARIM, ZOE, PAUL = "karim@example.org", "zoe@example.org", "paul@example.org"


def said(text, **more):
    return parse(text, commands=COMMANDS, channels={"post": ("post",)}, **more)


@pytest.mark.parametrize(
    ("pasted", "found"),
    [
        (KARIM, [(KARIM, "")]),
        (f"{KARIM}, {ZOE};{PAUL}", [(KARIM, ""), (ZOE, ""), (PAUL, "")]),
        (f"{KARIM}\n{ZOE}\r\n{PAUL}", [(KARIM, ""), (ZOE, ""), (PAUL, "")]),
        (f"{KARIM} {ZOE}", [(KARIM, ""), (ZOE, "")]),
        (f"{KARIM} et {ZOE} and {PAUL}", [(KARIM, ""), (ZOE, ""), (PAUL, "")]),
        (f"Karim B. <{KARIM}>", [(KARIM, "Karim B.")]),
        (f"{KARIM}  Karim B.", [(KARIM, "Karim B.")]),
        (f"Karim B. {KARIM}", [(KARIM, "Karim B.")]),
        (f"Karim <{KARIM}>, Zoé <{ZOE}>", [(KARIM, "Karim"), (ZOE, "Zoé")]),
        (f"{KARIM} Karim, {ZOE} Zoé", [(KARIM, "Karim"), (ZOE, "Zoé")]),
        (f"Karim {KARIM} Zoé {ZOE}", [(KARIM, "Karim"), (ZOE, "Zoé")]),
        (f"{KARIM}, Zoé <{ZOE}>", [(KARIM, ""), (ZOE, "Zoé")]),
        (f'"Dupont, Jean" <{KARIM}>; "Martin, Zoé" <{ZOE}>', [(KARIM, "Dupont, Jean"), (ZOE, "Martin, Zoé")]),
        (f"Dupont, Jean <{KARIM}>; Martin, Zoé <{ZOE}>", [(KARIM, "Dupont, Jean"), (ZOE, "Martin, Zoé")]),
        (f"'Karim B.' {KARIM}", [(KARIM, "Karim B.")]),
        (f"- {KARIM} Karim\n• Zoé Martin, {ZOE}\n3) {PAUL}", [(KARIM, "Karim"), (ZOE, "Zoé Martin"), (PAUL, "")]),
        (f"Karim\tB.\t{KARIM}\nZoé\tM.\t{ZOE}", [(KARIM, "Karim B."), (ZOE, "Zoé M.")]),
        (f"[{KARIM}](mailto:{KARIM})", [(KARIM, "")]),
        (f"<mailto:{KARIM}>", [(KARIM, "")]),
        (f"mailto:{KARIM}?subject=x", [(KARIM, "")]),
        ("KARIM@Example.ORG.", [(KARIM, "")]),
        (f"\u200b{KARIM}\u00a0Karim", [(KARIM, "Karim")]),
        ("jean.dupont+lecture@sub.example.co.uk", [("jean.dupont+lecture@sub.example.co.uk", "")]),
        ("o'neil@example.org", [("o'neil@example.org", "")]),
        ("karim@exämple.org", [("karim@xn--exmple-cua.org", "")]),
        (f"{KARIM} who lives in the house beside the church of ours", [(KARIM, "")]),
    ],
)
def test_addresses_are_read_with_the_names_beside_them(pasted, found):
    read = guests.read(pasted)
    assert [tuple(one) for one in read.found] == found
    assert (read.unreadable, read.twice) == ([], [])


@pytest.mark.parametrize(
    ("pasted", "unreadable"),
    [
        ("karim@example", ["karim@example"]),
        ("karim@@example.org", ["karim@@example.org"]),
        ("karim@", ["karim@"]),
        ("@karim", ["@karim"]),
        ("a..b@example.org", ["a..b@example.org"]),
        ("karim@localhost", ["karim@localhost"]),
        ("karim@127.0.0.1", ["karim@127.0.0.1"]),
        ("karim@-example.org", ["karim@-example.org"]),
        (f"{'k' * 65}@example.org", [f"{'k' * 65}@example.org"[:60]]),
        ("karim (at) example.org", ["karim (at) example.org"]),
        ("René", ["René"]),
        ("rené@example.org", ["rené@example.org"]),
        (f"{ZOE}, Bad Address", ["Bad Address"]),
        (f"{ZOE}, karim@example\n{PAUL}", ["karim@example"]),
    ],
)
def test_what_cannot_be_read_is_handed_back_and_the_rest_is_taken(pasted, unreadable):
    read = guests.read(pasted)
    assert read.unreadable == unreadable
    assert {one.address for one in read.found} == {one for one in (ZOE, PAUL) if one in pasted}


def test_an_address_twice_is_taken_once_and_told():
    read = guests.read(f"{KARIM} Karim\nKARIM@example.org\n{ZOE}")
    assert [tuple(one) for one in read.found] == [(KARIM, "Karim"), (ZOE, "")]
    assert read.twice == [KARIM]


def test_a_greeting_and_a_heading_are_no_addresses():
    read = guests.read(f"Bonjour,\nVoici les adresses :\n{KARIM}\nMerci !")
    assert [one.address for one in read.found] == [KARIM]
    assert read.unreadable == []


@pytest.mark.parametrize(
    "text",
    [
        f"invite {KARIM}",
        f"inviter\n{KARIM} Karim\n{ZOE} Zoé Martin",
        f"Inviter : {KARIM}, Karim B.; {ZOE}",
        f"/invite Karim <{KARIM}>\nZoé {ZOE}\nbad@",
        f"invite Karim <{KARIM}>, Zoé <{ZOE}>",
        "invite " + ", ".join(f"somebody.{number}@example.org" for number in range(40)),
        "inviter\n" + "\n".join(f"{number}. Personne <somebody.{number}@example.org>" for number in range(100)),
        f"invite\n{KARIM}\n\nCordialement,\nMarion",
    ],
)
def test_a_list_below_the_word_is_an_invitation(text):
    call = said(text)
    assert isinstance(call, Call)
    assert call.key == "invite"
    found = {one.address for one in guests.read(call.given).found}
    assert len(found) == sum("@example.org" in word for word in text.replace("<", " ").replace(",", " ").split())
    assert not any("Marion" in one for one in guests.read(call.given).unreadable)


@pytest.mark.parametrize(
    "text",
    [
        f"Invite your friends at {KARIM}",
        f"Inviter {KARIM} serait une bonne idée, non ?",
        f"invite {KARIM}\nOn se voit demain",
        f"Who wants to write to {KARIM} and {ZOE}?",
    ],
)
def test_a_sentence_with_addresses_in_it_is_no_list(text):
    assert isinstance(said(text), Talk)
    if text.lower().startswith("invite"):
        assert isinstance(said(text), Doubtful), "an address beside the word is asked about before anybody reads it"


def test_a_letter_whose_subject_is_the_word_is_the_list():
    call = said(f"Karim <{KARIM}>\n{ZOE}\n", subject="Inviter")
    assert isinstance(call, Call)
    assert call.key == "invite"
    assert len(guests.read(call.given).found) == 2
    assert isinstance(said(f"{KARIM} vient demain", subject="Inviter"), Talk)
    assert isinstance(said(f"{KARIM}", subject="Une adresse"), Talk)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab@.,;<>\"' \n\t:-é1")))
def test_nothing_breaks_it_and_what_is_found_is_an_address(text):
    for address, name in guests.read(text).found:
        local, _, domain = address.partition("@")
        assert local
        assert "." in domain
        assert "@" not in name
    guests.is_list(text)


@pytest.mark.parametrize("piece", ["@", "a@", "<", '"', ";", "a@b.cd,", "[x](mailto:", " et ", 'x"; ', " ", "a"])
def test_it_is_quick_whatever_it_is_given(piece):
    began = time.perf_counter()
    guests.read(piece * (40_000 // len(piece)))
    guests.is_list(piece * (40_000 // len(piece)))
    assert time.perf_counter() - began < 1.5
