"""The command line while the bot runs, or beside it: run, status, retry, drop, communities, members, listen."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
import time

import pypdfium2
import pytest
import zxingcpp

from tests import databases
from tests.unit import cli_ground
from tests.unit.cli_ground import CONFIGURATION, FAILURE, OK, PARTIAL, ROOT, USAGE

# Each of them starts the program several times, as an operator does.
pytestmark = pytest.mark.wire
machine, telegram, set_up = cli_ground.machine, cli_ground.telegram, cli_ground.set_up


# run


async def test_a_second_process_on_the_same_file_is_refused_at_once(set_up):
    async with set_up.running() as process:
        await set_up.until(process, "channel.open")
        began = time.monotonic()
        code, said = await set_up.types("run")
        took = time.monotonic() - began
    assert code == FAILURE
    assert "already running" in said
    assert took < 2.0 + _importing()


def _importing() -> float:
    """What starting Python and importing the program takes on this machine at this moment."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import bot.app"], cwd=ROOT, check=True)
    return time.monotonic() - began


async def test_run_stops_on_sigterm_with_exit_code_0(set_up):
    async with set_up.running() as process:
        await set_up.until(process, "channel.open")
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 8) == OK


async def test_the_first_start_prints_a_code_that_makes_an_organizer(set_up, telegram):
    telegram.person("Amina")
    async with set_up.running() as process:
        said = await set_up.until(process, "Cercle de lecture has no organizer")
        said = await set_up.until(process, "https://t.me/")
        found = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", said)
        assert found, said
        await telegram.say("Amina", found[0])
        for _ in range(200):
            if any("organizer of" in line.text for line in telegram.seen("Amina")):
                break
            await asyncio.sleep(0.05)
        else:
            pytest.fail(str([line.text for line in telegram.seen("Amina")]))
    async with set_up.running() as process:
        said = await set_up.until(process, "channel.open")
        await asyncio.sleep(0.5)
        assert "no organizer" not in "".join(process.said)


async def test_another_code_can_be_made_while_the_bot_runs(set_up, telegram):
    telegram.person("Amina")
    async with set_up.running() as process:
        await set_up.until(process, "channel.open")
        code, said = await set_up.types("organizer-code")
        assert code == OK
        found = re.search(r"https://t\.me/\w+\?start=([\w-]+)", said)
        assert found, said
        await telegram.say("Amina", "", start=found[1])
        for _ in range(200):
            if any("organizer of" in line.text for line in telegram.seen("Amina")):
                return
            await asyncio.sleep(0.05)
        pytest.fail(str([line.text for line in telegram.seen("Amina")]))


async def test_a_sheet_is_printed_while_the_bot_runs_and_its_code_brings_people_in(set_up, telegram):
    async with set_up.running() as process:
        await set_up.until(process, "channel.open")
        code, said = await set_up.types("invite-sheet", "invitation.pdf")
        assert code == OK, said
        typed = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", said)[0]
        assert f"UNINVITE {typed}" in said
        file = set_up.folder / "invitation.pdf"
        assert file.stat().st_mode & 0o077 == 0
        page = pypdfium2.PdfDocument(file.read_bytes())[0]
        (found,) = zxingcpp.read_barcodes(page.render(scale=2).to_pil())
        link = re.search(r"https://t\.me/\w+\?start=([\w-]+)", found.text)[1]
        for who, words in (("Karim", {"start": link, "text": ""}), ("Inès", {"text": typed})):
            telegram.person(who)
            await telegram.say(who, **words)
            for _ in range(200):
                if any("I am the postman of Cercle de lecture" in line.text for line in telegram.seen(who)):
                    break
                await asyncio.sleep(0.05)
            else:
                pytest.fail(str([line.text for line in telegram.seen(who)]))
        code, said = await set_up.types("invite-sheet", "invitation.svg")
        assert code == OK
        assert (set_up.folder / "invitation.svg").read_bytes().startswith(b"<svg ")


async def test_a_sheet_that_cannot_be_written_makes_no_code(set_up):
    async with set_up.running() as process:
        await set_up.until(process, "channel.open")
        for words, wanted in (
            (["a.docx"], USAGE),
            (["nowhere/a.pdf"], FAILURE),
            (["a.pdf", "--community", "x"], FAILURE),
        ):
            code, said = await set_up.types("invite-sheet", *words)
            assert (code, said.count("\n")) == (wanted, 1), said
        assert set_up.rows("SELECT 1 FROM code WHERE purpose = 'invite'") == []


# status, retry, drop


