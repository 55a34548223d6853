"""`filcommun invite-sheet`: the page to print, written to a file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.cli.people import find_community, house_of, with_store
from bot.cli.running import FAILURE, OK, USAGE
from bot.commands import sheet
from bot.config import Settings
from bot.text import page
from store.statement import run, sql

ABOUT = sql("SELECT id, name, language, timezone FROM community WHERE id = :id")


def write_sheet(settings: Settings, file: Path, slug: str) -> int:
    """Make a code that serves many, and write the page that shows it."""
    kind = file.suffix.lower().removeprefix(".")
    if kind not in page.TYPES:
        print(f"{file.name}: write it as .pdf or .svg, such as invitation.pdf", file=sys.stderr)
        return USAGE

    def work(store: Any) -> int:
        with store.engine.connect() as connection:
            found = find_community(connection, slug)
            if found is None:
                return FAILURE
            community = run(connection, ABOUT, {"id": found.id}).one()
        house = house_of(settings, named=True)
        if not house.channels:
            print(
                "No channel is on, so nobody could come in. Write the section of one into the configuration.",
                file=sys.stderr,
            )
            return FAILURE
        try:  # nothing that could be found is made before it is sure that it can be written
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            print(f"{file} cannot be written: {error.strerror}.", file=sys.stderr)
            return FAILURE

        def make(connection: Connection) -> tuple[str, page.Page]:
            return sheet.new(
                connection, house, community=community.id, name=community.name, language=community.language,
                zone=community.timezone,
            )  # fmt: skip

        with os.fdopen(handle, "wb") as out:
            code, made = store.write_now(make)
            if kind == "pdf" and any(isinstance(item, page.Words) and page.lacks(item.text) for item in made.items):
                print("Some letters are not in the PDF's font: write it as .svg, which has them all.", file=sys.stderr)
            out.write(page.svg(made) if kind == "svg" else page.pdf(made))
        print(f"{file}: its code, {code}, brings in everybody who uses it until an organizer writes UNINVITE {code}")
        return OK

    return with_store(settings, work)
