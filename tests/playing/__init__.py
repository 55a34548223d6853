"""Plays stories: a `.story` file is a test that an organizer can read. The language is told in tests/stories/README.md."""

from tests.playing.player import play
from tests.playing.script import ScriptError, Story, read

__all__ = ["ScriptError", "Story", "play", "read"]
