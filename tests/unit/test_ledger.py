"""The ledger: lanes are leased, parcels leave in order; a retry keeps its place for a while, a wish to wait holds nobody."""

from __future__ import annotations

import time

import pytest

from store import ledger
from tests.unit.ledger_ground import address, change, owe, parcel, soon


def leased(connection, owner="us", most=10, ahead=ledger.RUN):
    return ledger.lease(connection, "fake", owner, most, ahead)


def words(runs):
    return [[one.owed[0].body["text"] for one in run.parcels] for run in runs]


def test_a_lane_gives_its_parcels_in_the_order_they_were_owed(connection):
    lane = address(connection, "a")
    for text in ("one", "two", "three"):
        owe(connection, lane, text)
    assert words(leased(connection)) == [["one", "two", "three"]]


def test_a_lane_is_in_one_hand_at_a_time(connection):
    lane = address(connection, "a")
    owe(connection, lane, "one")
    assert len(leased(connection, "us")) == 1
    assert leased(connection, "them") == []
    assert ledger.held(connection, "fake", "us") == 1
    assert ledger.holders(connection) == ["us"]


def test_a_run_is_cut_at_what_was_asked_for_and_says_that_more_waits(connection):
    lane = address(connection, "a")
    for number in range(5):
        owe(connection, lane, str(number))
    (run,) = leased(connection, ahead=2)
    assert words([run]) == [["0", "1"]]
    assert run.more


def test_an_answer_to_a_command_passes_talk_that_waits(connection):
    lane, other = address(connection, "a"), address(connection, "b")
    owe(connection, other, "talk elsewhere", priority=1)
    owe(connection, lane, "talk", priority=1)
    owe(connection, lane, "answer", priority=0)
    assert words(leased(connection, most=1)) == [["answer", "talk"]], "and its lane comes first"


def test_what_waits_by_choice_holds_nobody(connection):
    lane = address(connection, "a")
    owe(connection, lane, "tomorrow", due_at=soon(3600))
    owe(connection, lane, "now")
    assert words(leased(connection)) == [["now"]]


def test_a_lane_with_nothing_but_wishes_for_later_sleeps_until_then(connection):
    lane = address(connection, "a")
    due = soon(3600)
    owe(connection, lane, "tomorrow", due_at=due)
    assert leased(connection) == []
    assert ledger.next_due(connection, "fake") == pytest.approx(due)


def test_a_retry_keeps_its_place(connection):
    lane = address(connection, "a")
    first = owe(connection, lane, "one")
    owe(connection, lane, "two")
    retry = soon(60)
    change(connection, first, retry_at=retry, failing_since=time.time() - 60)
    assert leased(connection) == [], "what failed a minute ago holds those behind it"
    assert ledger.next_due(connection, "fake") == pytest.approx(retry)


def test_after_fifteen_minutes_the_others_pass_and_the_late_one_stays_owed(connection):
    lane = address(connection, "a")
    first = owe(connection, lane, "one")
    owe(connection, lane, "two")
    change(connection, first, retry_at=soon(60), failing_since=time.time() - ledger.HOLD - 1)
    assert words(leased(connection)) == [["two"]]
    assert parcel(connection, first).state == "due"


def test_a_lane_whose_only_parcel_is_late_wakes_for_its_retry(connection):
    lane = address(connection, "a")
    first = owe(connection, lane, "one")
    retry = soon(60)
    change(connection, first, retry_at=retry, failing_since=time.time() - ledger.HOLD - 1)
    assert leased(connection) == []
    assert ledger.next_due(connection, "fake") == pytest.approx(retry)


def test_a_lane_that_was_just_written_to_rests(connection):
    lane = address(connection, "a")
    owe(connection, lane, "one")
    (run,) = leased(connection)
    free_at = soon(1.0)
    ledger.free(connection, run.lane, free_at=free_at, more=True, retry_at=None)
    assert leased(connection) == []
    assert ledger.next_due(connection, "fake") == pytest.approx(free_at)


def test_a_lane_that_was_written_to_while_the_clock_was_days_ahead_is_not_held_until_then(connection):
    lane = address(connection, "a")
    owe(connection, lane, "one")
    (run,) = leased(connection)
    ledger.free(connection, run.lane, free_at=soon(3 * 86400.0), more=True, retry_at=None)
    assert ledger.next_due(connection, "fake") <= soon(0.0)
    assert len(leased(connection)) == 1


def test_only_what_is_due_is_marked(connection):
    lane = address(connection, "a")
    first, second = owe(connection, lane, "one"), owe(connection, lane, "two")
    change(connection, second, state="withdrawn")
    assert ledger.mark(connection, "us", [first, second]) == {first}
    marked = parcel(connection, first)
    assert (marked.state, marked.owner, marked.attempts) == ("sending", "us", 1)


def test_merged_parcels_leave_as_one_with_the_lines_of_all(connection):
    lane = address(connection, "a")
    first, second = owe(connection, lane, "one"), owe(connection, lane, "two")
    ledger.merge(connection, first, [second])
    (run,) = leased(connection)
    assert [[owed.body["text"] for owed in one.owed] for one in run.parcels] == [["one", "two"]]


def test_what_the_dead_were_sending_is_sent_once_more_and_then_uncertain(connection):
    lane = address(connection, "a")
    first = owe(connection, lane, "one")
    leased(connection, "dead")
    ledger.mark(connection, "dead", [first])
    assert ledger.adopt(connection, ["dead"]) == 1
    again = parcel(connection, first)
    assert (again.state, again.ambiguous, again.owner) == ("due", 1, "")
    assert words(leased(connection, "second")) == [["one"]], "its lane is free, without a wait"
    ledger.mark(connection, "second", [first])
    ledger.adopt(connection, ["second"])
    assert parcel(connection, first).state == "uncertain"
    assert leased(connection) == []


def test_what_the_living_have_in_hand_is_left_to_them(connection):
    lane = address(connection, "a")
    first = owe(connection, lane, "one")
    leased(connection, "living")
    ledger.mark(connection, "living", [first])
    assert ledger.adopt(connection, ["dead"]) == 0
    assert parcel(connection, first).state == "sending"
    assert leased(connection) == []


def test_leased_and_not_marked_goes_back_without_penalty(connection):
    lane = address(connection, "a")
    first = owe(connection, lane, "one")
    leased(connection, "dead")
    assert ledger.adopt(connection, ["dead"]) == 0
    assert words(leased(connection)) == [["one"]]
    assert (parcel(connection, first).attempts, parcel(connection, first).ambiguous) == (0, 0)
