"""The outbox: what is owed leaves in order, at least once and at most twice, and no fault stops the rest."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.core import outbox as module
from bot.core.bridge import Budget
from bot.core.errors import Down, Moved, Refused, TryLater, Uncertain, Unreachable
from store import ledger
from tests.unit.outbox_ground import CAN, Fake, at_work


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch):
    """Nobody waits two seconds for what is due."""
    monkeypatch.setattr(module, "POLL", 0.3)


async def test_what_is_owed_leaves_in_the_order_it_was_owed(store):
    async with at_work(store, Fake(latency=0.002)) as yard:
        a, b = await yard.address("a", "b")
        for number in range(10):
            await yard.owe(a, f"a{number}")
            await yard.owe(b, f"b{number}")
        await yard.until(lambda: len(yard.bridge.sent) == 20, "all has left")
        for (number,) in await yard.rows("SELECT id FROM parcel"):
            await yard.state(number, "sent")
        assert yard.bridge.words("a") == [f"a{number}" for number in range(10)]
        assert yard.bridge.words("b") == [f"b{number}" for number in range(10)]


async def test_many_lanes_leave_at_once_as_many_as_there_are_connections(file_store):
    async with at_work(file_store, Fake(latency=0.05)) as yard:
        for lane in await yard.address(*"abcdefgh"):
            await yard.owe(lane, "hello")
        await yard.until(lambda: len(yard.bridge.sent) == 8, "all has left")
        assert yard.bridge.most == CAN.connections


async def test_turns_that_come_faster_than_the_loop_hears_of_them_take_no_more_lanes_than_there_are_connections(store):
    """A kill leaves at most one send in doubt for each connection."""
    async with at_work(store, Fake(latency=0.2)) as yard:
        yard.outbox.closed("fake")
        for lane in await yard.address(*"abcdefgh"):
            await yard.owe(lane, "hello")
        yard.outbox.counters["fake"].open = True
        taken = await asyncio.gather(*(yard.store.write(yard.outbox.take) for _ in range(3)))
        marked = await yard.rows("SELECT COUNT(*) FROM parcel WHERE state = 'sending'")
        assert marked == [(CAN.connections,)]
        for one in taken:
            yard.outbox.started(one)
        await yard.until(lambda: len(yard.bridge.sent) == 8, "and all has left")


async def test_a_refusal_for_a_while_holds_its_lane_and_no_other(store):
    async with at_work(store) as yard:
        a, b = await yard.address("a", "b")
        yard.bridge.ends["a"] = [TryLater("busy", after=0.4)]
        first, _ = await yard.owe(a, "a1", "a2")
        await yard.owe(b, "b1")
        await yard.until(lambda: yard.bridge.words("b"), "the other lane goes on")
        assert yard.bridge.words("a") == []
        began = time.monotonic()
        await yard.until(lambda: len(yard.bridge.words("a")) == 2, "the lane goes on")
        assert yard.bridge.words("a") == ["a1", "a2"]
        assert time.monotonic() - began < 3
        assert (await yard.parcel(first)).failing_since is not None


async def test_nothing_is_tried_again_before_the_time_the_channel_named(file_store):
    async with at_work(file_store) as yard:
        (a,) = await yard.address("a")
        yard.bridge.ends["a"] = [TryLater("busy", after=0.6)]
        await yard.owe(a, "a1")
        await yard.until(lambda: len(yard.bridge.tried) == 1, "the first try")
        began = time.monotonic()
        await yard.until(lambda: len(yard.bridge.tried) == 2, "the second try")
        assert time.monotonic() - began >= 0.55


async def test_an_answer_lost_is_asked_for_once_more_and_then_uncertain(store, monkeypatch):
    monkeypatch.setattr("bot.core.limits.backoff", lambda attempt: 0.05)
    async with at_work(store) as yard:
        (a,) = await yard.address("a")
        yard.bridge.ends["a"] = [Uncertain(), Uncertain()]
        first, second = await yard.owe(a, "a1", "a2")
        await yard.state(second, "sent")
        found = await yard.parcel(first)
        assert (found.state, found.ambiguous) == ("uncertain", 2)
        assert [words for _, words in yard.bridge.tried] == ["a1", "a1", "a2"], "nobody but a person sends a third"
        assert yard.bridge.again == [False, True, False], "the bridge knows that the first may have arrived"


async def test_an_answer_lost_once_and_then_had_is_sent(file_store, monkeypatch):
    monkeypatch.setattr("bot.core.limits.backoff", lambda attempt: 0.05)
    async with at_work(file_store) as yard:
        (a,) = await yard.address("a")
        yard.bridge.ends["a"] = [Uncertain()]
        (first,) = await yard.owe(a, "a1")
        await yard.state(first, "sent")
        assert len(yard.bridge.tried) == 2


async def test_what_is_withdrawn_between_lease_and_leaving_does_not_leave_and_the_lane_goes_on(store, monkeypatch):
    leased = ledger.lease

    def lease(connection, *rest):
        """Somebody else hides the first one in this very moment."""
        runs = leased(connection, *rest)
        connection.execute(text("UPDATE parcel SET state = 'withdrawn' WHERE id = :id"), {"id": first})
        return runs

    async with at_work(store) as yard:
        (a,) = await yard.address("a")
        yard.outbox.closed(yard.bridge.name)
        first, second = await yard.owe(a, "a1", "a2")
        monkeypatch.setattr(ledger, "lease", lease)
        yard.outbox.opened(yard.bridge.name)
        await yard.state(second, "sent")
        assert (await yard.parcel(first)).state == "withdrawn"
        assert len(yard.bridge.tried) == 1


async def test_what_is_refused_for_ever_is_a_dead_letter_and_the_lane_goes_on(store):
    async with at_work(store) as yard:
        (a,) = await yard.address("a")
        yard.bridge.ends["a"] = [Refused("too ugly")]
        first, second = await yard.owe(a, "a1", "a2")
        await yard.state(second, "sent")
        found = await yard.parcel(first)
        assert found.state == "failed"
        assert found.error.startswith("Refused")


async def test_an_address_nobody_can_be_reached_at_is_known_as_such(file_store):
    async with at_work(file_store) as yard:
        (a,) = await yard.address("a")
        yard.bridge.ends["a"] = [Unreachable("blocked")]
        (first,) = await yard.owe(a, "a1")
        await yard.state(first, "failed")
        assert await yard.rows("SELECT status FROM address WHERE id = :id", id=a) == [("unreachable",)]


async def test_an_address_that_moved_is_written_to_at_the_new_one(store):
    async with at_work(store) as yard:
        (a,) = await yard.address("a")
        yard.bridge.ends["a"] = [Moved("z")]
        (first,) = await yard.owe(a, "a1")
        await yard.state(first, "sent")
        assert yard.bridge.sent == [("z", "a1")]
        assert (await yard.parcel(first)).attempts == 1, "the move is no fault of the parcel's"


async def test_a_channel_that_is_down_is_probed_by_one_and_harms_nothing(file_store):
    async with at_work(file_store) as yard:
        lanes = await yard.address(*"abc")
        for lane in "abc":
            yard.bridge.ends[lane] = [Down("token refused")]
        numbers = [(await yard.owe(lane, "hello"))[0] for lane in lanes]
        await yard.until(lambda: len(yard.bridge.sent) == 3, "all has left", 20)
        for number in numbers:
            found = await yard.state(number, "sent")
            assert (found.attempts, found.ambiguous) == (1, 0)
        assert isinstance(yard.states[0], Down)
        assert yard.states[-1] is None
        assert len(yard.states) == 2, "said once that it is away, once that it is back"


async def test_five_failures_on_two_lanes_open_the_breaker_and_an_answer_closes_it(file_store, monkeypatch):
    monkeypatch.setattr("bot.core.limits.backoff", lambda attempt: 0.05)
    async with at_work(file_store) as yard:
        lanes = await yard.address(*"ab")
        for lane in "ab":
            yard.bridge.ends[lane] = [TryLater("502")] * 3
        for lane in lanes:
            await yard.owe(lane, "hello")
        await yard.until(lambda: len(yard.bridge.sent) == 2, "all has left", 20)
        assert isinstance(yard.states[0], Down)
        assert yard.states[-1] is None


async def test_what_cannot_be_sent_in_its_time_expires_and_is_visible(file_store):
    async with at_work(file_store, give_up=0.3) as yard:
        (a,) = await yard.address("a")
        yard.bridge.ends["a"] = [TryLater("busy", after=0.2)] * 9
        first, second = await yard.owe(a, "a1", "a2")
        assert "busy" in (await yard.state(first, "expired")).error
        await yard.state(second, "expired")


async def test_a_channel_that_is_closed_keeps_what_waits_and_sends_it_when_it_opens(file_store):
    async with at_work(file_store, opened=False) as yard:
        (a,) = await yard.address("a")
        (first,) = await yard.owe(a, "a1")
        await asyncio.sleep(0.1)
        assert yard.bridge.tried == []
        assert (await yard.parcel(first)).state == "due"
        yard.outbox.opened("fake")
        await yard.state(first, "sent")


async def test_a_budget_lets_no_more_leave_than_its_burst_and_its_rate(file_store):
    async with at_work(file_store, budgets=[Budget("all", per_second=10, burst=3)]) as yard:
        for lane in await yard.address(*"abcdefgh"):
            await yard.owe(lane, "hello")
        began = time.monotonic()
        await yard.until(lambda: len(yard.bridge.sent) == 8, "all has left")
        assert time.monotonic() - began >= 0.4, "five of eight had to wait a tenth of a second each"


async def test_a_chat_is_written_to_at_its_own_rate(file_store):
    async with at_work(file_store, budgets=[Budget("chat", per_second=5, lane=True)]) as yard:
        (a,) = await yard.address("a")
        await yard.owe(a, "a1", "a2", "a3")
        began = time.monotonic()
        await yard.until(lambda: len(yard.bridge.sent) == 3, "all has left")
        assert time.monotonic() - began >= 0.35


async def test_a_chat_that_is_paused_does_not_pause_a_budget_s_other_chats(file_store):
    async with at_work(file_store, budgets=[Budget("all", per_second=1000, burst=1000)]) as yard:
        a, b = await yard.address("a", "b")
        yard.bridge.ends["a"] = [TryLater("slowly", after=5.0, scope="chat")]
        await yard.owe(a, "a1")
        await yard.owe(b, "b1", "b2")
        await yard.until(lambda: len(yard.bridge.words("b")) == 2, "the other chat", 3)
        assert yard.bridge.words("a") == []


async def test_a_pause_of_the_whole_budget_pauses_every_chat(file_store):
    async with at_work(
        file_store, Fake(replace(CAN, connections=1)), [Budget("all", per_second=1000, burst=1000)]
    ) as yard:
        a, b = await yard.address("a", "b")
        yard.bridge.ends["a"] = [TryLater("slowly", after=0.6, scope="budget")]
        await yard.owe(a, "a1")
        await yard.owe(b, "b1")
        await yard.until(lambda: len(yard.bridge.tried) == 1, "the first try")
        began = time.monotonic()
        await yard.until(lambda: len(yard.bridge.sent) == 2, "all has left")
        assert time.monotonic() - began >= 0.55


async def test_a_parcel_that_cannot_be_made_ready_is_given_up_and_the_others_leave(store):
    async with at_work(store) as yard:
        a, b = await yard.address("a", "b")
        healthy = yard.outbox.render.prepare

        def prepare(connection, parcels, bridge):
            if any(owed.body["text"] == "poison" for one in parcels for owed in one.owed):
                raise ValueError("a fault of ours")
            return healthy(connection, parcels, bridge)

        yard.outbox.render.prepare = prepare
        first, second = await yard.owe(a, "poison", "a2")
        await yard.owe(b, "b1")
        await yard.state(second, "sent")
        await yard.until(lambda: yard.bridge.words("b") == ["b1"], "the other lane")
        found = await yard.parcel(first)
        assert (found.state, found.error) == ("failed", "fault: ValueError")


async def test_a_fault_in_writing_down_a_result_ends_that_parcel_only(store, monkeypatch):
    healthy = module.settle

    def settle(connection, one, budgets):
        if one.parcels[0].owed[0].body["text"] == "poison":
            raise ValueError("a fault of ours")
        healthy(connection, one, budgets)

    def settle_all(connection, settled, budgets):
        for one in settled:
            settle(connection, one, budgets[one.channel])

    monkeypatch.setattr(module, "settle", settle)
    monkeypatch.setattr(module, "settle_all", settle_all)
    async with at_work(store) as yard:
        (a,) = await yard.address("a")
        first, second = await yard.owe(a, "poison", "a2")
        await yard.state(second, "sent")
        assert (await yard.parcel(first)).state == "uncertain", "it left, and nobody wrote down how that ended"


async def test_a_fault_in_a_bridge_is_tried_again_like_a_failure(file_store, monkeypatch):
    monkeypatch.setattr("bot.core.limits.backoff", lambda attempt: 0.05)
    async with at_work(file_store) as yard:
        (a,) = await yard.address("a")
        yard.bridge.ends["a"] = [KeyError("ours")]
        (first,) = await yard.owe(a, "a1")
        await yard.state(first, "sent")
        assert len(yard.bridge.tried) == 2


async def test_a_call_without_an_answer_is_ended_and_repeated_once(file_store, monkeypatch):
    monkeypatch.setattr(module, "DEADLINE", 0.3)
    monkeypatch.setattr(module, "POLL", 0.1)
    monkeypatch.setattr("bot.core.limits.backoff", lambda attempt: 0.05)
    async with at_work(file_store, Fake(latency=60)) as yard:
        (a,) = await yard.address("a")
        (first,) = await yard.owe(a, "a1")
        await yard.state(first, "uncertain")
        assert len(yard.bridge.tried) == 2


async def test_stopping_lets_what_is_under_way_end_and_takes_nothing_new(store):
    async with at_work(store, Fake(latency=0.3)) as yard:
        (a,) = await yard.address("a")
        first, second = await yard.owe(a, "a1", "a2")
        await yard.until(lambda: yard.bridge.tried, "the first try")
        await yard.outbox.stop(5.0)
        await yard.state(first, "sent")
        assert (await yard.parcel(second)).state == "due"
        assert await yard.rows("SELECT COUNT(*) FROM lane WHERE owner <> ''") == [(0,)]


async def test_stopping_waits_no_longer_than_it_was_told(file_store):
    async with at_work(file_store, Fake(latency=30)) as yard:
        (a,) = await yard.address("a")
        (first,) = await yard.owe(a, "a1")
        await yard.until(lambda: yard.bridge.tried, "the first try")
        began = time.monotonic()
        await yard.outbox.stop(0.3)
        assert time.monotonic() - began < 1
        assert (await yard.state(first, "due")).ambiguous == 1, "it may have arrived: once more at the next start"


@pytest.mark.parametrize("priority", [1, 5])
async def test_an_answer_overtakes_what_waits_in_its_lane(store, priority):
    async with at_work(store, Fake(latency=0.05)) as yard:
        (a,) = await yard.address("a")
        await yard.owe(a, *(f"talk{number}" for number in range(20)), priority=priority)
        await yard.until(lambda: yard.bridge.tried, "the first try")
        await yard.owe(a, "answer", priority=0)
        await yard.until(lambda: "answer" in yard.bridge.words("a"), "the answer")
        assert yard.bridge.words("a").index("answer") <= 2
