"""Who is in which group. Signal says only "the group changed": the bridge asks who is there, and tells what is new.

What was told last is kept in a small file beside the spool, written after the news was stored: somebody who left while
the bot was away is noticed when it comes back.
"""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.core.errors import Unreadable
from bot.core.events import Arrival, Event, MembershipChanged, Person, Place, RoomChanged
from bridges.signal.watch import beside

#: Before the JSON of an item that we made ourselves. Nothing from outside is passed on with it (`from_outside`).
OWN = b"own item "


def own_item(body: Mapping[str, Any]) -> bytes:
    """An item of ours, as the store keeps it and `incoming.read` knows it."""
    return OWN + json.dumps(body).encode()


def from_outside(data: bytes) -> bytes:
    """What the service gave, such that it is never taken for an item of ours."""
    return data if not data.startswith(OWN) else b"not " + data


def group_place(internal_id: str) -> str:
    """The id a group is written to, from the one its messages carry. Never raises."""
    return "group." + base64.b64encode(internal_id.encode("utf-8", "backslashreplace")).decode()


@dataclass(frozen=True, slots=True)
class Group:
    """A group as the service lists it: its members' ACIs without ours, and whether we are one."""

    id: str
    title: str
    members: frozenset[str]
    ours: bool

    @classmethod
    def listed(cls, entry: Mapping[str, Any], number: str, own: set[str], by_number: Mapping[str, str]) -> Group:
        """From an entry of the service's list, whose members are a mix of numbers and ACIs."""
        named = [one for one in entry.get("members") or [] if isinstance(one, str)]
        acis = {by_number.get(one, one).lower() for one in named}
        people = {aci for aci in acis if not aci.startswith("+") and aci not in own}
        ours = entry.get("member")
        if not isinstance(ours, bool):
            ours = number in named or bool(own & acis)
        return cls(str(entry.get("id", "")), str(entry.get("name") or ""), frozenset(people), ours)


class Told:
    """What the core was told of each group."""

    def __init__(self, spool: Path) -> None:
        self._path = beside(spool, "groups")
        try:
            found = json.loads(self._path.read_bytes())
            self._groups: dict[str, dict[str, Any]] = found if isinstance(found, dict) else {}
        except (OSError, ValueError):
            self._groups = {}

    def news(self, groups: Iterable[Group]) -> list[Arrival]:
        """One item for each group that is not as it was told last."""
        return [arrival for group in groups if (arrival := self._one(group))]

    def _one(self, group: Group) -> Arrival | None:
        before = self._groups.get(group.id, {})
        known = frozenset(before.get("members", ()))
        us = None if before.get("ours") is group.ours else group.ours
        if before and known == group.members and us is None and before.get("title") == group.title:
            return None
        body = {
            "id": group.id,
            "title": group.title,
            "here": sorted(group.members - known),
            "gone": sorted(known - group.members),
            "us": us,
            "members": sorted(group.members),
            "ours": group.ours,
        }
        return Arrival(
            key=f"group:{group.id}:{time.time_ns()}",
            raw=own_item({"group": body}),
            lane=group.id,
        )

    def stored(self, arrivals: Iterable[Arrival]) -> None:
        """These were committed: remember them as told."""
        changed = False
        for arrival in arrivals:
            if arrival.key.startswith("group:"):
                body = json.loads(arrival.raw.removeprefix(OWN))["group"]
                self._groups[body["id"]] = {key: body[key] for key in ("title", "members", "ours")}
                changed = True
        if changed:
            new = self._path.with_name(self._path.name + ".new")
            file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(file, "wb") as written:
                written.write(json.dumps(self._groups, ensure_ascii=False).encode())
            new.replace(self._path)


def members_changed(body: Mapping[str, Any], names: Mapping[str, str]) -> list[Event]:
    """The events of an item `Told.news` made. Raises Unreadable."""
    here, gone = body.get("here", []), body.get("gone", [])
    words = (
        [body.get("id"), body.get("title"), *here, *gone]
        if isinstance(here, list) and isinstance(gone, list)
        else [None]
    )
    if not all(isinstance(word, str) for word in words) or not body["id"]:
        raise Unreadable("news of a group that are none")
    place = Place(body["id"], room=True, title=body["title"])
    events: list[Event] = [RoomChanged(place)]
    if isinstance(us := body.get("us"), bool):
        events.append(MembershipChanged(place, Person("me"), present=us, us=True))
    events += [MembershipChanged(place, Person(aci, names.get(aci, "")), present=True) for aci in here]
    events += [MembershipChanged(place, Person(aci, names.get(aci, "")), present=False) for aci in gone]
    return events
