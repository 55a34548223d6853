"""The mail bridge over TLS, as it is used: a certificate that is trusted, one that is not, and STARTTLS."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.core.bridge import Address
from bot.core.errors import Down
from tests.bridges.email_ground import bridge_to, sandbox, saying


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[Path, Path]:
    """(certificate, key) of "localhost", signed by itself."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: apt-get install openssl")
    where = tmp_path_factory.mktemp("tls")
    made, key = where / "cert.pem", where / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(made)),
        ],
        check=True,
        capture_output=True,
    )
    return made, key


@pytest.fixture
def trusted(certificate, monkeypatch) -> tuple[Path, Path]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    return certificate


@asynccontextmanager
async def wrapped(port: int, certificate: tuple[Path, Path]):
    """A port that speaks TLS and passes on what it hears."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)

    async def passed(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(passed(reader, there), passed(there_reader, writer))

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_mails_travel_encrypted_both_ways(trusted):
    async with (
        sandbox() as server,
        wrapped(server.relay.port, trusted) as smtp,
        wrapped(server.mailbox.port, trusted) as imap,
        bridge_to(
            server,
            smtp={"host": "localhost", "port": smtp, "security": "tls"},
            imap={"host": "localhost", "port": imap, "security": "tls"},
        ) as bridge,
    ):
        await bridge.open({})
        await bridge.send(Address(server.person("Josette")), saying())
        assert len(server.seen("Josette")) == 1
        assert await bridge.check() == []


@pytest.mark.parametrize("section", ["smtp", "imap"])
async def test_a_certificate_nobody_vouches_for_is_down_and_says_so(certificate, section):
    async with (
        sandbox() as server,
        wrapped(server.relay.port if section == "smtp" else server.mailbox.port, certificate) as port,
        bridge_to(server, **{section: {"host": "localhost", "port": port, "security": "tls"}}) as bridge,
    ):
        with pytest.raises(Down) as raised:
            await bridge.check()
    assert f"[email.{section}]" in raised.value.reason
    assert "certificate" in raised.value.reason


@pytest.mark.parametrize("section", ["smtp", "imap"])
async def test_a_certificate_of_another_name_is_down(trusted, section):
    async with (
        sandbox() as server,
        wrapped(server.relay.port if section == "smtp" else server.mailbox.port, trusted) as port,
        bridge_to(server, **{section: {"port": port, "security": "tls"}}) as bridge,  # 127.0.0.1 is not "localhost"
    ):
        with pytest.raises(Down) as raised:
            await bridge.check()
    assert f"[email.{section}]" in raised.value.reason


async def test_starttls_encrypts_before_the_password_is_sent(trusted):
    heard: list[bytes] = []
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*trusted)
    answers = {
        b"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS IDLE MOVE UIDPLUS\r\n",
        b"SELECT": b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 1] ok\r\n",
    }

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"* OK hello\r\n")
            while line := await reader.readline():
                tag, verb = line.split()[:2]
                secure = writer.get_extra_info("sslcontext") is not None
                heard.append((b"+" if secure else b"-") + verb)
                writer.write(answers.get(verb, b"") + tag + b" OK done\r\n")
                await writer.drain()
                if verb == b"STARTTLS":
                    await writer.start_tls(context)
        except OSError:
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with (
        sandbox() as server,
        bridge_to(server, imap={"host": "localhost", "port": port, "security": "starttls"}) as bridge,
    ):
        await bridge.open({})
    listening.close()
    assert b"+LOGIN" in heard
    assert b"-LOGIN" not in heard


async def test_a_mailbox_server_without_starttls_is_down_and_says_what_to_write(trusted):
    async with sandbox() as server, bridge_to(server, imap={"security": "starttls"}) as bridge:
        with pytest.raises(Down) as raised:
            await bridge.open({})
    assert "STARTTLS" in raised.value.reason
    assert 'security = "tls"' in raised.value.cure
