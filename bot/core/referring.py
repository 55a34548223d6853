"""The message a mail answers, by the Message-IDs it names: ours are derived from ids and proved, members' own are kept.

When the secret key was lost, and another one made, no token of before can be proved any more. Then a sender whom the channel
itself vouches for is believed what they answer: it must be something that was written before the loss, and sent to themselves.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from bot.core import threads
from bot.core.members import Standing
from bot.core.scene import Scene
from bot.core.threads import Answered
from bot.core.tokens import Token, Tokens
from store.statement import run, sql

#: The row of `chore` that says up to which ids tokens of the lost key are out there.
REKEYED: Final = "rekeyed"
#: How many of the ids a mail names are looked at.
MOST: Final = 12

OLD = sql("SELECT data FROM chore WHERE name = :name")
HIGHEST = sql(
    "SELECT (SELECT COALESCE(MAX(id), 0) FROM message) AS message, (SELECT COALESCE(MAX(id), 0) FROM parcel) AS parcel"
)
LOST = sql("""
    INSERT INTO chore (name, done_at, data) VALUES (:name, :now, :data)
    ON CONFLICT (name) DO UPDATE SET done_at = excluded.done_at, data = excluded.data
""")

Named = Callable[[Scene, int], tuple[Standing | None, Standing | None]]


def answered(scene: Scene, references: Sequence[str], account: tuple[str, str], named: Named) -> Answered | None:
    """What these ids name, nearest first, if we know it still. `named`: whose a membership is, if it is the sender's."""
    tokens = scene.house.tokens
    for reference in references[:MOST]:
        left = reference.partition("@")[0]
        found: Answered | None = None
        if left[:2] in ("m.", "n."):
            token = tokens.read("m" if left[0] == "m" else "q", left[2:])
            theirs = named(scene, token.membership)[0] if token else None
            if token is None or theirs is None or not _holds(scene, token, theirs.token_generation):
                continue
            if token.purpose == "q":
                scene.answers_parcel = scene.answers_parcel or token.target
                continue
            found = threads.message(scene.connection, token.target)
        else:
            found = threads.known_as(scene.connection, *account, reference)
        # One that is not there was lost in a restore, or erased: those before it still say where it belongs.
        if found is not None:
            return found
    return None


def _holds(scene: Scene, token: Token, generation: int) -> bool:
    if scene.house.tokens.proves(token, generation):
        return True
    known = _known(scene.connection)
    return known is not None and token.target <= known["message" if token.purpose == "m" else "parcel"]


def outlived(connection: Connection, tokens: Tokens, claims: Sequence[str]) -> bool:
    """Whether these tokens prove nothing only because their key was lost."""
    known = _known(connection)
    if known is None:
        return False
    read = [tokens.read("r", claim) for claim in claims]
    return all(token is not None and token.target <= max(known.values()) for token in read)


def _known(connection: Connection) -> dict[str, Any] | None:
    row = run(connection, OLD, {"name": REKEYED}).first()
    if row is None:
        return None
    found: dict[str, Any] = json.loads(row.data) if isinstance(row.data, str) else row.data
    return found


def key_is_lost(connection: Connection) -> None:
    """Write down that another key is used from here on."""
    row = run(connection, HIGHEST).one()
    data = json.dumps({"message": row.message, "parcel": row.parcel})
    run(connection, LOST, {"name": REKEYED, "now": time.time(), "data": data})
