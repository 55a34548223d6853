"""Words for people: which thread they belong to, which line they answer, and their way into the store."""

from __future__ import annotations

import json
import time

from sqlalchemy import Connection

from bot.core import asking, holding, members, presence, relay, threads
from bot.core.events import MessageDeleted, MessageEdited, MessageReceived, RemoteFile
from bot.core.relay import Post
from bot.core.scene import Scene
from bot.core.threads import Answered
from bot.i18n import N_, Translator, language_of, translator
from bot.text.fold import canonical_subject, display_name, fold
from bot.text.numbers import numbered
from bot.text.rich import Rich, to_json
from store.statement import run, sql

FILE_LINES = {
    "photo": N_("[photo]"),
    "video": N_("[video]"),
    "audio": N_("[sound]"),
    "voice": N_("[voice message]"),
    "sticker": N_("[sticker]"),
    "document": N_("[file: {name}]"),
    "other": N_("[something this channel can show and others cannot]"),
}
VERSION = sql("""
    INSERT INTO message_version (message_id, revision, text, spans, created_at)
    SELECT id, revision, text, spans, :now FROM message WHERE id = :id
""")
EDIT = sql("UPDATE message SET text = :text, spans = :spans, folded = :folded, revision = revision + 1 WHERE id = :id")
ATTACHED = sql("""
    SELECT t.kind, t.name, m.language FROM attachment t JOIN message m ON m.id = t.message_id
    WHERE t.message_id = :id ORDER BY t.position
""")
REMOVE = sql(
    "UPDATE message SET state = 'removed', removed_at = :now, removed_by = author_id, revision = revision + 1 WHERE id = :id"
)
#: The outcomes of words that leave, now or when an organizer says so.
LEAVE = frozenset({"relayed", "held"})
OWN = sql("SELECT message_id FROM copy WHERE address_id = :address AND remote = :remote AND own")


def stays(scene: Scene, event: MessageReceived) -> str:
    """Why this does not leave the room it was said in, in one word; empty if it leaves, or was said in no room."""
    if not scene.in_room:
        return ""
    said_at = event.sent_at.timestamp()
    return presence.stays(scene.connection, scene.here, scene.person, scene.community_id, said_at)


def talk(scene: Scene, event: MessageReceived) -> str:
    """Post what was said; return the outcome in one word. Several numbered answers become several messages."""
    why = stays(scene, event)
    if why:
        return why
    words = event.text.strip()
    files = tuple((one.kind, display_name(one.name, 80)) for one in event.files)
    lines = file_lines(event.files, scene.t if scene.standing else _room_words(scene))
    if lines:
        words = (words + "\n" if words else Rich("")) + "\n".join(lines)
    if not words:
        return "empty"
    thread_id, parent = place(scene, event)
    answers = _numbered(scene, words, thread_id) if parent is not None or event.references else []
    held = []
    for one, answered in answers or [(words, parent)]:
        held.append(_post(scene, event, one, thread_id, answered, files))
        files = ()
    return "held" if all(held) else "relayed"


def _room_words(scene: Scene) -> Translator:
    return translator(scene.language)


def _post(
    scene: Scene,
    event: MessageReceived,
    words: Rich,
    thread_id: int,
    parent: Answered | None,
    files: tuple[tuple[str, str], ...],
) -> bool:
    """Post one message; True if it waits for an organizer."""
    standing = scene.standing if scene.standing and scene.standing.status == "active" else None
    name = standing.name if standing else display_name(event.sender.name or scene.person.name) or "?"
    if standing is None and members.poses(scene.connection, scene.community_id or 0, name):
        t = _room_words(scene)
        name = t("{name} (not a member)", name=name)
    verdict = holding.judge(scene, event, words)
    message = relay.post(
        scene.connection,
        Post(
            community_id=scene.community_id or 0,
            thread_id=thread_id,
            text=words,
            name=name,
            author_id=standing.id if standing else None,
            speaker_id=None if standing else scene.person.id,
            language=standing.language if standing else "",
            reply_to=parent.id if parent else None,
            origin_id=scene.here.id,
            remote_id=event.remote_id,
            source=scene.source,
            said_at=event.sent_at.timestamp(),
            files=files,
            state="held" if verdict.why else "visible",
            bundled=verdict.bundled,
        ),
    )
    if verdict.why:
        asking.about(scene, message, name, words, verdict.why)
    return bool(verdict.why)


def place(scene: Scene, event: MessageReceived) -> tuple[int, Answered | None]:
    """The thread these words belong to, and the message they answer."""
    connection, parent, here = scene.connection, scene.parent, scene.here
    if parent is not None and parent.state == "removed":
        parent = None
    if parent is not None:
        talk_ = threads.thread(connection, parent.thread_id)
        if threads.is_same_subject(event.subject, talk_) or _names_a_thread(scene, event.subject):
            if talk_.day is None:
                threads.holds(connection, here.id, talk_.id)
            return parent.thread_id, parent
    if event.subject is not None:
        return _by_subject(scene, event.subject, event.text.text), None
    held = threads.held(connection, here.id, here.thread_id, here.thread_at)
    if held is not None and threads.thread(connection, held).community_id == scene.community_id:
        return held, None
    return day_thread(scene), None


