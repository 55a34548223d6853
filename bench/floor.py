"""The floor of a relay: getUpdates, one durable commit for each update, one sendMessage; and nothing else.

    python -m bench.floor API TOKEN DATABASE RECIPIENT

The same request class as the bridge's, the same database settings.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import sys

from bridges.telegram.wire import Wire


async def relay(api: str, token: str, database: str, recipient: int) -> None:
    """Relay every message to `recipient`, one after the other."""
    store = sqlite3.connect(database, isolation_level=None)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=FULL")
    store.execute("CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, raw TEXT)")
    wire = Wire()
    await wire.initialize()
    base = f"{api}/bot{token}"
    offset = None
    print("{}", flush=True)
    while True:
        parameters = {"timeout": 25, "allowed_updates": ["message"]} | ({"offset": offset} if offset else {})
        updates = await wire.call(f"{base}/getUpdates", parameters, 35)
        for update in updates:
            store.execute("BEGIN IMMEDIATE")
            store.execute("INSERT OR IGNORE INTO item VALUES (?, ?)", (update["update_id"], json.dumps(update)))
            store.execute("COMMIT")
            offset = update["update_id"] + 1
            if not update.get("message", {}).get("text", "/").startswith("/"):
                await wire.call(f"{base}/sendMessage", {"chat_id": recipient, "text": update["message"]["text"]})


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(relay(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
