"""Who is in which group. Signal says only "the group changed": the bridge asks who is there, and tells what is new.

What was told last is kept in a small file beside the spool, written after the news was stored: somebody who left while
the bot was away is noticed when it comes back.
"""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.core.bridge import Census
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
    people: int = 0  # how many there are without us, those included whose ACI nobody told us
    by: frozenset[str] = frozenset()  # who has changed it since it was told last, as far as we heard

    @classmethod
    def listed(
        cls,
        entry: Mapping[str, Any],
        number: str,
        own: set[str],
        by_number: Mapping[str, str],
        by: Collection[str] = (),
    ) -> Group:
        """From an entry of the service's list, whose members are a mix of numbers and ACIs."""
        named = [one for one in entry.get("members") or [] if isinstance(one, str)]
        acis = {by_number.get(one, one).lower() for one in named}
        people = {aci for aci in acis if not aci.startswith("+") and aci not in own}
        ours = entry.get("member")
        if not isinstance(ours, bool):
            ours = number in named or bool(own & acis)
        others = sum(1 for aci in acis if aci != number and aci not in own)
        group, title = str(entry.get("id", "")), str(entry.get("name") or "")
        return cls(group, title, frozenset(people), ours, others, frozenset(by) - own - {""})

    def census(self, asked: Collection[str]) -> Census:
        """Who of these is in it. Somebody may be there under a number we do not know: then nobody is surely gone."""
        here = self.members & frozenset(asked)
        return Census(self.people, here, frozenset(asked) - here if self.people == len(self.members) else frozenset())


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
        # Who changed it and is not there has left, be it before we had ever been told who is there.
        gone = (known | group.by) - group.members
        same = known == group.members and us is None and before.get("title") == group.title
        if before and same and not gone:
            return None
        body = {
            "id": group.id,
            "title": group.title,
            "here": sorted(group.members - known),
            "gone": sorted(gone),
            # Who leaves is who changed the group. Without having heard of any change, nobody can tell.
            "removed": sorted(known - group.members - group.by) if group.by else [],
            "us": us,
            "members": sorted(group.members),
            "ours": group.ours,
            "people": group.people,
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


def changer(data: bytes) -> tuple[str, str]:
    """Which group a frame says was changed, and by whom; empty if it says nothing of the kind. Never raises."""
    try:
        envelope = json.loads(data)["envelope"]
        info = envelope["dataMessage"]["groupInfo"]
        if info["type"] == "UPDATE" and isinstance(info["groupId"], str):
            return group_place(info["groupId"]), str(envelope["sourceUuid"]).lower()
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    return "", ""


def members_changed(body: Mapping[str, Any], names: Mapping[str, str]) -> list[Event]:
    """The events of an item `Told.news` made. Raises Unreadable."""
    here, gone, removed = (body.get(part, []) for part in ("here", "gone", "removed"))
    words = (
        [body.get("id"), body.get("title"), *here, *gone, *removed]
        if isinstance(here, list) and isinstance(gone, list) and isinstance(removed, list)
        else [None]
    )
    if not all(isinstance(word, str) for word in words) or not body["id"]:
        raise Unreadable("news of a group that are none")
    place = Place(body["id"], room=True, title=body["title"])
    people = body.get("people")
    events: list[Event] = [RoomChanged(place, people=people if isinstance(people, int) else None)]
    if isinstance(us := body.get("us"), bool):
        events.append(MembershipChanged(place, Person("me"), present=us, us=True))
    events += [MembershipChanged(place, Person(aci, names.get(aci, "")), present=True) for aci in here]
    events += [
        MembershipChanged(place, Person(aci, names.get(aci, "")), present=False, removed=aci in removed) for aci in gone
    ]
    return events
