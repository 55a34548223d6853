"""The machine of a story: backed up, lost, and started again from its backup; only the key was kept elsewhere."""

from __future__ import annotations

import shutil
import time
from typing import Any

from bot import backups
from bot.core import forgetting, resuming
from store import backup, restore
from store.database import Store
from store.files import Files


async def start_program(stage: Any) -> None:
    """The program ends, and starts again on what it knows."""
    await stage.quit()
    began = time.time()
    await stage.run()
    for channel in stage.unplugged:
        await stage.noticed(channel, back=False, since=began)
    await stage.settle()


async def back_up(stage: Any, aside: str = "") -> None:
    """What is done every night; `aside`: where a second copy of it lies."""
    copy = stage.folder / "elsewhere" / "copy.tar.gz"
    made = backup.make(stage.app.store.engine, Files(stage.settings.store.files), copy)
    backups.note(
        stage.app.store,
        "backup",
        time.time(),
        path=str(copy),
        size=made.size,
        messages=made.messages,
        error="",
        copy=aside,
    )


async def back_up_twice(stage: Any) -> None:
    """The same, and a second copy lies elsewhere."""
    await back_up(stage, "/elsewhere")


async def prove(stage: Any) -> None:
    """What is done once a week: a backup is restored, and thrown away."""
    copy = stage.folder / "elsewhere" / "copy.tar.gz"
    restore.prove(copy, "", stage.folder)
    backups.note(stage.app.store, "proof", time.time(), path=str(copy), error="")


async def start_again(stage: Any) -> None:
    """Everything is lost but that copy and the key; the program runs again, on what could be restored."""
    backups.write_forgotten(stage.settings, stage.app.store)  # done within a minute of each erasure
    await stage.quit()
    place = Store(stage.settings.store.url)
    if place.path is not None:
        for path in place.path.parent.glob(f"{place.path.name}*"):
            path.unlink()
    shutil.rmtree(stage.settings.store.files, ignore_errors=True)
    restore.restore(
        stage.folder / "elsewhere" / "copy.tar.gz",
        place,
        Files(stage.settings.store.files),
        forgotten=backups.read_forgotten(stage.settings.backup.folder),
        after=lambda connection, found: forgetting.apply_erased(connection),
        now=time.time(),
    )
    place.engine.dispose()
    await stage.run()
    await stage.settle()


async def resume(stage: Any, *, send: bool) -> None:
    """What whoever runs it decides."""
    await stage.app.store.write(lambda connection: resuming.resume(connection, send=send))
    stage.app.bus.outbox.wake()
    await stage.settle()
