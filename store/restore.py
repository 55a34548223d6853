"""A backup put back: into an empty database of either kind and an empty folder, in one transaction, or not at all.

What it then needs before a program may run on it is `store.mending`'s.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import gzip
import hashlib
import json
import sqlite3
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn, cast

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DatabaseError

from store import mending
from store.backup import FORMAT
from store.database import Store
from store.files import Files
from store.migrate import NewerSchema, known_versions, upgrade
from store.sealed import Damaged, Unsealing, WrongPassphrase, is_sealed
from store.statement import run, sql

__all__ = ["Damaged", "Found", "NewerSchema", "NotEmpty", "WrongPassphrase", "about", "prove", "restore"]


#: Stands in the folder of files from the first file on until all is restored.
BEGUN: Final = ".restoring"
#: How the folder of a proof begins.
PROOF: Final = "filcommun-proof-"


class NotEmpty(Exception):
    """There is something already where the backup should go; says what."""


@dataclass(slots=True)
class Found:
    """What a backup is, and what was restored of it."""

    about: dict[str, Any]
    config: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    missing: int = 0

    @property
    def made_at(self) -> float:
        """When it was made."""
        return float(self.about.get("made_at", 0.0))

    @property
    def messages(self) -> int:
        """How many messages are in it."""
        return self.rows.get("message", 0)


@contextlib.contextmanager
def _opened(path: Path, passphrase: str) -> Iterator[_Reader]:
    """The archive in a backup, to be read once from its beginning. Raises Damaged, WrongPassphrase, OSError."""
    with path.open("rb") as file:
        source: Any = file
        begin = file.read(40)
        file.seek(0)
        try:
            if is_sealed(begin):
                if not passphrase:
                    raise WrongPassphrase
                source = Unsealing(file, passphrase)
            with gzip.GzipFile(fileobj=source, mode="rb") as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
                yield _Reader(tar, cast("BinaryIO", packed))
        except (gzip.BadGzipFile, zlib.error, tarfile.TarError, EOFError) as error:
            raise Damaged(f"it cannot be read to its end ({type(error).__name__})") from None


@contextlib.contextmanager
def _understood() -> Iterator[None]:
    """What is in it must be as this program writes it."""
    try:
        yield
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Damaged(f"it is not as this program writes one ({type(error).__name__})") from None


def about(path: Path, passphrase: str = "") -> Found:
    """What a backup says of itself, and the configuration in it; the rest is not read."""
    with _opened(path, passphrase) as reader, _understood():
        return _beginning(reader)


@dataclass(slots=True)
class _Reader:
    """The members of the archive, in turn; what the manifest must say of them is counted."""

    tar: tarfile.TarFile
    below: BinaryIO
    other: dict[str, str] = field(default_factory=dict)
    digests: dict[str, Any] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)

    def next(self) -> tuple[str, BinaryIO] | None:
        """The name and the content of the next member."""
        entry = self.tar.next()
        if entry is None:
            return None
        content = self.tar.extractfile(entry)
        if content is None:
            raise Damaged(f"{entry.name!r} is no file")
        return entry.name, cast("BinaryIO", content)

    def end(self) -> None:
        """Read what is left: behind the last member stands the checksum of the whole."""
        while self.below.read(1024 * 1024):
            pass

    def expect(self, name: str) -> bytes:
        """The whole of the next member, which has this name."""
        found = self.next()
        if found is None or found[0] != name:
            raise Damaged(f"it has no {name}: it is no backup of this program, or was cut off")
        content = found[1].read()
        self.other[name] = hashlib.sha256(content).hexdigest()
        return content


def _beginning(reader: _Reader) -> Found:
    said = json.loads(reader.expect("about.json"))
    if said["format"] > FORMAT or (said["schema"] is not None and said["schema"] not in known_versions()):
        raise NewerSchema(str(said["schema"]))
    return Found(said, reader.expect("config.toml").decode())


def restore(
    path: Path,
    store: Store,
    files: Files,
    *,
    passphrase: str = "",
    forgotten: Sequence[dict[str, Any]] = (),
    after: Callable[[Connection, Found], None] = lambda connection, found: None,
    now: float | None = None,
) -> Found:
    """Put a backup into an empty database and an empty folder; all of it, or nothing.

    `forgotten` are people who were erased since; `after` does the rest in the same transaction. Raises NotEmpty, Damaged,
    WrongPassphrase, NewerSchema, OSError. One that was killed can be done again: what it had put into the folder may be
    there, if it is in this backup.
    """
    now = time.time() if now is None else now
    fresh = store.path is not None and not store.path.exists()
    before, begun = files.present(), files.folder / BEGUN
    if before is None or (before and not begun.exists()):
        raise NotEmpty(str(files.folder))
    if store.path is not None:
        store.path.parent.mkdir(parents=True, exist_ok=True)
    kept: list[str] = []
    try:
        with _opened(path, passphrase) as reader, store.engine.connect() as plain:
            connection = plain.execution_options(sqlite_begin="IMMEDIATE")
            with connection.begin():
                if inspect(connection).get_table_names():
                    _refuse(store)
                files.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                begun.touch(mode=0o600)
                with _understood():
                    found = _load(reader, connection, files, kept)
                _all_known(before, reader, files)
                mending.mend(connection, found.made_at, now)
                mending.remember(connection, forgotten)
                after(connection, found)
    except BaseException as error:
        store.engine.dispose()
        for name in set(kept) - before:
            files.drop(name)
        if not before:
            begun.unlink(missing_ok=True)
        if fresh and store.path is not None and not isinstance(error, NotEmpty):
            for end in ("", "-wal", "-shm"):
                Path(f"{store.path}{end}").unlink(missing_ok=True)
        if isinstance(error, DatabaseError) and "constraint" in str(error.orig).lower():
            raise Damaged("its rows do not fit together") from None
        raise
    if store.path is not None:
        store.path.chmod(0o600)
    files.drop_halves()
    begun.unlink(missing_ok=True)
    return found


def _all_known(before: set[str], reader: _Reader, files: Files) -> None:
    if not before <= reader.files.keys():
        raise NotEmpty(str(files.folder))


def _refuse(store: Store) -> NoReturn:
    raise NotEmpty(str(store.path or store.engine.url.render_as_string(hide_password=True)))


def prove(path: Path, passphrase: str = "", folder: Path | None = None) -> Found:
    """Restore a backup into a temporary folder, look at it, and throw that away. Raises what `restore` raises."""
    with tempfile.TemporaryDirectory(prefix=PROOF, dir=folder) as name:
        store = Store(f"sqlite:///{name}/filcommun.db")
        try:
            found = restore(path, store, Files(Path(name) / "files"), passphrase=passphrase)
        finally:
            store.engine.dispose()
        with contextlib.closing(sqlite3.connect(f"{name}/filcommun.db")) as connection:
            if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                raise Damaged("the database made of it is not whole")
        return found


def _load(reader: _Reader, connection: Connection, files: Files, kept: list[str]) -> Found:
    """Everything in the archive, in its order, and then what the manifest says of it."""
    found = _beginning(reader)
    if found.about["schema"] is None:
        raise Damaged("it holds no database")
    upgrade(connection, found.about["schema"])
    there = {
        name: {column["name"] for column in inspect(connection).get_columns(name)}
        for name in inspect(connection).get_table_names()
    }
    loaders = {
        name: _Loader(connection, name, columns, there.get(name, set()))
        for name, columns in found.about["tables"].items()
    }
    manifest: dict[str, Any] | None = None
    with _unbound(connection):
        while (member := reader.next()) is not None:
            name, content = member
            folder, _, rest = name.partition("/")
            if folder == "tables":
                loaders[rest.partition(".")[0]].load(content)
            elif folder == "files":
                kept_as, size = files.keep(iter(lambda content=content: content.read(1024 * 1024), b""))  # type: ignore[misc]
                kept.append(kept_as)
                if kept_as != rest:
                    raise Damaged(f"the file {rest[:12]}… is not what it was")
                reader.files[rest] = size
            elif name == "manifest.json":
                manifest = json.loads(content.read())
    reader.end()
    if manifest is None:
        raise Damaged("it was cut off: its end is missing")
    seen = {name: {"rows": one.rows, "sha256": one.digest.hexdigest()} for name, one in loaders.items()}
    if (manifest["tables"], manifest["files"], manifest["other"]) != (seen, reader.files, reader.other):
        raise Damaged("its parts are not those its manifest names")
    found.rows = {name: one.rows for name, one in loaders.items()}
    found.files, found.missing = len(reader.files), len(manifest["missing"])
    upgrade(connection)
    return found


class _Loader:
    """Puts the rows of one table back."""

    def __init__(self, connection: Connection, name: str, columns: Sequence[Sequence[str]], there: set[str]) -> None:
        names = [column for column, _ in columns]
        # What is put into a statement is a name this very database has.
        if not there.issuperset(names):
            raise Damaged(f"its table {name!r} is none of this program's")
        self.connection = connection
        self.binary = [position for position, (_, kind) in enumerate(columns) if kind == "bytes"]
        self.json = [position for position, (_, kind) in enumerate(columns) if kind == "json"]
        self.rows = 0
        self.digest = hashlib.sha256()
        listed = ", ".join(f'"{column}"' for column in names)
        self.sqlite = connection.dialect.name == "sqlite"
        marks = ", ".join("?" * len(names))
        self.statement = (
            f'INSERT INTO "{name}" ({listed}) VALUES ({marks})'  # noqa: S608 - names that were looked up
            if self.sqlite
            else f'COPY "{name}" ({listed}) FROM STDIN'
        )

    def load(self, content: BinaryIO) -> None:
        """These rows too."""
        raw = content.read()
        self.digest.update(raw)
        rows = [self._values(line) for line in raw.splitlines()]
        self.rows += len(rows)
        cursor: Any = self.connection.connection.cursor()
        try:
            if self.sqlite:
                cursor.executemany(self.statement, rows)
                return
            with cursor.copy(self.statement) as copy:
                for row in rows:
                    copy.write_row(row)
        finally:
            cursor.close()

    def _values(self, line: bytes) -> list[Any]:
        values: list[Any] = json.loads(line)
        for position in self.json:
            if values[position] is not None:
                values[position] = json.dumps(values[position], ensure_ascii=False)
        for position in self.binary:
            if values[position] is not None:
                try:
                    values[position] = base64.b64decode(values[position], validate=True)
                except binascii.Error:
                    raise Damaged("what came in is not what it was") from None
        return values


BOUND = sql("""
    SELECT conrelid::regclass::text AS name, conname, pg_get_constraintdef(oid) AS rule FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
""")


@contextlib.contextmanager
def _unbound(connection: Connection) -> Iterator[None]:
    """Rows may come in any order; at the end every one they refer to must be there."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        yield
        return
    bound = run(connection, BOUND).all()
    for one in bound:
        connection.exec_driver_sql(f'ALTER TABLE {one.name} DROP CONSTRAINT "{one.conname}"')
    yield
    for one in bound:
        connection.exec_driver_sql(f'ALTER TABLE {one.name} ADD CONSTRAINT "{one.conname}" {one.rule}')
