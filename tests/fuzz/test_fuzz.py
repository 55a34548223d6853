"""Input nobody sane would send, for a minute and a half: whatever comes in ends as a result or as Unreadable.

The seed is printed with a failure; FUZZ_SEED=that number begins with the same input again.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from bot.commands.grammar import Answer, Call, Suggestion, Talk
from bot.core.errors import Unreadable
from bridges.email import peek
from bridges.email.replies import reply_text
from bridges.signal.incoming import Account, key_of, long_text_of
from bridges.signal.incoming import read as signal_events
from bridges.telegram.incoming import events as telegram_events
from bridges.telegram.incoming import key as telegram_key
from tests.bridges import telegram_updates as updates
from tests.bridges import test_email_content as mails
from tests.bridges import test_signal_envelopes as envelopes
from tests.bridges.email_ground import Direct
from tests.bridges.email_letters import PROGRAMS, both
from tests.unit import test_grammar as grammar

pytestmark = pytest.mark.fuzz

#: For each of the five.
SECONDS = 18.0
LETTERS = [raw for raw, _ in PROGRAMS.values()] + [mails.report(), both("un", "<p>deux</p>")]
UPDATES = [{"update_id": 1} | raw for raw, _ in updates.READABLE.values()]
FRAMES = [row["frame"] for row in envelopes.TABLE]
SCALARS = (
    None,
    True,
    False,
    0,
    -1,
    2**31,
    2**63,
    10**30,
    1e308,
    "",
    "x",
    "\x00",
    "\ud800",
    "😀",
    "+33612345678",
    [],
    {},
)
WORDS = (
    *grammar.COMMANDS.by_word, "/", ":", " : ", "\n", "?", ">", "#12 ", "@fil_bot", "svp", "oui", "-- ", "é", "\u202e",
    "👍", " ", "a@b.fr", "\x00", "\u0301", "7K2F-9MPD",
)  # fmt: skip


@pytest.fixture
def chances() -> Iterator[random.Random]:
    """A source of chance whose seed is known."""
    seed = int(os.environ.get("FUZZ_SEED") or random.randrange(10**9))
    print(f"FUZZ_SEED={seed}")
    return random.Random(seed)


def rounds() -> Iterator[int]:
    """Count until the time is over, and never less than a few hundred."""
    end, number = time.monotonic() + SECONDS, 0
    while number < 300 or time.monotonic() < end:
        yield number
        number += 1
    print(f"{number} inputs")


def mangled(chance: random.Random, whole: Any) -> bytes:
    """The object as JSON with a few places that hold something else; now and then with broken bytes too."""
    whole = copy.deepcopy(whole)
    for _ in range(chance.randint(1, 4)):
        node, key = whole, None
        while isinstance(node, (dict, list)) and node:
            inside, key = node, chance.choice(list(node) if isinstance(node, dict) else range(len(node)))
            node = inside[key]
            if chance.random() < 0.3:
                break
        if key is None:
            break
        match chance.randrange(3):
            case 0:
                inside[key] = copy.copy(chance.choice(SCALARS))
            case 1:
                del inside[key]
            case 2:
                inside[key] = copy.deepcopy(chance.choice([whole, [node] * 3, {"id": node}]))
    raw = json.dumps(whole).encode()
    return mails.mutated(chance, raw) if chance.random() < 0.2 else raw


async def test_any_mail_is_read_or_unreadable(chances):
    reader = Direct()
    for number in rounds():
        raw = mails.mutated(chances, chances.choice(LETTERS))
        peek.arrival_key(raw)
        peek.sender_lane(raw)
        try:
            await reader.read(raw)
        except Unreadable as error:
            if "failed" in str(error):  # so the parser's process says that it fell over
                pytest.fail(f"mail {number}: {error}")


def test_any_mail_has_a_reply_text(chances):
    for _ in rounds():
        raw = mails.mutated(chances, chances.choice(LETTERS))
        assert isinstance(reply_text(raw, chances.choice([None, "un\ndeux"])), str)


def test_any_update_of_telegram_is_read_or_unreadable(chances):
    for _ in rounds():
        raw = mangled(chances, chances.choice(UPDATES))
        with contextlib.suppress(ValueError):
            telegram_key(json.loads(raw))
        with contextlib.suppress(Unreadable):
            assert isinstance(telegram_events(raw, updates.US), (list, tuple))


def test_any_frame_of_signal_is_read_or_unreadable(chances):
    for _ in rounds():
        raw = mangled(chances, chances.choice(FRAMES))
        assert all(isinstance(part, str) for part in key_of(raw))
        long_text_of(raw)
        with contextlib.suppress(Unreadable):
            assert isinstance(signal_events(raw, Account(envelopes.NUMBER)), list)


def test_any_text_is_a_command_an_answer_or_talk(chances):
    for _ in rounds():
        parts = [
            chances.choice(WORDS) if chances.random() < 0.8 else chr(chances.randrange(0xD800))
            for _ in range(chances.randint(0, 15))
        ]
        found = grammar.said("".join(parts), room=chances.random() < 0.5)
        assert isinstance(found, Call | Answer | Suggestion | Talk)
