"""Strangers: somebody we do not know wrote in private. A chat is answered once a day, a mail not at all: it may be forged."""

from __future__ import annotations

from typing import Final

from bot.commands import parting, words
from bot.core import notices
from bot.core.scene import Scene
from store.statement import run, sql

DAY: Final = 86_400.0

# Whoever writes twice at once is greeted once: the row says so in the statement that looks.
GREETED = sql("""
    UPDATE address SET greeted_at = :now WHERE id = :id AND (greeted_at IS NULL OR greeted_at <= :now - :day)
""")


def greet(scene: Scene) -> None:
    """Tell a stranger once a day, in a chat, how one comes in; no community and no member is named."""
    if scene.person.forget_at is not None:
        parting.remind(scene)
        return
    if scene.can.writes_first or scene.in_room:
        return
    if run(scene.connection, GREETED, {"id": scene.here.id, "now": scene.now, "day": DAY}).rowcount:
        notices.owe(scene.connection, scene.here.id, words.stranger(scene.language), language=scene.language)
