"""Whose device it is: the service keeps an identity key of everybody; a key that changed is told to the core (facts S6).

A new telephone changes it, and so does somebody who took the number. The service says nothing of its own accord but a
message it could not decrypt or a send it refused: so it is asked then, and every few minutes. What was known last is kept
in a small file beside the spool; what is met for the first time is believed.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.core.errors import Unreadable
from bot.core.events import Arrival, IdentityChanged, Person
from bridges.signal.groups import OWN, own_item
from bridges.signal.watch import beside

#: Seconds between two looks when nothing seems wrong.
EVERY = 300.0
_KEY = re.compile(r"[0-9a-fA-F ]{16,200}")
_ACI = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def key_of(entry: Mapping[str, Any]) -> tuple[str, str]:
    """Whose identity an entry of the service's list is, and its key; empty if it is none."""
    aci, key = str(entry.get("uuid") or "").lower(), str(entry.get("fingerprint") or "")
    if not _ACI.fullmatch(aci) or not _KEY.fullmatch(key):
        return "", ""
    return aci, key.replace(" ", "").lower()[:128]


def safety_number(entries: Iterable[Mapping[str, Any]], aci: str, key: str) -> str:
    """The safety number to confirm when the owner of `aci` has vouched for this very key; empty if it is another now."""
    found = [str(entry.get("safety_number") or "") for entry in entries if key_of(entry) == (aci, key)]
    return found[-1] if found else ""


class Devices:
    """The keys as the core knows them."""

    def __init__(self, spool: Path) -> None:
        self._path = beside(spool, "devices")
        try:
            found = json.loads(self._path.read_bytes())
            self._keys: dict[str, str] = found if isinstance(found, dict) else {}
        except (OSError, ValueError):
            self._keys = {}

    def news(self, entries: Iterable[Mapping[str, Any]]) -> list[Arrival]:
        """One item for each key that is another than before; of several of one person the service's last counts."""
        keys = dict(key_of(entry) for entry in entries)
        keys.pop("", None)
        first = {aci: key for aci, key in keys.items() if aci not in self._keys}
        changed = [(aci, key) for aci, key in keys.items() if self._keys.get(aci, key) != key]
        if first:
            self._keep(first)
        now = time.time()
        return [
            Arrival(
                key=f"device:{aci}:{time.time_ns()}",
                raw=own_item({"device": {"aci": aci, "key": key, "before": self._keys[aci], "at": now}}),
                lane=aci,
            )
            for aci, key in changed
        ]

    def stored(self, arrivals: Iterable[Arrival]) -> None:
        """These were committed: they are known."""
        told = [json.loads(one.raw.removeprefix(OWN))["device"] for one in arrivals]
        if told:
            self._keep({one["aci"]: one["key"] for one in told})

    def _keep(self, keys: Mapping[str, str]) -> None:
        self._keys |= keys
        new = self._path.with_name(self._path.name + ".new")
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "wb") as written:
            written.write(json.dumps(self._keys).encode())
        new.replace(self._path)


def device_changed(body: Mapping[str, Any], names: Mapping[str, str]) -> IdentityChanged:
    """The event of an item `Devices.news` made. Raises Unreadable."""
    aci, key, before, at = (body.get(name) for name in ("aci", "key", "before", "at"))
    if not (isinstance(aci, str) and isinstance(key, str) and isinstance(before, str) and isinstance(at, (int, float))):
        raise Unreadable("news of a device that are none")
    return IdentityChanged(Person(aci, names.get(aci, "")), key, datetime.fromtimestamp(at, UTC), before)
