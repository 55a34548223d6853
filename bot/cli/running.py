"""`filcommun run`: the program, from a configuration to an exit code."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot import journal
from bot.config import ConfigError, Settings, load

if TYPE_CHECKING:
    from bot.app import App

#: docs/reference/command-line.md
OK, FAILURE, USAGE, CONFIGURATION, UNREACHABLE, PARTIAL = range(6)


def settings(path: Path | None) -> Settings:
    """The configuration; a wrong one is told, a sentence a line, and ends the program with exit code 3."""
    try:
        found = load(path, dict(os.environ))
    except ConfigError as error:
        for sentence in error.sentences:
            print(sentence, file=sys.stderr)
        sys.exit(CONFIGURATION)
    for warning in found.warnings():
        print(warning, file=sys.stderr)
    return found


def run(path: Path | None) -> int:
    """Run until told to stop."""
    found = settings(path)
    journal.setup()
    from bot import app
    from bot.backups import BackupFailed
    from bot.core.tokens import BadKeyError
    from store.migrate import NewerSchema
    from store.owners import AlreadyRunning

    try:
        return asyncio.run(app.run(found, started=_started))
    except AlreadyRunning:
        print(
            f"Another filcommun is already running on {where(found)}. Stop it first; on PostgreSQL several may run.",
            file=sys.stderr,
        )
        return FAILURE
    except NewerSchema as error:
        print(
            f"{where(found)} was made by a newer version of filcommun (its schema is {error}). Install that version,"
            " or take back the copy made before the update.",
            file=sys.stderr,
        )
        return CONFIGURATION
    except BackupFailed as error:
        print(f"{error} Without one the database is not brought up to date.", file=sys.stderr)
        return FAILURE
    except BadKeyError as error:
        print(no_key(found, error), file=sys.stderr)
        return CONFIGURATION
    except Exception as error:
        if not is_connection_trouble(error):
            raise
        print(no_database(found, error), file=sys.stderr)
        return UNREACHABLE


def where(found: Settings) -> str:
    """The database, as a person would name it; without a password."""
    from sqlalchemy.engine import make_url

    url = make_url(found.store.url)
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


_DAMAGED = ("malformed", "no such table", "does not exist", "corrupt")
_TROUBLES = ("connect", "unable to open", "readonly", "no such host", "resolve", "disk is full", "disk i/o", *_DAMAGED)


def is_connection_trouble(error: BaseException) -> bool:
    """True when there is no database to work with: none answers, or the file cannot be one."""
    from sqlalchemy.exc import DatabaseError, OperationalError

    if isinstance(error, OSError):
        return True
    said = str(getattr(error, "orig", "")).lower()
    if isinstance(error, OperationalError):
        return any(word in said for word in _TROUBLES)
    return isinstance(error, DatabaseError) and any(word in said for word in ("not a database", *_DAMAGED))


def no_database(found: Settings, error: BaseException) -> str:
    """One sentence for the operator: where the database is set, what is wrong with it, what to look at."""
    place = found.where("store", "url")
    if found.store.path is None:
        return f"{place}: the database does not answer. Is PostgreSQL running, and are name and password right?"
    said = str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error)
    if any(word in said.lower() for word in _DAMAGED):
        return (
            f"{place}: {found.store.path} is damaged ({said}). Stop filcommun, keep this file aside, and put a copy back:"
            " docs/how-to/start-again.md"
        )
    if "full" in said.lower():
        return f"{place}: {found.store.path} cannot be written ({said}). Make room on that disk, then start again."
    return (
        f"{place}: {found.store.path} cannot be used as a database ({said}). Is its folder there, and ours to write to?"
    )


def no_key(found: Settings, error: Exception) -> str:
    """One sentence for the operator: where the key is set, what is wrong with it, what to do."""
    return f"{found.where('store', 'key')}: {error}. Put your copy of it back, or name a file that can be made."


#: Channels have this long to say where people write to us, before the code is shown all the same.
PATIENCE = 20.0


def _started(app: App) -> None:
    """If a community has no organizer anybody can reach, show how one comes in, once the channels are open."""

    async def show() -> None:
        from bot.cli.organizers import show_codes

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                for ready in app.bus.ready.values():
                    await ready.wait()
        await asyncio.to_thread(show_codes, app)

    app.background(show())
