"""`filcommun check`: every channel asked what is wrong with its set-up."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.cli.running import FAILURE, OK, PARTIAL, UNREACHABLE, is_connection_trouble, no_database
from bot.config import Settings
from bot.config.channels import channel as find_channel
from bot.core.errors import BridgeError, Down

#: A server that says nothing for this long is not there.
PATIENCE = 45.0


async def check_all(settings: Settings, channels: Sequence[str]) -> int:
    """Check the database and these channels; 4 if one cannot be reached, 5 if one has something to mend."""
    codes = {_check_store(settings), _check_folder(settings, "files", settings.store.files)}
    if not channels:
        print(
            f"{settings.file or 'The configuration'}: no channel is on. Write the section of one, such as [telegram];"
            " filcommun init telegram shows how.",
            file=sys.stderr,
        )
        codes.add(PARTIAL)
    for name in channels:
        codes.add(await _check(settings, name))
    # What cannot be reached at all is worse than what could be better.
    code = UNREACHABLE if UNREACHABLE in codes else max(codes)
    if code == OK:
        print("Everything is well.")
    return code


def _check_store(settings: Settings) -> int:
    from store.database import Store
    from store.migrate import current

    store = Store(settings.store.url)
    if store.path is not None and not store.path.exists():
        return _check_folder(settings, "url", store.path.parent)  # the file is made at first start
    try:
        with store.engine.connect() as connection:
            current(connection)
    except Exception as error:
        if not is_connection_trouble(error):
            raise
        print(no_database(settings, error), file=sys.stderr)
        return UNREACHABLE
    finally:
        store.engine.dispose()
    return OK


def _check_folder(settings: Settings, key: str, folder: Path) -> int:
    """Whether files can be made in `folder`; what has to be made for the trial is removed again."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    made: list[Path] = []
    try:
        for each in reversed(missing):
            each.mkdir()
            made.append(each)
        with tempfile.TemporaryFile(dir=folder):
            return OK
    except OSError as error:
        print(
            f"{settings.where('store', key)}: nothing can be written in the folder {folder} ({error.strerror or error})."
            " Name another one, or make it ours to write to.",
            file=sys.stderr,
        )
        return UNREACHABLE
    finally:
        for each in reversed(made):
            each.rmdir()


async def _check(settings: Settings, name: str) -> int:
    bridge = find_channel(name).make(settings.channels[name])
    try:
        async with asyncio.timeout(PATIENCE):
            found = await bridge.check()
    except Down as down:
        print(f"[{name}] {_sentences(down)}", file=sys.stderr)
        return UNREACHABLE
    except TimeoutError:
        print(f"[{name}] nothing answered within {PATIENCE:.0f} seconds.", file=sys.stderr)
        return UNREACHABLE
    except (BridgeError, OSError) as error:
        print(f"[{name}] {error}", file=sys.stderr)
        return UNREACHABLE
    finally:
        await bridge.close(1.0)
    for sentence in found:
        print(f"[{name}] {sentence}")
    if not found:
        print(f"[{name}] well.")
    return PARTIAL if found else OK


def _sentences(down: Down) -> str:
    """What is wrong, and what to do; a bridge may give either as half a sentence."""
    said = [part.strip() for part in (down.reason, down.cure) if part.strip()]
    return " ".join(part[:1].upper() + part[1:] + ("" if part[-1] in ".!?" else ".") for part in said)


__all__ = ["FAILURE", "check_all"]
