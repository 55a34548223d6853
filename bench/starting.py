"""How fast it starts, and how much memory it keeps."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

from bench.servers import BotApi, Process, pss
from bench.table import Figure, Table, median_ratio, pairs
from bench.world import Reader, World

PAIRS = 5
IMPORTS = "import telegram, signalbot, aiosmtplib, aioimaplib, sqlmodel, pydantic_settings"


async def start_up(table: Table) -> None:
    """From exec on a current database to the first sendMessage, beside importing the six libraries."""
    ours, theirs = [], []
    async with BotApi() as api:
        ids = await api.people(["Ana", "Bob"])
        account = api.settings["token"].partition(":")[0]
        world = World()
        world.populate([Reader("telegram", account, ids[name], name) for name in ("Ana", "Bob")])
        world.configure({"telegram": api.settings})
        for turn in range(PAIRS + 1):
            began = time.monotonic()
            subprocess.run([sys.executable, "-c", IMPORTS], check=True)
            imports = time.monotonic() - began
            seen = await api.count("Bob")
            await api.post("say", who="Ana", text=f"while you were away {turn}")
            began = time.monotonic()
            async with world.program("bot.cli"):
                while not (lines := await api.seen("Bob", seen)):
                    await asyncio.sleep(0.005)
                took = lines[0]["at"] - began
            if turn:  # the first one compiles
                ours.append(took)
                theirs.append(imports)
    table.add(
        Figure(
            "exec to the first sendMessage, against importing the libraries",
            median_ratio(ours, theirs),
            "most",
            2,
            "times",
            pairs(ours, theirs) + " s",
        )
    )


async def memory(table: Table) -> None:
    """The proportional memory of bot, listener and parser, three channels on, after 1,000 messages."""
    from bridges.email.bridge import CHANNEL as MAIL
    from bridges.signal.bridge import CHANNEL as SIGNAL

    mail, signal = MAIL.sandbox(), SIGNAL.sandbox()
    await mail.start()
    await signal.start()
    try:
        async with BotApi() as api:
            ids = await api.people(["Ana", "Bob"])
            account = api.settings["token"].partition(":")[0]
            box = mail.settings()
            world = World()
            number = signal.settings()["number"]
            people = [Reader("telegram", account, ids[name], name) for name in ("Ana", "Bob")]
            people.append(Reader("email", box["address"], mail.person("Dora"), "Dora"))
            people.append(Reader("signal", number, signal.person("Chloe"), "Chloe"))
            world.populate(people)
            raised = {"per_second": 100_000, "per_chat": 100_000, "per_group": 100_000}
            spool = {"spool": f"{world.folder}/signal.spool"}
            mails = {"per_hour": 10**8, "per_day": 10**8, "grace": "0 seconds"}
            world.configure(
                {"telegram": api.settings | raised, "email": box | mails, "signal": signal.settings() | spool}
            )
            configuration = world.folder / "config.toml"
            listener = Process(["-m", "bot.cli", "--config", str(configuration), "listen", "signal"], first_line=False)
            async with listener, world.program() as program:
                await asyncio.sleep(5)
                await mail.say("Dora", "A mail, so that the parser runs.", subject="Hello")
                await api.post("say", who="Ana", text="n", times=1000, per_second=200)
                await asyncio.sleep(12)
                parts = {pid: pss(pid) / 1024 for pid in (*_family(program.pid), *_family(listener.pid))}
    finally:
        await mail.stop()
        await signal.stop()
    note = " + ".join(f"{size:.0f}" for size in parts.values())
    table.add(
        Figure(
            "memory (PSS) of all processes, three channels, after 1,000 messages",
            sum(parts.values()),
            "most",
            130,
            "MB",
            note,
        )
    )


def _family(pid: int) -> list[int]:
    """A process and all its descendants."""
    found = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            found += _family(int(child))
    return found
