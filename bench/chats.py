"""Telegram to Telegram: our relay beside its floor; many chats; the service's limits; a long lane beside idle ones."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from typing import Any

from bench.servers import BotApi, Process
from bench.table import Figure, Table, median_ratio, pairs, percentile
from bench.world import UNLIMITED, Reader, World

PAIRS = 5
RAISED = {"per_second": UNLIMITED, "per_chat": UNLIMITED, "per_group": UNLIMITED}
NUMBER = re.compile(r"\bn (\d+)\b")


async def relay(table: Table) -> None:
    """One sender chat, one recipient chat, the Bot API answering at once."""
    async with BotApi() as ours, BotApi() as theirs:
        ids = await ours.people(["Ana", "Bob"])
        world = World()
        account = ours.settings["token"].partition(":")[0]
        world.populate([Reader("telegram", account, ids[name], name) for name in ("Ana", "Bob")])
        world.configure({"telegram": ours.settings | RAISED})
        recipient = (await theirs.people(["Ana", "Bob"]))["Bob"]
        floor = Process(
            [
                "-m",
                "bench.floor",
                theirs.settings["api"],
                theirs.settings["token"],
                f"{world.folder}/floor.db",
                recipient,
            ]
        )
        async with floor, world.program():
            await _warm(ours)
            await _warm(theirs)
            idle: list[list[float]] = [[], []]
            busy: list[list[list[float]]] = [[], []]
            burst: list[list[float]] = [[], []]
            for _ in range(PAIRS):
                for side, api in enumerate((ours, theirs)):
                    idle[side].append(statistics.median(await _one_by_one(api, 40)))
                for side, api in enumerate((ours, theirs)):
                    busy[side].append(await _at_rate(api, 300, 100))
                for side, api in enumerate((ours, theirs)):
                    burst[side].append(await _at_once(api, 3000))
    table.add(
        Figure(
            "relay, idle: p50 against the floor's", median_ratio(*idle), "most", 3, "times", pairs(*idle, 1e3) + " ms"
        )
    )
    for part, name in ((0.5, "p50"), (0.99, "p99")):
        both = [[percentile(run, part) for run in side] for side in busy]
        table.add(
            Figure(
                f"relay at 100 messages/s: {name} against the floor's",
                median_ratio(*both),
                "most",
                4,
                "times",
                pairs(*both, 1e3) + " ms",
            )
        )
    table.add(
        Figure(
            "burst of 3,000 to one chat, relayed/s against the floor's",
            median_ratio(*burst),
            "least",
            0.3,
            "times",
            pairs(*burst),
        )
    )


async def _warm(api: BotApi) -> None:
    """Wait until a first message has come through."""
    seen = await api.count("Bob")
    await api.post("say", who="Ana", text="warm")
    end = time.monotonic() + 30
    while not [line for line in await api.seen("Bob", seen) if "warm" in line["text"]]:
        if time.monotonic() > end:
            raise TimeoutError("nothing is relayed")
        await asyncio.sleep(0.02)


async def _one_by_one(api: BotApi, times: int) -> list[float]:
    """Seconds from a post to its copy, with nothing else going on."""
    took = []
    for number in range(times):
        before, seen = await api.count("Ana"), await api.count("Bob")
        await api.post("say", who="Ana", text=f"hello {number}")
        while not (lines := await api.seen("Bob", seen)):
            await asyncio.sleep(0.002)
        (said,) = await api.seen("Ana", before)
        took.append(lines[-1]["at"] - said["at"])
        await asyncio.sleep(0.02)
    return took


async def _at_rate(api: BotApi, times: int, rate: int) -> list[float]:
    """Seconds from each of many posts to its copy."""
    said_before, seen = await api.count("Ana"), await api.count("Bob")
    await api.post("say", who="Ana", text="n", times=times, per_second=rate)
    copies = await _arrived(api, seen, times, 60)
    said = {
        int(found[1]): line["at"]
        for line in await api.seen("Ana", said_before)
        if (found := NUMBER.search(line["text"]))
    }
    return [copies[number] - at for number, at in said.items()]


async def _at_once(api: BotApi, times: int) -> float:
    """Messages relayed a second, of many that were there at once."""
    seen = await api.count("Bob")
    await api.post("say", who="Ana", text="n", times=times)
    copies = await _arrived(api, seen, times, 120)
    return (times - 1) / (max(copies.values()) - min(copies.values()))


async def _arrived(api: BotApi, seen: int, times: int, within: float) -> dict[int, float]:
    """When each numbered line reached Bob. Raises TimeoutError."""
    end = time.monotonic() + within
    while True:
        copies: dict[int, float] = {}
        for line in await api.seen("Bob", seen):
            for number in NUMBER.findall(line["text"]):
                copies.setdefault(int(number), line["at"])
        if len(copies) >= times:
            return copies
        if time.monotonic() > end:
            raise TimeoutError(f"{len(copies)} of {times} relayed in {within} s")
        await asyncio.sleep(0.1)


async def many_chats(table: Table) -> None:
    """3,000 deliveries over 100 chats with a Bot API that takes 50 ms for an answer: short lines, then long ones.

    Lines of one conversation that wait for the same chat leave together; two of the long ones do not fit one message.
    """
    for text, kind in (("n", "lines together"), (f"{'long ' * 450}n", "each a message of its own")):
        lines, took, sends = await _over_chats(text)
        name = f"3,000 deliveries over 100 chats, 50 ms an answer, {kind}"
        table.add(Figure(name, lines / took, "least", 400, "/s", f"{sends} sends"))


async def _over_chats(text: str) -> tuple[int, float, int]:
    """How many lines arrived, in how many seconds, in how many calls."""
    async with BotApi(latency=0.05) as api:
        world, names = await _crowd(api, 100, RAISED)
        async with world.program():
            await _until_read(api, names, "ready", warm=True)
            before = await _count(api)
            await api.post("say", who="Ana", text=text, times=30, per_second=20)
            lines = await _lines(api, names, 30)
            return len(lines), max(lines) - min(lines), await _count(api) - before


async def limits(table: Table) -> None:
    """300 private chats through a Bot API that refuses what is faster than Telegram allows, default budgets."""
    async with BotApi(limits=True) as api:
        world, names = await _crowd(api, 300, {})
        async with world.program():
            await _until_read(api, names[:1], "", warm=False)
            await _until_quiet(api)
            await api.post("say", who="Ana", text="n 1 limits")
            lines = await _lines(api, names, 1, within=60)
            said = (await api.seen("Ana"))[-1]["at"]
            stats = await api.get("stats")
    refused = int(stats["counts"].get("429", 0))
    table.add(
        Figure(
            "300 private chats, default budgets: all have it after",
            max(lines) - said,
            "most",
            11,
            "s",
            f"{refused} refused",
            valid=refused == 0,
        )
    )


async def long_lane(table: Table) -> None:
    """One room with 20,000 parcels waiting beside 100 idle lanes: the answer to a command in another lane."""
    async with BotApi(latency=0.02) as api:
        world, names = await _crowd(api, 100, RAISED)
        world.fill_lane(2, 20_000)
        async with world.program():
            await asyncio.sleep(3)
            took = []
            for _ in range(15):
                seen = await api.count(names[5])
                await api.post("say", who=names[5], text="/help")
                while len(lines := await api.seen(names[5], seen)) < 2:
                    await asyncio.sleep(0.005)
                said, answer = (line["at"] for line in lines[:2])
                took.append(answer - said)
                await asyncio.sleep(0.1)
    table.add(
        Figure(
            "a lane of 20,000 beside: answer to a command, slowest of 15",
            max(took) * 1e3,
            "most",
            100,
            "ms",
            f"median {statistics.median(took) * 1e3:.0f} ms",
        )
    )


async def _crowd(api: BotApi, number: int, limits_: dict[str, Any]) -> tuple[World, list[str]]:
    names = [f"P{n}" for n in range(number)]
    ids = await api.people(["Ana", *names])
    world = World()
    account = api.settings["token"].partition(":")[0]
    world.populate([Reader("telegram", account, ids[name], name) for name in ("Ana", *names)])
    world.configure({"telegram": api.settings | limits_})
    return world, names


async def _until_read(api: BotApi, names: list[str], text: str, *, warm: bool) -> None:
    """Wait until the program has read what was there before; with `warm`, until a first line has reached everybody."""
    end = time.monotonic() + 60
    while (await api.get("stats"))["waiting"]:
        if time.monotonic() > end:
            raise TimeoutError("the program does not read")
        await asyncio.sleep(0.1)
    await asyncio.sleep(1.0)
    if warm:
        await api.post("say", who="Ana", text=text)
        for name in names:
            while text not in str(await api.seen(name)):
                await asyncio.sleep(0.1)
        await asyncio.sleep(1.0)


async def _until_quiet(api: BotApi) -> None:
    """Wait until everybody who pressed start has been answered, and a little longer."""
    before = -1
    while (now := await _count(api)) != before:
        before = now
        await asyncio.sleep(2.5)


async def _count(api: BotApi) -> int:
    return int((await api.get("stats"))["counts"].get("sendMessage", 0))


async def _lines(api: BotApi, names: list[str], times: int, within: float = 90) -> list[float]:
    """When each of the numbered lines reached each of them."""
    end = time.monotonic() + within
    at: list[float] = []
    for name in names:
        while True:
            copies: dict[int, float] = {}
            for line in await api.seen(name):
                for number in NUMBER.findall(line["text"]):
                    copies.setdefault(int(number), line["at"])
            if len(copies) >= times:
                break
            if time.monotonic() > end:
                raise TimeoutError(f"{name} has {len(copies)} of {times} lines after {within} s")
            await asyncio.sleep(0.3)
        at += copies.values()
    return at