@pytest.fixture(params=databases.OF_THE_PROGRAM)
async def letter(request, set_up, telegram):
    """A bot that runs and one message it could not deliver; returns (machine, the letter's name)."""
    databases.demand(request.param)
    with databases.made(request.param, set_up.folder) as url:
        if request.param != "sqlite":
            set_up.store = {"url": url}
        set_up.configure(telegram=telegram.settings())
        telegram.person("Amina")
        async with set_up.running() as process:
            await set_up.until(process, "channel.open")
            _, said = await set_up.types("organizer-code")
            telegram.fail("refused", who="Amina")
            await telegram.say("Amina", re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", said)[0])
            for _ in range(400):
                if found := set_up.rows("SELECT id FROM parcel WHERE state = 'failed'"):
                    break
                await asyncio.sleep(0.05)
            assert found, (process.said, [line.text for line in telegram.seen("Amina")])
            yield set_up, f"out:{found[0].id}"


async def test_status_shows_what_failed_while_the_bot_runs_and_retry_sends_it(letter, telegram):
    machine, name = letter
    code, said = await machine.types("status")
    assert code == PARTIAL
    assert f"{name} " in said
    assert "filcommun retry" in said
    code, quiet = await machine.types("status", "--quiet")
    assert (code, quiet) == (PARTIAL, "")
    code, said = await machine.types("retry", name)
    assert code == OK
    for _ in range(400):
        if telegram.seen("Amina")[-1].author != "Amina" and not telegram.seen("Amina")[-1].mine:
            break
        await asyncio.sleep(0.05)
    assert "organizer" in telegram.seen("Amina")[-1].text
    code, said = await machine.types("status")
    assert code == OK
    assert "All is well." in said


async def test_status_speaks_the_language_of_the_terminal(letter):
    machine, _ = letter
    code, said = await machine.types("status", LANG="fr_FR.UTF-8")
    assert code == PARTIAL
    assert "la messagerie refuse ce message" in said


async def test_drop_gives_it_up(letter):
    machine, name = letter
    code, _ = await machine.types("drop", name)
    assert code == OK
    code, _ = await machine.types("status")
    assert code == OK
    code, said = await machine.types("drop", name)
    assert code == FAILURE
    assert "has not failed" in said


@pytest.mark.parametrize("name", ["out:999", "in:999", "812", "out:", "sideways:1"])
async def test_what_does_not_exist_cannot_be_dealt_with(set_up, name):
    async with set_up.running() as process:
        await set_up.until(process, "channel.open")
    code, said = await set_up.types("retry", name)
    assert code == FAILURE
    assert name in said


# communities and members


async def test_communities_and_roles(letter):
    machine, _ = letter
    code, said = await machine.types("community", "add", "Chorale du quartier", "--language", "fr")
    assert code == OK
    assert re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", said)
    code, said = await machine.types("community", "list")
    assert code == OK
    assert [line.split()[0] for line in said.splitlines()] == ["cercle", "chorale-du-quartier"]
    code, said = await machine.types("community", "add", "Chorale du quartier")
    assert code == FAILURE
    code, said = await machine.types("member", "list")
    assert code == OK
    assert said.startswith("Amina ")
    assert "organizer" in said
    assert not re.search(r"\d{5,}", said)
    code, said = await machine.types("member", "role", "amina", "member")
    assert code == OK
    assert "Nobody organizes cercle any more" in said
    assert machine.rows("SELECT role FROM membership")[0].role == "member"
    (decided,) = machine.rows("SELECT detail FROM audit WHERE act = 'role'")
    assert "member" in str(decided.detail)
    code, said = await machine.types("member", "role", "Nobody", "member")
    assert code == FAILURE
    code, said = await machine.types("member", "role", "Amina", "queen")
    assert code == USAGE


@pytest.mark.parametrize(
    "words", [("Chorale", "--timezone", "Mars"), ("Chorale", "--language", "tlh"), ("Chorale", "--slug", "Ça va")]
)
async def test_a_community_needs_what_it_can_use(set_up, words):
    code, said = await set_up.types("community", "add", *words)
    assert code == USAGE
    assert words[-1] in said


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "needs a name"), ("a\nb", "one line"), ("x" * 81, "at most 80"), ("読書会", "--slug")],
    ids=["empty", "two lines", "long", "no letter of an address"],
)
async def test_a_name_no_community_can_have_is_a_mistake_in_usage(machine, name, said):
    machine.configure()
    code, told = await machine.types("community", "add", name)
    assert code == USAGE
    assert said in told


async def test_a_code_without_its_key_is_one_sentence_and_no_code(letter):
    machine, _ = letter
    (machine.folder / "data" / "secret.key").write_bytes(b"")
    before = machine.rows("SELECT COUNT(*) AS number FROM code")[0].number
    code, said = await machine.types("organizer-code")
    assert code == CONFIGURATION
    assert "STORE__KEY" in said or "[store] key" in said
    assert machine.rows("SELECT COUNT(*) AS number FROM code")[0].number == before


# listen


async def test_listen_is_for_channels_that_forget(set_up):
    code, said = await set_up.types("listen", "telegram")
    assert code == USAGE
    assert "needs no listener" in said
    code, said = await set_up.types("listen", "signal")
    assert code == CONFIGURATION


async def test_listen_writes_down_what_arrives_while_no_bot_runs(machine):
    from bridges.signal.sandbox import SignalSandbox

    sandbox = SignalSandbox()
    await sandbox.start()
    try:
        machine.configure(signal=sandbox.settings() | {"spool": "data/signal.spool"})
        (machine.folder / "data").mkdir()
        sandbox.person("Chloé")
        async with machine.running("listen", "signal") as process:
            await machine.until(process, "signal.listening")
            await sandbox.say("Chloé", "Good evening")
            spool = machine.folder / "data" / "signal.spool"
            for _ in range(100):
                if spool.exists() and b"Good evening" in spool.read_bytes():
                    break
                await asyncio.sleep(0.05)
            else:
                pytest.fail("nothing was written down")
    finally:
        await sandbox.stop()
