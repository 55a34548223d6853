"""REPORT, as a reply: a member finds that a message should not stand. Nobody learns who said so.

The organizers are asked. Three different members hide it until an organizer has decided, for a day at most.
"""

from __future__ import annotations

import time
from typing import Any, Final

from sqlalchemy import Connection

from bot.commands.desk import Hooks
from bot.commands.grammar import Call
from bot.commands.notes import excerpt
from bot.core import asking, hiding, members, notices, relay
from bot.core.scene import AUDIT, Scene
from bot.i18n import language_of, translator
from store.statement import run, sql

#: So many members hide a message, for so long.
ENOUGH: Final = 3
LASTS: Final = 86400.0
EVERY: Final = 300.0

MESSAGE = sql("SELECT id, name, text, author_id, state, community_id FROM message WHERE id = :id")
REPORT = sql("""
    INSERT INTO report (message_id, membership_id, created_at) VALUES (:message, :membership, :now)
    ON CONFLICT (message_id, membership_id) DO NOTHING
""")
# One person is one voice, whatever became of their memberships.
VOICES = sql("""
    SELECT COUNT(DISTINCT s.member_id) FROM report r JOIN membership s ON s.id = r.membership_id AND s.status = 'active'
    WHERE r.message_id = :message
""")
KEPT = sql("SELECT 1 FROM audit WHERE subject_type = 'message' AND subject_id = :message AND act = 'kept' LIMIT 1")
# A day at most, whoever else reports it afterwards.
HIDDEN_BEFORE = sql("""
    SELECT 1 FROM audit WHERE subject_type = 'message' AND subject_id = :message AND act = 'hidden_by_reports' LIMIT 1
""")
OVER = sql(
    "SELECT id, name, text, author_id, state, community_id FROM message WHERE state = 'hidden' AND hidden_until <= :now"
)


def report(scene: Scene, call: Call) -> None:  # noqa: ARG001 - what it is about is what was answered
    """REPORT: noted, once for each member; the organizers are asked, at first and when it is hidden."""
    message, standing = scene.parent, scene.standing
    row = run(scene.connection, MESSAGE, {"id": message.id}).first() if message is not None else None
    if row is None or standing is None or row.community_id != scene.community_id or row.state == "removed":
        scene.answer(scene.t("I do not know that message, or it is gone already."))
        return
    if row.author_id == standing.id:
        scene.answer(scene.t("That is your own message."))
        return
    relay.lock(scene.connection, row.community_id)  # of voices that come at once each counts the ones before
    row = run(scene.connection, MESSAGE, {"id": row.id}).one()
    values = {"message": row.id, "membership": standing.id, "now": scene.now}
    new = run(scene.connection, REPORT, values).rowcount
    # An organizer has looked at it and let it stand: that holds.
    if new and run(scene.connection, KEPT, values).first() is None:
        _weigh(scene, row)
    scene.answer(scene.t("Noted, thank you. The organizers look at it; nobody learns that it was you."))


def _weigh(scene: Scene, row: Any) -> None:
    voices = int(run(scene.connection, VOICES, {"message": row.id}).scalar_one())
    hides = voices >= ENOUGH and row.state in ("visible", "spreading")
    hides = hides and run(scene.connection, HIDDEN_BEFORE, {"message": row.id}).first() is None
    if hides:
        hiding.hide_until(scene.connection, row.id, until=scene.now + LASTS, now=scene.now)
        _record(scene.connection, row, "hidden_by_reports", scene.now)
        tell_author(scene.connection, row)
    if hides or voices == 1:
        for organizer in scene.organizers():
            if organizer.id != row.author_id:
                asking.ask(
                    scene, organizer, [row.id], row.name, [row.text], "reported" if hides else "report",
                    key=f"reported:{organizer.id}:{row.id}:{int(hides)}",
                )  # fmt: skip


def _record(connection: Connection, row: Any, act: str, now: float) -> None:
    """Write down what happened by itself: nobody's name stands there, least of all a reporter's."""
    values = {
        "community": row.community_id, "membership": None, "act": act, "type": "message", "id": row.id, "detail": None,
        "now": now,
    }  # fmt: skip
    run(connection, AUDIT, values)


def tell_author(connection: Connection, row: Any, *, shown: bool = False) -> None:
    """The author learns what happened, never through whom."""
    author = members.standing(connection, row.author_id) if row.author_id is not None else None
    if author is None or author.status != "active" or author.address_id is None:
        return
    t = translator(author.language)
    if shown:
        said = t("This message of yours was hidden for a day and is shown again:")
    else:
        said = t(
            "Several members find that this message of yours should not stand. It is hidden until an organizer has looked "
            "at it, for 24 hours at most:"
        )
    words = said + "\n" + t.quoted(excerpt(row.text)) + "\n" + t("A question about it: CONTACT.")
    notices.owe(
        connection, author.address_id, words, membership=author.id, kind="notice",
        language=language_of(author.language), community=(author.community, author.slug),
    )  # fmt: skip


def show_again(connection: Connection, now: float) -> None:
    """A day without a decision: what members hid is shown again."""
    for row in run(connection, OVER, {"now": now}).all():
        if hiding.show_again(connection, row.id, now=now):
            _record(connection, row, "shown_again", now)
            tell_author(connection, row, shown=True)


def plug(into: Hooks) -> None:
    """REPORT, and its end."""
    into.commands.handle("report", report)
    into.clock.every(EVERY, lambda connection: show_again(connection, time.time()), name="reports")
