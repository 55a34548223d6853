"""Guessing codes (X5): ten thousand guesses get nowhere and learn nothing, organizers hear of it, nobody is locked out."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime

from bot.commands.entry import enter_code
from bot.core import codes, members, tokens
from bot.core.events import MessageReceived, Person, Place
from bot.core.scene import Scene
from bot.text.rich import Rich
from store.statement import Statement, run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import by, code_in

circle, migrated = commands_ground.circle, commands_ground.migrated

GUESSES, GUESSERS = 10_000, 1_000


def scene_of(circle, connection, name):
    """Somebody unknown, about to try a code."""
    account = circle.bridges["chat"].account
    place = members.meet(connection, "chat", account, name, name=name)
    event = MessageReceived(Place(name), Person(name, name), "1", Rich(""), datetime.now(UTC))
    return Scene(connection, circle.app.house, event, place, place, None)


async def test_ten_thousand_guesses_get_nowhere_and_learn_nothing(circle):
    """A thousand strangers, ten guesses each; and a code that is good the whole time."""
    good = code_in(await circle.asks("Bruno", "invite"))
    for command in ("link", "invite"):
        await circle.asks("Bruno", command)
    taken = []

    def guess(connection):
        hooks = circle.app.hooks
        for guesser in range(GUESSERS):
            scene = scene_of(circle, connection, f"guesser {guesser}")
            for _ in range(GUESSES // GUESSERS):
                one = tokens.typed_code()
                taken.append(one)
                enter_code(hooks, scene, one)
            scene.end()

    await circle.write(guess)
    assert len(taken) == GUESSES
    assert good not in taken
    # Nobody came in, and no guess was as much as asked anything.
    assert await circle.rows("SELECT 1 FROM question WHERE kind IN ('invitation', 'link', 'recover')") == []
    assert len(await circle.rows("SELECT 1 FROM membership")) == 4
    # Each was heard five times; the same words to all, then the same words to all.
    assert len(await circle.rows("SELECT 1 FROM try")) == GUESSERS * codes.TRIES
    rows = await circle.rows(
        "SELECT d.body FROM delivery d JOIN address a ON a.id = d.address_id WHERE a.name LIKE 'guesser%' ORDER BY d.id"
    )
    said = [row.body if isinstance(row.body, dict) else json.loads(row.body) for row in rows]
    words = {one["text"] for one in said}
    assert len(said) == GUESSES
    assert len(words) == 2
    # The organizer hears of it, once; and whoever has the code comes in.
    await circle.write(lambda c: run(c, sql(
        "UPDATE parcel SET state = 'withdrawn' WHERE address_id IN (SELECT id FROM address WHERE name LIKE 'guesser%')"
    )))  # fmt: skip
    circle.app.bus.outbox.wake()
    await circle.settled()
    assert len([text for text in circle.seen("Amina") if "wrong codes within an hour" in text]) == 1
    assert "Bruno invites you" in (await by(circle, "chat", "Karim", good))[-1]


async def test_a_wrong_a_used_and_an_old_code_take_the_same_steps(circle, monkeypatch):
    """What takes the same statements takes the same time: nobody learns by the clock that a code once was good."""
    used, old = [code_in(await circle.asks("Bruno", "invite")) for _ in range(2)]
    house = circle.app.house
    hashed = {"used": house.tokens.code_hash(used), "old": house.tokens.code_hash(old)}
    await circle.write(
        lambda c: run(c, sql("UPDATE code SET uses_left = 0 WHERE hash = :used"), {"used": hashed["used"]})
    )
    await circle.write(
        lambda c: run(c, sql("UPDATE code SET expires_at = 1 WHERE hash = :old"), {"old": hashed["old"]})
    )
    steps, original = {}, Statement.run

    def counted(name, code):
        def tries(connection):
            scene, seen = scene_of(circle, connection, f"somebody {secrets.token_hex(4)}"), []

            def noted(statement, connection, values=None):
                seen.append(statement.text)
                return original(statement, connection, values)

            monkeypatch.setattr(Statement, "run", noted)
            enter_code(circle.app.hooks, scene, code)
            monkeypatch.setattr(Statement, "run", original)
            steps[name] = seen

        return tries

    for name, code in (("wrong", "ABCD-2345"), ("used", used), ("old", old)):
        await circle.write(counted(name, code))
    assert steps["wrong"] == steps["used"] == steps["old"]
    assert len(steps["wrong"]) > 3