def _names_a_thread(scene: Scene, subject: str | None) -> bool:
    """Say whether the subject is "Re:" and the title of another thread of ours: nobody wrote that by hand, the message was moved since it was sent."""
    if subject is None or fold(subject) == fold(canonical_subject(subject)):
        return False
    return threads.of_subject(scene.connection, scene.community_id or 0, subject) is not None


def _by_subject(scene: Scene, subject: str, words: str) -> int:
    """A mail without a parent: its subject's thread if it answers ("Re:"), otherwise one of its own."""
    community = scene.community_id or 0
    if fold(subject) != fold(canonical_subject(subject)):
        known = threads.of_subject(scene.connection, community, subject)
        if known is not None:
            return known
    title = threads.fitting_title(subject, words)
    if not title:
        return day_thread(scene)
    return threads.begin(scene.connection, community, title, scene.standing.id if scene.standing else None)


def day_thread(scene: Scene) -> int:
    """Today's untitled talk."""
    row = run(
        scene.connection,
        sql("SELECT name, timezone, language FROM community WHERE id = :id"),
        {"id": scene.community_id},
    ).one()
    room = scene.here.id if scene.in_room else None
    return threads.of_the_day(
        scene.connection, scene.community_id or 0, row.name, row.timezone, row.language, room, scene.here.title
    )


def _numbered(scene: Scene, words: Rich, thread_id: int) -> list[tuple[Rich, Answered | None]]:
    """`#12 I prefer the 19th` answers line 12; several numbers, several answers. Empty if there are none that fit."""
    if "#" not in words.text:
        return []
    answers: list[tuple[Rich, Answered | None]] = []
    for part in numbered(words.text):
        piece = words.slice(part.start, part.end).strip()
        if not piece:
            continue
        if part.number is None:
            answers.append((piece, scene.parent if not answers else None))
            continue
        line = threads.numbered(scene.connection, thread_id, part.number)
        if line is None:
            return []  # a number that is no line's: the words stay as they are
        answers.append((piece, line))
    return answers if any(line is not None for _, line in answers) else []


def file_lines(files: tuple[RemoteFile, ...], t: Translator) -> list[str]:
    """A line for each file that is not carried."""
    return [t(FILE_LINES[one.kind], name=display_name(one.name, 80) or "?") for one in files]


def edited(connection: Connection, channel: str, account: str, event: MessageEdited) -> str:
    """Keep the earlier version; what has not left yet leaves with the new words, or not at all if none are left."""
    message = _own(connection, channel, account, event.place.id, event.remote_id)
    if message is None:
        return "edit_unknown"
    why = _stay(connection, channel, account, event, message)
    if why:
        return why
    if not holding.may_change(connection, message, event.text):
        return "edit_held"
    words = event.text.strip()
    for row in run(connection, ATTACHED, {"id": message}).all():
        line = translator(language_of(row.language))(FILE_LINES[row.kind], name=row.name or "?")
        words = words + ("\n" if words else "") + line
    run(connection, VERSION, {"id": message, "now": time.time()})
    if not words:
        run(connection, REMOVE, {"id": message, "now": time.time()})
        return "deleted"
    spans = json.dumps(to_json(words)) if words.spans else None
    run(connection, EDIT, {"id": message, "text": words.text, "spans": spans, "folded": fold(words.text)})
    return "edited"


def _stay(connection: Connection, channel: str, account: str, event: MessageEdited, message: int) -> str:
    """Why other words of a message do not leave, in one word: what keeps new words of this person here keeps these."""
    here = members.find(connection, channel, account, event.place.id)
    person = members.find(connection, channel, account, event.sender.id)
    found = threads.message(connection, message)
    if here is None or person is None or found is None:
        return ""
    if here.room:
        return presence.stays(connection, here, person, found.community_id, time.time())
    if person.forget_at is not None:
        return "forgotten"
    standings = members.standings(connection, person.member_id)
    mine = any(one.community_id == found.community_id and one.status == "active" for one in standings)
    return "" if mine else "no_member"


def deleted(connection: Connection, channel: str, account: str, event: MessageDeleted) -> str:
    """What has not left yet does not leave any more."""
    message = _own(connection, channel, account, event.place.id, event.remote_id)
    if message is None:
        return "delete_unknown"
    run(connection, VERSION, {"id": message, "now": time.time()})
    run(connection, REMOVE, {"id": message, "now": time.time()})
    return "deleted"


def _own(connection: Connection, channel: str, account: str, place_id: str, remote: str) -> int | None:
    here = members.find(connection, channel, account, place_id)
    row = run(connection, OWN, {"address": here.id, "remote": remote}).first() if here else None
    return int(row[0]) if row else None
