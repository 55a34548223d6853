"""Backups of this deployment: where they lie, how many are kept, when they are made, and what is written down of it.

Every day at 4:00 where the community lives, before the database's form changes, and by hand. `chore` says how the last one
went (`backup`) and the last proof that one restores (`proof`): {"path", "size", "messages", "error", "copy"}.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import os
import re
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import SQLAlchemyError

from bot import journal
from bot.config import Settings
from store import backup, restore
from store.backup import Made
from store.database import Store
from store.files import Files
from store.statement import run, sql

NAME: Final = re.compile(r"filcommun-\d{4}-\d\d-\d\d-\d{6}\.tar\.gz(\.age)?")
HALF: Final = re.compile(rf"\.(?:{NAME.pattern}|forgotten\.json)\.part")
#: What is half done for so long is done by nobody any more.
LEFT_BEHIND: Final = 6 * 3600.0
#: The list of the forgotten, beside the backups: those made before do not know them.
FORGOTTEN: Final = "forgotten.json"
#: No copy is older, whatever their number: what was erased is gone from all of them then.
OLDEST: Final = 30 * 86400.0
HOUR: Final = 4
#: How often it is looked whether one is due; after one that failed; and between two proofs.
LOOK, AGAIN, PROOF = 60.0, 3600.0, 6.5 * 86400.0

WRITE = sql("""
    INSERT INTO chore (name, done_at, data) VALUES (:name, :at, :data)
    ON CONFLICT (name) DO UPDATE SET done_at = COALESCE(excluded.done_at, chore.done_at), data = excluded.data
""")
DONE = sql("SELECT done_at FROM chore WHERE name = :name")
BEGAN = sql("SELECT MIN(created_at) FROM community")
COUNT_ERASED = sql("SELECT COUNT(*) FROM erased")


class BackupFailed(Exception):
    """No backup could be made or proved; says why, in a sentence for the operator."""


def passphrase(settings: Settings) -> str:
    """The words that encrypt copies; empty: they are not encrypted. Raises BackupFailed."""
    file = settings.backup.passphrase_file
    if file is None:
        return ""
    try:
        found = file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise BackupFailed(f"{settings.where('backup', 'passphrase_file')}: {file} cannot be read ({why})") from None
    if not found:
        raise BackupFailed(f"{settings.where('backup', 'passphrase_file')}: the first line of {file} is empty")
    return found


def fingerprint(key: bytes) -> str:
    """What tells one secret key from another and says nothing about it."""
    return hmac.digest(key, b"backup", hashlib.sha256).hex()[:16]


def make(settings: Settings, store: Store, target: Path | None = None) -> Made:
    """Make a backup, drop those that are too many or too old, copy it elsewhere, write down how it went.

    With a `target` it is only put there. Raises BackupFailed.
    """
    for folder in filter(None, (settings.backup.folder, settings.backup.copy_to)):
        with contextlib.suppress(OSError):
            sweep(folder)
    try:
        made = _make(settings, store, target)
    except (OSError, SQLAlchemyError) as error:
        why = BackupFailed(f"No backup could be made: {getattr(error, 'strerror', None) or type(error).__name__}.")
        note(store, "backup", None, error=str(why))
        journal.event("backup.failed", error=type(error).__name__)
        raise why from None
    except BackupFailed as why:
        note(store, "backup", None, error=str(why))
        journal.event("backup.failed", error="passphrase")
        raise
    if target is None:
        prune(settings.backup.folder, settings.backup.keep)
        copy = _copy(settings, made)
        data = {"path": str(made.path), "size": made.size, "messages": made.messages, "error": "", "copy": copy}
        note(store, "backup", made.made_at, **data)
    journal.event("backup.made", size=made.size, messages=made.messages, missing=made.missing)
    return made


def _make(settings: Settings, store: Store, target: Path | None) -> Made:
    words = passphrase(settings)
    config, secrets = settings.without_secrets()
    said: dict[str, Any] = {"program": version("fil-commun"), "secrets": secrets}
    with contextlib.suppress(OSError):
        said["key"] = fingerprint(settings.store.key.read_bytes())
    if target is None:
        stamp = datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S")
        target = settings.backup.folder / f"filcommun-{stamp}.tar.gz{'.age' if words else ''}"
        write_forgotten(settings, store)
    return backup.make(
        store.engine, Files(settings.store.files), target, config=config, passphrase=words, about=said
    )  # fmt: skip


def existing(folder: Path) -> list[Path]:
    """The backups in a folder, the oldest first."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))


def prune(folder: Path, keep: int, now: float | None = None) -> None:
    """Remove what is more than `keep` or too old; never the newest."""
    now = time.time() if now is None else now
    there = existing(folder)
    for path in there[:-1]:
        at = datetime.strptime(path.name[10:27], "%Y-%m-%d-%H%M%S").replace(tzinfo=UTC).timestamp()
        if path in there[:-keep] or at < now - OLDEST:
            path.unlink(missing_ok=True)


