"""The mail bridge, reading its mailbox: over real sockets to pymap, with lines that are cut, silent or lying."""

from __future__ import annotations

import asyncio
import socket
import time
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.bridge import Address
from bot.core.errors import Down, Unreadable
from bot.core.events import Ignored
from bridges.email import intake, session
from bridges.email.sandbox import ADDRESS
from tests.bridges.email_ground import Listener, bridge_to, deliver, letter, listening, proxied, sandbox, saying, words


@pytest.fixture
async def server():
    async with sandbox() as running:
        yield running


async def test_a_mail_is_told_at_once(server):
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await asyncio.sleep(0.1)  # it is in IDLE now
        start = time.monotonic()
        await server.say("Josette", "Bonjour", subject="Salut")
        (arrival,) = await listener.wait(1)
        assert time.monotonic() - start < 1.0
        assert arrival.lane == "josette@membres.example"


async def test_mails_that_come_while_it_looks_are_not_forgotten(server):
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        for number in range(40):
            await deliver(server, number)
            await asyncio.sleep(0.003 * (number % 5))
        await listener.wait(40, seconds=5)  # IDLE alone would be renewed only after 20 seconds
        assert await words(bridge, listener.mails) == [f"Bonjour {number}" for number in range(40)]


async def test_what_was_there_before_the_first_sight_is_not_read(server):
    await deliver(server, 1, 2, 3)
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, 4)
        await listener.wait(1)
        await asyncio.sleep(0.1)
        assert await words(bridge, listener.mails) == ["Bonjour 4"]
    assert len(await server.mailbox.mails()) == 4


async def test_what_came_between_the_first_sight_and_the_next_start_is_read(server):
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        cursor = listener.cursor
    await deliver(server, 1, 2)
    async with bridge_to(server) as bridge, listening(bridge, cursor) as listener:
        await listener.wait(2)
        assert await words(bridge, listener.mails) == ["Bonjour 1", "Bonjour 2"]


async def test_nothing_is_marked_as_read_and_nothing_is_deleted(server):
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, 1, 2)
        for arrival in await listener.wait(2):
            await bridge.read(arrival.raw)
        assert [flags for _, flags in (await server.mailbox.mails()).values()] == [set(), set()]
        await bridge.file(listener.mails[0].key, "processed")
        assert [flags for _, flags in (await server.mailbox.mails("Processed")).values()] == [set()]


async def test_a_cut_line_loses_nothing_and_doubles_nothing(server):
    async with (
        proxied(server) as proxy,
        bridge_to(server, imap={"port": proxy.port}) as bridge,
        listening(bridge) as listener,
    ):
        for number in range(6):
            proxy.cut()
            await deliver(server, number)
            await listener.wait(number + 1)
        assert await words(bridge, listener.mails) == [f"Bonjour {number}" for number in range(6)]


async def test_a_line_cut_inside_a_mail_loses_nothing(server):
    async with (
        proxied(server) as proxy,
        bridge_to(server, imap={"port": proxy.port}) as bridge,
        listening(bridge) as listener,
    ):
        long = "x" * 200_000
        proxy.cut_after = 100_000
        await server.deliver(letter(1, long), sender="josette@membres.example")
        await listener.wait(1)
        assert proxy.cut_after == 0
        assert (await words(bridge, listener.mails))[0].startswith(long)


async def test_a_silent_line_is_given_up_and_made_anew(server):
    async with (
        proxied(server) as proxy,
        bridge_to(server, imap={"port": proxy.port, "timeout": "0.5 seconds", "idle": "0.5 seconds"}) as bridge,
        listening(bridge) as listener,
    ):
        proxy.dead = True
        await deliver(server, 1)
        await asyncio.sleep(1.5)
        assert listener.mails == []
        proxy.dead = False
        await listener.wait(1, seconds=5)
        assert isinstance(listener.ended, session.Lost)


async def test_a_server_that_restarts_is_found_again(server):
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, 1)
        await listener.wait(1)
        server.mailbox.drop_all()
        await deliver(server, 2)
        await listener.wait(2)
        assert await words(bridge, listener.mails) == ["Bonjour 1", "Bonjour 2"]


