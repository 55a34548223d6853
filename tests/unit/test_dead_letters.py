"""Dead letters are found by their indexes: however much was ever sent, asking how things stand costs the same."""

from __future__ import annotations

import time

import pytest

from bot.core import dead_letters
from store.statement import run, sql
from tests.unit.ledger_ground import address, owe

VALUES = {"community": 0, "most": dead_letters.SHOWN}


def plan(connection) -> str:
    """How the database looks for the letters that could not be delivered."""
    before = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    rows = run(connection, sql(f"{before} {dead_letters.LETTERS_OUT.text}"), VALUES)
    return "\n".join(" ".join(map(str, row)) for row in rows)


@pytest.fixture
def sent(connection):
    """Much that was sent, and one letter of each kind that was not; their states by number."""
    where = address(connection, "somebody")
    odd = {owe(connection, where, state): state for state in ("expired", "failed", "uncertain")}
    for number, state in odd.items():
        run(connection, sql("UPDATE parcel SET state = :state WHERE id = :id"), {"state": state, "id": number})
    now = time.time()
    values = [{"where": where, "now": now}] * 3000
    run(
        connection,
        sql(
            "INSERT INTO parcel (address_id, kind, state, due_at, first_at, created_at)"
            " VALUES (:where, 'relay', 'sent', :now, :now, :now)"
        ),
        values,
    )
    run(connection, sql("ANALYZE"))
    return odd


def test_all_that_could_not_be_delivered_is_listed_once(connection, sent):
    found = dead_letters.overview(connection)
    assert found.count == 3
    assert {letter.id for letter in found.letters} == {f"out:{number}" for number in sent}


def test_what_was_sent_is_not_looked_at(connection, sent):
    told = plan(connection)
    assert "parcel_expired" in told, told
    assert "parcel_odd" in told, told
    assert "SCAN parcel" not in told, told
    assert "SCAN p\n" not in told + "\n", told
    assert "Seq Scan on parcel" not in told, told
