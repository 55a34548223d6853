"""The command line as an operator meets it: a process of its own, its exit codes and its sentences."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bridges.telegram.sandbox import TelegramSandbox
from store.database import Store
from store.migrate import HEAD
from store.statement import run, sql
from tests import databases

ROOT = Path(__file__).resolve().parents[2]
OK, FAILURE, USAGE, CONFIGURATION, UNREACHABLE, PARTIAL = range(6)
TOKEN = "999999999:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def toml(sections: dict[str, Any], path: str = "") -> str:
    """A configuration as text."""
    plain = {name: value for name, value in sections.items() if not isinstance(value, dict)}
    lines = [f"[{path}]"] if path else []
    lines += [f"{name} = {json.dumps(value)}" for name, value in plain.items()]
    for name, value in sections.items():
        if isinstance(value, dict):
            lines.append(toml(value, f"{path}.{name}".lstrip(".")))
    return "\n".join(lines) + "\n"


class Machine:
    """A folder with a configuration, in which somebody types."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "config.toml"
        self.store = {"url": "sqlite:///data/filcommun.db"}

    def configure(self, **channels: Any) -> None:
        community = {"name": "Cercle de lecture", "slug": "cercle", "language": "en", "timezone": "Europe/Paris"}
        self.file.write_text(toml({"community": community, "store": self.store, **channels}), "utf-8")
        self.file.chmod(0o600)

    async def begin(self, *words: str, **environment: str) -> asyncio.subprocess.Process:
        """Start `filcommun words`."""
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.cli", *words, cwd=self.folder,
            env={**inherited, "PYTHONPATH": str(ROOT), "LANG": "en_US.UTF-8", "COLUMNS": "200", **environment},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def types(self, *words: str, **environment: str) -> tuple[int, str]:
        """The exit code, and all that was printed; never a traceback."""
        process = await self.begin(*words, **environment)
        try:
            out, err = await asyncio.wait_for(process.communicate(), 60)
        except TimeoutError:
            process.kill()
            raise
        said = (out + err).decode()
        assert "Traceback" not in said, said
        assert process.returncode is not None
        return process.returncode, said

    @contextlib.asynccontextmanager
    async def running(self, *words: str):
        """`filcommun run`, until it has said what is awaited; its lines are in `.said`."""
        process = await self.begin(*(words or ("run",)))
        said: list[str] = []

        async def listen() -> None:
            assert process.stderr is not None
            async for line in process.stderr:
                said.append(line.decode())  # noqa: PERF401 - it is read while it grows

        listening = asyncio.create_task(listen())
        process.said = said  # type: ignore[attr-defined]
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                await asyncio.wait_for(process.wait(), 20)
            await listening

    async def until(self, process: Any, words: str, seconds: float = 30.0) -> str:
        """Wait until a running program has said `words`; everything it said."""
        end = time.monotonic() + seconds
        while words not in (whole := "".join(process.said)):
            assert time.monotonic() < end, whole
            assert process.returncode is None, whole
            await asyncio.sleep(0.05)
        return whole

    def rows(self, statement: str, **values: Any) -> list[Any]:
        store = Store(self.store["url"].replace("data/", f"{self.folder}/data/"))
        with store.engine.connect() as connection:
            found = list(run(connection, sql(statement), values))
        store.engine.dispose()
        return found

    def change(self, statement: str, **values: Any) -> None:
        store = Store(self.store["url"].replace("data/", f"{self.folder}/data/"))
        store.write_now(lambda connection: run(connection, sql(statement), values))
        store.engine.dispose()


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


@pytest.fixture
async def telegram():
    sandbox = TelegramSandbox()
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
def set_up(machine, telegram):
    """A configuration that works."""
    machine.configure(telegram=telegram.settings())
    return machine


# What is typed


@pytest.mark.parametrize(
    "words",
    ["init", "check", "run", "listen", "demo", "status", "retry", "drop", "community add", "community list",
     "member list", "member role", "organizer-code"],
)  # fmt: skip
async def test_every_command_explains_itself_with_an_example(machine, words):
    code, said = await machine.types(*words.split(), "--help")
    assert code == OK
    assert f"Example: filcommun {words}" in said or (words == "run" and "Example: filcommun --config" in said)


async def test_the_help_names_every_command(machine):
    code, said = await machine.types("--help")
    assert code == OK
    for name in (
        "init",
        "check",
        "run",
        "listen",
        "demo",
        "status",
        "retry",
        "drop",
        "community",
        "member",
        "organizer-code",
    ):
        assert name in said


async def test_what_does_not_exist_is_a_mistake_in_usage(machine):
    code, said = await machine.types("frobnicate")
    assert code == USAGE
    assert "No such command" in said


# The configuration


async def test_init_writes_a_configuration_once(machine):
    code, said = await machine.types("init", "--name", "Chorale")
    assert code == OK
    assert "filcommun check" in said
    assert 'name = "Chorale"' in machine.file.read_text("utf-8")
    assert machine.file.stat().st_mode & 0o077 == 0
    code, said = await machine.types("init")
    assert code == FAILURE
    assert "exists already" in said


