"""The code that makes an organizer, as whoever runs the program reads it: with links and a QR code, or without any."""

from __future__ import annotations

import asyncio
import os
import pty
import re

import pytest

from bridges.email.sandbox import ADDRESS, MailSandbox
from tests.unit import cli_ground
from tests.unit.cli_ground import OK

machine, telegram, set_up = cli_ground.machine, cli_ground.telegram, cli_ground.set_up

CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")
#: What segno draws a QR code with.
BLOCKS = re.compile("[█▄▀]{2}")
NO_LINK = "There is nothing to open or to scan here, for no channel has a link: type the code."


@pytest.fixture
async def mail():
    sandbox = MailSandbox()
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


async def on_a_terminal(machine, *words: str, **environment: str) -> str:
    """What somebody sees who types `filcommun words`."""
    ours, theirs = pty.openpty()
    seen = bytearray()
    try:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            cli_ground.sys.executable, "-m", "bot.cli", *words, cwd=machine.folder,
            env={**inherited, "PYTHONPATH": str(cli_ground.ROOT), "LANG": "en_US.UTF-8", **environment},
            stdout=theirs, stderr=theirs,
        )  # fmt: skip
        asyncio.get_running_loop().add_reader(ours, lambda: seen.extend(os.read(ours, 65536)))
        assert await asyncio.wait_for(process.wait(), 60) == OK
        await asyncio.sleep(0.1)
    finally:
        asyncio.get_running_loop().remove_reader(ours)
        os.close(ours)
        os.close(theirs)
    return seen.decode().replace("\r\n", "\n")


async def made(machine, **channels) -> None:
    """A database there is, and these channels."""
    machine.configure(**channels)
    async with machine.running() as process:
        await machine.until(process, "channel.open")


async def test_with_a_link_it_is_opened_or_scanned(set_up):
    async with set_up.running() as process:
        await set_up.until(process, "channel.open")
    said = await on_a_terminal(set_up, "organizer-code")
    assert re.search(r"^Telegram: open https://t\.me/\w+\?start=[\w-]+$", said, re.MULTILINE), said
    assert BLOCKS.search(said)
    assert NO_LINK not in said


async def test_without_a_link_it_says_where_to_type_it_and_draws_nothing(machine, mail):
    await made(machine, email=mail.settings())
    said = await on_a_terminal(machine, "organizer-code")
    head, where, typed = said.strip().splitlines()
    code = CODE.search(head)
    assert code, said
    assert head == f"Whoever sends me this code within 1 hour becomes an organizer of Cercle de lecture: {code[0]}"
    assert where == f"Mail: send the code, and nothing else, to {ADDRESS}"
    assert typed == NO_LINK
    assert not BLOCKS.search(said)


async def test_the_code_typed_into_a_mail_makes_an_organizer(machine, mail):
    machine.configure(email=mail.settings() | {"grace": "0 seconds"})
    async with machine.running() as process:
        said = await machine.until(process, NO_LINK)
        assert "Cercle de lecture has no organizer who can be reached" in said
        mail.person("Amina", "en")
        code = CODE.search(said)
        assert code, said
        await mail.say("Amina", code[0], subject="")
        async with asyncio.timeout(20):
            while not any("organizer of" in line.text for line in mail.seen("Amina")):
                await asyncio.sleep(0.05)


async def test_a_channel_that_does_not_answer_now_is_named_all_the_same(set_up, telegram, mail):
    await made(set_up, telegram=telegram.settings(), email=mail.settings())
    await telegram.stop()
    code, said = await set_up.types("organizer-code")
    assert code == OK
    assert "Telegram: write the code, and nothing else, to the bot\n" in said
    assert f"Mail: send the code, and nothing else, to {ADDRESS}\n" in said
    assert NO_LINK in said
    await telegram.start()


async def test_a_french_community_is_told_in_french(machine, mail):
    await made(machine, email=mail.settings())
    machine.change("UPDATE community SET language = 'fr'")
    code, said = await machine.types("organizer-code")
    said = said.replace("\u00a0", " ")
    assert code == OK
    assert "devient organisateur ou organisatrice de Cercle de lecture : " in said
    assert f"Le mail : envoyez le code, et rien d'autre, à {ADDRESS}" in said
    assert "Il n'y a ici rien à ouvrir ni à scanner, car aucune messagerie n'a de lien : tapez le code." in said


async def test_with_no_channel_on_it_says_that_nobody_can_send_it(machine, mail):
    await made(machine, email=mail.settings())
    machine.configure()
    code, said = await machine.types("organizer-code")
    assert code == OK
    assert "No channel is on, so nobody can send it yet." in said
