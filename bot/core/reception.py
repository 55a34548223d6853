"""The reception: what each event means for the community, in the one transaction that handles it.

Gates first (is it for us, is it who it says, may it be posted), then a command or a post. Nothing here waits for a
network; a `Wait` puts the item back for a moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import Connection

from bot import journal
from bot.core import fallback, forgetting, inviting, losing, members, posting, presence, referring, threads, whose
from bot.core.events import (
    AddressChanged,
    ChannelGap,
    ChoiceMade,
    DeliveryFailed,
    Event,
    Ignored,
    MembershipChanged,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    RoomChanged,
)
from bot.core.members import Place, Standing
from bot.core.scene import House, Scene
from store.intake import Item
from store.statement import run, sql

#: A private chat speaks to the community it spoke to last, for this long (MANNERS 3).
SPEAKS_TO = 1800.0
#: An answer may wait this often, one second each, for the id of what it answers.
WAITS = 5
#: How exactly it is known when an address was last heard of, in seconds.
SEEN_EVERY = 600.0

SENDING_THERE = sql("SELECT 1 FROM parcel WHERE address_id = :address AND state = 'sending' LIMIT 1")
SPOKE = sql("UPDATE address SET spoke_to = :community, spoke_at = :now WHERE id = :id")
REMOTE = sql("UPDATE address SET remote = :new WHERE id = :id")
PARCEL_OF_NOTICE = sql("SELECT id FROM parcel WHERE id = :id AND membership_id = :membership")
PARCEL_TO_ADDRESS = sql("SELECT id FROM parcel WHERE id = :id AND address_id = :address")
QUESTION_REMOTE = sql("SELECT parcel_id FROM question WHERE address_id = :address AND remote = :remote LIMIT 1")


class Wait(Exception):
    """Handle the item again in a second: what it answers is just being sent."""


class Desk(Protocol):
    """Who understands commands and answers: `bot.commands.desk`."""

    def serve(self, scene: Scene) -> bool:
        """Do what the words ask of the bot; False if they are words for people."""

    def choose(self, scene: Scene) -> None:
        """A button was pressed."""

    def ask_community(self, scene: Scene, among: Sequence[Standing]) -> None:
        """Ask a member of several communities which one this is for; the words are kept with the question."""

    def shows_back(self, scene: Scene) -> bool:
        """Ask before somebody's first words in private leave; False: they may."""

    def stranger(self, scene: Scene) -> None:
        """Somebody unknown wrote in private."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an item ended. `keep` false: its raw form is emptied now, it was not meant for us."""

    word: str
    state: str = "done"
    keep: bool = True


#: Features that listen to an event (`Hooks.on`).
Listener = Callable[[Connection, House, str, str, Any], None]


