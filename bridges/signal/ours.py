"""Whose account is this? The bot lives in a number of its own and makes sure of it; then it makes that number private.

What gives somebody away at first sight: an address book, groups (none can be a room yet), and on the first day another
device that does something. Then the channel stays closed: nothing is stored, nobody is answered.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bot.core.errors import Down, Uncertain
from bot.core.events import Arrival
from bridges.signal.answers import decoded
from bridges.signal.groups import own_item
from bridges.signal.spool import Frame, Kind, Reader
from bridges.signal.watch import beside

if TYPE_CHECKING:
    from bridges.signal.api import Api
    from bridges.signal.settings import SignalSettings

_LOG = logging.getLogger("filcommun.signal")
#: How long after the first sight another device means that the account is somebody's. Later it is only noted.
FIRST_SIGHT = 86_400.0
#: The parts of a sync message that somebody's hand has caused.
_DONE = ("sentMessage", "sentStoryMessage", "readMessages", "viewedMessages")
CURE = "Give the bot a number of its own, or write shared_account = true in [signal]: then only bound groups and members are read"


def whose(contacts: Sequence[Mapping[str, Any]], groups: Sequence[Mapping[str, Any]], number: str) -> str:
    """What shows that the account is somebody's, in a few words; empty if nothing does.

    Contacts somebody gave a name count; those known only by the profile they show may be people who wrote to the bot.
    """
    named = sum(1 for one in contacts if _is_named(one) and one.get("number") != number)
    joined = sum(1 for one in groups if one.get("member") is not False)
    shown = [f"an address book ({named} contacts)"] * bool(named) + [f"groups already ({joined})"] * bool(joined)
    return " and ".join(shown)


def _is_named(contact: Mapping[str, Any]) -> bool:
    nickname = contact.get("nickname")
    nick = nickname.get("name") if isinstance(nickname, Mapping) else ""
    return bool(contact.get("name") or contact.get("given_name") or nick)


def must_be_ours(
    contacts: Sequence[Mapping[str, Any]], groups: Sequence[Mapping[str, Any]], number: str, spool: Path
) -> None:
    """At first sight: an account that is somebody's stays closed, nobody asked their friends. Raises Down."""
    if found := whose(contacts, groups, number):
        forget(spool)
        raise Down(f"the Signal number looks like somebody's own: it has {found}", CURE)


def another_device() -> Down:
    """Why the channel is closed after another device of the account did something on the first day."""
    return Down("the Signal number looks like somebody's own: another device uses it", CURE)


def first_sight(account: str) -> Arrival:
    """An item that only notes when the account was looked at, and found to be ours (or said to be shared)."""
    now = time.time()
    cursor = {"seen": str(int(now)), "other": ""}
    return Arrival(f"sight:{now:.3f}", own_item({"sight": now}), account, cursor=cursor)


def closing(account: str) -> Arrival:
    """An item that only notes that the account is somebody's, so that it stays closed after a restart."""
    now = time.time()
    return Arrival(f"sight:{now:.3f}:other", own_item({"sight": now}), account, cursor={"other": "1"})


def is_new(cursor: Mapping[str, str]) -> bool:
    """Whether the account was seen first less than a day ago. Raises nothing."""
    try:
        return time.time() - float(cursor.get("seen") or time.time()) < FIRST_SIGHT
    except ValueError:
        return False


def shows_another_device(frames: Sequence[Frame]) -> bool:
    """Whether one of these is what somebody did on another device of the account.

    What devices tell each other by themselves (lists of contacts and groups, when one is linked) shows nobody.
    """
    return any(frame.kind is Kind.ITEM and _is_somebodys_doing(frame.data) for frame in frames)


def _is_somebodys_doing(data: bytes) -> bool:
    from bridges.signal import incoming

    if incoming.key_of(data)[2] != "syncMessage":
        return False
    sync = incoming.loads(data)["envelope"]["syncMessage"]
    return isinstance(sync, dict) and any(sync.get(part) for part in _DONE)


def forget(spool: Path) -> None:
    """Throw away what a listener wrote down of an account that is not ours."""
    if not spool.exists():
        return
    reader = Reader(spool)
    try:
        while frames := reader.read():
            reader.cut(frames[-1].end)
    finally:
        reader.close()


@dataclass(frozen=True, slots=True)
class Private:
    """What was done to the bot's own account, kept beside the spool: its username, and the link that finds it."""

    number: str = ""
    username: str = ""
    link: str = ""

    @classmethod
    def known(cls, spool: Path) -> Private:
        """What is noted there; nothing if nothing is, or nonsense."""
        try:
            found = json.loads(beside(spool, "account").read_bytes())
            return cls(str(found["number"]), str(found["username"]), str(found["link"]))
        except (OSError, ValueError, KeyError, TypeError):
            return cls()

    def note(self, spool: Path) -> None:
        """Write it down, whole or not at all."""
        path = beside(spool, "account")
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(path.name + ".new")
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "w") as written:
            json.dump({"number": self.number, "username": self.username, "link": self.link}, written)
        new.replace(path)


async def make_private(api: Api, settings: SignalSettings, spool: Path) -> Private:
    """The bot's number is shown to nobody and found by nobody; who has the username's link finds it. Done once.

    What the service refuses is noted in the journal and tried again at the next start: nobody is served worse by it.
    """
    known = Private.known(spool)
    if known.number == settings.number and known.username.partition(".")[0] == settings.username:
        return known
    path = f"/v1/accounts/{quote(settings.number, safe='+')}"
    hidden = {"discoverable_by_number": False, "share_number": False}
    try:
        status, _ = await api.call("PUT", f"{path}/settings", hidden)
        made = Private(settings.number)
        if status == 204 and settings.username:
            status, body = await api.call("POST", f"{path}/username", {"username": settings.username})
            answer = decoded(body)
            if status == 201 and isinstance(answer, dict):
                made = Private(
                    settings.number, str(answer.get("username") or ""), str(answer.get("username_link") or "")
                )
    except Uncertain:
        _LOG.warning("signal.not_private", extra={"fields": {"status": 0}})
        return known if known.number == settings.number else Private()
    if status not in (201, 204) or (settings.username and not made.link):
        _LOG.warning("signal.not_private", extra={"fields": {"status": status}})
        return known if known.number == settings.number else Private()
    made.note(spool)
    _LOG.info("signal.private")
    return made
