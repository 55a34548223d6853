"""What is kept of one person, as they may have it: data for a program, a text to be read, and the files they sent.

Only what is theirs: of others the name somebody invited them under, and the title of a conversation. No codes, no tokens.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection

from bot.core.erasing import Person
from bot.i18n import N_, Translator, translator
from bot.text.fold import display_name
from store.statement import Statement, run, sql

MEMBERSHIPS = sql("""
    SELECT c.name AS community, s.name, s.language, s.timezone, s.role, s.status, s.pace, s.visible, s.token_generation,
           i.name AS invited_by, s.consent_at, s.consent_how, s.consent_text, s.joined_at, s.left_at, s.held_until
    FROM membership s JOIN community c ON c.id = s.community_id LEFT JOIN membership i ON i.id = s.invited_by
    WHERE s.id IN :memberships ORDER BY s.id
""")
ADDRESSES = sql("""
    SELECT a.channel, a.remote AS address, a.name AS called, a.language, a.status, a.verified_at, a.seen_at, a.created_at
    FROM address a WHERE a.id IN :addresses ORDER BY a.id
""")
ROOMS = sql("""
    SELECT r.title AS room, c.name AS community, p.how, p.since, 'present' AS what
    FROM presence p JOIN address r ON r.id = p.room_id LEFT JOIN community c ON c.id = r.community_id
    WHERE p.address_id IN :addresses
    UNION ALL
    SELECT r.title, c.name, '', s.since, 'not me'
    FROM silence s JOIN address r ON r.id = s.room_id LEFT JOIN community c ON c.id = r.community_id
    WHERE s.address_id IN :addresses
    ORDER BY 4
""")
PREFERENCES = sql('SELECT scope, "key", value FROM preference WHERE membership_id IN :memberships ORDER BY id')
MESSAGES = sql("""
    SELECT m.id, c.name AS community, c.timezone, t.title AS conversation, m.number, m.state, m.said_at, m.text,
           r.number AS answers, m.revision
    FROM message m JOIN thread t ON t.id = m.thread_id JOIN community c ON c.id = m.community_id
    LEFT JOIN message r ON r.id = m.reply_to AND r.thread_id = m.thread_id
    WHERE m.author_id IN :memberships OR m.speaker_id IN :addresses ORDER BY m.id
""")
VERSIONS = sql("""
    SELECT v.message_id, v.revision, v.text, v.created_at FROM message_version v JOIN message m ON m.id = v.message_id
    WHERE m.author_id IN :memberships OR m.speaker_id IN :addresses ORDER BY v.id
""")
FILES = sql("""
    SELECT t.message_id, t.name, t.kind, t.note, f.sha256, f.size, f.type
    FROM attachment t JOIN message m ON m.id = t.message_id LEFT JOIN file f ON f.id = t.file_id
    WHERE m.author_id IN :memberships OR m.speaker_id IN :addresses ORDER BY t.id
""")
REACTIONS = sql("""
    SELECT m.id AS message, x.emoji, x.created_at FROM reaction x JOIN message m ON m.id = x.message_id
    WHERE x.membership_id IN :memberships OR x.address_id IN :addresses
    UNION ALL
    SELECT m.id, x."option", x.created_at FROM choice x JOIN message m ON m.id = x.message_id
    WHERE x.membership_id IN :memberships
    ORDER BY 3
""")
REPORTS = sql("SELECT message_id AS message, created_at FROM report WHERE membership_id IN :memberships ORDER BY id")
INVITATIONS = sql("""
    SELECT MAX(k.name) AS name, MAX(CASE WHEN a.status = 'gone' THEN '' ELSE a.remote END) AS address, k.created_at, MIN(k.expires_at) AS expires_at,
           MAX(k.used_at) AS used_at, MAX(k.outcome) AS outcome
    FROM code k LEFT JOIN address a ON a.id = k.address_id
    WHERE k.membership_id IN :memberships AND k.purpose = 'invite'
    GROUP BY k.created_at, k.address_id ORDER BY k.created_at
""")
DECISIONS = sql("""
    SELECT c.name AS community, a.act, a.subject_type, a.subject_id, a.created_at
    FROM audit a LEFT JOIN community c ON c.id = a.community_id WHERE a.membership_id IN :memberships ORDER BY a.id