class Reception:
    """Handles events, one transaction each."""

    def __init__(self, house: House, desk: Desk) -> None:
        self.house = house
        self.desk = desk
        self.listeners: dict[type, list[Listener]] = {}

    def handle(self, connection: Connection, item: Item, events: Sequence[Event]) -> Outcome:
        """Do what the events of one item mean. Raises Wait, or whatever a fault of ours raises."""
        outcome = Outcome("nothing", keep=False)
        # The events of an item are about one chat: what is learned of it for the sake of one concerns us as that one does.
        if events and not any(whose.concerns_us(connection, self.house, item, one, time.time()) for one in events):
            return Outcome("not_ours", keep=False)
        for event in events:
            outcome = self._one(connection, item, event)
            for listener in self.listeners.get(type(event), ()):
                listener(connection, self.house, item.channel, item.account, event)
        return outcome

    def _one(self, connection: Connection, item: Item, event: Event) -> Outcome:
        match event:
            case MessageEdited() | MessageDeleted() if losing.is_shut(connection, item.channel, item.account, event):
                return Outcome("lost", keep=False)
            case MessageReceived():
                return self._received(connection, item, event)
            case ChoiceMade():
                return self._chosen(connection, item, event)
            case MessageEdited():
                return self._edited(connection, item, event)
            case MessageDeleted():
                return Outcome(posting.deleted(connection, item.channel, item.account, event), keep=False)
            case MembershipChanged() if not event.place.room:
                word = fallback.came_or_went(connection, self.house.channels, item.channel, item.account, event)
                return Outcome(word, keep=False)
            case MembershipChanged():
                return Outcome(presence.came_or_went(connection, item.channel, item.account, event), keep=False)
            case AddressChanged():
                return self._moved(connection, item, event)
            case RoomChanged():
                return Outcome(presence.changed(connection, item.channel, item.account, event), keep=False)
            case DeliveryFailed():
                return self._bounced(connection, event)
            case ChannelGap():
                return Outcome("gap")
            case Ignored(why=why):
                return Outcome(f"ignored_{why}"[:32], keep=False)
        return Outcome("nothing", keep=False)

    # Messages

    def _received(self, connection: Connection, item: Item, event: MessageReceived) -> Outcome:
        if event.sender.automatic:
            return Outcome("automatic", keep=False)
        sender = (item.channel, item.account, event.sender.id)
        if item.again and forgetting.was_forgotten(connection, self.house, sender, event.sent_at.timestamp()):
            return Outcome("forgotten", keep=False)
        met = members.meet(connection, *sender, name=event.sender.name, language=event.sender.language)
        person = losing.heard(connection, met, event)
        if person is None:
            return Outcome("lost", keep=False)
        if event.place.room:
            return self._in_room(connection, item, event, person)
        return self._in_private(connection, item, event, person)

    def _in_private(self, connection: Connection, item: Item, event: MessageReceived, person: Place) -> Outcome:
        if person.seen_at is None or person.seen_at < time.time() - SEEN_EVERY:
            run(connection, members.SEEN, {"id": person.id, "now": time.time()})
        standings = members.standings(connection, person.member_id)
        scene = Scene(connection, self.house, event, person, person, None, standings, source=item.id)
        if not self._is_proved(scene):
            journal.event("gate.held", inbound=item.id, gate="sender")
            return Outcome("held_sender", "held")
        scene.here = scene.person = members.heard(connection, person)
        if fallback.heard(connection, person, standings, self.house.channels):
            scene.standings = standings = members.standings(connection, person.member_id)
            scene.standing = next((s for s in standings if scene.standing and s.id == scene.standing.id), None)
        active = [one for one in standings if one.status == "active"]
        self._choose_community(scene, active, item)
        served = self.desk.serve(scene)
        scene.end()
        if served:
            return Outcome("command", keep=bool(standings) and not scene.forget)
        if scene.standing is not None:
            return self._post(scene, len(active))
        if len(active) > 1:
            self.desk.ask_community(scene, active)
            scene.end()
            return Outcome("asked_community")
        self.desk.stranger(scene)
        scene.end()
        if person.forget_at is not None:
            return Outcome("forgotten", keep=False)
        if person.status == "active" and not self.house.channels[item.channel].writes_first:
            return Outcome("stranger", keep=False)
        return Outcome("stranger", "held")

    def _in_room(self, connection: Connection, item: Item, event: MessageReceived, person: Place) -> Outcome:
        room = members.meet(connection, item.channel, item.account, event.place.id, room=True, title=event.place.title)
        room = members.heard(connection, room)
        members.is_present(connection, room.id, person.id)
        if presence.is_aside(event.text):
            return Outcome("aside", keep=False)
        standings = members.standings(connection, person.member_id)
        standing = next((s for s in standings if s.community_id == room.community_id and s.status == "active"), None)
        scene = Scene(
            connection, self.house, event, room, person, standing, standings, room.community_id, source=item.id
        )
        if room.community_id is None and standing is None:
            # An organizer binds the room: until then it is about the community they organize.
            scene.standing = next((s for s in standings if s.organizes), None)
            scene.community_id = scene.standing.community_id if scene.standing else None
        if event.reply_to:
            scene.parent = threads.shown_as(connection, room.id, event.reply_to)
            self._find_question(scene, event.reply_to)
            if scene.parent is not None and scene.parent.community_id != scene.community_id:
                scene.parent = None  # of the community this group was a room of before
        served = self.desk.serve(scene)
        scene.end()
        if served:
            return Outcome("command", keep=False)
        outcome = self._post(scene, 1)
        # What stays is not kept; what it answers may have stayed, and stand in it again.
        keep = outcome.word in posting.LEAVE and not (event.reply_to and scene.parent is None)
        return replace(outcome, keep=keep)

    @staticmethod
    def _edited(connection: Connection, item: Item, event: MessageEdited) -> Outcome:
        """Other words of a message: they leave a room like the first ones, or not at all. The message keeps them itself."""
        channel, account = item.channel, item.account
        if event.place.room and presence.is_aside(event.text):
            taken = MessageDeleted(event.place, event.sender, event.remote_id)
            return Outcome(posting.deleted(connection, channel, account, taken), keep=False)
        return Outcome(posting.edited(connection, channel, account, event), keep=False)

    def _post(self, scene: Scene, communities: int) -> Outcome:
        event = scene.event
        if not isinstance(event, MessageReceived):
            return Outcome("nothing", keep=False)
        answers_unknown = event.reply_to and scene.parent is None and scene.answers_parcel is None
        if answers_unknown and not posting.stays(scene, event):
            self._wait_for_id(scene)
        if self.desk.shows_back(scene):
            return Outcome("asked_first")
        if communities > 1:
            run(scene.connection, SPOKE, {"id": scene.person.id, "community": scene.community_id, "now": time.time()})
        return Outcome(posting.talk(scene, event))

    def _wait_for_id(self, scene: Scene) -> None:
        if run(scene.connection, SENDING_THERE, {"address": scene.here.id}).first() is not None:
            raise Wait

    # Who and where

    def _is_proved(self, scene: Scene) -> bool:
        """Token and sender agree; or, without a token, the channel vouches for the sender. Finds the parent by token."""
        event = scene.event
        if not isinstance(event, MessageReceived) or event.authentic == "no":
            return False
        claimed = [token[2:] for token in event.tokens if token.startswith("r.")]
        for claim in claimed:
            if self._claims(scene, claim):
                return True
        if event.authentic != "yes":
            return False
        return not claimed or referring.outlived(scene.connection, self.house.tokens, claimed)

    def _claims(self, scene: Scene, claim: str) -> bool:
        """Is this the token of this very sender? Then what it answers is known."""
        tokens, connection = self.house.tokens, scene.connection
        for purpose in ("r", "q", "p"):
            token = tokens.read(purpose, claim)
            if token is None:
                return False
            if purpose == "p":
                if tokens.proves(token, 0) and token.membership == scene.person.id:
                    scene.answers_parcel = token.target
                    return True
                continue
            named, standing = self._named(scene, token.membership)
            if named is None or standing is None or not tokens.proves(token, named.token_generation):
                continue
            scene.standing = standing if standing.status == "active" else None
            scene.community_id = standing.community_id
            if purpose == "q":
                scene.answers_parcel = token.target
            else:
                scene.parent = threads.message(connection, token.target)
            return True
        return False

    @staticmethod
    def _named(scene: Scene, membership: int) -> tuple[Standing | None, Standing | None]:
        """The membership a token names, and what the sender is there now; nothing if it is not the sender's."""
        own = next((s for s in scene.standings if s.id == membership), None)
        if own is not None or scene.person.member_id is None:
            return own, own
        # A membership that was merged into one of the sender's: what was sent to it may still be answered.
        heir = members.successor(scene.connection, membership)
        if heir is None or heir.member_id != scene.person.member_id:
            return None, None
        return members.standing(scene.connection, membership), heir

    def _choose_community(self, scene: Scene, active: Sequence[Standing], item: Item) -> None:
        """Which community a private message is for: what it answers says so, its address, or the last half hour."""
        event = scene.event
        if isinstance(event, MessageReceived):
            if event.reply_to and scene.parent is None:
                scene.parent = threads.shown_as(scene.connection, scene.here.id, event.reply_to)
                self._find_question(scene, event.reply_to)
                if scene.parent is None and scene.answers_parcel is None and item.waits < WAITS:
                    self._wait_for_id(scene)
            if scene.parent is None and event.references:
                account = (item.channel, item.account)
                scene.parent = referring.answered(scene, event.references, account, self._named)
        if scene.standing is None and scene.parent is not None:
            scene.standing = next((s for s in active if s.community_id == scene.parent.community_id), None)
        if scene.standing is None:
            scene.standing = self._by_address(event, active) or self._by_habit(scene.person, active)
        if scene.standing is not None:
            scene.community_id = scene.standing.community_id
            if scene.parent is not None and scene.parent.community_id != scene.community_id:
                scene.parent = None

    @staticmethod
    def _by_address(event: Any, active: Sequence[Standing]) -> Standing | None:
        slugs = [token[2:] for token in getattr(event, "tokens", ()) if token.startswith("c.")]
        return next((s for s in active if s.slug in slugs), None)

    def _by_habit(self, person: Place, active: Sequence[Standing]) -> Standing | None:
        if len(active) == 1:
            return active[0]
        if self.house.channels[person.channel].titles:
            return None  # a letter goes on no conversation of a moment ago
        if person.spoke_at is not None and person.spoke_at > time.time() - SPEAKS_TO:
            return next((s for s in active if s.community_id == person.spoke_to), None)
        return None

    @staticmethod
    def _find_question(scene: Scene, remote: str) -> None:
        row = run(scene.connection, QUESTION_REMOTE, {"address": scene.here.id, "remote": remote}).first()
        if row is not None:
            scene.answers_parcel = row[0]

    # The rest

    def _chosen(self, connection: Connection, item: Item, event: ChoiceMade) -> Outcome:
        met = members.meet(connection, item.channel, item.account, event.sender.id, name=event.sender.name)
        person = here = losing.heard(connection, met, event)
        if person is None or here is None:
            return Outcome("lost", keep=False)
        if event.place.room:
            here = members.meet(
                connection, item.channel, item.account, event.place.id, room=True, title=event.place.title
            )
        standings = members.standings(connection, person.member_id)
        scene = Scene(connection, self.house, event, here, person, None, standings, here.community_id, source=item.id)
        known = run(connection, QUESTION_REMOTE, {"address": here.id, "remote": event.remote_id}).first()
        if known is None and item.waits < WAITS:
            self._wait_for_id(scene)  # pressed before we have written down which message the button is under
        self.desk.choose(scene)
        scene.end()
        return Outcome("choice", keep=False)

    def _moved(self, connection: Connection, item: Item, event: AddressChanged) -> Outcome:
        old = members.find(connection, item.channel, item.account, event.old)
        new = members.find(connection, item.channel, item.account, event.new)
        if old is None or (new is not None and new.id == old.id):
            return Outcome("moved_before", keep=False)
        if new is not None:
            # The new id was met before we heard of the move: what we know stays with the old row.
            run(
                connection,
                sql("UPDATE address SET remote = remote || ' (moved)', status = 'gone' WHERE id = :id"),
                {"id": new.id},
            )
        run(connection, REMOTE, {"id": old.id, "new": event.new})
        return Outcome("moved", keep=False)

    def _bounced(self, connection: Connection, event: DeliveryFailed) -> Outcome:
        for purpose in ("b", "d"):  # of a message, of a notice
            token = self.house.tokens.read(purpose, event.token)
            if token is not None and token.membership == 0:  # it was to nobody who is a member yet
                proved = event.permanent and self.house.tokens.proves(token, 0)
                known = proved and inviting.bounced(connection, token.target, f"bounced {event.reason[:20]}")
                return Outcome("bounce" if known else "bounce_unknown", keep=False)
            standing = members.standing(connection, token.membership) if token else None
            if token is None or standing is None or not self.house.tokens.proves(token, standing.token_generation):
                continue
            reason = event.reason[:20]
            journal.event("delivery.bounced", membership=standing.id, permanent=event.permanent, status=reason)
            if event.permanent:
                channels, why = self.house.channels, f"bounced {reason}"
                fallback.bounced(connection, standing, token.target, why, channels, notice=purpose == "d")
            return Outcome("bounce", keep=False)
        return Outcome("bounce_unknown", keep=False)
