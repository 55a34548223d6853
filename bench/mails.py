"""The fan-out by mail, beside bare SMTP: rate, processor, first and last mail, growth with the number of members, memory."""

from __future__ import annotations

import asyncio
from typing import Any

from bench.servers import BotApi, Process, Sink
from bench.table import Figure, Table, median_ratio, pairs
from bench.world import UNLIMITED, Reader, World

PAIRS, CONNECTIONS = 5, 16
MAILS_OF_BARE = 2000
WORDS = "One reads Beloved in March? I have it in my pocket, and can lend it to whoever asks first. " * 6


async def fan_out(table: Table) -> None:
    """1,000 members, five pairs; then 10,000 and 100,000 once each."""
    from bridges.email.bridge import CHANNEL

    box = CHANNEL.sandbox()
    await box.start()
    try:
        async with Sink() as sink:
            thousand = await _thousand(table, box.settings(), sink)
            spans = {1_000: thousand}
            for members in (10_000, 100_000):
                spans[members] = await _many(table, box.settings(), sink, members)
    finally:
        await box.stop()
    rates = list(spans.values())
    table.add(
        Figure(
            "seconds a mail at 1,000, 10,000 and 100,000 members, largest over smallest", max(rates) / min(rates),
            "most", 1.3, "times", " ".join(f"{one * 1e3:.2f}" for one in rates) + " ms",
        )
    )  # fmt: skip


async def _sink_rate(sink: Sink) -> float:
    """Mails/s the sink takes when two processes send as fast as they can: what bounds everything measured with it."""
    await sink.ask("reset")
    arguments = ["-m", "bench.bare", str(sink.port), str(MAILS_OF_BARE), str(CONNECTIONS)]
    before = sink.process.cpu()
    async with Process(arguments), Process(arguments):
        await sink.until(2 * MAILS_OF_BARE, 60)
    # Its processor time, not the clock: on two cores the senders would be measured too.
    return 2 * MAILS_OF_BARE / (sink.process.cpu() - before)


async def _bare(sink: Sink) -> dict[str, float]:
    async with Process(["-m", "bench.bare", str(sink.port), str(MAILS_OF_BARE), str(CONNECTIONS)]) as bare:
        said: dict[str, float] = bare.said
    return said


def _world(api: BotApi, mail: dict[str, Any], sink: Sink, sender: str, members: int) -> World:
    world = World()
    account = api.settings["token"].partition(":")[0]
    readers = [Reader("email", mail["address"], f"reader{n}@example.org", f"Reader {n}") for n in range(members)]
    world.populate([Reader("telegram", account, sender, "Ana"), *readers])
    relay = mail["smtp"] | {"port": sink.port, "user": "", "password": "", "security": "none"}
    raised = {"per_second": UNLIMITED, "per_chat": UNLIMITED, "per_group": UNLIMITED}
    budgets = {"per_hour": 10**8, "per_day": 10**8, "grace": "0 seconds", "connections": CONNECTIONS}
    world.configure({"telegram": api.settings | raised, "email": mail | budgets | {"smtp": relay}})
    return world


async def _post(api: BotApi, sink: Sink, members: int, within: float) -> tuple[float, dict[str, float]]:
    """Post one message; when it was said, and the sink's clock."""
    await sink.ask("reset")
    await api.post("say", who="Ana", text=WORDS)
    said = (await api.seen("Ana"))[-1]["at"]
    return said, await sink.until(members, within)


async def _thousand(table: Table, mail: dict[str, Any], sink: Sink) -> float:
    sink_rate = await _sink_rate(sink)
    rates: list[list[float]] = [[], []]
    cpu: list[list[float]] = [[], []]
    firsts, lasts, spans = [], [], []
    async with BotApi() as api:
        sender = (await api.people(["Ana"]))["Ana"]
        world = _world(api, mail, sink, sender, 1000)
        async with world.program() as program:
            await asyncio.sleep(4)
            await _post(api, sink, 1000, 60)  # warm
            for _ in range(PAIRS):
                bare = await _bare(sink)
                await asyncio.sleep(0.3)
                used = program.cpu()
                said, clock = await _post(api, sink, 1000, 60)
                await asyncio.sleep(0.5)  # what settles after the last 250 is ours too
                cpu[0].append((program.cpu() - used) / 1000)
                cpu[1].append(bare["cpu"])
                rates[0].append(999 / (clock["last"] - clock["first"]))
                rates[1].append(bare["rate"])
                firsts.append(clock["first"] - said)
                lasts.append((clock["last"] - said) / (0.1 + 1000 / (0.7 * bare["rate"])))
                spans.append((clock["last"] - clock["first"]) / 999)
    table.add(
        Figure(
            "mail fan-out to 1,000: mails/s against bare SMTP's",
            median_ratio(*rates),
            "least",
            0.7,
            "times",
            f"{pairs(*rates)}, sink {sink_rate:.0f}",
            valid=sink_rate >= 2 * _middle(rates[1]),
        )
    )
    table.add(
        Figure(
            "processor time a mail against bare SMTP's",
            median_ratio(*cpu),
            "most",
            2.2,
            "times",
            pairs(*cpu, 1e3) + " ms",
        )
    )
    table.add(Figure("from the post to the first mail of 1,000", _middle(firsts) * 1e3, "most", 100, "ms"))
    table.add(Figure("to the last of 1,000, of the time allowed", _middle(lasts), "most", 1, "times"))
    return _middle(spans)


async def _many(table: Table, mail: dict[str, Any], sink: Sink, members: int) -> float:
    async with BotApi() as api:
        sender = (await api.people(["Ana"]))["Ana"]
        world = _world(api, mail, sink, sender, members)
        async with world.program() as program:
            await asyncio.sleep(4)
            program.forget_peak()
            before = program.resident()
            said, clock = await _post(api, sink, members, 60 + members / 200)
            peak = (program.peak() - before) / 1024
    if members == 10_000:
        table.add(Figure("first mail of 10,000", clock["first"] - said, "most", 0.5, "s"))
    else:
        table.add(Figure("peak memory at 100,000 above the value before the post", peak, "most", 40, "MB"))
    return (clock["last"] - clock["first"]) / (members - 1)


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
