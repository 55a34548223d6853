"""Organizers: who they are, where each is told, and what they are told without having asked: the same thing once a day.

A notice goes each one's preferred way, or another of theirs while that one's channel is away. A community may name a
room for notices; what names a person, or could embarrass one, is told privately all the same.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from bot.core import members, notices
from bot.core.bridge import Capabilities
from bot.core.members import Standing
from bot.i18n import Translator, language_of, translator
from bot.text.rich import Rich
from store.statement import run, sql

DAY: Final = 86400.0
#: A channel that has been away for so long is not waited for: organizers are told another way.
AWAY: Final = 600.0
#: The setting of a community that names the room for notices.
ROOM: Final = "notices"

ALL = sql("""
    SELECT id FROM membership WHERE community_id = :community AND role = 'organizer' AND status = 'active' ORDER BY id
""")
COMMUNITIES = sql("SELECT id FROM community ORDER BY id")
COMMUNITY = sql("SELECT id, name, slug, language, timezone, settings FROM community WHERE id = :id")
WORKS = "(c.away_since IS NULL OR c.away_since > :lately)"
REACH = sql(f"""
    SELECT a.id FROM address a LEFT JOIN channel_state c ON c.name = a.channel
    WHERE a.member_id = :member AND NOT a.room AND a.status = 'active' AND a.channel IN :channels
    ORDER BY CASE WHEN {WORKS} THEN 0 ELSE 1 END, CASE WHEN a.id = :told THEN 0 ELSE 1 END,
             COALESCE(a.seen_at, 0) DESC, a.id LIMIT 1
""")  # noqa: S608 - the words are ours
THEIR_ROOM = sql(f"""
    SELECT a.id FROM address a LEFT JOIN channel_state c ON c.name = a.channel
    WHERE a.id = :id AND a.room AND a.community_id = :community AND a.status = 'active' AND a.channel IN :channels AND {WORKS}
""")  # noqa: S608 - the same
SETTINGS = sql("UPDATE community SET settings = :settings WHERE id = :id")
TOLD = sql("SELECT done_at FROM chore WHERE name = :name")
# Whoever writes this first tells it, of all processes: nobody else does before the time is over.
CLAIM = sql("""
    INSERT INTO chore (name, done_at) VALUES (:name, :now)
    ON CONFLICT (name) DO UPDATE SET done_at = excluded.done_at WHERE COALESCE(chore.done_at, 0) < :before
    RETURNING name
""")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a notice: an organizer alone, or everybody in the room for notices."""

    language: str
    zone: str
    alone: bool

    @property
    def t(self) -> Translator:
        """The translator into their language."""
        return translator(self.language)


#: What a reader reads: a subject, where there are subjects, and the words.
Words = Callable[[Reader], tuple[str, Rich | str]]


def of(connection: Connection, community: int, but: int = 0) -> list[Standing]:
    """The active organizers of a community, without the membership `but`."""
    rows = run(connection, ALL, {"community": community}).all()
    found = (members.standing(connection, row.id) for row in rows if row.id != but)
    return [one for one in found if one is not None]


def communities(connection: Connection) -> list[int]:
    """Every community there is."""
    return [int(row.id) for row in run(connection, COMMUNITIES)]


def reach(connection: Connection, who: Standing, channels: Mapping[str, Capabilities]) -> int | None:
    """Where this organizer is told now: as they prefer, unless that reaches nobody; None if nothing does."""
    values = {
        "member": who.member_id, "told": who.address_id or 0, "channels": list(channels), "lately": time.time() - AWAY,
    }  # fmt: skip
    row = run(connection, REACH, values).first()
    return int(row.id) if row is not None else None


def reachable(
    connection: Connection, community: int, channels: Mapping[str, Capabilities], but: int = 0
) -> list[tuple[Standing, int]]:
    """The organizers that can be told something now, each with the address."""
    found = [(one, reach(connection, one, channels)) for one in of(connection, community, but)]
    return [(one, where) for one, where in found if where is not None]


def room(connection: Connection, community: int, channels: Mapping[str, Capabilities]) -> int | None:
    """The room for notices, if there is one and it can be written to."""
    settings = _settings(connection, community)
    if ROOM not in settings:
        return None
    values = {
        "id": int(settings[ROOM]), "community": community, "channels": list(channels), "lately": time.time() - AWAY,
    }  # fmt: skip
    row = run(connection, THEIR_ROOM, values).first()
    return int(row.id) if row is not None else None


def set_room(connection: Connection, community: int, address: int | None) -> None:
    """From now on notices go to this room, or to no room."""
    settings = {name: value for name, value in _settings(connection, community).items() if name != ROOM}
    if address is not None:
        settings[ROOM] = address
    run(connection, SETTINGS, {"id": community, "settings": json.dumps(settings)})


def named_room(connection: Connection, community: int) -> int | None:
    """The room that was named for notices, whether or not it can be written to."""
    found = _settings(connection, community).get(ROOM)
    return int(found) if found is not None else None


def _settings(connection: Connection, community: int) -> dict[str, Any]:
    found = run(connection, COMMUNITY, {"id": community}).one().settings
    return dict(json.loads(found) if isinstance(found, str) else found or {})


def told_at(connection: Connection, community: int, kind: str) -> float:
    """When the organizers were last told this."""
    return float(run(connection, TOLD, {"name": f"told:{community}:{kind}"}).scalar() or 0.0)


def tell(
    connection: Connection,
    channels: Mapping[str, Capabilities],
    community: int,
    kind: str,
    words: Words,
    *,
    since: float | None = None,
    but: str = "",
    alone: bool = False,
    now: float | None = None,
) -> int:
    """Tell the organizers of a community something nobody asked for; return in how many places.

    `kind` names it: what was told after `since` (a day ago) is not told again. `but`: not by this channel. `alone`: it
    names somebody, or could embarrass somebody, and goes to no room.
    """
    now = time.time() if now is None else now
    working = {name: can for name, can in channels.items() if name != but}
    about = run(connection, COMMUNITY, {"id": community}).one()
    told: list[tuple[int, int | None, Reader]] = []
    there = None if alone else room(connection, community, working)
    if there is not None:
        told = [(there, None, Reader(language_of(about.language), about.timezone, alone=False))]
    else:
        for one, where in reachable(connection, community, working):
            told.append((where, one.id, Reader(language_of(one.language), one.timezone, alone=True)))
    name = f"told:{community}:{kind}"
    values = {"name": name, "now": now, "before": now - DAY if since is None else since}
    if not told or run(connection, CLAIM, values).first() is None:
        return 0
    for address, membership, reader in told:
        subject, said = words(reader)
        notices.owe(
            connection, address, said, membership=membership, kind="notice", language=reader.language, subject=subject,
            community=(about.name, about.slug),
        )  # fmt: skip
    return len(told)
