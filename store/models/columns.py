"""What columns are made of, and the metadata all tables share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Text,
    text,
)
from sqlmodel import Field, SQLModel

#: Names for every constraint, so that migrations can name what they change.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: SQLite makes ids by itself only for INTEGER; PostgreSQL wants them wide.
Id = BigInteger().with_variant(Integer(), "sqlite")


def key() -> Any:
    """A primary key the database counts."""
    return Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))


def ref(table: str, *, optional: bool = False, index: bool = False, on_delete: str | None = None) -> Any:
    """A reference to `table`."""
    link = ForeignKey(f"{table}.id", ondelete=on_delete)
    column = Column(Id, link, nullable=optional, index=index)
    return Field(default=None, sa_column=column) if optional else Field(sa_column=column)


def plain() -> Any:
    """An id without a reference."""
    return Field(default=None, sa_column=Column(Id, nullable=True))


def words(default: str = "", length: int | None = None) -> Any:
    """Text that is never NULL; has a server default, so that `INSERT … SELECT` may leave it out."""
    kind = String(length) if length else Text()
    return Field(default=default, sa_column=Column(kind, nullable=False, server_default=default))


def count(default: int = 0) -> Any:
    """A whole number that is never NULL."""
    return Field(default=default, sa_column=Column(Integer, nullable=False, server_default=text(str(default))))


def flag(default: bool = False) -> Any:
    """Yes or no."""
    return Field(
        default=default,
        sa_column=Column(Boolean, nullable=False, server_default=text("true" if default else "false")),
    )


def moment(default: float = 0.0) -> Any:
    """A time that is never NULL."""
    return Field(default=default, sa_column=Column(Float(53), nullable=False, server_default=text(str(default))))


def maybe() -> Any:
    """A time that may be NULL: it has not happened."""
    return Field(default=None, sa_column=Column(Float(53), nullable=True))


def data() -> Any:
    """JSON; assign a new value to change it, never change it in place."""
    return Field(default=None, sa_column=Column(JSON, nullable=True))


#: Of tables whose ids stand in tokens and in what people's devices keep: no id is ever given out a second time, not when
#: its row is erased, and not after a restore, which lets them go on far above those of the life that was lost.
NEVER_AGAIN = {"sqlite_autoincrement": True}

metadata: MetaData = SQLModel.metadata