def sweep(folder: Path, now: float | None = None) -> None:
    """Remove what backups and proofs left behind that were killed: half a copy, a restored database."""
    before = (time.time() if now is None else now) - LEFT_BEHIND
    for path in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(OSError):
            if HALF.fullmatch(path.name) and path.stat().st_mtime < before:
                path.unlink()
            elif path.name.startswith(restore.PROOF) and path.is_dir() and path.stat().st_mtime < before:
                shutil.rmtree(path)


def _copy(settings: Settings, made: Made) -> str:
    """Put a copy elsewhere; where, or nothing if there is no elsewhere. One that fails is told and tried the next day."""
    folder = settings.backup.copy_to
    if folder is None:
        return ""
    target = folder / made.path.name
    half = target.with_name(f".{target.name}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as into, made.path.open("rb") as source:
            shutil.copyfileobj(source, into, 1024 * 1024)
            into.flush()
            os.fsync(into.fileno())
        half.replace(target)
        prune(folder, settings.backup.keep)
    except OSError as error:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
        journal.event("backup.not_copied", error=type(error).__name__)
        return ""
    return str(target)


def prove(settings: Settings, path: Path, words: str, store: Store | None = None) -> restore.Found:
    """Restore a backup into a temporary folder and throw that away; write down how it went. Raises what restoring raises."""
    folder = settings.backup.folder if settings.backup.folder.is_dir() else None
    data: dict[str, Any] = {"path": str(path), "size": 0, "messages": 0, "error": ""}
    try:
        data["size"] = path.stat().st_size
        found = restore.prove(path, words, folder)
    except Exception as error:
        journal.event("backup.not_proved", error=type(error).__name__)
        if store is not None:
            note(store, "proof", None, **(data | {"error": str(error) or type(error).__name__}))
        raise
    journal.event("backup.proved", messages=found.messages)
    if store is not None:
        note(store, "proof", time.time(), **(data | {"messages": found.messages}))
    return found


def note(store: Store, name: str, at: float | None, **data: Any) -> None:
    """Write down how it went, where there is a table for it."""

    def write(connection: Connection) -> None:
        if inspect(connection).has_table("chore"):
            run(connection, WRITE, {"name": name, "at": at, "data": json.dumps(data)})

    with contextlib.suppress(SQLAlchemyError):
        store.write_now(write)


def write_forgotten(settings: Settings, store: Store) -> int:
    """Keep the list of the forgotten beside the backups, here and elsewhere; how many entries it has."""
    with store.engine.connect() as connection:
        if not inspect(connection).has_table("erased"):
            return 0
        listed = backup.erased(connection)
    for folder in filter(None, (settings.backup.folder, settings.backup.copy_to)):
        # Never shorter: after a restore of an older backup by hand, the list here still knows them.
        with contextlib.suppress(OSError):
            whole = listed + [one for one in read_forgotten(folder) if one not in listed]
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            half = folder / f".{FORGOTTEN}.part"
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(whole, file)
                file.flush()
                os.fsync(file.fileno())
            half.replace(folder / FORGOTTEN)
    return len(listed)


def read_forgotten(*folders: Path | None) -> list[dict[str, Any]]:
    """The lists of the forgotten in these folders, together."""
    found: list[dict[str, Any]] = []
    for folder in folders:
        if folder is not None:
            with contextlib.suppress(OSError, ValueError):
                found += [one for one in json.loads((folder / FORGOTTEN).read_text()) if one not in found]
    return found


def is_due(settings: Settings, connection: Connection, now: float) -> bool:
    """Has it been 4:00 where the community lives since the last backup?"""
    last = run(connection, DONE, {"name": "backup"}).scalar() or run(connection, BEGAN).scalar() or now
    here = datetime.fromtimestamp(now, ZoneInfo(settings.community.timezone))
    latest = here.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if latest > here:
        latest -= timedelta(days=1)
    return float(last) < latest.timestamp()


async def daily(settings: Settings, store: Store, leads: Callable[[], bool], look: float = LOOK) -> None:
    """Make the daily backup, prove one a week, and keep the list of the forgotten, until cancelled."""
    resting, erased = 0.0, -1
    while True:
        await asyncio.sleep(look)
        if time.monotonic() < resting or not await asyncio.to_thread(leads):
            continue
        try:
            number = int(await store.read(lambda connection: run(connection, COUNT_ERASED).scalar_one()))
            if number != erased:
                erased = await asyncio.to_thread(write_forgotten, settings, store)
            if await store.read(lambda connection: is_due(settings, connection, time.time())):
                made = await asyncio.to_thread(make, settings, store)
                proved = await store.read(lambda connection: run(connection, DONE, {"name": "proof"}).scalar())
                if (proved or 0.0) < time.time() - PROOF:
                    await asyncio.to_thread(prove, settings, made.path, passphrase(settings), store)
        except Exception:
            journal.error("job.failed", job="backup")
            resting = time.monotonic() + AGAIN
