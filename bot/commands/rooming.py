"""The words of rooms: what stands in a group that becomes one, and what is said about being in it.

Served from `words.py` like all the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.i18n import Translator, translator
from bot.text.rich import Rich, join

_KEPT_YEARS: Final = 2


def room_bound(
    language: str,
    *,
    community: str,
    people: int,
    channels: Sequence[str],
    by: str,
    encrypted: Sequence[str] = (),
    years: int = _KEPT_YEARS,
    begins: str = "",
) -> Rich:
    """A4: posted in a group that becomes a room, in its language. `encrypted`: the room's channel, if it is.

    `begins`: the day and hour from which it is one, as people read them; empty: at once.
    """
    t = translator(language)
    fields = {
        "community": community,
        "channels": t.listing(channels),
        "people": t.n("{count} person", "{count} people", people),
        "years": t.n("{count} year", "{count} years", years),
    }
    if begins:
        notice = t.rich(
            "From {begins}, this group is a room of **{community}**: what is written here will be carried to all its "
            "members ({channels}: {people}) and kept for {years} on the association's server. Nothing written before "
            "will be.",
            begins=begins,
            **fields,
        )
    else:
        notice = t.rich(
            "From now on this group is a room of **{community}**: what is written here is carried to all its members "
            "({channels}: {people}) and kept for {years} on the association's server. Nothing written before is.",
            **fields,
        )
    ending = t.rich("Set up by {name}.", name=by)
    if encrypted:
        ending = ending + " " + t("The encryption of {channel} ends with me.", channel=t.listing(encrypted))
    return join([notice, _staying(t), ending], "\n")


def _staying(t: Translator) -> Rich:
    """How a line, or a person, stays in the room."""
    return t.rich(
        "To keep a line here, begin it with **//**. To keep everything of yours here: **/notme**. The details: /privacy"
    )


def room_begins(language: str, *, community: str) -> Rich:
    """Posted when a room begins before the hour its notice named."""
    t = translator(language)
    now = t.rich(
        "It begins now: what is written here from now on is carried to all members of **{community}**.",
        community=community,
    )
    return join([now, _staying(t)], "\n")


def room_one_way(language: str, *, community: str, by: str) -> Rich:
    """Posted in a group that receives what members write and gives nothing."""
    t = translator(language)
    notice = t.rich(
        "From now on this group receives what the members of **{community}** write. What is written here stays here: "
        "it is neither carried anywhere nor kept.",
        community=community,
    )
    return join([notice, t.rich("The details: /privacy"), t.rich("Set up by {name}.", name=by)], "\n")


def room_unbound(language: str, *, community: str) -> Rich:
    """Posted when a group is no longer a room."""
    return translator(language).rich(
        "This group is no longer a room of **{community}**: from now on nothing written here is carried anywhere.",
        community=community,
    )


def notices_here(language: str) -> Rich:
    """Posted in the room that was named for notices."""
    return translator(language).rich(
        "From now on this room reads what the organizers are told: whether all channels work, what could not be delivered, "
        "the backups, the note on Mondays. What names somebody goes to each organizer alone. To end that: **/room notices**"
    )


def notices_alone(language: str) -> Rich:
    """Posted in the room when that has ended."""
    return translator(language).rich("From now on the organizers are told such things alone again.")


def silent(language: str, *, room: str = "") -> Rich:
    """To somebody who said "not me". `room`: its title; empty: said in the room itself, in one line."""
    t = translator(language)
    if not room:
        return t.rich("Understood: nothing you write here leaves this room any more. To end that: **/notme off**")
    return t.rich(
        "Understood: nothing you write in {room} leaves it any more. What you write to me in private still goes to all. "
        "To end that, write **/notme off** there.",
        room=t.quoted(room),
    )


def speaks_again(language: str, *, room: str = "") -> Rich:
    """To somebody who ended that."""
    t = translator(language)
    if not room:
        return t.rich("Understood: what you write here from now on is carried to all again.")
    return t.rich("Understood: what you write in {room} from now on is carried to all again.", room=t.quoted(room))


def elsewhere_asked(language: str, *, rooms: Sequence[str], channel: str) -> Rich:
    """To a member who reads in a room and asked to be told elsewhere: both?"""
    t = translator(language)
    return t.rich(
        "You are in {rooms} and read everything there, so I do not send it to you again. Shall I send it to you by "
        "**{channel}** too? **YES** · **NO**",
        rooms=t.listing([t.quoted(room) for room in rooms]),
        channel=channel,
    )


def elsewhere_too(language: str, *, rooms: Sequence[str], channel: str) -> Rich:
    """To a member who reads in a room and receives elsewhere too."""
    t = translator(language)
    return t.rich(
        "You receive the messages by **{channel}** too, besides {rooms}. To end that: **receive in the room only**",
        rooms=t.listing([t.quoted(room) for room in rooms]),
        channel=channel,
    )


def elsewhere_ended(language: str, *, rooms: Sequence[str]) -> Rich:
    """To a member who receives nothing in private any more, for they read in a room."""
    t = translator(language)
    return t.rich(
        "From now on you read everything in {rooms}, and I send it nowhere else. To change that: **receive elsewhere too**",
        rooms=t.listing([t.quoted(room) for room in rooms]),
    )


def taken_out(language: str, *, name: str, room: str, withdrawn: int, left: int) -> Rich:
    """To organizers: an administrator of the network's group took somebody out of a room."""
    t = translator(language)
    parts = [t.rich("{name} was taken out of {room} by one of its administrators.", name=name, room=t.quoted(room))]
    if withdrawn:
        parts.append(
            t.rich_n(
                "{count} message of theirs had not reached everybody yet, and reaches nobody more.",
                "{count} messages of theirs had not reached everybody yet, and reach nobody more.",
                withdrawn,
            )
        )
    if left:
        parts.append(
            t.rich_n(
                "{count} message of the last hour has been read by others. Shall I hide it? **YES** · **NO**",
                "{count} messages of the last hour have been read by others. Shall I hide them? **YES** · **NO**",
                left,
            )
        )
    return join(parts, " ")


def taken_out_hidden(language: str, *, name: str, count: int) -> Rich:
    """To the organizer who said yes."""
    return translator(language).rich_n(
        "Hidden: {count} message of {name}'s.", "Hidden: {count} messages of {name}'s.", count, name=name
    )
