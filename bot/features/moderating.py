"""HOLD and WAITING: what waits for an organizer's yes or no, and the answer to it, which holds on every channel.

The first answer counts, the other organizers learn it. After twelve hours without one the author is told.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import repeat
from typing import Any, Final

from sqlalchemy import Connection

from bot.commands.authorise import organizes
from bot.commands.desk import Hooks, Question
from bot.commands.grammar import Answer, Call
from bot.commands.notes import excerpt
from bot.core import asking, hiding, holding, members, notices, relay
from bot.core.members import Standing
from bot.core.scene import Scene
from bot.i18n import language_of, translator
from bot.text.rich import Rich
from store.statement import run, sql

#: HOLD without a length; and at most so long: whoever means for ever means REMOVE.
HOLD, LONGEST = 2 * 86400.0, 90 * 86400.0
#: Nobody answers for so long, and the author is told; not about what is older than a week.
UNANSWERED, OLD = 12 * 3600.0, 7 * 86400.0
EVERY: Final = 300.0
#: What is written down when something waited and was decided.
ACTS = ("released", "refused", "kept", "hidden")

HELD_UNTIL = sql("UPDATE membership SET held_until = :until WHERE id = :id")
MESSAGE = sql("SELECT id, name, text, author_id, state, community_id FROM message WHERE id = :id")
DECIDED = sql("""
    SELECT a.act, s.name FROM audit a JOIN membership s ON s.id = a.membership_id
    WHERE a.subject_type = 'message' AND a.subject_id = :id AND a.act IN :acts ORDER BY a.id DESC LIMIT 1
""")
FORGOTTEN = sql("""
    SELECT MIN(m.id) AS id, m.author_id, m.speaker_id, m.origin_id, m.community_id FROM message m
    WHERE m.state = 'held' AND m.created_at < :before AND m.created_at > :old
    GROUP BY m.author_id, m.speaker_id, m.origin_id, m.community_id
""")
POST = sql("SELECT remote FROM copy WHERE message_id = :id AND address_id = :address AND own ORDER BY part LIMIT 1")
ROOM = sql("""
    SELECT a.id, a.status, c.name, c.slug, c.language FROM address a JOIN community c ON c.id = a.community_id
    WHERE a.id = :id AND a.room
