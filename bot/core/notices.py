"""What the bot itself says: answers and notices. Owed like everything else, so that they survive a crash."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from bot.core import enclosed
from bot.core.enclosed import Kept
from bot.core.tokens import Tokens
from bot.text.rich import Rich, to_json
from store import ledger
from store.statement import run, sql

PARCEL = sql("""
    INSERT INTO parcel (address_id, membership_id, kind, state, priority, due_at, first_at, created_at)
    VALUES (:address, :membership, :kind, 'due', :priority, :due_at, :now, :now) RETURNING id
""")
DELIVERY = sql("""
    INSERT INTO delivery (key, parcel_id, address_id, kind, body) VALUES (:key, :parcel, :address, :kind, :body)
""")
QUESTION = sql("""
    INSERT INTO question (address_id, membership_id, community_id, kind, data, parcel_id, created_at, expires_at)
    VALUES (:address, :membership, :community, :kind, :data, :parcel, :now, :expires_at)
""")
UNMET = sql("SELECT 1 FROM address WHERE id = :address AND status = 'unmet'")
# What another community asks stays open.
FORGET_QUESTIONS = sql("""
    DELETE FROM question WHERE address_id = :address AND kind = :kind
      AND COALESCE(community_id, 0) = COALESCE(CAST(:community AS BIGINT), 0)
""")

#: The kind of a notice that waits for a channel which is away. It is never given up: when it leaves, the channel is back.
AWAY: Final = "away"
#: In a private chat "yes" answers the bot for this long without being a reply to it (MANNERS 1).
ANSWERABLE = 600.0
#: A reply to the question itself is an answer for as long as this.
REMEMBERED = 30 * 86400.0


def owe(
    connection: Connection,
    address: int,
    words: Rich | str,
    *,
    membership: int | None = None,
    kind: str = "answer",
    priority: int = 0,
    language: str = "",
    subject: str = "",
    community: tuple[str, str] = ("", ""),
    buttons: Sequence[Sequence[tuple[str, str]]] = (),
    reply_to: str = "",
    key: str = "",
    due_at: float | None = None,
    fades: float = 0.0,
    seal: Tokens | None = None,
    file: Kept | None = None,
) -> int:
    """Owe these words to an address; return the parcel, 0 if nothing was ever heard from there. With a `key`, at most once.

    `community` is its display name and slug; `reply_to` the remote id, at this address, of what it answers; `buttons`
    rows of (label, data). It is taken away `fades` seconds after it was sent, where the channel can. With `seal` the words are stored unreadable without the secret key: they carry a code.
    `file` goes along where the channel carries files (`bot.core.enclosed`).
    """
    rich = Rich(words) if isinstance(words, str) else words
    now = time.time()
    if key and run(connection, sql("SELECT 1 FROM delivery WHERE key = :key"), {"key": key}).first():
        return 0
    if run(connection, UNMET, {"address": address}).first():
        return 0  # nobody is written to first
    due = due_at if due_at is not None else now
    values = {
        "address": address, "membership": membership, "kind": kind, "priority": priority, "due_at": due, "now": now,
    }  # fmt: skip
    parcel = int(run(connection, PARCEL, values).scalar_one())
    body: dict[str, Any] = {"text": rich.text, "spans": to_json(rich)}
    optional = {
        "language": language, "subject": subject, "community": community[0], "slug": community[1],
        "buttons": [list(map(list, row)) for row in buttons], "reply_to": reply_to,
        "fades": fades,
    }  # fmt: skip
    body |= {name: value for name, value in optional.items() if value}
    if file is not None:
        body["file"] = enclosed.note(connection, file, parcel)
    if seal is not None:
        body = {"sealed": seal.seal(json.dumps(body, ensure_ascii=False))}
    run(
        connection,
        DELIVERY,
        {
            "key": key or f"n{parcel}:{secrets.token_hex(4)}",
            "parcel": parcel,
            "address": address,
            "kind": kind,
            "body": json.dumps(body, ensure_ascii=False),
        },
    )
    ledger.lane_due(connection, address, priority, due)
    return parcel


def ask(
    connection: Connection,
    parcel: int,
    address: int,
    kind: str,
    data: Mapping[str, Any],
    *,
    membership: int | None = None,
    community: int | None = None,
    lasts: float = REMEMBERED,
    several: bool = False,
    by_reply: bool = False,
) -> None:
    """Remember that `parcel` asks something; a question of the same kind asked there before is forgotten.

    `several`: it is not, each keeps words of its own. `by_reply`: only a reply to the question itself answers it, it
    is never "the latest here". Without a parcel (see `owe`) nothing was asked.
    """
    if not parcel:
        return
    if not several:
        run(connection, FORGET_QUESTIONS, {"address": address, "kind": kind, "community": community})
    now = time.time()
    asked = 0.0 if by_reply else now
    run(connection,
        QUESTION,
        {
            "address": address, "membership": membership, "community": community, "kind": kind,
            "data": json.dumps(dict(data)), "parcel": parcel, "now": asked, "expires_at": now + lasts,
        },
    )  # fmt: skip