""")
#: Each part of the data, in its order.
PARTS: Final[Mapping[str, Statement]] = {
    "memberships": MEMBERSHIPS, "addresses": ADDRESSES, "rooms": ROOMS, "preferences": PREFERENCES,
    "messages": MESSAGES, "earlier_versions": VERSIONS, "files": FILES, "reactions_and_choices": REACTIONS,
    "reports": REPORTS, "invitations_made": INVITATIONS, "decisions": DECISIONS,
}  # fmt: skip
#: What a moment is called ends so.
MOMENTS: Final = ("_at", "since", "_until")
STATES: Final = {
    "held": N_("waits for an organizer"),
    "hidden": N_("hidden for now"),
    "removed": N_("taken back"),
}


def gathered(connection: Connection, who: Person) -> dict[str, Any]:
    """Everything, by part; moments as ISO 8601 in UTC."""
    return {
        name: [_plain(row._asdict()) for row in run(connection, statement, who.ids(statement))]
        for name, statement in PARTS.items()
    }


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    made = {}
    for name, value in row.items():
        is_moment = isinstance(value, (int, float)) and name.endswith(MOMENTS)
        made[name] = datetime.fromtimestamp(value, UTC).isoformat(timespec="seconds") if is_moment else value
    return made


def packed(data: Mapping[str, Any], language: str, zone: str, most: int, read: Callable[[str], bytes]) -> bytes:
    """A zip: `data.json`, a text in the person's language, and as many of their files as fit into `most` bytes."""
    t = translator(language)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        left = most
        for row in data["files"]:
            left = _put(archive, row, left, read)
        archive.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=1, default=str))
        archive.writestr(t("everything.txt"), "\ufeff" + "\r\n".join(_text(t, data, zone)) + "\r\n")
    return out.getvalue()


def _put(archive: zipfile.ZipFile, row: dict[str, Any], left: int, read: Callable[[str], bytes]) -> int:
    """Put one file in, if it is there and there is room; write down under which name, or that it is not there."""
    sha256 = row.pop("sha256", None)
    if sha256 is None or (row["size"] or 0) > left:
        return left
    try:
        content = read(str(sha256))
    except OSError:  # kept long enough, a moment ago
        return left
    name = display_name(row["name"] or "", 80).replace("/", "_").replace("\\", "_") or "file"
    row["in_this_archive"] = f"files/{row['message_id']}-{name}"
    archive.writestr(row["in_this_archive"], content)
    return left - len(content)


def _text(t: Translator, data: Mapping[str, Any], zone: str) -> Iterable[str]:
    """The same, to be read: CRLF and a byte order mark, for people who open it by a double click."""
    yield t("What the postman keeps of you, on {date}", date=t.moment(datetime.now(UTC), zone))
    yield t("Everything in this text stands in data.json too, for programs.")
    yield from _heading(t("Where you are a member"))
    for one in data["memberships"]:
        yield from _membership(t, one, zone)
    yield from _heading(t("Your addresses"))
    for one in data["addresses"]:
        yield f"- {one['channel']}: {one['address']}" + (f" ({one['called']})" if one["called"] else "")
    yield from _heading(t("Invitations you gave"))
    for one in data["invitations_made"]:
        yield f"- {_day(t, one['created_at'], zone)}: {one['name'] or one['address'] or t('a code')}"
    yield from _heading(t("Your messages"))
    before = ("", "")
    for one in data["messages"]:
        here = (one["community"], one["conversation"])
        if here != before:
            yield from ("", f"== {one['community']} · {one['conversation']}")
            before = here
        yield _message(t, one)
    yield from _heading(t("Files you sent"))
    for one in data["files"]:
        yield f"- {one['name'] or one['kind']}: {one.get('in_this_archive') or t('not kept')}"


def _heading(words: str) -> Sequence[str]:
    return ("", words, "-" * len(words))


def _membership(t: Translator, one: Mapping[str, Any], zone: str) -> Iterable[str]:
    since = _day(t, one["joined_at"], zone) if one["joined_at"] else "?"
    yield t("- {community}: as {name}, since {date}", community=one["community"], name=one["name"], date=since)
    if one["consent_at"]:
        yield "  " + t(
            "You agreed on {date} ({how}; the words: {text}).",
            date=_day(t, one["consent_at"], zone), how=one["consent_how"], text=one["consent_text"],
        )  # fmt: skip


def _message(t: Translator, one: Mapping[str, Any]) -> str:
    answers = f" → #{one['answers']}" if one["answers"] else ""
    state = f" [{t(STATES[one['state']])}]" if one["state"] in STATES else ""
    text = str(one["text"]).replace("\n", "\r\n    ")
    return f"#{one['number']}{answers}  {_day(t, one['said_at'], one['timezone'])}{state}\r\n    {text}"


def _day(t: Translator, when: str, zone: str) -> str:
    return t.moment(datetime.fromisoformat(when), zone)
