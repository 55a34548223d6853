"""The inbox: stored before it is acknowledged, handled once and in order; a fault is tried again, then put aside."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.core.bridge import Capabilities
from bot.core.errors import Unreadable
from bot.core.events import Arrival, Ignored, MessageReceived, Person, Place, RemoteFile
from bot.core.inbox import AT_ONCE, MOST, TRIES, Inbox
from bot.core.reception import Outcome, Wait
from bot.text.rich import Rich, Span
from bot.text.storable import storable
from bridges.signal import incoming
from store import intake
from store.statement import run, sql

PUT = sql("INSERT INTO budget (name, tat) VALUES (:name, 0)")


@dataclass
class Fake:
    """A channel whose items are JSON: what they say is what handling them does."""

    can: Capabilities
    name: str = "fake"
    account: str = "me"
    filed: list[tuple[str, str]] = field(default_factory=list)

    async def read(self, raw: bytes) -> list[Any]:
        said = json.loads(raw)
        if said == "garbage":
            raise Unreadable("it is garbage")
        if said == "trap":
            raise KeyError("a fault of ours")
        return [Ignored(said)]

    async def file(self, key: str, outcome: str) -> None:
        self.filed.append((key, outcome))


@dataclass
class Recorder:
    """What the reception is to the inbox: it writes a row for each item, or fails."""

    handled: list[str] = field(default_factory=list)
    waits: dict[str, int] = field(default_factory=dict)

    def handle(self, connection: Connection, item: intake.Item, events: Any) -> Outcome:
        word = events[0].why
        self.handled.append(word)
        run(connection, PUT, {"name": f"{word} {intake.storable(item.key)[-40:]} {self.handled.count(word)}"})
        if word.startswith("raises"):
            raise ValueError("a fault of ours")
        if self.waits.get(word, 0):
            self.waits[word] -= 1
            raise Wait
        return Outcome("done", "held" if word.startswith("held") else "done")


@dataclass
class Yard:
    store: Any
    inbox: Inbox
    bridge: Fake
    reception: Recorder
    count: int = 0

    def arrival(self, word: str, lane: str = "a", key: str = "", **more: Any) -> Arrival:
        self.count += 1
        return Arrival(key or f"k{self.count}", json.dumps(word).encode(), lane, **more)

    async def give(self, *arrivals: Arrival) -> None:
        await self.inbox.accept(self.bridge, arrivals)  # type: ignore[arg-type]

    async def idle(self) -> None:
        async with asyncio.timeout(15):
            await self.inbox.idle()

    async def rows(self, query: str) -> list[Any]:
        return await self.store.read(lambda connection: [tuple(row) for row in run(connection, sql(query))])

    async def ended(self) -> list[tuple[str, str, str]]:
        return await self.rows("SELECT key, state, outcome FROM inbound ORDER BY id")

    async def effects(self) -> int:
        return (await self.rows("SELECT COUNT(*) FROM budget"))[0][0]


@contextlib.asynccontextmanager
async def at_work(store, **can):
    store.start()
    reception = Recorder()
    inbox = Inbox(store, "us", reception)  # type: ignore[arg-type]
    bridge = Fake(Capabilities(words=("fake",), label={"en": "fake"}, **can))
    inbox.bridges["fake"] = bridge  # type: ignore[assignment]
    try:
        yield Yard(store, inbox, bridge, reception)
    finally:
        await inbox.stop(1.0)
        await store.close()


@pytest.mark.parametrize("slow", [False, True], ids=["at once", "stored first"])
async def test_what_was_given_is_stored_and_handled_once_in_order(store, slow):
    async with at_work(store, slow_to_read=slow) as yard:
        await yard.give(*(yard.arrival(f"w{number}") for number in range(5)))
        assert len(await yard.ended()) == 5, "stored when accept returns"
        await yard.idle()
        assert yard.reception.handled == [f"w{number}" for number in range(5)]
        assert {row[1] for row in await yard.ended()} == {"done"}
        assert len(yard.bridge.filed) == 5


@pytest.mark.parametrize("slow", [False, True], ids=["at once", "stored first"])
async def test_the_same_item_again_changes_nothing(store, slow):
    """A crash before the acknowledgement gives it again; some channels give it twice in one batch."""
    async with at_work(store, slow_to_read=slow) as yard:
        await yard.give(yard.arrival("one", key="k"), yard.arrival("one", key="k"), yard.arrival("two", key="l"))
        await yard.idle()
        await yard.give(yard.arrival("one", key="k"), yard.arrival("three", key="m"))
        await yard.idle()
        assert yard.reception.handled == ["one", "two", "three"]
        assert await yard.effects() == 3


async def test_a_large_batch_is_stored_before_it_is_handled(store):
    async with at_work(store) as yard:
        await yard.give(*(yard.arrival(f"w{number}") for number in range(AT_ONCE + 1)))
        assert yard.reception.handled == [], "so many are not kept from their acknowledgement"
        await yard.idle()
        assert len(yard.reception.handled) == AT_ONCE + 1


async def test_the_cursor_is_stored_with_its_item(store):
    async with at_work(store) as yard:
        await yard.give(yard.arrival("one", cursor={"uid": "7"}))
        assert await store.read(lambda connection: intake.cursor(connection, "fake", "me")) == {"uid": "7"}


@pytest.mark.parametrize("slow", [False, True], ids=["at once", "stored first"])
async def test_a_fault_is_tried_three_times_leaves_nothing_and_blocks_nothing(store, slow):
    async with at_work(store, slow_to_read=slow) as yard:
        await yard.give(yard.arrival("before"), yard.arrival("raises"), yard.arrival("after"))
        await yard.idle()
        assert yard.reception.handled == ["before", *["raises"] * TRIES, "after"]
        assert [row[1:] for row in await yard.ended()] == [("done", "done"), ("failed", "fault"), ("done", "done")]
        assert await yard.effects() == 2
        assert ("k2", "failed") in yard.bridge.filed


async def test_what_cannot_be_read_is_kept_as_a_dead_letter_with_its_defect(store):
    async with at_work(store) as yard:
        await yard.give(yard.arrival("garbage"), yard.arrival("trap"), yard.arrival("fine"))
        await yard.idle()
        assert [row[1] for row in await yard.ended()] == ["failed", "failed", "done"]
        errors = await yard.rows("SELECT error FROM inbound WHERE state = 'failed' ORDER BY id")
        assert errors == [("it is garbage",), ("reading it failed: KeyError",)]
        assert await yard.rows("SELECT COUNT(*) FROM inbound WHERE state = 'failed' AND raw IS NOT NULL") == [(2,)]


async def test_an_item_that_must_wait_holds_its_lane_and_no_other(store):
    async with at_work(store) as yard:
        yard.reception.waits["asks"] = 1
        await yard.give(yard.arrival("asks"), yard.arrival("behind"), yard.arrival("elsewhere", lane="b"))
        await yard.idle()
        assert yard.reception.handled == ["asks", "elsewhere", "asks", "behind"]
        assert await yard.effects() == 3, "a try that waited left nothing"


async def test_the_items_of_a_group_are_one_when_it_has_been_quiet(store):
    async with at_work(store) as yard:
        began = time.monotonic()
        await yard.give(yard.arrival("photo", group="g", quiet=0.3))
        await asyncio.sleep(0.1)
        await yard.give(yard.arrival("second", group="g", quiet=0.3))
        await yard.idle()
        assert time.monotonic() - began >= 0.3
        assert yard.reception.handled == ["photo"]
        assert [row[1:] for row in await yard.ended()] == [("done", "done")] * 2


async def test_what_waits_in_memory_is_bounded_and_the_channel_waits(store):
    async with at_work(store) as yard:
        yard.reception.waits["slow"] = 1
        await yard.give(yard.arrival("slow"))
        await yard.give(*(yard.arrival(f"w{number}") for number in range(MOST)))
        giving = asyncio.create_task(yard.give(yard.arrival("one more")))
        await asyncio.sleep(0.1)
        assert not giving.done(), "the source keeps it"
        await giving
        await yard.idle()
        assert len(await yard.ended()) == MOST + 2


async def test_what_another_process_left_is_taken_over_and_not_blamed(store):
    async with at_work(store, slow_to_read=True) as yard:
        new = [intake.NewItem(f"k{number}", b'"left"', "a") for number in range(3)]
        await store.write(lambda connection: intake.accept(connection, "fake", "me", "dead", new))
        items = await store.write(lambda connection: intake.claim(connection, "fake", "me", "us", []))
        assert [item.attempts for item in items] == [1, 1, 1]
        yard.inbox.enqueue(items)
        await yard.idle()
        assert {row[1] for row in await yard.ended()} == {"done"}
        assert await store.write(lambda connection: intake.claim(connection, "fake", "me", "us", [])) == []


async def test_what_a_living_process_holds_is_not_taken_over(store):
    async with at_work(store):
        new = [intake.NewItem("k", b'"theirs"', "a")]
        await store.write(lambda connection: intake.accept(connection, "fake", "me", "living", new))
        assert await store.write(lambda connection: intake.claim(connection, "fake", "me", "us", ["living"])) == []


async def test_only_what_was_being_handled_is_blamed_for_the_end_of_a_process(store):
    """Three ends, and it is put aside untried; what waited beside it is handled."""
    async with at_work(store) as yard:
        told = []
        yard.inbox.handling = told.append
        new = [intake.NewItem(key, b'"word"', "a") for key in ("guilty", "innocent")]
        await store.write(lambda connection: intake.accept(connection, "fake", "me", "dead", new))
        guilty = intake.name("fake", "me", "guilty")
        for _ in range(TRIES):
            assert await store.write(lambda connection: intake.blame(connection, guilty))
        yard.inbox.enqueue(await store.write(lambda connection: intake.claim(connection, "fake", "me", "us", [])))
        await yard.idle()
        assert [row for row in await yard.ended()] == [("guilty", "failed", "fault"), ("innocent", "done", "done")]
        assert yard.reception.handled == ["word"]
        assert told == [guilty, intake.name("fake", "me", "innocent"), ""]


async def test_what_ended_a_process_before_it_was_stored_is_stored_first_this_time(store):
    async with at_work(store) as yard:
        assert not await store.write(lambda connection: intake.blame(connection, intake.name("fake", "me", "k")))
        yard.inbox.blamed.add(intake.name("fake", "me", "k"))
        await yard.give(yard.arrival("word", key="k"), yard.arrival("word", key="l"))
        assert yard.reception.handled == [], "nothing is handled in the transaction that stores it"
        assert await yard.rows("SELECT key, attempts FROM inbound ORDER BY id") == [("k", 2), ("l", 1)]
        await yard.idle()


async def test_stopping_leaves_the_rest_in_the_store(store):
    async with at_work(store, slow_to_read=True) as yard:
        yard.reception.waits["asks"] = 5
        await yard.give(yard.arrival("asks"), yard.arrival("behind"))
        await asyncio.sleep(0.1)
        await yard.inbox.stop(0.2)
        assert {row[1] for row in await yard.ended()} <= {"new", "waiting"}
        assert await store.write(lambda connection: len(intake.claim(connection, "fake", "me", "next", []))) == 2


@pytest.mark.parametrize("slow", [False, True], ids=["at once", "stored first"])
async def test_no_key_lane_or_group_stops_a_channel(store, slow):
    """Halves of surrogate pairs, NUL, and more than a column takes: stored under another name, filed under its own."""
    keys = ["\ud800", "\udfff", "a\0", "x" * 500 + "1", "x" * 500 + "2"]
    async with at_work(store, slow_to_read=slow) as yard:
        for key in keys:
            await yard.give(yard.arrival("odd", lane=key, key=key))
        await yard.give(yard.arrival("odd", lane="a", key="album", group="\ud800\0"), yard.arrival("next", key="next"))
        await yard.idle()
        assert set(yard.bridge.filed) == {(key, "processed") for key in (*keys, "album", "next")}
        assert len({row[0] for row in await yard.ended()}) == 7
        yard.bridge.filed.clear()
        await yard.give(*(yard.arrival("again", key=key) for key in keys))
        await yard.idle()
        assert "again" not in yard.reception.handled


async def test_what_is_claimed_after_a_crash_is_filed_under_the_bridges_own_key(store):
    """A mail is moved out of INBOX by its key: under another one it would lie there for ever."""
    keys = ["\ud800", "a\0", "x" * 500, "é\0", "plain", "é"]
    async with at_work(store, slow_to_read=True) as yard:
        new = [intake.NewItem(key, json.dumps("word").encode(), f"lane {at}") for at, key in enumerate(keys)]
        accepted = await store.write(lambda connection: intake.accept(connection, "fake", "me", "gone", new))
        assert [item.key for item in accepted] == keys
        claimed = await store.write(lambda connection: intake.claim(connection, "fake", "me", "us", []))
        assert [item.key for item in claimed] == keys
        yard.inbox.enqueue(claimed)
        await yard.idle()
        assert yard.bridge.filed == [(key, "processed") for key in keys]
        assert (await yard.rows("SELECT COUNT(*) FROM inbound WHERE own_key = ''"))[0][0] == 2, "only where it differs"


SAID = {"timestamp": 1, "message": "x"}
NOBODY = "7c3e1f52-9d04-4b6a-a1c8-5e0f9b2d6431"


@pytest.mark.parametrize(
    "envelope",
    [
        {"sourceUuid": "\ud800", "timestamp": 1, "dataMessage": SAID},
        {"sourceUuid": NOBODY, "timestamp": 1, "dataMessage": SAID | {"groupInfo": {"groupId": "\ud800"}}},
    ],
    ids=["sender", "group"],
)
async def test_a_frame_with_half_a_character_is_a_dead_letter_and_the_next_is_read(store, envelope):
    async with at_work(store) as yard:
        account = incoming.Account("+33612345678")

        async def read(raw: bytes) -> list[Any]:
            return [Ignored(type(event).__name__) for event in incoming.read(raw, account)]

        yard.bridge.read = read  # type: ignore[method-assign]
        good = {"sourceUuid": NOBODY, "timestamp": 2, "dataMessage": SAID}
        for one in (envelope, good):
            raw = json.dumps({"envelope": one}).encode()
            key, lane, _ = incoming.key_of(raw)
            await yard.give(Arrival(key, raw, lane))
        await yard.idle()
        assert [row[1:] for row in await yard.ended()] == [("failed", "unreadable"), ("done", "done")]
        assert yard.reception.handled == ["MessageReceived"]


async def test_words_reach_the_reception_without_nul_and_half_characters():
    place, sender = Place("p\ud800", title="t\0"), Person("7", "S\udc00")
    text = Rich("a\0b\ud83dc", (Span("bold", 1, 3),))
    found = storable(MessageReceived(place, sender, "1\0", text, datetime.now(UTC), files=(RemoteFile("f\ud800"),)))
    assert found.text == Rich("ab\ufffdc", (Span("bold", 1, 2),))
    assert (found.place, found.sender.name) == (Place("p\ufffd", title="t"), "S\ufffd")
    assert (found.remote_id, found.files[0].id) == ("1", "f\ufffd")
    assert storable(found) is found
