"""Relaying is a harm too: a command gone wrong never brings everybody the address, number or code that was in it."""

from __future__ import annotations

import pytest

from bot.commands.doubts import holds_what_is_private
from bot.commands.grammar import Doubtful, Suggestion, Talk
from tests.unit import commands_ground
from tests.unit.test_grammar import COMMANDS, rows, said

circle, migrated = commands_ground.circle, commands_ground.migrated
PRIVATE = (
    "chloe@example.org",
    "chloe@exemple",
    "+33612345678",
    "06 12 34 56 78",
    "06.12.34.56.78",
    "7K2F-9MPD",
    "7k2f 9mpd",
)
#: What goes wrong around it: words too many, a second one that cannot be read, a full stop, a colon.
WRONG = ("{word} {private} please do", "{word} : {private}, bad", "{word}: to my {private}", "{word} my old {private}.")


def is_relayed(text: str) -> bool:
    got = said(text)
    return isinstance(got, Talk) and not isinstance(got, Doubtful)


@pytest.mark.parametrize("typed", rows("mistyped.txt"))
def test_a_mistyped_command_with_something_private_in_it_is_never_simply_relayed(typed):
    assert holds_what_is_private(typed)
    assert not is_relayed(typed)


@pytest.mark.parametrize("typed", [row.partition("\t")[0] for row in rows("clumsy.tsv")])
def test_no_clumsy_command_brings_everybody_something_private(typed):
    assert not (holds_what_is_private(typed) and is_relayed(typed))


@pytest.mark.parametrize("command", list(COMMANDS), ids=lambda command: command.key)
def test_whatever_goes_wrong_behind_its_word_what_is_private_is_not_relayed(command):
    words = {word for of in command.words.values() for word in of if word != "?"}
    tried = [wrong.format(word=word, private=one) for word in words for one in PRIVATE for wrong in WRONG]
    assert [typed for typed in tried if is_relayed(typed)] == []


def test_dates_house_numbers_and_years_are_not_private():
    for text in (
        "New date 22/11/2026",
        "Move it to 2026-11-22",
        "Adresse : 12 rue des Lilas",
        "Code 1234 pour la porte",
    ):
        assert not holds_what_is_private(text)
        assert said(text) == Talk()


def test_two_lonely_words_are_offered_the_command_they_begin_with():
    assert said("stop stop") == Suggestion("leave", "stop stop", slash=False)
    assert said("Quitter, stop !") == Suggestion("leave", "Quitter, stop !", slash=False)
    for typed, key in (
        ("lang de", "lang"),
        ("zone Mars/Phobos", "zone"),
        ("help foo", "help"),
        ("visible peut-être", "visible"),
    ):
        assert said(typed) == Doubtful(key), typed
        assert said(typed, room=True) == Talk(), typed


async def test_nobody_reads_it_before_its_writer_says_so(circle):
    for typed in ("receive dora@exemple", "unlink +33612345678", "Inviter Paul (aa@members.example)", "lang de"):
        answer = await circle.asks("Bruno", typed)
        assert answer.startswith("For example: ")
        assert "Is this for everyone?" in answer
    assert circle.seen("Chloé") == []
    await circle.says("Bruno", "yes")
    assert [words.rpartition(": ")[2] for words in circle.seen("Chloé")] == ["lang de"]


async def test_of_an_invitation_the_addresses_that_cannot_be_read_are_listed_and_read_by_nobody_else(circle):
    before = circle.seen("Chloé")
    assert (await circle.asks("Bruno", "/invite zoe@members.example, Bad Address")).endswith(
        "I cannot read: Bad Address."
    )
    assert "I write to nobody" in await circle.asks("Bruno", "/invite zoe@members")
    assert [row.remote for row in await circle.rows(
        "SELECT a.remote FROM code c JOIN address a ON a.id = c.address_id"
    )] == ["zoe@members.example"]  # fmt: skip
    assert circle.seen("Chloé") == before


async def test_an_ordinary_sentence_with_an_address_in_it_is_posted(circle):
    await circle.says("Bruno", "The library answers at books@example.org")
    assert circle.seen("Chloé")[-1].endswith("Bruno: The library answers at books@example.org")
