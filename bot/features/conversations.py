"""Threads as members name them: NEW, TITLE, TOPIC. What fell into the wrong one is mended by MOVE (`moving`)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.commands import first, notes
from bot.commands.desk import Hooks
from bot.commands.grammar import Call
from bot.core import holding, members, posting, threads
from bot.core.events import MessageReceived
from bot.core.scene import Scene
from bot.core.threads import Talk
from bot.text.fold import fold
from bot.text.rich import Rich
from store.statement import run, sql

LONGEST_TOPIC: Final = 60

TITLE = sql("UPDATE thread SET title = :title, folded = :folded, day = NULL, room_id = NULL WHERE id = :id")
TOPIC = sql("SELECT id, name FROM topic WHERE community_id = :community AND folded = :folded")
NEW_TOPIC = sql("""
    INSERT INTO topic (community_id, name, folded, created_at) VALUES (:community, :name, :folded, :now)
    ON CONFLICT (community_id, folded) DO UPDATE SET folded = excluded.folded RETURNING id
""")
UNDER = sql("UPDATE thread SET topic_id = :topic WHERE id = :id")


def new(scene: Scene, call: Call) -> None:
    """NEW: a title, and below it the first words; without words, the title is what is said first."""
    event = scene.event
    title = threads.fitting_title(call.argument, call.rest)
    if scene.in_room and scene.here.community_id is None:
        scene.answer(scene.t("This group is not one of our rooms yet: /room makes it one."))
        return
    if not title or scene.community_id is None or not isinstance(event, MessageReceived):
        scene.answer(scene.t("A thread needs a title that says what it is about: NEW: Picnic on 14 June"))
        return
    if posting.stays(scene, event):
        scene.answer(notes.stays(scene.language))
        return
    if first.shown_back(scene, call):
        return
    thread = threads.begin(
        scene.connection, scene.community_id, title, scene.standing.id if scene.standing else None, room=scene.here.id
    )
    words = call.rest_of(scene.words) or call.argument_of(scene.words) or Rich(title)
    here, parent = scene.here, scene.parent
    # The new thread holds the place now: what is said next here, and this, belongs to it.
    scene.here, scene.parent = members.place(scene.connection, here.id), None
    outcome = posting.talk(scene, replace(event, text=words, subject=None, reply_to="", references=()))
    scene.here, scene.parent = here, parent
    scene.audit("began", subject=("thread", thread))
    if outcome == "held":
        return  # its author was told that it waits
    shown = scene.t.quoted(title)
    if scene.can.titles:
        scene.answer(scene.t("{title} is begun, and has gone to everyone.", title=shown))
    else:
        scene.answer(
            scene.t(
                "{title} is begun. What you write here belongs to it until two hours have passed in silence.",
                title=shown,
            )
        )


def title(scene: Scene, call: Call) -> None:
    """TITLE: the thread answered, or the one that is spoken in here."""
    if holding.is_held(scene):
        scene.answer(notes.read_first(scene.language))
        return
    thread = _thread(scene)
    wanted = threads.fitting_title(call.argument)
    if not wanted:
        scene.answer(scene.t("A thread needs a title that says what it is about: TITLE: Picnic on 14 June"))
        return
    if thread is None or not _has_words(scene, thread):
        _nothing_here(scene)
        return
    # A day of talk that gets a title is a thread like others from now on; the rest of the day begins anew.
    run(scene.connection, TITLE, {"id": thread.id, "title": wanted, "folded": fold(wanted)})
    if thread.day is not None:
        threads.holds(scene.connection, scene.here.id, thread.id)
    scene.audit("titled", subject=("thread", thread.id))
    scene.answer(scene.t("This thread is now called {title}.", title=scene.t.quoted(wanted)))


def topic(scene: Scene, call: Call) -> None:
    """TOPIC: the theme a thread belongs to, made if it is new."""
    if holding.is_held(scene):
        scene.answer(notes.read_first(scene.language))
        return
    thread = _thread(scene)
    name = " ".join(call.argument.split())[:LONGEST_TOPIC]
    if thread is None or not name or not _has_words(scene, thread):
        _nothing_here(scene)
        return
    values = {"community": thread.community_id, "folded": fold(name), "name": name, "now": scene.now}
    known = run(scene.connection, TOPIC, values).first()
    made = known.id if known else run(scene.connection, NEW_TOPIC, values).scalar_one()
    run(scene.connection, UNDER, {"id": thread.id, "topic": made})
    scene.audit("put_under_topic", subject=("thread", thread.id), topic=made)
    scene.answer(
        scene.t(
            "{title} belongs to the topic {topic} now.",
            title=scene.t.quoted(thread.title),
            topic=scene.t.quoted(known.name if known else name),
        )
    )


def _thread(scene: Scene) -> Talk | None:
    """The thread a command is about: of the message answered, else the one that holds this place, else today's talk."""
    if scene.parent is not None:
        return threads.thread(scene.connection, scene.parent.thread_id)
    here = scene.here
    held = threads.held(scene.connection, here.id, here.thread_id, here.thread_at)
    if held is not None:
        thread = threads.thread(scene.connection, held)
        return thread if thread.community_id == scene.community_id else None
    return None if scene.community_id is None else threads.thread(scene.connection, posting.day_thread(scene))


def _has_words(scene: Scene, thread: Talk) -> bool:
    """Has anything been said in it? Today's talk may just have been looked for."""
    return bool(scene.rows("SELECT 1 FROM thread WHERE id = :id AND numbered > 0", id=thread.id))


def _nothing_here(scene: Scene) -> None:
    scene.answer(scene.t("I do not see which thread you mean. Answer one of its messages with the same words."))


def plug(into: Hooks) -> None:
    """NEW, TITLE, TOPIC."""
    into.commands.handle("new", new)
    into.commands.handle("title", title)
    into.commands.handle("topic", topic)