async def test_a_batch_that_was_not_committed_comes_again(server):
    async with bridge_to(server) as bridge:
        await bridge.open({})
        taking = bridge.arrivals()
        assert [arrival.raw for arrival in await anext(taking)] == [b""]
        await deliver(server, 1)
        first = await anext(taking)
        await taking.aclose()  # the store was busy: no commit
        taking = bridge.arrivals()
        second = await anext(taking)
        assert [arrival.key for arrival in first] == [arrival.key for arrival in second]
        await taking.aclose()


async def test_the_cursor_of_each_mail_is_its_own(server):
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, *range(5))
        uids = [int(arrival.cursor["uid"]) for arrival in await listener.wait(5)]
        assert uids == sorted(set(uids))
        assert len(uids) == 5


async def test_after_a_new_uidvalidity_everything_since_yesterday_is_read_again_with_the_same_keys(server):
    old = datetime.now(UTC) - timedelta(days=9)
    await server.mailbox.append(letter(0), when=old)
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, 1, 2)
        before = [arrival.key for arrival in await listener.wait(2)]
        count = len(listener.committed)
        await server.mailbox.renumber()
        await deliver(server, 3)
        await listener.wait(3)
        again = [arrival.key for arrival in listener.committed[count:] if arrival.raw]
        assert again[:2] == before
        assert await words(bridge, listener.mails) == ["Bonjour 1", "Bonjour 2", "Bonjour 3"]
        # Once it is over, old mails that somebody puts there are new mails.
        async with asyncio.timeout(5):
            while listener.committed[-1].raw:
                await asyncio.sleep(0.01)
        assert listener.cursor["since"] == ""


async def test_after_a_restart_in_the_middle_of_such_a_rescan_old_mails_stay_unread(server):
    old = datetime.now(UTC) - timedelta(days=9)
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, 1)
        await listener.wait(1)
        cursor = listener.cursor
    await server.mailbox.renumber()
    rescanning = {
        "uidvalidity": str((await server.mailbox.folder()).uid_validity),
        "uid": "1",
        "from": "0",
        "since": cursor["date"],
    }
    await server.mailbox.append(letter(0), when=old)
    await deliver(server, 2)
    async with bridge_to(server) as bridge, listening(bridge, cursor | rescanning) as listener:
        listener.committed.clear()
        await listener.wait(1)
        await asyncio.sleep(0.1)
        assert "Bonjour 2" in await words(bridge, listener.mails)
        assert "Bonjour 0" not in await words(bridge, listener.mails)


async def test_a_mailbox_that_is_somebodys_is_left_alone(server):
    await deliver(server, *range(21))
    async with bridge_to(server) as bridge:
        with pytest.raises(Down) as raised:
            await bridge.open({})
        assert "shared_mailbox" in raised.value.cure
    async with bridge_to(server, shared_mailbox=True) as bridge:
        await bridge.open({})


async def test_a_wrong_password_is_down_and_names_its_section_but_not_the_password(server):
    async with bridge_to(server, imap={"password": "wrong-secret"}) as bridge:
        with pytest.raises(Down) as raised:
            await bridge.open({})
    assert "[email.imap]" in raised.value.reason
    assert "wrong-secret" not in raised.value.reason + raised.value.cure


async def test_nobody_there_is_down_with_the_place_and_what_to_check(server):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with bridge_to(server, imap={"port": port}) as bridge:
        with pytest.raises(Down) as raised:
            await bridge.open({})
    assert f"127.0.0.1:{port}" in raised.value.reason


async def test_a_user_with_quotes_and_blanks_is_one_argument(server):
    async with bridge_to(server, imap={"user": 'a" b\\c'}) as bridge:
        with pytest.raises(Down):  # refused as a login, not as a broken command
            await bridge.open({})


async def test_a_mail_that_is_too_large_is_fetched_without_its_body(server, monkeypatch):
    monkeypatch.setattr(intake, "MAX_MAIL", 5000)
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await server.deliver(letter(1, "x" * 9000), sender="josette@membres.example")
        await deliver(server, 2)
        large, small = await listener.wait(2)
        assert len(large.raw) < 2000
        with pytest.raises(Unreadable) as raised:
            await bridge.read(large.raw)
        assert "larger than 25 MB" in str(raised.value)
        assert await words(bridge, [small]) == ["Bonjour 2"]
        await bridge.file(large.key, "failed")
        assert len(await server.mailbox.mails("Failed")) == 1


