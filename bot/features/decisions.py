"""LOG: who decided what. Rows are added and never changed; a community may open it to its members."""

from __future__ import annotations

import json
from typing import Any, Final

from bot.commands import notes
from bot.commands.authorise import rank, settings
from bot.commands.desk import Hooks
from bot.commands.grammar import Call
from bot.commands.notes import excerpt
from bot.core.scene import Scene
from bot.i18n import N_
from bot.text.rich import join
from store.statement import run, sql

MOST: Final = 30
#: What is shown of what is written down: decisions about words, people and rooms. {who} decided, about {whom}.
SENTENCES = {
    "hidden": N_("{who} took back a message of {whom}: {words}"),
    "released": N_("{who} let a message of {whom} go to everyone: {words}"),
    "refused": N_("{who} let a message of {whom} go to nobody: {words}"),
    "kept": N_("{who} let a reported message of {whom} stand: {words}"),
    "hidden_by_reports": N_(
        "Three members or more found that a message of {whom} should not stand, and it was hidden: {words}"
    ),
    "shown_again": N_("A message of {whom} was shown again after a day: {words}"),
    "hold": N_("{who} wants to read first what {whom} writes"),
    "hold_ended": N_("{who} lets what {whom} writes leave at once again"),
    "removed": N_("{who} removed {whom}"),
    "role": N_("{whom} has another role"),
    "room_bound": N_("{who} made {whom} a room"),
    "room_unbound": N_("{who} ended the room {whom}"),
    "notices_here": N_("{who} had the organizers' notices come to {whom}"),
    "notices_alone": N_("{who} ended that the organizers' notices come to {whom}"),
    "log_opened": N_("{who} opened this log to all members"),
    "log_closed": N_("{who} closed this log to all but the organizers"),
    "retry": N_("{who} had something that failed tried again"),
    "drop": N_("{who} gave up something that failed"),
}
ENTRIES = sql("""
    SELECT a.act, a.created_at, s.name AS who, COALESCE(m.name, t.name, r.title) AS whom, m.text, m.state
    FROM audit a
    LEFT JOIN membership s ON s.id = a.membership_id
    LEFT JOIN message m ON a.subject_type = 'message' AND m.id = a.subject_id
    LEFT JOIN membership t ON a.subject_type = 'membership' AND t.id = a.subject_id
    LEFT JOIN address r ON a.subject_type = 'address' AND r.id = a.subject_id AND r.room
    WHERE a.community_id = :community AND a.act IN :acts ORDER BY a.id DESC LIMIT :most
""")
SETTINGS = sql("UPDATE community SET settings = :settings WHERE id = :id")


def log(scene: Scene, call: Call) -> None:
    """LOG, LOG MEMBERS, LOG ORGANIZERS."""
    if call.argument:
        _open(scene, call.argument)
        return
    organizer = rank(scene) == "organizer"
    found = run(scene.connection, ENTRIES,
                {"community": scene.community_id, "acts": list(SENTENCES), "most": MOST}).all()  # fmt: skip
    if not found:
        scene.answer(scene.t("Nothing has been decided yet."))
        return
    scene.answer(join([_line(scene, row, organizer=organizer) for row in reversed(found)], "\n"))


def _line(scene: Scene, row: Any, *, organizer: bool) -> str:
    """One decision; members do not read here what was taken from their eyes."""
    t = scene.t
    zone = scene.standing.timezone if scene.standing else "UTC"
    shown = organizer or row.state in ("visible", "spreading")
    words = t.quoted(excerpt(row.text, 40)) if row.text and shown else "…"
    who, whom = row.who or t("Somebody"), row.whom or t("somebody")
    return t(
        "{moment}: {what}",
        moment=t.moment(row.created_at, zone),
        what=t(SENTENCES[row.act], who=who, whom=whom, words=words),
    )


def _open(scene: Scene, to: str) -> None:
    if rank(scene) != "organizer":
        scene.answer(notes.not_allowed(scene.language))
        return
    changed = settings(scene) | {"log": to}
    run(scene.connection, SETTINGS, {"id": scene.community_id, "settings": json.dumps(changed)})
    scene.audit("log_opened" if to == "members" else "log_closed")
    if to == "members":
        scene.answer(scene.t("From now on every member may read it: LOG."))
    else:
        scene.answer(scene.t("From now on only the organizers read it."))


def plug(into: Hooks) -> None:
    """LOG."""
    into.commands.handle("log", log)
