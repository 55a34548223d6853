"""HIDE, as a reply: a message is taken back from everyone, as far as their channels allow. Asks for a second word."""

from __future__ import annotations

from typing import Any

from bot.commands.desk import Hooks
from bot.commands.grammar import Call
from bot.commands.notes import excerpt
from bot.core import hiding, members, threads
from bot.core.hiding import Hidden
from bot.core.scene import Scene
from bot.core.threads import Answered
from bot.i18n import translator
from bot.text.rich import Rich, join
from store.statement import run, sql

MESSAGE = sql("SELECT name, text, author_id, state FROM message WHERE id = :id")
WRITTEN = sql("""
    SELECT a.title FROM copy c JOIN address a ON a.id = c.address_id AND a.room
    WHERE c.message_id = :id AND c.own LIMIT 1
""")
# The lines that left as one message with this one, seen where it was answered.
TOGETHER = sql("""
    SELECT DISTINCT m.number, m.name, m.text FROM copy c
    JOIN copy o ON o.address_id = c.address_id AND o.remote = c.remote
    JOIN message m ON m.id = o.message_id
    WHERE c.message_id = :id AND c.address_id = :address AND m.state <> 'removed' ORDER BY m.number
""")


def asks(scene: Scene, call: Call) -> Rich | None:
    """The second word, with the words it is about."""
    message = _meant(scene, call)
    if message is None:
        return None
    scene.parent = message
    row = run(scene.connection, MESSAGE, {"id": message.id}).one()
    return (
        scene.t.rich("Take this back from everyone? **YES** · **NO**")
        + "\n"
        + scene.t.rich("**{name}**: {words}", name=row.name, words=scene.t.quoted(excerpt(row.text)))
    )


def _meant(scene: Scene, call: Call) -> Answered | None:
    """The message that was answered, or the line of its thread with this number. None, and it was said why."""
    message = scene.parent
    if message is None or message.community_id != scene.community_id:
        scene.answer(scene.t("I do not know that message, or it is not of this community."))
        return None
    if call.kind == "number":
        message = threads.numbered(scene.connection, message.thread_id, int(call.argument))
    if message is None or message.state == "removed":
        scene.answer(scene.t("That message is gone already, or there is none with this number."))
        return None
    together = run(scene.connection, TOGETHER, {"id": message.id, "address": scene.here.id}).all()
    if call.kind != "number" and len(together) > 1:
        lines = [f"#{row.number} {row.name}: {excerpt(row.text, 40)}" for row in together[:20]]
        asking = scene.t("Several lines came together. Answer them once more, with the number: HIDE #{number}",
                         number=together[0].number)  # fmt: skip
        scene.answer(join([asking, *lines], "\n"))
        return None
    return message


def hide(scene: Scene, call: Call) -> None:  # noqa: ARG001 - what it is about was asked before
    """The second word was said."""
    message, standing = scene.parent, scene.standing
    done = None
    if message is not None and standing is not None and message.community_id == scene.community_id:
        done = hiding.hide(scene.connection, message.id, by=standing.id, now=scene.now)
    if done is None or message is None:
        scene.answer(scene.t("That message is gone already."))
        return
    scene.audit("hidden", subject=("message", message.id))
    row = run(scene.connection, MESSAGE, {"id": message.id}).one()
    _tell_author(scene, row)
    scene.answer(result(scene, done) + _still_there(scene, message.id))


def result(scene: Scene, done: Hidden) -> str:
    """What became of it, in numbers."""
    t = scene.t
    said = [t("It is taken back, and will not be sent to anyone any more.")]
    if done.past:
        said.append(
            t.n("{count} reader has it in a mail, which cannot be called back.",
                "{count} readers have it in a mail, which cannot be called back.", done.past)
        )  # fmt: skip
    return " ".join(said)


def _still_there(scene: Scene, message: int) -> str:
    """Where somebody wrote it themselves no program of ours takes it away: whoever may do so there is told."""
    room = run(scene.connection, WRITTEN, {"id": message}).first()
    if room is None:
        return ""
    return " " + scene.t(
        "Where it was written, in {room}, it stands until it is deleted there.", room=room.title or scene.t("a group")
    )


def _tell_author(scene: Scene, row: Any) -> None:
    """The author reads it from us, once, where they like to be told; not who has no chat with us."""
    author = members.standing(scene.connection, row.author_id) if row.author_id is not None else None
    if author is None or author.status != "active" or scene.standing is None or author.id == scene.standing.id:
        return
    t = translator(author.language)
    words = t.rich("**{name}** has taken this message of yours back from everyone:", name=scene.standing.name)
    question = t("A question about it: CONTACT.")
    scene.tell(author, words + "\n" + t.quoted(excerpt(row.text)) + "\n" + question)


def plug(into: Hooks) -> None:
    """HIDE."""
    into.commands.handle("hide", hide)
    into.asks("hide", asks)
