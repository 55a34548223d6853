"""Statements: SQL as text, the same on both databases, executed on the driver itself inside SQLAlchemy's transaction.

SQLAlchemy's own execution costs ten times what SQLite needs for a small statement, and a message is some thirty of
them. So the statements of the bus go straight to the driver's cursor; connections, transactions, dialects, tables and
migrations stay SQLAlchemy's.
"""

from __future__ import annotations

import collections
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

_NAME = re.compile(r"(?<![:\w]):([a-z_]\w*)")
_LIST = re.compile(r"\bIN\s+:([a-z_]\w*)", re.IGNORECASE)


class Rows:
    """What a statement returned: all of it, already read. A row is a tuple whose columns have names."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: Sequence[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        """Every row."""
        return self._rows

    def first(self) -> Any:
        """The first row, or None."""
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """The first row; LookupError if there is none."""
        if not self._rows:
            raise LookupError("the statement returned no row")
        return self._rows[0]

    def scalar(self) -> Any:
        """The first column of the first row, or None."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        """The first column of the first row; LookupError if there is none."""
        return self.one()[0]


class Statement:
    """One SQL statement with `:names`; a name after IN takes a list."""

    __slots__ = ("_by_style", "_lists", "_row", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._lists = tuple(dict.fromkeys(_LIST.findall(text)))
        self._by_style: dict[tuple[Any, ...], str] = {}
        self._row: Callable[[Any], Any] | None = None

    def run(
        self, connection: Connection, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> Rows:
        """Execute it once, or once for each of several mappings (then nothing is returned but how many rows changed)."""
        sqlite = connection.dialect.name == "sqlite"
        cursor: Any = connection.connection.cursor()
        try:
            if isinstance(values, (list, tuple)):
                cursor.executemany(self._spelled(sqlite, ()), values)
                return Rows((), cursor.rowcount)
            given: Any = values if values is not None else {}
            sizes: tuple[int, ...] = ()
            if self._lists:
                sizes = tuple(len(given[name]) for name in self._lists)
                given = dict(given)
                for name in self._lists:
                    for position, value in enumerate(given.pop(name)):
                        given[f"{name}__{position}"] = value
            cursor.execute(self._spelled(sqlite, sizes), given)
            if cursor.description is None:
                return Rows((), cursor.rowcount)
            found = cursor.fetchall()
            make = self._row or self._named(cursor.description)
            return Rows([make(row) for row in found], cursor.rowcount)
        finally:
            cursor.close()

    def _named(self, description: Any) -> Any:
        names = [re.sub(r"\W+", "_", column[0]).strip("_") or "value" for column in description]
        make: Any = collections.namedtuple  # noqa: PYI024 - its fields are the statement's columns
        self._row = make("Row", names, rename=True)._make
        return self._row

    def _spelled(self, sqlite: bool, sizes: tuple[int, ...]) -> str:
        """The text as the driver wants it, its lists written out."""
        style = (sqlite, sizes)
        known = self._by_style.get(style)
        if known is not None:
            return known
        spelled = self.text if sqlite else self.text.replace("%", "%%")
        for name, size in zip(self._lists, sizes, strict=True) if sizes else ():
            items = ", ".join(f":{name}__{position}" for position in range(size)) or "NULL"
            spelled = re.sub(rf"\bIN\s+:{name}\b", lambda _, items=items: f"IN ({items})", spelled, flags=re.IGNORECASE)  # type: ignore[misc]
        if not sqlite:
            spelled = _NAME.sub(r"%(\1)s", spelled)
        if len(self._by_style) < 600:
            self._by_style[style] = spelled
        return spelled


@lru_cache(4096)
def sql(text: str) -> Statement:
    """The statement with this text; the same one every time."""
    return Statement(text)


def run(
    connection: Connection,
    statement: Statement,
    values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
) -> Rows:
    """Execute a statement on a connection."""
    return statement.run(connection, values)


SAVE, KEEP, BACK = sql("SAVEPOINT piece"), sql("RELEASE SAVEPOINT piece"), sql("ROLLBACK TO SAVEPOINT piece")


class savepoint:  # noqa: N801 - it reads as a statement: with savepoint(connection)
    """What happens inside happens wholly or not at all; an exception undoes it and goes on."""

    __slots__ = ("connection",)

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def __enter__(self) -> None:
        SAVE.run(self.connection)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is not None:
            BACK.run(self.connection)
        KEEP.run(self.connection)
