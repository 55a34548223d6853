"""Every story is played: with memory bridges, on both databases, and some over the wire."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.config import channels
from bridges.memory.bridge import posing_as
from store.database import Store
from store.migrate import migrate
from tests import contracts_signal, contracts_telegram, databases, playing

STORIES = [playing.read(path) for path in sorted(Path(__file__).parent.glob("*.story"))]
WIRED = [story for story in STORIES if story.wire]
#: The two databases run the same statements: these few use most of them.
ON_POSTGRESQL = [story for story in STORIES if story.path.stem in {
    "a_grouped_mail_answered_by_number", "a_thread_begun_on_purpose", "forty_five_in_a_room", "in_two_languages",
    "joining_by_a_code", "three_levels_deep", "two_members_become_one",
}]  # fmt: skip


def names(stories):
    return [story.path.stem for story in stories]


@pytest.fixture(scope="session")
def empty(tmp_path_factory):
    """A database with nothing in it, made once."""
    file = tmp_path_factory.mktemp("empty") / "empty.db"
    migrate(Store(f"sqlite:///{file}"))
    return file


@pytest.fixture
def memory(empty, tmp_path):
    """The address of a SQLite database of the test's own."""
    file = tmp_path / "filcommun.db"
    shutil.copy(empty, file)
    return f"sqlite:///{file}"


def in_memory(story):
    """The channels of a story, each with its capabilities, on a network in this process."""
    return {name: posing_as(name, channels.channel(name).can) for name in story.channels}


def over_the_wire(story):
    """The channels of a story as they are."""
    return {name: channels.channel(name) for name in story.channels}


@pytest.mark.parametrize("story", STORIES, ids=names(STORIES))
async def test_the_story_is_true(story, tmp_path, memory):
    await playing.play(story, in_memory(story), tmp_path, memory)


@pytest.mark.wire
@pytest.mark.parametrize("story", WIRED, ids=names(WIRED))
async def test_the_story_is_true_over_the_wire(story, tmp_path, memory):
    await playing.play(story, over_the_wire(story), tmp_path, memory)


#: The channels whose requests can be held against a published specification.
SPECIFIED = {"telegram": contracts_telegram, "signal": contracts_signal}


@pytest.mark.wire
@pytest.mark.parametrize("story", WIRED, ids=names(WIRED))
async def test_every_request_of_the_story_follows_the_specification(story, tmp_path, memory):
    for specification in SPECIFIED.values():
        specification.required()
    checked = 0

    def follows(channel, sandbox):
        nonlocal checked
        if channel in SPECIFIED:
            assert SPECIFIED[channel].check(sandbox.requests) == []
            checked += len(sandbox.requests)

    await playing.play(story, over_the_wire(story), tmp_path, memory, follows)
    assert checked


@pytest.mark.parametrize("story", ON_POSTGRESQL, ids=names(ON_POSTGRESQL))
async def test_the_story_is_true_on_postgresql(story, tmp_path):
    databases.demand("postgres")
    with databases.made("postgres", tmp_path) as url:
        await playing.play(story, in_memory(story), tmp_path, url)


def test_there_are_enough_stories():
    assert len(STORIES) >= 85
    assert len(WIRED) >= 20


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("[Amina] telegram\n\nAmina sings:\n    La la la\n", "story:3: nobody knows how to play this: Amina sings:"),
        ("[Amina] telegram, tall and blonde\n", "what this says of Amina: tall and blonde"),
        ("[Amina] telegram\n    La la la\n", "story:2: words nobody says: La la la"),
    ],
)
def test_a_story_nobody_can_play_is_told_with_its_line(tmp_path, lines, complaint):
    file = tmp_path / "a.story"
    file.write_text(lines)
    with pytest.raises(playing.ScriptError, match=complaint):
        playing.read(file)


@pytest.mark.parametrize(
    ("changed", "to", "complaint"),
    [
        ("    Beloved in March?\n\nBruno replies", "    Beloved in April?\n\nBruno replies", "Beloved in April?"),
        ("Bruno receives from Amina", "Bruno receives from Karim", "it is from 'Amina · Reading Circle'"),
        (", under Amina's message", ", under Bruno's message", "it stands under Amina's 'Beloved in March?'"),
        (
            "The hall receives from Bruno, under Amina's message:\n    Oui, avec plaisir.\n",
            "",
            "what the story does not tell",
        ),
        ("The hall receives from Bruno", "The hall receives nothing.\nThe hall receives from Bruno", "the hall shows"),
        (
            "Bruno replies:",
            "Bruno receives from Amina:\n    Beloved in March?\n\nBruno replies:",
            "Bruno has received nothing",
        ),
        ("Bruno receives from Amina", 'Bruno receives from Amina, in thread "Beloved"', "not in 'Beloved'"),
    ],
)
async def test_a_story_that_is_not_true_fails(tmp_path, memory, changed, to, complaint):
    """The player would be worth nothing if it believed everything."""
    words = (Path(__file__).parent / "a_mail_answers_a_chat.story").read_text(encoding="utf-8")
    assert changed in words
    file = tmp_path / "untrue.story"
    file.write_text(words.replace(changed, to), encoding="utf-8")
    story = playing.read(file)
    with pytest.raises(AssertionError) as told:
        await playing.play(story, in_memory(story), tmp_path, memory)
    assert complaint in str(told.value)
