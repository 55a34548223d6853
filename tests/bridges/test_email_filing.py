"""Handled mails leave INBOX: over real sockets to pymap."""

from __future__ import annotations

import asyncio
import time

import pytest

from bridges.email import session
from tests.bridges.email_ground import bridge_to, deliver, listening, sandbox


@pytest.fixture
async def server():
    async with sandbox() as running:
        yield running


async def test_handled_mails_go_where_they_belong_and_filing_twice_is_filing_once(server):
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, 1, 2, 3)
        keys = [arrival.key for arrival in await listener.wait(3)]
        for _ in range(2):
            await asyncio.gather(
                *[bridge.file(key, outcome) for key, outcome in zip(keys, ("processed", "held", "failed"), strict=True)]
            )
        for folder in ("Processed", "Held", "Failed"):
            assert len(await server.mailbox.mails(folder)) == 1
        assert await server.mailbox.mails() == {}
        await deliver(server, 4)  # reading goes on beside it
        await listener.wait(4)


async def test_a_mail_read_before_a_restart_is_filed_after_it(server):
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, 1, 2)
        keys = [arrival.key for arrival in await listener.wait(2)]
        cursor = listener.cursor
    async with bridge_to(server) as bridge:
        await bridge.file(keys[0], "processed")
        assert len(await server.mailbox.mails("Processed")) == 1
        assert len(await server.mailbox.mails()) == 1
    async with bridge_to(server) as bridge, listening(bridge, cursor) as listener:
        # What still lies there is told again, under its key: the store knows it, and can have it filed.
        (again,) = await listener.wait(1)
        assert again.key == keys[1]
        assert listener.cursor == cursor


async def test_many_mails_are_filed_in_few_moves(server):
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, *range(60))
        arrivals = await listener.wait(60)
        start = time.monotonic()
        await asyncio.gather(*[bridge.file(arrival.key, "processed") for arrival in arrivals])
        assert time.monotonic() - start < 5
        assert len(await server.mailbox.mails("Processed")) == 60


async def test_filing_something_unknown_does_nothing(server):
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, 1)
        await listener.wait(1)
        await bridge.file("nobody.knows", "processed")
        await bridge.file("cursor:1:2:", "processed")
        assert len(await server.mailbox.mails()) == 1
        assert not await server.mailbox.mails("Processed")


async def test_filing_while_the_server_is_away_is_an_oserror(server):
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, 1)
        (arrival,) = await listener.wait(1)
        await server.mailbox.stop()
        with pytest.raises(OSError):
            await bridge.file(arrival.key, "processed")


async def test_a_server_without_move_copies_and_expunges_that_mail_alone(server, monkeypatch):
    real = session.Session.can
    monkeypatch.setattr(session.Session, "can", lambda self, name: name != "MOVE" and real(self, name))
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, 1, 2)
        first, _ = await listener.wait(2)
        await bridge.file(first.key, "held")
        assert len(await server.mailbox.mails("Held")) == 1
        ((left, flags),) = (await server.mailbox.mails()).values()
        assert b"letter.2" in left
        assert flags == set()


async def test_a_second_copy_of_a_filed_mail_follows_it(server):
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, 1)
        (arrival,) = await listener.wait(1)
        await bridge.file(arrival.key, "processed")
        await deliver(server, 1, 2)  # an alias delivered it again
        await listener.wait(2)
        async with asyncio.timeout(5):
            while len(await server.mailbox.mails("Processed")) < 2:
                await asyncio.sleep(0.02)
        assert len(await server.mailbox.mails()) == 1


async def test_two_copies_that_come_together_are_filed_together(server):
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, 1, 1, 2)
        first, _ = await listener.wait(2)
        await bridge.file(first.key, "processed")
        assert len(await server.mailbox.mails("Processed")) == 2
