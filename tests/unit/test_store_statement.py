"""Statements: one text for both databases; names, lists, percent signs and casts come out right."""

from __future__ import annotations

import pytest

from store.statement import Statement, run, savepoint, sql


def one(connection, words, **values):
    return run(connection, sql(words), values).first()


def test_names_are_bound_and_casts_are_left_alone():
    spelled = Statement("SELECT CAST(:a AS TEXT), b::text FROM t WHERE c = :c_1")._spelled(False, ())
    assert spelled == "SELECT CAST(%(a)s AS TEXT), b::text FROM t WHERE c = %(c_1)s"


def test_a_percent_sign_is_a_percent_sign_on_both(connection):
    assert one(connection, "SELECT '100%' AS words, 'a%b' LIKE 'a%' AS fits, :x AS x", x="50%") == ("100%", True, "50%")


def test_a_list_may_have_any_length(connection):
    for number in range(4):
        run(connection, sql("INSERT INTO budget (name, tat) VALUES (:name, 0)"), {"name": f"n{number}"})
    found = sql("SELECT name FROM budget WHERE name IN :names AND tat = :tat ORDER BY name")
    for wanted in (["n1"], ["n0", "n3"], [], ["n0", "n1", "n2", "x"]):
        rows = run(connection, found, {"names": wanted, "tat": 0})
        assert [row.name for row in rows] == [name for name in wanted if name != "x"]
    excluded = sql("SELECT name FROM budget WHERE name NOT IN :names ORDER BY name")
    assert [row.name for row in run(connection, excluded, {"names": ["n0"]})] == ["n1", "n2", "n3"]


def test_a_list_twice_in_one_statement_is_the_same_list(connection):
    words = sql("SELECT 1 AS one WHERE :a IN :list AND :b IN :list")
    assert run(connection, words, {"a": "x", "b": "y", "list": ["x", "y"]}).first() is not None
    assert run(connection, words, {"a": "x", "b": "z", "list": ["x", "y"]}).first() is None


def test_a_row_has_names_and_says_how_many_there_are(connection):
    rows = run(connection, sql("SELECT 1 AS one, 'two' AS two, COUNT(*) FROM budget"))
    row = rows.one()
    assert (row.one, row.two) == (1, "two")
    assert rows.scalar() == 1
    assert len(rows.all()) == 1


def test_no_row_is_none_or_an_error_as_asked(connection):
    nothing = run(connection, sql("SELECT 1 AS one WHERE 1 = 2"))
    assert nothing.first() is None
    assert nothing.scalar() is None
    with pytest.raises(LookupError):
        nothing.one()
    with pytest.raises(LookupError):
        nothing.scalar_one()


def test_many_rows_are_written_with_one_statement(connection):
    put = sql("INSERT INTO budget (name, tat) VALUES (:name, :tat)")
    run(connection, put, [{"name": f"m{number}", "tat": number} for number in range(50)])
    assert one(connection, "SELECT COUNT(*) AS n, SUM(tat) AS s FROM budget WHERE name LIKE 'm%'") == (50, 1225)


def test_returning_says_what_was_written(connection):
    put = sql("INSERT INTO budget (name, tat) VALUES (:name, 7) ON CONFLICT (name) DO NOTHING RETURNING tat")
    assert run(connection, put, {"name": "r"}).scalar() == 7
    assert run(connection, put, {"name": "r"}).first() is None


def test_a_savepoint_undoes_what_failed_and_nothing_else(connection):
    put = sql("INSERT INTO budget (name, tat) VALUES (:name, 0)")
    run(connection, put, {"name": "kept"})

    def fails():
        with savepoint(connection):
            run(connection, put, {"name": "gone"})
            raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        fails()
    with savepoint(connection):
        run(connection, put, {"name": "kept too"})
        with pytest.raises(ValueError, match="within"), savepoint(connection):
            raise ValueError("within")
    names = [row.name for row in run(connection, sql("SELECT name FROM budget ORDER BY name"))]
    assert names == ["kept", "kept too"]


def test_the_same_words_are_the_same_statement():
    assert sql("SELECT 1") is sql("SELECT 1")
