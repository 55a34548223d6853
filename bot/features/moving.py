"""MOVE, as a reply: a message that fell into the wrong thread, and what answers it, goes where it belongs.

What has left stays on people's devices as it is; answers to it follow the message, and mails that wait are mended.
"""

from __future__ import annotations

from typing import Final

from bot.commands.desk import Hooks
from bot.commands.grammar import Call
from bot.core import threads
from bot.core.scene import Scene
from bot.core.threads import Answered, Talk
from store import ledger
from store.statement import run, sql

#: An author may move a message for this long; an organizer always.
MOVABLE: Final = 15 * 60.0

# The message and what answers it, in the same thread.
BRANCH = sql("""
    WITH RECURSIVE branch (id) AS (
        SELECT CAST(:id AS BIGINT)
        UNION
        SELECT m.id FROM message m JOIN branch b ON m.reply_to = b.id WHERE m.thread_id = :thread)
    SELECT id FROM branch ORDER BY id
""")
NUMBER = sql("UPDATE thread SET numbered = numbered + 1, last_at = :now WHERE id = :thread RETURNING numbered")
# The revision says to whoever remembers the message that it has changed.
MOVE = sql("""
    UPDATE message SET thread_id = :thread, number = :number, revision = revision + 1,
        reply_to = CASE WHEN id = :top THEN NULL ELSE reply_to END
    WHERE id = :id
""")
# What has not left yet leaves with its new thread, parted from the lines of the old one it waited with.
NEW_PARCELS = sql("""
    INSERT INTO parcel (address_id, membership_id, message_id, thread_id, kind, state, priority, due_at, first_at,
                        bundle, created_at)
    SELECT p.address_id, p.membership_id, :id, :thread, 'relay', 'due', p.priority, p.due_at, p.first_at, NULL, :now
    FROM delivery d JOIN parcel p ON p.id = d.parcel_id
    WHERE d.message_id = :id AND d.kind = 'relay' AND p.state = 'due' ORDER BY p.id
""")
DELIVERIES = sql("""
    UPDATE delivery SET parcel_id = (
        SELECT MAX(n.id) FROM parcel n
        WHERE n.address_id = delivery.address_id AND n.message_id = :id AND n.thread_id = :thread AND n.state = 'due')
    WHERE message_id = :id AND kind = 'relay'
      AND parcel_id IN (SELECT p.id FROM parcel p JOIN delivery e ON e.parcel_id = p.id
                        WHERE e.message_id = :id AND p.state = 'due')
""")
EMPTY_PARCELS = sql("""
    DELETE FROM parcel WHERE message_id = :id AND thread_id = :before AND state = 'due' AND kind = 'relay'
      AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.parcel_id = parcel.id)
""")
BUNDLES = sql("""
    UPDATE parcel SET message_id = (SELECT MAX(d.message_id) FROM delivery d WHERE d.parcel_id = parcel.id)
    WHERE message_id = :id AND thread_id = :before AND state = 'due'
""")
LINE = sql("UPDATE message SET reply_to = :line, revision = revision + 1 WHERE id = :id")
READERS = sql(
    "SELECT address_id, priority, MIN(due_at) AS due_at FROM parcel WHERE message_id = :id AND state = 'due' GROUP BY address_id, priority"
)


def move(scene: Scene, call: Call) -> None:
    """MOVE, as a reply: under another line of its thread (#12), into the thread of this title, or a new one."""
    message = scene.parent
    if message is None or not _may_move(scene, message):
        return
    if call.kind == "number":
        _under_line(scene, message, int(call.argument))
        return
    wanted = threads.fitting_title(call.argument or call.given)
    thread = _called(scene, message, wanted)
    if thread is None:
        return
    if thread.id == message.thread_id:
        scene.answer(scene.t("It is there already."))
        return
    _branch(scene, message, thread.id)
    scene.audit("moved", subject=("message", message.id), thread=thread.id, before=message.thread_id)
    scene.answer(scene.t("Moved to {title}. Answers to it go there too.", title=scene.t.quoted(thread.title)))


def _may_move(scene: Scene, message: Answered) -> bool:
    standing = scene.standing
    if standing is None or message.community_id != scene.community_id or message.state == "removed":
        scene.answer(scene.t("I do not know that message, or it is not of this community."))
        return False
    if standing.organizes:
        return True
    if message.author_id != standing.id:
        scene.answer(scene.t("Only who wrote a message can move it, or an organizer."))
        return False
    if message.created_at < scene.now - MOVABLE:
        scene.answer(scene.t("A message can be moved for 15 minutes; after that, ask an organizer (CONTACT)."))
        return False
    return True


def _called(scene: Scene, message: Answered, wanted: str) -> Talk | None:
    """The thread of this title, begun if there is none; without a title, there must be one already that holds the place."""
    if not wanted:
        scene.answer(scene.t("Where does it belong? Answer it once more, with the title: MOVE: Picnic on 14 June"))
        return None
    found = threads.of_subject(scene.connection, message.community_id, wanted)
    if found is None:
        found = threads.begin(
            scene.connection, message.community_id, wanted, scene.standing.id if scene.standing else None
        )
    return threads.thread(scene.connection, found)


def _under_line(scene: Scene, message: Answered, number: int) -> None:
    """It answers another line of the same thread."""
    line = threads.numbered(scene.connection, message.thread_id, number)
    if line is None or line.id >= message.id:
        scene.answer(scene.t("There is no line #{number} before it in this thread.", number=number))
        return
    run(scene.connection, LINE, {"id": message.id, "line": line.id})
    scene.audit("moved", subject=("message", message.id), line=line.id)
    scene.answer(scene.t("It answers line #{number} now.", number=number))


def _branch(scene: Scene, message: Answered, thread: int) -> None:
    """Move the message and what answers it, in their order."""
    connection = scene.connection
    found = run(connection, BRANCH, {"id": message.id, "thread": message.thread_id}).all()
    for row in found:
        values = {"id": row.id, "thread": thread, "before": message.thread_id, "top": message.id, "now": scene.now}
        values["number"] = run(connection, NUMBER, values).scalar_one()
        for statement in (MOVE, NEW_PARCELS, DELIVERIES, EMPTY_PARCELS, BUNDLES):
            run(connection, statement, values)
        for lane in run(connection, READERS, values):
            ledger.lane_due(connection, lane.address_id, lane.priority, lane.due_at)


def plug(into: Hooks) -> None:
    """MOVE."""
    into.commands.handle("move", move)
