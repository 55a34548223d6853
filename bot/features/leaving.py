"""LEAVE, with its second word: nothing is sent any more, at once; what was written stays; UNDO for seven days."""

from __future__ import annotations

from bot.commands import words
from bot.commands.desk import Hooks
from bot.commands.grammar import Call
from bot.core import inviting, leaving
from bot.core.members import Standing
from bot.core.scene import Scene
from bot.text.rich import Rich, join

DECLINED = "DELETE FROM question WHERE address_id = :address AND kind = 'invitation'"
ROOMS = """
    SELECT DISTINCT r.title FROM presence p
    JOIN address r ON r.id = p.room_id AND r.community_id = :community AND r.status = 'active'
    JOIN address a ON a.id = p.address_id
    WHERE a.member_id = :member ORDER BY r.title
"""


def asks(scene: Scene, call: Call) -> Rich | None:  # noqa: ARG001 - a question's shape
    """The second word; whoever is no member yet, or no longer, needs none."""
    standing = scene.standing
    if standing is None:
        _not_here(scene)
        return None
    if _stays(scene, standing):
        return None
    return words.leave_asked(scene.language, community=standing.community)


def _stays(scene: Scene, standing: Standing) -> bool:
    """Tell whether it is the last organizer, who cannot leave; then that was said."""
    if not leaving.organizes_alone(scene.connection, standing):
        return False
    scene.answer(
        scene.t.rich(
            "You are the only organizer of **{community}** who can be reached: there must be another one before you leave. "
            "Whoever runs the server makes one, with the command filcommun organizer-code.",
            community=standing.community,
        )
    )
    return True


def _not_here(scene: Scene) -> None:
    if scene.invited:
        scene.execute(DECLINED, address=scene.here.id)
        inviting.said_no(scene.connection, scene.here.id)
        if not scene.can.writes_first:  # a mailbox gets one mail before it says yes, and not one more
            scene.answer(words.declined(scene.language, community=scene.community[0]))
        return
    scene.answer(scene.t("You are no longer a member: nothing is sent to you."))


def leave(scene: Scene, call: Call) -> None:  # noqa: ARG001 - a command's shape
    """The second word was said."""
    standing = scene.standing
    if standing is None:
        _not_here(scene)
        return
    if _stays(scene, standing):
        return
    leaving.leave(scene.connection, standing)
    scene.audit("left", subject=("membership", standing.id))
    said = words.left(scene.language, community=standing.community)
    rooms = [row.title or scene.t("a group") for row in
             scene.rows(ROOMS, community=standing.community_id, member=standing.member_id)]  # fmt: skip
    if rooms:
        still = scene.t(
            "You are still in {rooms}, and what you say there is still carried. To leave a group, leave it there.",
            rooms=scene.t.listing(rooms),
        )
        said = join([said, Rich(still)], "\n")
    scene.answer(said)


def plug(into: Hooks) -> None:
    """Attach what happens."""
    into.commands.handle("leave", leave)
    into.asks("leave", asks)