async def test_a_mail_the_server_never_gives_becomes_a_dead_letter_and_the_next_is_read(server, monkeypatch):
    real = session.Session.fetch

    async def fetch(self, uid, part="BODY.PEEK[]"):
        raw = await real(self, uid, part)
        return None if raw is not None and b"letter.1@" in raw else raw

    monkeypatch.setattr(session.Session, "fetch", fetch)
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, 1, 2)
        dead, good = await listener.wait(2)
        with pytest.raises(Unreadable):
            await bridge.read(dead.raw)
        assert await words(bridge, [good]) == ["Bonjour 2"]


async def test_a_mail_that_disappears_before_it_is_fetched_is_no_failure(server, monkeypatch):
    real = session.Session.fetch

    async def fetch(self, uid, part="BODY.PEEK[]"):
        raw = await real(self, uid, part)
        if raw is not None and b"letter.1@" in raw:
            # Somebody deleted it a moment ago. (pymap still knows what it showed this connection.)
            await (await server.mailbox.folder()).delete([uid])
            await self.call(self._client.noop(), "NOOP")
            return None
        return raw

    monkeypatch.setattr(session.Session, "fetch", fetch)
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, 1, 2)
        await listener.wait(1)
        assert await words(bridge, listener.mails) == ["Bonjour 2"]


async def test_a_server_without_idle_is_asked_now_and_then(server, monkeypatch):
    real = session.Session.can
    monkeypatch.setattr(session.Session, "can", lambda self, name: name != "IDLE" and real(self, name))
    async with bridge_to(server, imap={"idle": "0.2 seconds"}) as bridge, listening(bridge) as listener:
        await asyncio.sleep(0.3)
        await deliver(server, 1)
        await listener.wait(1, seconds=3)


async def test_what_the_bot_sends_to_itself_lands_in_its_mailbox_and_is_ignored(server):
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await bridge.send(Address("cercle+r.abcdefghijklmnopqrstuv@exemple.org"), saying())
        (arrival,) = await listener.wait(1)
        assert await bridge.read(arrival.raw) == (Ignored("ours"),)


async def test_closing_ends_everything_it_started(server):
    before = set(asyncio.all_tasks())
    async with bridge_to(server) as bridge:
        await bridge.open({})
        listener = Listener(bridge)
        await deliver(server, 1)
        (arrival,) = await listener.wait(1)
        await bridge.read(arrival.raw)
        await bridge.file(arrival.key, "processed")
        await listener.stop()
        process = bridge._reader._process
    await asyncio.sleep(0.1)
    assert process.returncode is not None
    left = {
        task
        for task in asyncio.all_tasks() - before
        if "bridges/email" in repr(task.get_coro()) and "sandbox" not in repr(task.get_coro())
    }
    assert left == set()


async def test_in_a_shared_mailbox_only_what_is_for_the_bot_is_read(server):
    ours = f"<m.{'a' * 30}@exemple.org>"
    private = [
        letter(1),
        letter(2).replace(b"To: ", b"To: paul@membres.example, "),
        letter(3).replace(b"\r\n\r\n", b"\r\nIn-Reply-To: <private@exemple.org>\r\n\r\n", 1),
        letter(4).replace(ADDRESS.encode(), b"cercle+r.abcdefghijklmnop@elsewhere.example"),
    ]
    for_us = [
        letter(5).replace(ADDRESS.encode(), b"CERCLE+R.abcdefghijklmnop@exemple.org"),
        letter(6).replace(ADDRESS.encode(), b"Le Cercle <cercle+c.cercle@exemple.org>"),
        letter(7).replace(b"\r\n\r\n", f"\r\nIn-Reply-To: {ours}\r\n\r\n".encode(), 1),
        letter(8).replace(b"\r\n\r\n", f"\r\nReferences: <x@y.example>\r\n {ours}\r\n\r\n".encode(), 1),
    ]
    async with bridge_to(server, shared_mailbox=True) as bridge, listening(bridge) as listener:
        for mine, theirs in zip(for_us, private, strict=True):
            await server.deliver(theirs, sender="josette@membres.example")
            await server.deliver(mine, sender="josette@membres.example")
        await listener.wait(4)
        await asyncio.sleep(0.1)
        assert await words(bridge, listener.mails) == [f"Bonjour {number}" for number in (5, 6, 7, 8)]
    assert len(await server.mailbox.mails()) == 8
