"""Every story is played: with memory bridges, on both databases, and some over the wire."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.config import channels
from bridges.memory.bridge import posing_as
from store.database import Store
from store.migrate import migrate
from tests import playing

STORIES = [playing.read(path) for path in sorted(Path(__file__).parent.glob("*.story"))]
WIRED = [story for story in STORIES if story.wire]


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