""")


def waiting(scene: Scene, call: Call) -> None:  # noqa: ARG001 - every command is called so
    """WAITING: the oldest matter that waits, and how many others do; its answer brings the next."""
    _next(scene)


def _next(scene: Scene, said: str = "") -> None:
    matters = [one for one in holding.waiting(scene.connection, scene.community_id or 0) if _may_decide(scene, one)]
    t = scene.t
    if not matters:
        scene.answer(said or t("Nothing waits for you."))
        return
    one = matters[0]
    count = t.n("{count} matter waits for your yes or no.", "{count} matters wait for your yes or no.", len(matters))
    why = "reported" if one.hidden else ""
    shown = asking.matter(scene.language, one.name, one.room, one.texts, why)
    words = Rich(f"{said}\n" if said else "") + count + "\n" + shown
    scene.answer(
        words, buttons=asking.ok_or_no(scene, scene.here.channel), ask=asking.KIND,
        data=asking.asked_about(one.messages, one.texts, held=not one.hidden, more=True),
    )  # fmt: skip


def _may_decide(scene: Scene, one: Any) -> bool:
    """Nobody decides about their own words while there is somebody else to do it."""
    own = scene.standing is not None and one.author_id == scene.standing.id
    return not own or not any(other.id != one.author_id for other in scene.organizers())


def decides(scene: Scene, question: Question, answer: Answer | Rich) -> bool:
    """OK or NO to what waits: done at once, for everyone, unless somebody was quicker."""
    if not isinstance(answer, Answer) or answer.value not in ("yes", "no"):
        return False
    if not organizes(scene, question.membership_id):
        scene.answer(scene.t("That is not possible any more."))
        return True
    yes = answer.value == "yes"
    relay.lock(
        scene.connection, question.community_id or 0
    )  # of two answers at once the second reads what the first did
    shown = {}
    for one, words in zip(question.data["messages"], question.data.get("words") or repeat(None), strict=False):
        row = run(scene.connection, MESSAGE, {"id": int(one)}).first()
        if row is not None and row.community_id == question.community_id and _may_decide(scene, row):
            shown[row] = words
    rows = list(shown)
    if yes and (changed := [row for row, words in shown.items() if _is_changed(row, words)]):
        _ask_again(scene, changed, question)
        return True
    # What was held when it was asked about, and is not any more, somebody else has decided.
    open_ = [row for row in rows if row.state == "held" or not question.data.get("held")]
    done = [row for row in open_ if _decide(scene, row, yes=yes)]
    if not done:
        said = _decided_before(scene, rows)
    elif not yes and done[0].state != "held":
        said = scene.t("It is taken back.")
    elif not yes:
        said = scene.t.n("It goes to nobody.", "None of the {count} goes to anybody.", len(done))
    elif done[0].state == "held":
        said = scene.t.n("It has gone to everyone.", "All {count} have gone to everyone.", len(done))
    else:
        said = scene.t("It stands.")
    if done:
        _tell(scene, done, yes=yes)
    if question.data.get("more"):
        _next(scene, said)
    else:
        scene.answer(said)
    return True


def _is_changed(row: Any, words: str | None) -> bool:
    """Do other words wait there than were shown?"""
    return row.state in ("held", "hidden") and words is not None and asking.digest(row.text) != words


def _ask_again(scene: Scene, changed: Sequence[Any], question: Question) -> None:
    """A yes was to the words that were shown, not to those that have taken their place."""
    messages = question.data["messages"]
    texts = [run(scene.connection, MESSAGE, {"id": int(one)}).one().text for one in messages]
    why = "reported" if changed[0].state == "hidden" else ""
    words = scene.t("The words have been changed meanwhile. Now they are:") + "\n"
    scene.answer(
        Rich(words) + asking.matter(scene.language, changed[0].name, "", texts, why),
        buttons=asking.ok_or_no(scene, scene.here.channel), ask=asking.KIND,
        data=asking.asked_about(
            messages, texts, held=changed[0].state == "held", more=bool(question.data.get("more"))
        ),
    )  # fmt: skip


def _decide(scene: Scene, row: Any, *, yes: bool) -> bool:
    """One message; False if it does not wait any more."""
    connection, now = scene.connection, scene.now
    membership = scene.standing.id if scene.standing else None
    if row.state == "held":
        act = "released" if yes else "refused"
        done = holding.release(connection, row.id) if yes else hiding.hide(connection, row.id, by=membership, now=now)
    elif yes:
        act, done = "kept", row.state in ("visible", "spreading", "hidden")
        if row.state == "hidden":
            done = hiding.show_again(connection, row.id, now=now)
        elif run(connection, DECIDED, {"id": row.id, "acts": ["kept"]}).first() is not None:
            done = False
    else:
        act, done = "hidden", hiding.hide(connection, row.id, by=membership, now=now)
    if not done:
        return False
    scene.audit(act, subject=("message", row.id))
    return True


def _decided_before(scene: Scene, rows: Sequence[Any]) -> str:
    found = run(scene.connection, DECIDED, {"id": rows[0].id, "acts": list(ACTS)}).first() if rows else None
    if found is None:
        return scene.t("That is decided already.")
    if found.act in ("released", "kept"):
        return scene.t("{name} has decided already: yes.", name=found.name)
    return scene.t("{name} has decided already: no.", name=found.name)


def _tell(scene: Scene, rows: Sequence[Any], *, yes: bool) -> None:
    """The other organizers learn what was decided, the author what became of it."""
    standing = scene.standing
    if standing is None:
        return
    first = rows[0]
    for other in scene.organizers():
        if other.id in (standing.id, first.author_id):
            continue
        t = translator(other.language)
        fields = {"name": standing.name, "author": first.name}
        if yes:
            said = t.rich("**{name}** has said yes to this, by {author}:", **fields)
        else:
            said = t.rich("**{name}** has said no to this, by {author}:", **fields)
        scene.tell(other, said + "\n" + t.quoted(excerpt(first.text)), subject=t("Decided"))
    author = members.standing(scene.connection, first.author_id) if first.author_id is not None else None
    if author is None or author.status != "active" or author.id == standing.id:
        return
    t = translator(author.language)
    if not yes:
        if first.state == "held":
            said = t.rich("**{name}** has decided that this goes to nobody:", name=standing.name)
        else:
            said = t.rich("**{name}** has taken this message of yours back from everyone:", name=standing.name)
        scene.tell(author, said + "\n" + t.quoted(excerpt(first.text)) + "\n" + t("A question about it: CONTACT."))
    elif first.state == "held":
        scene.tell(
            author, t("An organizer has read it, and it has gone to everyone:") + "\n" + t.quoted(excerpt(first.text))
        )


def hold(scene: Scene, call: Call) -> None:
    """HOLD Karim 2d: for a time an organizer reads first what this member writes, on whatever channel. 0 ends it."""
    name, _, length = call.argument.partition("\t")
    found = members.called(scene.connection, scene.community_id or 0, name) if name else []
    held = members.standing(scene.connection, found[0]) if len(found) == 1 else None
    if held is None:
        scene.answer(
            scene.t(
                "I do not see which member that is, or for how long. Write the name as it stands in WHO: HOLD Karim B. 2d"
            )
        )
        return
    if scene.standing is not None and held.id == scene.standing.id:
        scene.answer(scene.t("That is you yourself."))
        return
    seconds = HOLD if float(length) < 0 else min(float(length), LONGEST)
    until = scene.now + seconds if seconds else None
    run(scene.connection, HELD_UNTIL, {"id": held.id, "until": until})
    scene.audit("hold" if until else "hold_ended", subject=("membership", held.id), until=until)
    _tell_held(scene, held, until)
    if until is None:
        scene.answer(
            scene.t("What {name} writes leaves at once again. What waits already is in WAITING.", name=held.name)
        )
        return
    when = scene.t.moment(until, scene.standing.timezone if scene.standing else "UTC")
    scene.answer(scene.t("What {name} writes waits for an organizer until {when}.", name=held.name, when=when))


def _tell_held(scene: Scene, held: Standing, until: float | None) -> None:
    t = translator(held.language)
    if until is None:
        scene.tell(held, t("What you write leaves at once again."))
        return
    words = t(
        "Until {when} an organizer reads what you write before it goes to everyone. A question about it: CONTACT.",
        when=t.moment(until, held.timezone),
    )
    scene.tell(held, words)


def remind(connection: Connection, now: float) -> None:
    """Twelve hours without an answer: the author is told, in private, or under their post in the room where they wrote."""
    for row in run(connection, FORGOTTEN, {"before": now - UNANSWERED, "old": now - OLD}):
        key = f"unanswered:{row.id}"
        author = members.standing(connection, row.author_id) if row.author_id is not None else None
        if author is not None and author.address_id is not None:
            t = translator(author.language)
            words = t(
                "What you wrote still waits: no organizer has looked at it for twelve hours. CONTACT reaches them."
            )
            notices.owe(
                connection, author.address_id, words, membership=author.id, kind="notice", key=key,
                language=language_of(author.language), community=(author.community, author.slug),
            )  # fmt: skip
            continue
        room = run(connection, ROOM, {"id": row.origin_id}).first()
        if author is None and room is not None and room.status == "active":
            post = run(connection, POST, {"id": row.id, "address": room.id}).first()
            words = translator(room.language)(
                "This has stayed in this room so far: no organizer has looked at it for twelve hours."
            )
            notices.owe(
                connection, room.id, words, kind="notice", key=key, language=language_of(room.language),
                community=(room.name, room.slug), reply_to=post.remote if post else "",
            )  # fmt: skip


def plug(into: Hooks) -> None:
    """HOLD, WAITING, and the answers to what waits."""
    into.commands.handle("hold", hold)
    into.commands.handle("waiting", waiting)
    into.answers(asking.KIND, decides)
    into.clock.every(EVERY, lambda connection: remind(connection, time.time()), name="waiting")
