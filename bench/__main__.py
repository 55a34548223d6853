"""`make bench`: every figure of README.md, in one run. `python -m bench relay start_up` takes only those."""

from __future__ import annotations

import asyncio
import os
import platform
import sys

from bench import chats, mails, starting
from bench.table import Table

BENCHES = {
    "relay": chats.relay,
    "many_chats": chats.many_chats,
    "limits": chats.limits,
    "long_lane": chats.long_lane,
    "fan_out": mails.fan_out,
    "start_up": starting.start_up,
    "memory": starting.memory,
}


async def main(names: list[str]) -> int:
    """Run them one after the other; 1 if a figure is short."""
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f} before", flush=True
    )
    table = Table()
    for name in names or list(BENCHES):
        await BENCHES[name](table)
    return table.end()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