async def test_init_refuses_a_channel_that_does_not_exist(machine):
    code, said = await machine.types("init", "pigeon")
    assert code == USAGE
    assert "pigeon" in said
    assert not machine.file.exists()


async def test_a_new_configuration_says_what_is_missing_and_where(machine):
    await machine.types("init")
    code, said = await machine.types("check")
    assert code == CONFIGURATION
    assert re.fullmatch(r"config\.toml, line \d+, \[telegram\] token: is missing .*\n", said)


@pytest.mark.parametrize(
    "words", ["run", "check", "status", "retry out:1", "listen signal", "community list", "organizer-code"]
)
async def test_a_wrong_configuration_is_told_by_every_command_with_its_line(machine, words):
    machine.configure(telegram={"tokn": TOKEN})
    code, said = await machine.types(*words.split())
    assert code == CONFIGURATION
    assert "[telegram] tokn: there is no such setting. Did you mean" in said
    assert TOKEN not in said


async def test_a_configuration_that_is_not_there_is_told(machine):
    code, said = await machine.types("--config", "nowhere.toml", "run")
    assert code == CONFIGURATION
    assert "nowhere.toml" in said


async def test_the_option_may_stand_behind_the_command(set_up):
    set_up.file.rename(set_up.folder / "other.toml")
    code, said = await set_up.types("check", "--config", "other.toml")
    assert (code, said) == (OK, "[telegram] well.\nEverything is well.\n")


# check


async def test_check_of_a_set_up_that_works(set_up):
    code, said = await set_up.types("check")
    assert (code, said) == (OK, "[telegram] well.\nEverything is well.\n")
    code, said = await set_up.types("check", "telegram")
    assert code == OK


async def test_check_of_a_wrong_token_names_the_section_and_not_the_token(machine, telegram):
    machine.configure(telegram={**telegram.settings(), "token": TOKEN})
    code, said = await machine.types("check")
    assert code == UNREACHABLE
    assert said.startswith("[telegram]")
    assert said.count("\n") == 1
    assert TOKEN not in said


async def test_check_of_an_absent_signal_service_is_one_sentence(machine):
    machine.configure(signal={"number": "+33600000000", "service": "http://127.0.0.1:9"})
    code, said = await machine.types("check", "signal")
    assert code == UNREACHABLE
    assert said.startswith("[signal]")
    assert "127.0.0.1:9" in said
    assert said.count("\n") == 1


async def test_check_of_a_refused_login_is_one_sentence(machine):
    from bridges.email.sandbox import MailSandbox

    sandbox = MailSandbox()
    await sandbox.start()
    try:
        section = sandbox.settings()
        machine.configure(email={**section, "smtp": {**section["smtp"], "password": "not-the-one"}})
        code, said = await machine.types("check", "email")
    finally:
        await sandbox.stop()
    assert code == UNREACHABLE
    assert "[email.smtp]" in said
    assert "not-the-one" not in said


async def test_check_asks_the_other_channels_when_one_is_away(machine, telegram):
    machine.configure(signal={"number": "+33600000000", "service": "http://127.0.0.1:9"}, telegram=telegram.settings())
    code, said = await machine.types("check")
    assert code == UNREACHABLE
    assert "[telegram] well." in said
    assert "[signal] " in said


async def test_check_of_a_channel_that_is_off_says_so(set_up):
    code, said = await set_up.types("check", "signal")
    assert code == CONFIGURATION
    assert "that channel is off" in said


# The database


@pytest.mark.parametrize("words", ["run", "check"])
async def test_a_database_that_does_not_answer_is_one_sentence(set_up, telegram, words):
    set_up.store = {"url": "postgresql://nobody:hidden@127.0.0.1:9/nothing"}
    set_up.configure(telegram=telegram.settings())
    code, said = await set_up.types(words)
    assert code == UNREACHABLE
    assert "[store] url" in said
    assert "PostgreSQL" in said
    assert "hidden" not in said


@pytest.mark.parametrize("words", ["run", "check", "status"])
async def test_a_file_that_is_no_database_is_one_sentence(set_up, words):
    (set_up.folder / "data").mkdir()
    (set_up.folder / "data" / "filcommun.db").write_text("a shopping list\n" * 200)
    code, said = await set_up.types(words)
    assert code == UNREACHABLE
    assert "[store] url" in said or "STORE__URL" in said
    assert "not a database" in said


async def test_status_before_the_first_start_says_what_to_do(set_up):
    code, said = await set_up.types("status")
    assert code == FAILURE
    assert "filcommun run" in said


async def test_a_newer_schema_is_refused(set_up):
    async with set_up.running() as process:
        await set_up.until(process, "channel.open")
    set_up.change("UPDATE alembic_version SET version_num = '9999'")
    code, said = await set_up.types("run")
    assert code == CONFIGURATION
    assert "newer version" in said
    assert HEAD != "9999"


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
    import subprocess

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


# status, retry, drop


@pytest.fixture(params=databases.KINDS)
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
    assert machine.rows("SELECT role FROM membership")[0].role == "member"
    assert machine.rows("SELECT act FROM audit WHERE act = 'role'")
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
