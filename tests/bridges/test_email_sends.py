"""The mail bridge, sending: over real sockets to the sandbox, to a server that misbehaves, and to none."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest

from bot.core.bridge import Address
from bot.core.errors import Down, Refused, TryLater, Uncertain, Unreachable
from bridges.email import refusals
from bridges.email.bridge import CHANNEL
from bridges.email.outgoing import Mail
from tests.bridges.email_ground import bridge_to, sandbox, saying, settings_for


@pytest.fixture
async def server():
    async with sandbox() as running:
        yield running


async def send(bridge, to: str, **changed):
    return await bridge.send(Address(to), saying(**changed))


async def test_a_sent_mail_is_in_the_mailbox_and_the_relays_answer_is_kept(server):
    josette = server.person("Josette")
    async with bridge_to(server) as bridge:
        sent = await send(bridge, josette)
    (seen,) = server.seen("Josette")
    assert sent.ids == (seen.id,)
    assert sent.note.startswith("2.0.0 Ok: queued as S")
    assert (seen.text, seen.subject, seen.author) == (
        "Bonjour à tous",
        "Beloved en mars ?",
        "Amina · Cercle de lecture",
    )
    assert server.violations() == []


async def test_many_mails_share_few_connections_and_each_arrives_once(server):
    people = [server.person(f"P{number}") for number in range(60)]
    async with bridge_to(server, connections=4) as bridge:
        await asyncio.gather(*[send(bridge, to, id=f"m.{at}", key="one") for at, to in enumerate(people)])
        assert len(server.relay._open) == 4
    assert [len(server.seen(f"P{number}")) for number in range(60)] == [1] * 60
    assert server.violations() == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("later", TryLater),
        ("broken", TryLater),
        ("unreachable", Unreachable),
        ("refused", Refused),
        ("down", Down),
        ("lost", Uncertain),
    ],
)
@pytest.mark.parametrize("warm", [False, True])
async def test_each_refusal_is_its_own_error_and_the_next_mail_passes(server, fault, error, warm):
    josette = server.person("Josette")
    async with bridge_to(server) as bridge:
        if warm:
            await send(bridge, josette)
        server.fail(fault)
        with pytest.raises(error) as raised:
            await send(bridge, josette)
        assert type(raised.value) is error
        await send(bridge, josette, id="m.next")
    assert server.seen("Josette")[-1].id == "m.next"


async def test_a_mail_that_was_taken_without_an_answer_did_arrive(server):
    josette = server.person("Josette")
    server.fail("lost")
    async with bridge_to(server) as bridge:
        with pytest.raises(Uncertain):
            await send(bridge, josette)
    assert len(server.seen("Josette")) == 1


async def test_an_answer_that_comes_too_late_is_uncertain(server):
    josette = server.person("Josette")
    server.fail("slow")
    async with bridge_to(server, smtp={"timeout": "0.3 seconds"}) as bridge:
        with pytest.raises(Uncertain):
            await send(bridge, josette)


async def test_a_relay_that_restarted_is_found_again_without_a_failure(server):
    josette = server.person("Josette")
    async with bridge_to(server) as bridge:
        await send(bridge, josette, id="m.1")
        server.relay.drop_all()
        await send(bridge, josette, id="m.2")
    assert [seen.id for seen in server.seen("Josette")] == ["m.1", "m.2"]


async def test_nobody_there_means_the_channel_waits(server):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with bridge_to(server, smtp={"port": port}) as bridge:
        with pytest.raises(TryLater) as raised:
            await send(bridge, "josette@membres.example")
    assert raised.value.scope == "channel"
    assert "[email.smtp]" in str(raised.value)


async def test_a_wrong_password_is_down_and_names_its_section_but_not_the_password(server):
    async with bridge_to(server, smtp={"password": "wrong-secret"}) as bridge:
        with pytest.raises(Down) as raised:
            await send(bridge, "josette@membres.example")
    assert "[email.smtp]" in raised.value.reason
    assert "password" in raised.value.cure
    assert "wrong-secret" not in raised.value.reason + raised.value.cure


async def test_a_relay_without_starttls_is_down_and_says_what_to_write(server):
    async with bridge_to(server, smtp={"security": "starttls"}) as bridge:
        with pytest.raises(Down) as raised:
            await send(bridge, "josette@membres.example")
    assert "STARTTLS" in raised.value.reason
    assert 'security = "tls"' in raised.value.cure


async def test_a_relay_without_tls_behind_a_tls_port_is_told_apart(server):
    async with bridge_to(server, smtp={"security": "tls", "timeout": "2 seconds"}) as bridge:
        with pytest.raises((Down, TryLater)) as raised:
            await send(bridge, "josette@membres.example")
    assert "[email.smtp]" in str(raised.value)


async def test_an_address_with_accents_travels_where_the_relay_can(server):
    async with bridge_to(server) as bridge:
        await send(bridge, "josé@membres.example")
    assert server.taken == 1


async def test_closing_lets_a_mail_under_way_end(server):
    josette = server.person("Josette")
    async with bridge_to(server) as bridge:
        sending = asyncio.create_task(send(bridge, josette))
        await asyncio.sleep(0.005)
        await bridge.close(5)
        await sending
    assert len(server.seen("Josette")) == 1


# A relay that says exactly what a test wants.


@asynccontextmanager
async def scripted(
    answers: dict[bytes, bytes],
    ehlo: bytes = b"250-x\r\n250 SIZE 1000000\r\n",
    banner: bytes = b"220 x\r\n",
    *,
    most: int = 1000,
    closes: bool = True,
):
    """A server with these answers to MAIL, RCPT, DATA and "." ; b"" cuts the connection. Others get 250.

    It takes `most` mails a connection: the next gets 421, and the connection `closes` or is left open.
    """
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left = most
        try:
            writer.write(banner)
            while line := await reader.readline():
                verb = line[:4].upper().strip()
                heard.append(verb)
                left -= verb == b"MAIL"
                answer = answers.get(verb, {b"EHLO": ehlo, b"DATA": b"354 go\r\n"}.get(verb, b"250 2.0.0 ok\r\n"))
                if left < 0:
                    writer.write(b"421 4.7.0 no more mails here\r\n" if verb == b"MAIL" else b"503 5.5.1 no\r\n")
                    await writer.drain()
                    if closes:
                        return
                    continue
                if not answer:
                    return
                writer.write(answer)
                if verb == b"DATA" and answer.startswith(b"354"):
                    while (await reader.readline()) not in {b".\r\n", b""}:
                        pass
                    heard.append(b".")
                    if not (final := answers.get(b".", b"250 2.0.0 taken\r\n")):
                        return
                    writer.write(final)
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1], heard
    finally:
        listening.close()


CASES = [
    (b"RCPT", b"421 4.3.2 closing", TryLater, "channel"),
    (b"RCPT", b"450 4.2.0 greylisted", TryLater, "chat"),
    (b"RCPT", b"451 4.7.1 rate limit exceeded", TryLater, "budget"),
    (b"RCPT", b"452 4.3.1 insufficient storage", TryLater, "channel"),
    (b"RCPT", b"452 4.2.2 mailbox full", TryLater, "chat"),
    (b"RCPT", b"552 5.2.2 mailbox full", TryLater, "chat"),
    (b"RCPT", b"550 5.1.1 unknown user", Unreachable, None),
    (b"RCPT", b"550 no such user here", Unreachable, None),
    (b"RCPT", b"556 5.1.10 null MX", Unreachable, None),
    (b"RCPT", b"550 5.7.1 your IP is listed", Refused, None),
    (b"RCPT", b"554 5.7.26 DMARC", Refused, None),
    (b"RCPT", b"554 refused", Refused, None),
    (b"RCPT", b"", TryLater, "channel"),
    (b"MAIL", b"450 4.7.1 too many messages", TryLater, "budget"),
    (b"MAIL", b"552 5.3.4 too big", Refused, None),
    (b"MAIL", b"530 5.7.0 authentication required", Down, None),
    (b"MAIL", b"553 5.7.1 sender not owned by user", Down, None),
    (b"MAIL", b"550 5.4.5 daily quota exceeded", TryLater, "budget"),
    (b"MAIL", b"", TryLater, "channel"),
    (b"DATA", b"451 4.3.0 try again", TryLater, "chat"),
    (b"DATA", b"554 no valid recipients", Refused, None),
    (b".", b"451 4.3.0 local error", TryLater, "chat"),
    (b".", b"421 4.7.0 closing", TryLater, "channel"),
    (b".", b"550 5.1.1 unknown user", Unreachable, None),
    (b".", b"550 5.7.1 spam", Refused, None),
    (b".", b"554 5.6.0 bad content", Refused, None),
    (b".", b"552 5.3.4 too big", Refused, None),
    (b".", b"", Uncertain, None),
]


#: Relays that take the commands of a mail one by one, and those that take them together (RFC 2920).
ONE_BY_ONE, TOGETHER = b"250-x\r\n250 SIZE 1000000\r\n", b"250-x\r\n250-PIPELINING\r\n250 SIZE 1000000\r\n"


@pytest.mark.parametrize("ehlo", [ONE_BY_ONE, TOGETHER], ids=["one by one", "together"])
@pytest.mark.parametrize(
    ("verb", "answer", "error", "scope"), CASES, ids=[f"{v.decode()}-{a.decode()}" for v, a, _, _ in CASES]
)
async def test_what_a_relay_says_decides_who_waits_and_who_is_gone(server, verb, answer, error, scope, ehlo):
    async with (
        scripted({verb: answer + b"\r\n" if answer else b""}, ehlo) as (port, _),
        bridge_to(server, smtp={"port": port, "user": ""}) as bridge,
    ):
        with pytest.raises(error) as raised:
            await send(bridge, "josette@membres.example")
    assert type(raised.value) is error
    assert getattr(raised.value, "scope", None) == scope


async def test_a_grey_list_is_tried_again_after_five_minutes_or_when_it_says(server):
    for said, after in ((b"450 4.2.0 greylisted", 300.0), (b"450 4.2.0 Greylisted for 90 seconds", 90.0)):
        async with (
            scripted({b"RCPT": said + b"\r\n"}) as (port, _),
            bridge_to(server, smtp={"port": port, "user": ""}) as bridge,
        ):
            with pytest.raises(TryLater) as raised:
                await send(bridge, "josette@membres.example")
        assert raised.value.after == after


async def test_a_mail_above_the_relays_size_is_refused_before_it_is_sent(server):
    async with (
        scripted({}, ehlo=b"250-x\r\n250 SIZE 1000\r\n") as (port, heard),
        bridge_to(server, smtp={"port": port, "user": ""}) as bridge,
    ):
        with pytest.raises(Refused):
            await send(bridge, "josette@membres.example")
        assert b"MAIL" not in heard


async def test_an_address_with_accents_is_unreachable_through_a_relay_that_cannot(server):
    async with scripted({}) as (port, _), bridge_to(server, smtp={"port": port, "user": ""}) as bridge:
        with pytest.raises(Unreachable):
            await send(bridge, "josé@membres.example")


@pytest.mark.parametrize("ehlo", [ONE_BY_ONE, TOGETHER], ids=["one by one", "together"])
@pytest.mark.parametrize("closes", [True, False], ids=["closes", "stays"])
async def test_a_relay_that_takes_so_many_mails_a_connection_gets_a_new_one(server, ehlo, closes):
    async with (
        scripted({}, ehlo, most=2, closes=closes) as (port, heard),
        bridge_to(server, smtp={"port": port, "user": ""}) as bridge,
    ):
        for _ in range(5):
            await send(bridge, "josette@membres.example")
        assert heard.count(b".") == 5
        assert heard.count(b"EHLO") == 3


async def test_the_commands_of_a_mail_leave_together_where_the_relay_takes_them_so(server):
    """Two round trips a mail: with a relay 50 ms away, a third of a second for three mails and not 0.6."""
    for ehlo, turns in ((ONE_BY_ONE, 4), (TOGETHER, 2)):
        async with (
            scripted({}, ehlo) as (port, heard),
            bridge_to(server, smtp={"port": port, "user": ""}) as bridge,
        ):
            await send(bridge, "josette@membres.example")
            (connection,) = bridge._pool._free
            asked = _counted(connection._exchange)
            await send(bridge, "josette@membres.example")
            assert len(asked) == turns
            assert heard[-4:] == [b"MAIL", b"RCPT", b"DATA", b"."]


def _counted(exchange):
    """Every packet of commands written from now on."""
    asked, ask = [], exchange.ask

    async def counting(commands, answers=1):
        asked.append(commands)
        return await ask(commands, answers)

    exchange.ask = counting
    return asked


async def test_a_relay_that_refuses_the_reader_and_wants_the_mail_all_the_same_gets_none(server):
    """RFC 2920, 3.1: such relays exist; the connection ends, or a mail to nobody would be taken for one to somebody."""
    async with (
        scripted({b"RCPT": b"550 5.1.1 unknown\r\n"}, TOGETHER) as (port, heard),
        bridge_to(server, smtp={"port": port, "user": ""}) as bridge,
    ):
        with pytest.raises(Unreachable):
            await send(bridge, "josette@membres.example")
        assert not bridge._pool._free
        await asyncio.sleep(0.05)
        assert b"RSET" not in heard


async def test_answers_that_come_in_pieces_or_are_none_are_told_apart(server):
    for taken, error in (
        (b"250-2.0.0 taken,\r\n250-with thanks\r\n250 and a name\r\n", None),
        (b"ok\r\n", Uncertain),
        (b"2" * 9000, Uncertain),
        (b"250-more\r\n" * 200, Uncertain),
    ):
        async with (
            scripted({b".": taken}, TOGETHER) as (port, _),
            bridge_to(server, smtp={"port": port, "user": "", "timeout": 5}) as bridge,
        ):
            if error is None:
                note = (await send(bridge, "josette@membres.example")).note
                assert note == "2.0.0 taken,\nwith thanks\nand a name"
            else:
                with pytest.raises(error):
                    await send(bridge, "josette@membres.example")


async def test_a_line_that_begins_with_a_dot_arrives_with_its_dot(server):
    taken = []
    server.relay._take = lambda mail: taken.append(mail.data)
    async with bridge_to(server) as bridge:
        data = b"Subject: x\r\n\r\n.one\r\n..two\r\n.\r\nend\r\n"
        for whole in (data, b"." + data, data.rstrip()):
            await bridge._pool.send(Mail("cercle@exemple.org", "josette@membres.example", whole))
    first, second, third = taken
    assert first == third == data
    assert second == b"." + data


async def test_a_refusal_at_the_door_is_told_apart_from_a_full_house(server):
    for banner, error in ((b"421 4.3.2 busy\r\n", TryLater), (b"554 5.7.1 not you\r\n", Down)):
        async with (
            scripted({}, banner=banner) as (port, _),
            bridge_to(server, smtp={"port": port, "user": ""}) as bridge,
        ):
            with pytest.raises(error):
                await send(bridge, "josette@membres.example")


def test_what_is_logged_of_an_answer_names_nobody():
    assert refusals.note(550, "5.1.1 <josette@membres.example> unknown") == "550 5.1.1"
    assert refusals.note(554, "josette@membres.example is bad") == "554"


async def test_the_budgets_never_allow_more_than_the_provider_in_any_hour(server):
    for row, limit, window in zip(CHANNEL.budgets(settings_for(server)), (60, 400), (3600, 86_400), strict=True):
        assert row.burst + row.per_second * window <= limit + 1e-6
        assert row.burst >= limit / 4


async def test_check_finds_nothing_wrong_with_the_sandbox(server):
    async with bridge_to(server) as bridge:
        assert await bridge.check() == []


async def test_check_names_what_is_missing(server):
    async with bridge_to(server, authserv_id="", lmtp="127.0.0.1:8024") as bridge:
        found = await bridge.check()
    assert any("authserv_id" in sentence for sentence in found)
    assert any("lmtp" in sentence for sentence in found)


@pytest.mark.parametrize("section", ["smtp", "imap"])
async def test_check_is_down_where_the_login_is_refused(server, section):
    async with bridge_to(server, **{section: {"password": "wrong-secret"}}) as bridge:
        with pytest.raises(Down) as raised:
            await bridge.check()
    assert f"[email.{section}]" in raised.value.reason
    assert "wrong-secret" not in raised.value.reason + raised.value.cure
