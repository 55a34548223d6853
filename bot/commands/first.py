"""First words: what a member writes first in a private chat is shown back before it leaves, twice (MANNERS 3).

Whoever comes in believes to write to one person, and writes to everybody. Never a mail: it waits long enough by itself.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from bot.commands import words
from bot.commands.grammar import Call
from bot.core import kept, members, posting
from bot.core.bridge import Capabilities
from bot.core.events import MessageReceived
from bot.core.scene import Scene
from store.statement import run, sql

#: The kind of the question.
ASKED: Final = "first_words"
#: So many posts are asked about; the words are kept for so long, in seconds.
TIMES, LASTS = 2, 86_400.0

CONFIRMED = sql("SELECT confirmed FROM membership WHERE id = :id")
COUNT = sql("UPDATE membership SET confirmed = confirmed + :posts WHERE id = :id RETURNING confirmed")
WAYS = sql("""
    SELECT a.channel, COUNT(*) AS number FROM membership m JOIN address a ON a.id = m.address_id
    WHERE m.community_id = :community AND m.status = 'active' AND m.id <> :but GROUP BY a.channel ORDER BY a.channel
""")


def shown_back(scene: Scene, call: Call | None = None) -> bool:
    """Ask before the first posts of somebody in a private chat; False: they may leave. `call`: the command that posts them."""
    event, standing = scene.event, scene.standing
    if scene.confirmed or scene.in_room or scene.can.titles or standing is None or standing.status != "active":
        return False
    if not isinstance(event, MessageReceived) or not (event.text.strip() or event.files):
        return False
    if run(scene.connection, CONFIRMED, {"id": standing.id}).scalar_one() >= TIMES:
        return False
    data = kept.keep(scene)
    if call is not None:
        data["call"] = asdict(call)
    shown = event.text.text if call is None else f"{call.argument}\n{call.rest}"
    t = scene.t
    buttons = [[(t("YES"), "yes"), (t("NO"), "no")], [(t("TEAM"), "team")]] if scene.can.buttons else []
    asking = words.first_post(
        scene.language,
        community=standing.community,
        people=members.people(scene.connection, standing.community_id),
        of_which=_ways(scene),
        text="\n".join([shown, *posting.file_lines(event.files, t)]),
    )
    scene.answer(asking, buttons=buttons, ask=ASKED, data=data, lasts=LASTS, several=True)
    return True


def _ways(scene: Scene) -> list[tuple[int, str]]:
    """How many of the others are told by which channel, other than the one it is written on."""
    standing = scene.standing
    if standing is None:
        return []
    found = run(scene.connection, WAYS, {"community": standing.community_id, "but": standing.id})
    labels = {name: _way(can, scene.language) for name, can in scene.house.channels.items()}
    return [
        (row.number, labels[row.channel])
        for row in found
        if row.channel in labels and row.channel != scene.here.channel
    ]


def _way(can: Capabilities, language: str) -> str:
    """A channel behind "by": its name, or where that has an article ("le mail") the word people have for it."""
    label = can.label.get(language, can.label["en"])
    return label if label[:1].isupper() else can.words[0]


def confirmed(scene: Scene, membership: int, posts: int = 1) -> bool:
    """So many posts were shown back and may leave. Return whether those were the last that are asked about."""
    now = int(run(scene.connection, COUNT, {"id": membership, "posts": posts}).scalar_one())
    return now - posts < TIMES <= now
