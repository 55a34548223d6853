"""Raw updates of the memory network → events. An update is JSON, written by `network.Network`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.core.errors import Unreadable
from bot.core.events import (
    ChoiceMade,
    Event,
    MembershipChanged,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Person,
    Place,
    ReactionChanged,
    RoomChanged,
)
from bot.text.rich import Rich

#: More than this is nobody's message.
LONGEST = 1_000_000
#: Where the words answered begin in a mail, as `network.Network.quoted` writes it.
_ATTRIBUTION = re.compile(r"\n\n[^\n]+ (?:wrote|a écrit) :?:?\n(?:>[^\n]*\n?)+\Z")


def events(raw: bytes) -> Sequence[Event]:
    """Return what one update means. Raises Unreadable with the defect, never with words of the update."""
    try:
        update = json.loads(raw)
        read = _READERS[update["kind"]]
        found = read(update, _place(update["place"]), _person(update["from"]))
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"a field is missing or of another type ({type(error).__name__})") from None
    return [found]


def _place(place: Mapping[str, Any]) -> Place:
    return Place(str(place["id"]), bool(place["room"]), str(place["title"]))


def _person(person: Mapping[str, Any]) -> Person:
    return Person(str(person["id"]), str(person["name"]), str(person["language"]), bool(person.get("automatic")))


def _when(update: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromtimestamp(float(update["date"]), UTC)
    except (OverflowError, OSError):
        raise Unreadable("a date no clock can show") from None


def _words(update: Mapping[str, Any]) -> Rich:
    words = str(update["text"]).replace("\0", "")
    if len(words) > LONGEST:
        raise Unreadable("more than 1 MB of text")
    return Rich(_ATTRIBUTION.sub("", words) if update.get("quotes") else words)


def _message(update: Mapping[str, Any], place: Place, sender: Person) -> Event:
    subject = update.get("subject")
    return MessageReceived(
        place=place,
        sender=sender,
        remote_id=str(update["id"]),
        text=_words(update),
        sent_at=_when(update),
        reply_to=str(update.get("reply_to", "")),
        subject=str(subject) if subject is not None else None,
        tokens=tuple(map(str, update.get("tokens", ()))),
        references=tuple(map(str, update.get("references", ()))),
        start=str(update.get("start", "")),
        evidence=update.get("evidence", "direct"),
    )


def _edited(update: Mapping[str, Any], place: Place, sender: Person) -> Event:
    return MessageEdited(place, sender, str(update["id"]), _words(update), _when(update))


def _deleted(update: Mapping[str, Any], place: Place, sender: Person) -> Event:
    return MessageDeleted(place, sender, str(update["id"]))


def _pressed(update: Mapping[str, Any], place: Place, sender: Person) -> Event:
    return ChoiceMade(place, sender, str(update["id"]), str(update["data"]), str(update["callback"]))


def _reacted(update: Mapping[str, Any], place: Place, sender: Person) -> Event:
    return ReactionChanged(place, sender, str(update["id"]), tuple(map(str, update["emoji"])))


def _moved(update: Mapping[str, Any], place: Place, person: Person) -> Event:
    return MembershipChanged(
        place, person, bool(update["present"]), us=bool(update.get("us")), removed=bool(update.get("removed"))
    )


def _founded(update: Mapping[str, Any], place: Place, person: Person) -> Event:  # noqa: ARG001 - as all readers
    return RoomChanged(place, founded=True)


_READERS: Mapping[str, Callable[[Mapping[str, Any], Place, Person], Event]] = {
    "message": _message,
    "edit": _edited,
    "delete": _deleted,
    "press": _pressed,
    "react": _reacted,
    "presence": _moved,
    "founded": _founded,
}
