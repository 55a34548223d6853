"""Mails taken out of the mailbox for good: over real sockets to pymap."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest

from bridges.email import session
from bridges.email.removing import Remover
from tests.bridges.email_ground import bridge_to, deliver, letter, listening, sandbox, settings_for


@pytest.fixture
async def server():
    async with sandbox() as running:
        yield running


def by(sender: str, number: int = 1, more: str = "", body: str = "Bonjour") -> bytes:
    return letter(number, body).replace(b"Josette <josette@membres.example>", sender.encode()).replace(
        b"\r\n\r\n", f"\r\n{more}\r\n\r\n".encode() if more else b"\r\n\r\n", 1
    )  # fmt: skip


async def lay(server, raw: bytes, folder: str = "Processed", when: datetime | None = None) -> None:
    """A mail that was handled long ago."""
    with contextlib.suppress(Exception):
        await server.mailbox._config.set_cache[server.mailbox.user][0].add_mailbox(folder)
    await server.mailbox.append(raw, folder, when)


async def left(server, folder: str) -> list[str]:
    """Who the mails in a folder are from."""
    return [
        raw.split(b"From: ")[1].split(b"\r\n")[0].decode() for raw, _ in (await server.mailbox.mails(folder)).values()
    ]


async def test_all_mails_of_somebody_are_removed_from_every_folder_and_those_of_others_stay(server):
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, 1, 2, 3)
        keys = [arrival.key for arrival in await listener.wait(3)]
        for key, outcome in zip(keys, ("processed", "held", "failed"), strict=True):
            await bridge.file(key, outcome)
        await lay(server, by("Bruno <bruno@membres.example>"), "Processed")
        await deliver(server, 4)
        await listener.wait(4)
        await bridge.forget(["josette@membres.example"])
        assert [await left(server, folder) for folder in ("Processed", "Held", "Failed", "INBOX")] == [
            ["Bruno <bruno@membres.example>"], [], [], [],
        ]  # fmt: skip
        await bridge.forget(["josette@membres.example"])  # asked again after a crash
        await deliver(server, 5)  # reading goes on beside it
        await listener.wait(5)


@pytest.mark.parametrize("sender", [
    "joannjosette@membres.example", "Josette <josette@membres.example.org>", '"josette@membres.example" <bruno@membres.example>',
])  # fmt: skip
async def test_only_the_address_itself_is_meant(server, sender):
    async with bridge_to(server) as bridge, listening(bridge):
        await lay(server, letter(1), "Processed")
        await lay(server, by(sender, 2), "Processed")
        await bridge.forget(["josette@membres.example"])
        assert await left(server, "Processed") == [sender]


@pytest.mark.parametrize("address", ["josette@membres.example", "JOSETTE@membres.example"])
async def test_letters_in_another_case_are_the_same_address(server, address):
    async with bridge_to(server) as bridge, listening(bridge):
        await lay(server, by(f"Josette <{address}>"), "Processed")
        await bridge.forget(["josette@membres.example"])
        assert await left(server, "Processed") == []


async def test_a_mail_server_s_report_about_somebody_goes_too_and_a_letter_that_quotes_them_stays(server):
    report = (
        b"From: Mail Delivery <postmaster@membres.example>\r\nMIME-Version: 1.0\r\nAuto-Submitted: auto-replied\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\njosette@membres.example: user unknown\r\n--b--\r\n"
    )
    async with bridge_to(server) as bridge, listening(bridge):
        await lay(server, report)
        await lay(server, by("Bruno <bruno@membres.example>", 2, "", "> josette@membres.example wrote:"), "Processed")
        await bridge.forget(["josette@membres.example"])
        assert await left(server, "Processed") == ["Bruno <bruno@membres.example>"]


async def test_in_a_mailbox_that_is_somebody_s_own_nothing_is_taken_from_inbox(server):
    await deliver(server, 1)
    await Remover(settings_for(server, shared_mailbox=True)).forget(["josette@membres.example"])
    assert len(await server.mailbox.mails()) == 1


async def test_without_uidplus_what_others_marked_in_inbox_is_left_to_them(server, monkeypatch):
    real = session.Session.can
    monkeypatch.setattr(session.Session, "can", lambda self, name: name != "UIDPLUS" and real(self, name))
    async with bridge_to(server) as bridge, listening(bridge) as listener:
        await deliver(server, 1)
        (arrival,) = await listener.wait(1)
        await bridge.file(arrival.key, "processed")
        await deliver(server, 2)
        await listener.wait(2)
        await bridge.forget(["josette@membres.example"])
        assert await server.mailbox.mails("Processed") == {}
        ((_, flags),) = (await server.mailbox.mails()).values()
        assert any("deleted" in flag.lower() for flag in flags)


async def test_handled_mails_go_when_they_are_old_enough_and_new_mails_never(server):
    now = datetime.now(UTC)
    async with bridge_to(server) as bridge, listening(bridge):
        for folder in ("Processed", "Held", "Failed"):
            await lay(server, letter(1), folder, now - timedelta(days=40))
            await lay(server, letter(2), folder, now - timedelta(days=20))
        await bridge.tidy((now - timedelta(days=30)).timestamp())
        for folder in ("Processed", "Held", "Failed"):
            ((raw, _),) = (await server.mailbox.mails(folder)).values()
            assert b"letter.2" in raw


async def test_a_server_that_is_away_says_so_and_is_asked_again(server):
    async with bridge_to(server) as bridge, listening(bridge):
        await lay(server, letter(1), "Processed")
        await server.mailbox.stop()
        with pytest.raises(OSError):
            await bridge.forget(["josette@membres.example"])


async def test_an_address_that_cannot_be_asked_for_in_ascii_is_found_by_its_domain(server):
    async with bridge_to(server) as bridge, listening(bridge):
        await lay(server, by("Zoé <zoé@membres.example>"), "Processed")
        await lay(server, letter(2), "Processed")
        await bridge.forget(["zoé@membres.example"])
        assert await left(server, "Processed") == ["Josette <josette@membres.example>"]
