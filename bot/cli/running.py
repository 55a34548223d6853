"""`filcommun run`: the program, from a configuration to an exit code."""

from __future__ import annotations

import asyncio
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
    except Exception as error:
        if not is_connection_trouble(error):
            raise
        print(f"{found.where('store', 'url')}: the database does not answer. Is PostgreSQL running?", file=sys.stderr)
        return UNREACHABLE


def where(found: Settings) -> str:
    """The database, as a person would name it; without a password."""
    from sqlalchemy.engine import make_url

    url = make_url(found.store.url)
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def is_connection_trouble(error: BaseException) -> bool:
    """True when no database answered."""
    from sqlalchemy.exc import OperationalError

    return isinstance(error, OperationalError) and "connect" in str(error.orig).lower()


def _started(app: App) -> None:
    """If a community has no organizer anybody can reach, show how one comes in."""
    import threading

    def show() -> None:
        from bot.cli.organizers import show_codes

        show_codes(app)

    # Its pictures take a moment that nobody has to wait for.
    threading.Thread(target=show, name="organizer-code", daemon=True).start()
