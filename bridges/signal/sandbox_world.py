"""The make-believe Signal network: people, groups, what their devices show, and the envelopes they cause."""

from __future__ import annotations

import base64
import hashlib
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.core.bridge import Seen

from .groups import group_place

NAMESPACE = uuid.UUID("9a1e6a0e-6d1f-4a58-8c54-3b1f5e0f7c11")
BOT = "Facteur"


@dataclass(slots=True)
class Human:
    """Somebody with Signal on a phone."""

    name: str
    aci: str
    number: str
    shows_number: bool = False  # most people hide it: then envelopes have null
    registered: bool = True
    device: int = 1  # one more with every telephone: another key
    trusted: int = 1  # the one the service trusts


@dataclass(slots=True)
class Room:
    """A group of people and the bot."""

    title: str
    internal: str
    people: list[str]
    revision: int = 0  # changes since it was made
    has_bot: bool = True

    @property
    def id(self) -> str:
        """What it is written to."""
        return group_place(self.internal)

    def info(self, kind: str = "DELIVER") -> dict[str, Any]:
        """What envelopes say of it."""
        return {"groupId": self.internal, "groupName": self.title, "revision": self.revision, "type": kind}


@dataclass(slots=True)
class World:
    """Everything there is; the server of the sandbox moves messages in and out."""

    number: str
    aci: str
    people: dict[str, Human] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)
    chats: dict[tuple[str, str], list[Seen]] = field(default_factory=dict)
    reactions: dict[tuple[str, str], str] = field(default_factory=dict)  # by (who, message): the emoji shown under it
    address_book: list[str] = field(default_factory=list)  # names somebody typed into the account's phone
    settings: dict[str, bool] = field(default_factory=lambda: {"discoverable_by_number": True, "share_number": True})
    username: str = ""
    _last: int = 0

    def now(self) -> int:
        """A time in milliseconds that no message has yet: it is the message's id."""
        self._last = max(self._last + 1, int(time.time() * 1000))
        return self._last

    @property
    def username_link(self) -> str:
        """What the QR of the username opens; it finds the account whatever its number."""
        sealed = hashlib.sha512(self.username.encode()).digest()[:48]
        return "https://signal.me/#eu/" + base64.urlsafe_b64encode(sealed).decode()

    def human(self, name: str) -> Human:
        """The person of that name, made at first sight."""
        if name not in self.people:
            aci = str(uuid.uuid5(NAMESPACE, name))
            digits = int(hashlib.sha256(name.encode()).hexdigest(), 16) % 10**8
            self.people[name] = Human(name, aci, f"+336{digits:08d}")
        return self.people[name]

    def add_room(self, title: str, people: Sequence[str], *, founded: bool = False) -> Room:
        """A new group; its people are made if need be. Unless it is made with the bot, the bot is added to it."""
        if title not in self.rooms:
            internal = base64.b64encode(hashlib.sha256(f"room {title}".encode()).digest()).decode()
            people = [self.human(name).name for name in people]
            self.rooms[title] = Room(title, internal, people, revision=0 if founded else 1)
        return self.rooms[title]

    def chat(self, who: str, room: str) -> list[Seen]:
        """The lines of the private chat of `who`, or of `room`."""
        return self.chats.setdefault(("", room) if room else (who, ""), [])

    def target(self, recipient: str) -> Human | Room | None:
        """Who or what a recipient of a request is."""
        if recipient.startswith("group."):
            return next((room for room in self.rooms.values() if room.id == recipient), None)
        return next((one for one in self.people.values() if recipient in (one.aci, one.number)), None)

    def lines_of(self, target: Human | Room) -> list[Seen]:
        """The chat of a target."""
        return self.chat("", target.title) if isinstance(target, Room) else self.chat(target.name, "")

    def author_part(self, author: str) -> str:
        """How a message's id names its author."""
        return "me" if author in (self.number, self.aci) else author

    def envelope(self, human: Human, when: int, **parts: Any) -> dict[str, Any]:
        """A frame as the service sends it."""
        number = human.number if human.shows_number else None
        return {
            "account": self.number,
            "envelope": {
                "source": number or human.aci,
                "sourceNumber": number,
                "sourceUuid": human.aci,
                "sourceName": human.name,
                "sourceDevice": 1,
                "timestamp": when,
                "serverReceivedTimestamp": when + 1,
                "serverDeliveredTimestamp": when + 2,
                **parts,
            },
        }

    def message(self, when: int, text: str | None, room: Room | None, **parts: Any) -> dict[str, Any]:
        """A data message."""
        found: dict[str, Any] = {
            "timestamp": when,
            "message": text,
            "expiresInSeconds": 0,
            "isExpirationUpdate": False,
            "viewOnce": False,
        }
        if room:
            found["groupInfo"] = room.info()
        return found | parts

    def quote(self, seen: Seen) -> dict[str, Any]:
        """What a phone sends along when its owner answers that line."""
        when, _, author = seen.id.partition("/")
        number = self.number if author == "me" else None
        aci = self.aci if author == "me" else author
        return {
            "id": int(when),
            "author": number or aci,
            "authorNumber": number,
            "authorUuid": aci,
            "text": seen.text,
            "attachments": [],
        }

    def groups(self) -> list[dict[str, Any]]:
        """The answer to GET /v1/groups: members are a mix of numbers and ACIs."""
        permissions = {"add_members": "every-member", "edit_group": "only-admins", "send_messages": "every-member"}
        return [
            {
                "id": room.id,
                "internal_id": room.internal,
                "name": room.title,
                "description": "",
                "members": [self._listed(self.human(name)) for name in room.people] + [self.number] * room.has_bot,
                "admins": [self._listed(self.human(room.people[0]))] if room.people else [],
                "pending_invites": [],
                "pending_requests": [],
                "invite_link": "",
                "member": room.has_bot,
                "blocked": False,
                "permissions": permissions,
            }
            for room in self.rooms.values()
        ]

    def identities(self) -> list[dict[str, Any]]:
        """The answer to GET /v1/identities: the newest key of everybody."""
        return [
            {
                "added": "Tue Mar 03 18:00:00 UTC 2026",
                "fingerprint": hashlib.sha256(f"{one.name} {one.device}".encode()).hexdigest(),
                "number": one.number if one.shows_number else "",
                "safety_number": self.safety_number(one),
                "status": "TRUSTED_UNVERIFIED" if one.trusted == one.device else "UNTRUSTED",
                "uuid": one.aci,
            }
            for one in self.people.values()
        ]

    def safety_number(self, human: Human) -> str:
        """Sixty digits that both sides can compare."""
        digits = int(hashlib.sha512(f"{human.name} {human.device} {self.number}".encode()).hexdigest(), 16) % 10**60
        return f"{digits:060d}"

    def _listed(self, human: Human) -> str:
        return human.number if human.shows_number else human.aci

    def contacts(self) -> list[dict[str, Any]]:
        """The answer to GET /v1/contacts."""
        known = [(one.number if one.shows_number else "", one.aci, "", one.name) for one in self.people.values()]
        known.append((self.number, self.aci, "", BOT))
        known += [
            (f"+3370000{n:04d}", str(uuid.uuid5(NAMESPACE, f"book {name}")), name, name)
            for n, name in enumerate(self.address_book)
        ]
        empty = {"blocked": False, "color": "", "message_expiration": "0", "note": "", "username": "", "given_name": ""}
        nick = {"name": "", "given_name": "", "family_name": ""}
        profile = {"given_name": "", "lastname": "", "about": "", "has_avatar": False, "last_updated_timestamp": 0}
        return [
            {
                "number": number,
                "uuid": aci,
                "name": written,
                "profile_name": shown,
                "nickname": nick,
                "profile": profile,
                **empty,
            }
            for number, aci, written, shown in known
        ]
