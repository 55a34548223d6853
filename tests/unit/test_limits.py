"""Limits: a budget never lets more leave than it promises, whatever is asked when; a breaker leaves an absent channel alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.core import limits
from bot.core.bridge import Budget
from store.statement import run, sql


def clock(monkeypatch, start=1_700_000_000.0):
    """A clock the test moves."""
    now = [start]
    monkeypatch.setattr(limits.time, "time", lambda: now[0])
    monkeypatch.setattr(limits.time, "monotonic", lambda: now[0])
    return now


def spent(connection, budgets, wanted):
    """Spend what is granted of `wanted`; how many it was, and when the next may be."""
    found = limits.grant(connection, "x", budgets, wanted)
    found.spend(connection, found.number)
    return found.number, found.next_at(found.number)


def forget(connection):
    run(connection, sql("DELETE FROM budget"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@example(rate=69.0, burst=14, asked=[(0.0, 14), (0.21875, 15)])
@given(
    rate=st.floats(0.01, 100),
    burst=st.integers(1, 40),
    asked=st.lists(st.tuples(st.floats(0, 5), st.integers(0, 30)), min_size=1, max_size=30),
)
def test_in_no_time_more_leaves_than_burst_and_rate_allow(connection, monkeypatch, rate, burst, asked):
    """GCRA: in any stretch of t seconds at most burst + rate * t, and the air named in `limits`; and what was promised for `next_at` is then granted."""
    with monkeypatch.context() as patch:
        now = clock(patch)
        forget(connection)
        budgets = [Budget("all", per_second=rate, burst=burst)]
        left: list[tuple[float, int]] = []
        for pause, wanted in asked:
            now[0] += pause
            granted, next_at = spent(connection, budgets, wanted)
            assert 0 <= granted <= wanted
            left.append((now[0], granted))
            if granted < wanted:
                assert next_at > now[0]
                now[0] = next_at
                granted, _ = spent(connection, budgets, 1)
                assert granted == 1, "what was promised for then is granted then"
                left.append((now[0], 1))
        for start, (began, _) in enumerate(left):
            total = 0
            for at, number in left[start:]:
                total += number
                assert total <= burst + rate * (at - began + limits.LATE + limits.SOON) + 1e-6


def test_the_scarcest_of_several_budgets_decides(connection, monkeypatch):
    clock(monkeypatch)
    forget(connection)
    budgets = [Budget("hour", per_second=1, burst=5), Budget("day", per_second=0.1, burst=2)]
    granted, next_at = spent(connection, budgets, 10)
    assert granted == 2
    assert next_at == pytest.approx(1_700_000_000.0 + 10)


def test_what_is_not_granted_is_not_spent(connection, monkeypatch):
    clock(monkeypatch)
    forget(connection)
    budgets = [Budget("hour", per_second=1, burst=5), Budget("day", per_second=0.1, burst=2)]
    spent(connection, budgets, 10)
    assert spent(connection, budgets[:1], 10)[0] == 3, "the larger budget paid for two, not for five"


def test_a_pause_the_channel_asks_for_holds_the_budget_until_then(connection, monkeypatch):
    now = clock(monkeypatch)
    forget(connection)
    budgets = [Budget("all", per_second=10, burst=5)]
    limits.postpone(connection, "x", budgets, now[0] + 30)
    assert spent(connection, budgets, 1)[0] == 0
    now[0] += 29
    assert spent(connection, budgets, 1)[0] == 0
    now[0] += 1.1
    assert spent(connection, budgets, 5)[0] >= 1


def test_a_clock_set_back_stops_a_budget_for_an_hour_at_most(connection, monkeypatch):
    now = clock(monkeypatch)
    forget(connection)
    budgets = [Budget("all", per_second=1, burst=1)]
    spent(connection, budgets, 1)
    now[0] -= 86400
    granted, next_at = spent(connection, budgets, 1)
    assert granted == 0
    assert next_at <= now[0] + 3700


def test_a_lane_rests_by_the_slowest_budget_that_fits_it():
    budgets = [
        Budget("chat", per_second=1, lane=True, rooms=False),
        Budget("group", per_second=20 / 60, lane=True, rooms=True),
        Budget("all", per_second=28),
    ]
    assert limits.lane_free_at(budgets, False, 100.0) == 101.0
    assert limits.lane_free_at(budgets, True, 100.0) == 103.0
    assert limits.lane_free_at([], True, 100.0) == 100.0


@given(st.integers(0, 100))
def test_the_wait_before_another_try_grows_and_has_an_end(attempt):
    wait = limits.backoff(attempt)
    assert min(3600.0, 2.0 * 2.0 ** min(attempt, 12)) / 2 <= wait <= 3600.0


def test_a_breaker_opens_after_five_failures_on_two_lanes_and_probes_further_apart(monkeypatch):
    now = clock(monkeypatch)
    breaker = limits.Breaker()
    for _ in range(9):
        assert not breaker.failed(1, whole_channel=False), "one chat's trouble is not the channel's"
    assert breaker.failed(2, whole_channel=False)
    pauses = []
    for _ in range(8):
        assert breaker.allows(8) == 0
        pause = breaker.open_until - now[0]
        pauses.append(pause)
        now[0] += pause
        assert breaker.allows(8) == 1, "one probe"
        assert not breaker.failed(2, whole_channel=False), "it is down already"
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert breaker.worked()
    assert breaker.allows(8) == 8


def test_sends_that_fail_together_lengthen_the_pause_once(monkeypatch):
    now = clock(monkeypatch)
    breaker = limits.Breaker()
    assert breaker.failed(1, whole_channel=True)
    for lane in range(40):
        breaker.failed(lane, whole_channel=True)
    assert breaker.open_until == now[0] + 1


def test_the_clock_of_the_tests_is_the_real_one_again():
    assert abs(limits.time.time() - time.time()) < 1


def test_sends_held_up_by_a_busy_moment_do_not_leave_pressed_together(monkeypatch):
    """28 a second were granted on time; the loop stood still for a third of a second in between."""
    now = clock(monkeypatch, 1000.0)
    pacer = limits.Pacer([Budget("all", per_second=28.0)])
    begins = []
    for number in range(300):
        granted = 1000.0 + number / 28
        now[0] = max(now[0], granted)
        if 1001.0 < now[0] < 1001.34:
            now[0] = 1001.34
        begins.append(now[0] + pacer.wait())
    within_a_second = max(sum(1 for other in begins if 0 <= other - one < 1.0) for one in begins)
    assert within_a_second <= 29
    assert begins[-1] < 1000.0 + 299 / 28 + 0.4, "what was held up is not slower afterwards"


def test_a_pacer_lets_a_burst_begin_at_once_and_holds_what_is_beyond(monkeypatch):
    clock(monkeypatch)
    pacer = limits.Pacer([Budget("all", per_second=2.0, burst=5.0), Budget("lane", per_second=0.1, lane=True)])
    assert [pacer.wait() for _ in range(7)] == pytest.approx([0, 0, 0, 0, 0, 0.5, 1.0], abs=limits.LATE + 1e-3)
    assert limits.Pacer([]).wait() == 0.0


def test_a_clock_that_is_set_back_holds_no_send(monkeypatch):
    now = clock(monkeypatch)
    pacer = limits.Pacer([Budget("all", per_second=1.0)])
    pacer.wait()
    now[0] -= 3600.0
    assert pacer.wait() == 0.0
    assert pacer.wait() == pytest.approx(1.0)
