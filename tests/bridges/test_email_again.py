"""After a restore: mails handled since the backup are read again from the folders they were filed in, and stay there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.bridges.email_ground import bridge_to, deliver, listening, sandbox, words

TODAY = datetime.now(UTC)
YESTERDAY = f"{TODAY - timedelta(days=1):%Y-%m-%d}"


@pytest.fixture
async def server():
    async with sandbox() as running:
        yield running


async def filed(server, *, outcomes):
    """Mails that were read and put away, one for each outcome; the cursor of then, and their keys."""
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        cursor = listener.cursor
        await deliver(server, *range(len(outcomes)))
        mails = await listener.wait(len(outcomes))
        for mail, outcome in zip(mails, outcomes, strict=True):
            await bridge.file(mail.key, outcome)
        return cursor, [mail.key for mail in mails]


async def test_what_was_filed_since_is_read_again_and_said_to_come_again(server):
    cursor, keys = await filed(server, outcomes=["processed", "held", "failed"])
    await deliver(server, 9)
    async with bridge_to(server) as bridge, listening(bridge, cursor | {"again": YESTERDAY}) as listener:
        await listener.wait(4)
        assert {mail.key: mail.again for mail in listener.mails if mail.again} == dict.fromkeys(keys, True)
        assert await words(bridge, [mail for mail in listener.mails if not mail.again]) == ["Bonjour 9"]
        assert listener.cursor["again"] == ""
    for folder in ("Processed", "Held", "Failed"):
        assert len(await server.mailbox.mails(folder)) == 1


async def test_it_happens_once(server):
    cursor, _ = await filed(server, outcomes=["processed"])
    async with bridge_to(server) as bridge, listening(bridge, cursor | {"again": ""}) as listener:
        await asyncio.sleep(0.5)
        assert listener.mails == []


async def test_what_was_filed_long_before_is_left_alone(server):
    cursor, _ = await filed(server, outcomes=["processed"])
    ((_, (raw, _)),) = (await server.mailbox.mails("Processed")).items()
    old = raw.replace(b"Bonjour 0", b"Bonjour 1999")
    await server.mailbox.append(old, "Processed", TODAY - timedelta(days=30))
    async with bridge_to(server) as bridge, listening(bridge, cursor | {"again": YESTERDAY}) as listener:
        await listener.wait(1)
        async with asyncio.timeout(5):
            while listener.cursor.get("again", "?") != "":
                await asyncio.sleep(0.05)
        assert await words(bridge, listener.mails) == ["Bonjour 0"]


async def test_without_those_folders_there_is_nothing_to_read_again(server):
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        cursor = listener.cursor
    async with bridge_to(server) as bridge, listening(bridge, cursor | {"again": YESTERDAY}) as listener:
        await deliver(server, 1)
        await listener.wait(1)
        assert listener.cursor["again"] == ""


async def test_a_line_that_is_cut_in_the_middle_of_it_begins_again(server):
    cursor, keys = await filed(server, outcomes=["processed"] * 30)
    async with bridge_to(server) as bridge, listening(bridge, cursor | {"again": YESTERDAY}) as listener:
        await listener.wait(5)
        server.mailbox.drop_all()
        assert {mail.key for mail in await listener.wait(30)} == set(keys)
        async with asyncio.timeout(10):
            while listener.cursor.get("again", "?") != "":
                await asyncio.sleep(0.05)
