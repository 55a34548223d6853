"""A backup: everything the community's memory holds, in one file, made while the program runs.

It is a tar.gz that people can open and read: `about.json` (which version, which tables), `config.toml` (without secrets),
`tables/NAME.0001.jsonl` (a row a line), `files/SHA256`, and at the end `manifest.json` with the number and the hash of
everything before it. So it restores into either database, is written and read in one pass, and one that was cut off says so.
Under a passphrase it is the same inside `store.sealed`. The secret key and the accounts of channels are never in it.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import io
import json
import os
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import JSON, Column, Connection, Engine, LargeBinary, MetaData, Table, select

from store.files import Files
from store.migrate import current
from store.sealed import Sealing
from store.statement import run, sql

FORMAT = 1
#: What belongs to a running process, or is said by `about.json`.
LEFT_OUT = {"alembic_version", "process"}
_ROWS, _BYTES = 5_000, 2 * 1024 * 1024  # in one member of the archive
_COMPRESSION = 4


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made."""

    path: Path
    size: int
    messages: int
    made_at: float
    missing: int = 0  # files the database names and the folder does not have


@dataclass(slots=True)
class _Archive:
    """The archive being written, and what its manifest will say."""

    tar: tarfile.TarFile
    now: float
    manifest: dict[str, Any] = field(default_factory=lambda: {"tables": {}, "files": {}, "missing": [], "other": {}})

    def add(self, name: str, content: bytes) -> None:
        self.tar.addfile(self._entry(name, len(content)), io.BytesIO(content))

    def add_other(self, name: str, content: bytes) -> None:
        self.manifest["other"][name] = hashlib.sha256(content).hexdigest()
        self.add(name, content)

    def add_file(self, name: str, file: BinaryIO, size: int) -> None:
        self.manifest["files"][name] = size
        self.tar.addfile(self._entry(f"files/{name}", size), file)

    def _entry(self, name: str, size: int) -> tarfile.TarInfo:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime, entry.mode = size, int(self.now), 0o600
        return entry


def make(
    engine: Engine,
    files: Files,
    target: Path,
    *,
    config: str = "",
    passphrase: str = "",
    about: Mapping[str, Any] | None = None,
    now: float | None = None,
) -> Made:
    """Write a backup to `target` (0600); it has that name only when it is whole and on the disk.

    `about`: what else `about.json` should say. Raises OSError.
    """
    now = time.time() if now is None else now
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = target.with_name(f".{target.name}.part")
    half.unlink(missing_ok=True)
    try:
        with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:  # noqa: PTH123 - by its mode
            with contextlib.ExitStack() as open_:
                below: Any = open_.enter_context(contextlib.closing(Sealing(out, passphrase))) if passphrase else out
                packed = open_.enter_context(gzip.GzipFile("", "wb", _COMPRESSION, below, mtime=int(now)))
                tar = open_.enter_context(tarfile.open(fileobj=packed, mode="w|"))
                archive = _Archive(tar, now)
                _write(engine, files, archive, config, about or {})
            out.flush()
            os.fsync(out.fileno())
            size = out.tell()
        half.replace(target)
        _sync_folder(target.parent)
    finally:
        half.unlink(missing_ok=True)
    rows = archive.manifest["tables"]
    messages = rows["message"]["rows"] if "message" in rows else 0
    return Made(target, size, messages, now, len(archive.manifest["missing"]))


def _write(engine: Engine, files: Files, archive: _Archive, config: str, about: Mapping[str, Any]) -> None:
    with engine.connect() as plain:
        sqlite = engine.dialect.name == "sqlite"
        # One picture of all tables, whatever is written meanwhile: on SQLite any transaction is that.
        connection = plain if sqlite else plain.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            tables = _tables(connection)
            known = {table.name: [[column.name, kind(column)] for column in table.columns] for table in tables}
            said = {**about, "format": FORMAT, "schema": current(connection), "made_at": archive.now, "tables": known}
            archive.add_other("about.json", _json(said))
            archive.add_other("config.toml", config.encode())
            for table in tables:
                _write_table(connection, table, archive)
            names = _files_named(connection, known)
    for name in names:
        try:
            with files.path(name).open("rb") as file:
                archive.add_file(name, file, os.fstat(file.fileno()).st_size)
        except FileNotFoundError:
            # Kept long enough and dropped a moment ago, or lost before: the rest is worth having.
            archive.manifest["missing"].append(name)
    archive.add("manifest.json", _json(archive.manifest))


def _tables(connection: Connection) -> list[Table]:
    """The tables as they are: before a migration they are not those of the models."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name not in LEFT_OUT]


def kind(column: Column[Any]) -> str:
    """How a column's values are written: "bytes" in base64, "json" as they are, all others plainly."""
    if isinstance(column.type, LargeBinary):
        return "bytes"
    return "json" if isinstance(column.type, JSON) else ""


def _write_table(connection: Connection, table: Table, archive: _Archive) -> None:
    """All rows, in the order of their keys."""
    binary = [position for position, column in enumerate(table.columns) if kind(column) == "bytes"]
    found = connection.execution_options(yield_per=_ROWS).execute(select(table).order_by(*table.primary_key.columns))
    digest, count = hashlib.sha256(), 0
    for number, lines in enumerate(_gathered(_line(row, binary) for row in found), 1):
        content = "".join(lines).encode()
        digest.update(content)
        count += len(lines)
        archive.add(f"tables/{table.name}.{number:04}.jsonl", content)
    archive.manifest["tables"][table.name] = {"rows": count, "sha256": digest.hexdigest()}


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def _line(row: Sequence[Any], binary: Sequence[int]) -> str:
    values = list(row)
    for position in binary:
        if values[position] is not None:
            values[position] = base64.b64encode(values[position]).decode()
    return _encode(values) + "\n"


def _gathered(lines: Iterator[str]) -> Iterator[list[str]]:
    """Lines in heaps that fit into memory."""
    heap: list[str] = []
    size = 0
    for line in lines:
        heap.append(line)
        size += len(line)
        if len(heap) >= _ROWS or size >= _BYTES:
            yield heap
            heap, size = [], 0
    if heap:
        yield heap


def _files_named(connection: Connection, known: Mapping[str, Any]) -> list[str]:
    """The files that the rows of this picture need."""
    names: set[str] = set()
    for table, statement in (
        ("file", "SELECT sha256 FROM file"),
        ("inbound", "SELECT raw_file FROM inbound WHERE raw_file <> ''"),
    ):
        if table in known:
            names |= {row[0] for row in run(connection, sql(statement))}
    return sorted(names)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def _sync_folder(folder: Path) -> None:
    """The name itself must survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# Those who asked to be forgotten, by ids alone: kept beside the backups as well, since an older one does not know them.
ERASED = sql("SELECT ids, created_at FROM erased ORDER BY id")


def erased(connection: Connection) -> list[dict[str, Any]]:
    """The list of the forgotten."""
    return [
        {"ids": json.loads(row.ids) if isinstance(row.ids, str) else row.ids, "created_at": row.created_at}
        for row in run(connection, ERASED)
    ]
