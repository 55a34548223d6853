"""The whole program on an account that is somebody's: it stays closed and says why, or reads only what is for it."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from bot import app as program
from bot.config.sections import Backup, Community, Keep, Store
from bot.core import codes, communities, dead_letters, members, notices
from bot.core.bus import Post
from bridges.email.bridge import CHANNEL as MAIL
from bridges.email.sandbox import ADDRESS, MailSandbox
from bridges.signal.bridge import CHANNEL as SIGNAL
from bridges.signal.sandbox import SignalSandbox
from store.statement import run, sql
from tests.bridges.email_ground import letter
from tests.bridges.signal_ground import until

pytestmark = pytest.mark.wire

ITEMS = sql("SELECT lane, outcome, raw, state FROM inbound ORDER BY id")
OLD = 2_000
FRIENDS = [f"Friend {number}" for number in range(40)]


@asynccontextmanager
async def running(folder: Any, channel: Any, sandbox: Any, **changed: Any):
    """The program with this one channel; it ends when it has looked at the account."""
    section = channel.settings(**(sandbox.settings() | changed))
    settings: Any = SimpleNamespace(
        community=Community(name="Cercle", language="en", timezone="Europe/Paris"),
        store=Store(url=f"sqlite:///{folder}/bot.db", files=folder / "files", key=folder / "key"),
        keep=Keep(), backup=Backup(), channels={},
    )  # fmt: skip
    states: list[Any] = []
    app = await program.start(settings, posts=[Post(channel.make(section), channel.budgets(section))])
    app.bus.on_state = lambda _, down: states.append(down)
    try:
        await until(lambda: states or app.bus.ready[channel.name].is_set(), 30)
        yield app
    finally:
        await app.stop()


async def rows(app: Any, statement: Any, **values: Any) -> list[Any]:
    return await app.store.read(lambda connection: list(run(connection, statement, values)))


async def enter(app: Any, channel: Any, remote: str, name: str, role: str = "member") -> None:
    """A member who is told there."""

    def joins(connection: Any) -> None:
        community = run(connection, sql("SELECT id FROM community")).scalar_one()
        place = members.meet(connection, channel.name, app.bus.posts[0].bridge.account, remote, name=name)
        communities.enter(
            connection, community, place, channel.can, name=name, how="test", consent_text="test", role=role
        )
        run(connection, sql("UPDATE membership SET pace = 'each', confirmed = 2"))

    await app.store.write(joins)


async def owe(app: Any, remote: str, words: str) -> None:
    """Something is to be written to somebody."""
    place = (await rows(app, sql("SELECT id FROM address WHERE remote = :remote"), remote=remote))[0].id
    await app.store.write(lambda connection: notices.owe(connection, place, words))
    app.bus.outbox.wake()


async def settled(app: Any, outcomes: int) -> list[Any]:
    """The items, once so many have been handled; and a moment more, for what should not come."""
    end = time.monotonic() + 20
    while len(found := [one for one in await rows(app, ITEMS) if one.state not in ("new", "waiting")]) < outcomes:
        assert time.monotonic() < end, found
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.3)
    return await rows(app, ITEMS)


# Mail


@pytest.fixture
async def mailbox():
    """A mailbox with two thousand mails in it, as somebody has after some years."""
    server = MailSandbox()
    await server.start()
    for number in range(OLD):
        await server.mailbox.append(letter(number))
    yield server
    await server.stop()


async def untouched(server: MailSandbox) -> bool:
    """Is every old mail where it was, and unread?"""
    inbox = await server.mailbox.mails()
    old = [flags for raw, flags in inbox.values() if b"<letter." in raw]
    moved = 0
    for folder in ("Processed", "Held", "Failed"):
        try:
            moved += sum(b"<letter." in raw for raw, _ in (await server.mailbox.mails(folder)).values())
        except KeyError:
            continue
    return len(old) == OLD and not any("Seen" in str(flags) for flags in old) and not moved


async def test_a_mailbox_with_two_thousand_mails_gets_no_answer_no_relay_and_no_move(mailbox, tmp_path):
    async with running(tmp_path, MAIL, mailbox) as app:
        josette = mailbox.person("Josette", "en")
        await enter(app, MAIL, josette, "Josette")
        await owe(app, josette, "You should not get this.")
        # A member writes, and somebody answers what they think is a friend.
        await mailbox.say("Josette", "Is anybody there?", subject="Hello")
        await asyncio.sleep(2.5)  # it has tried once more by then
        assert await rows(app, ITEMS) == []
        assert (await rows(app, sql("SELECT COUNT(*) FROM message")))[0][0] == 0
        found = await app.store.read(dead_letters.overview)
    assert mailbox.taken == 0
    assert await untouched(mailbox)
    (away,) = found.away
    assert away.channel == "email"
    assert "2000 mails" in away.reason or "2001 mails" in away.reason
    assert "shared_mailbox = true in [email]" in away.cure
    assert not found.well


async def test_said_to_be_shared_it_reads_only_what_is_for_it_and_leaves_the_rest_alone(mailbox, tmp_path):
    async with running(tmp_path, MAIL, mailbox, shared_mailbox=True) as app:
        josette = mailbox.person("Josette", "en")
        await enter(app, MAIL, josette, "Josette")
        await mailbox.say("Josette", "Lunch on Friday?", subject="Private")  # to the bare address: not for us
        await mailbox.deliver(letter(9_001).replace(b"<letter.", b"<friend."), sender="paul@membres.example")
        ours = letter(9_002, "To the circle").replace(b"<letter.", b"<circle.")
        ours = ours.replace(ADDRESS.encode(), ADDRESS.replace("@", "+c.cercle@").encode())
        ours = ours.replace(b"josette@membres.example", josette.encode())
        await mailbox.deliver(ours, sender=josette)
        items = await settled(app, 2)
        assert [one.outcome for one in items if one.lane == josette] == ["relayed"]
        assert not any(b"Lunch" in (one.raw or b"") or b"Lettre 9001" in (one.raw or b"") for one in items)
    assert mailbox.taken == 0
    assert await untouched(mailbox)
    assert len(await mailbox.mailbox.mails("Processed")) == 1


# Signal


@pytest.fixture
async def telephone():
    """A Signal account with forty contacts, and a family group."""
    sandbox = SignalSandbox()
    await sandbox.start()
    sandbox.world.address_book = FRIENDS
    for name in FRIENDS:
        sandbox.person(name)
    sandbox.room("La famille", FRIENDS[:5])
    yield sandbox
    await sandbox.stop()


def sent(sandbox: SignalSandbox) -> list[Any]:
    """Everything that changes something, anywhere."""
    return [one for one in sandbox.requests if one[0] != "GET"]


async def test_a_signal_account_with_forty_contacts_gets_no_answer_and_no_relay(telephone, tmp_path):
    telephone.server.ever_heard.set()
    async with running(tmp_path, SIGNAL, telephone) as app:
        await enter(app, SIGNAL, telephone.person("Friend 1"), "Friend 1")
        await owe(app, telephone.person("Friend 1"), "You should not get this.")
        for name in FRIENDS:
            await telephone.say(name, "Are you there?")
        await telephone.say("Friend 2", "Dinner at eight", room="La famille")
        await asyncio.sleep(2.5)
        assert await rows(app, ITEMS) == []
        found = await app.store.read(dead_letters.overview)
    assert sent(telephone) == []
    (away,) = found.away
    assert "40 contacts" in away.reason
    assert "groups already (1)" in away.reason
    assert "shared_account = true in [signal]" in away.cure


async def test_said_to_be_shared_it_hears_members_and_bound_groups_and_codes_and_nobody_else(telephone, tmp_path):
    telephone.room("Le salon", ["Amina", "Friend 3"])
    async with running(tmp_path, SIGNAL, telephone, shared_account=True) as app:
        await enter(app, SIGNAL, telephone.person("Amina"), "Amina", role="organizer")
        await settled(app, 3)  # what groups there are, and the first sight
        # Forty friends write, some of them what looks like a code, and a family talks: nobody is answered.
        for name in FRIENDS:
            await telephone.say(name, "Are you there? AB12-CD34")
        await telephone.say("Friend 2", "Dinner at eight", room="La famille")
        await telephone.say("Friend 2", "/help", room="La famille")
        await telephone.say("Amina", "I bring the cake", room="Le salon")  # not bound yet
        items = await settled(app, 46)
        assert {one.outcome for one in items} <= {"not_ours", "ignored_first_sight"}
        assert [one for one in items if one.raw] == []  # nothing of it is kept
        known = await rows(app, sql("SELECT title FROM address WHERE room"))
        assert known == []
        assert sent(telephone) == []
        # An organizer makes a room of one group; what is said there is heard from then on.
        await telephone.say("Amina", "/room", room="Le salon")
        await until(lambda: telephone.seen("Amina", "Le salon")[-1].text.startswith("From now on"))
        await until(lambda: sum(not line.mine for line in telephone.seen("Amina")) >= 1)
        # Somebody who was invited sends the code, and is asked; a wrong one is not answered.
        code = await app.store.write(
            lambda connection: codes.make(
                connection, app.house.tokens, purpose="invite",
                community=run(connection, sql("SELECT id FROM community")).scalar_one(),
                membership=run(connection, sql("SELECT id FROM membership")).scalar_one(),
            )
        )  # fmt: skip
        await telephone.say("Friend 7", f"Hello, I was given this: {code}")
        await until(lambda: any("Amina invites you" in line.text for line in telephone.seen("Friend 7")))
        await telephone.say("Friend 7", "yes")
        await until(lambda: any("Welcome, Friend 7" in line.text for line in telephone.seen("Friend 7")))
        # And a member's private words go to the community.
        await telephone.say("Amina", "Hello all")
        await until(lambda: any("Amina: Hello all" in line.text for line in telephone.seen("Friend 7")))
    answered = {name for name in FRIENDS if any(not line.mine for line in telephone.seen(name))}
    assert answered == {"Friend 7"}
    assert [line.text for line in telephone.seen("Friend 2", "La famille") if not line.mine] == []
    assert not any("/v1/accounts/" in path for _, path, _ in sent(telephone))
    assert telephone.violations() == []


async def test_guessing_codes_at_a_shared_account_ends_and_learns_nothing(telephone, tmp_path):
    async with running(tmp_path, SIGNAL, telephone, shared_account=True) as app:
        await settled(app, 2)
        for number in range(2, 10):
            await telephone.say("Friend 9", f"ABC{number}-2XYZ")
        await settled(app, 10)
        tried = (await rows(app, sql("SELECT COUNT(*) FROM try")))[0][0]
    assert tried == codes.TRIES
    assert sent(telephone) == []
