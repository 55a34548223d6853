"""The command line as an operator meets it: what is typed, the configuration, check, the database."""

from __future__ import annotations

import re

import pytest

from store.migrate import HEAD
from tests.unit import cli_ground
from tests.unit.cli_ground import CONFIGURATION, FAILURE, OK, PARTIAL, TOKEN, UNREACHABLE, USAGE

machine, telegram, set_up = cli_ground.machine, cli_ground.telegram, cli_ground.set_up


# What is typed


@pytest.mark.parametrize(
    "words",
    ["init", "check", "run", "listen", "demo", "status", "retry", "drop", "community add", "community list",
     "member list", "member role", "organizer-code", "invite-sheet", "backup", "restore", "resume"],
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
        "invite-sheet",
        "backup",
        "restore",
        "resume",
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
    "words",
    [
        "run",
        "check",
        "status",
        "retry out:1",
        "listen signal",
        "community list",
        "organizer-code",
        "invite-sheet a.pdf",
    ],
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


async def test_check_of_a_set_up_without_a_channel_says_that_nothing_is_on(machine):
    machine.configure()
    code, said = await machine.types("check")
    assert code == PARTIAL
    assert "no channel is on" in said
    assert not (machine.folder / "data").exists()


@pytest.mark.parametrize(("key", "value"), [("url", "sqlite:////proc/nope/a.db"), ("files", "/proc/nope/files")])
async def test_check_of_a_folder_nobody_can_write_in_names_the_setting(set_up, telegram, key, value):
    set_up.store[key] = value
    set_up.configure(telegram=telegram.settings())
    code, said = await set_up.types("check")
    assert code == UNREACHABLE
    assert f"[store] {key}: nothing can be written" in said


@pytest.mark.parametrize("number", ["inf", "nan", "1e9"])
async def test_a_speed_that_is_none_is_refused_with_its_line(machine, number):
    machine.configure(telegram={"token": TOKEN})
    with machine.file.open("a") as file:
        file.write(f"per_second = {number}\n")
    code, said = await machine.types("check")
    assert code == CONFIGURATION
    assert "[telegram] per_second: must be" in said


# The secret key


@pytest.mark.parametrize("key", ["short.key", "/etc/passwd", "/proc/nope/key"])
async def test_a_key_that_is_none_is_one_sentence(set_up, telegram, key):
    (set_up.folder / "short.key").write_bytes(b"short")
    set_up.store["key"] = key
    set_up.configure(telegram=telegram.settings())
    code, said = await set_up.types("run")
    assert code == CONFIGURATION
    assert "[store] key: " in said
    assert "[store] url" not in said


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


@pytest.mark.parametrize("words", ["run", "status", "member list"])
async def test_a_damaged_database_is_one_sentence_and_names_the_way_back(set_up, words):
    async with set_up.running() as process:
        await set_up.until(process, "channel.open")
    set_up.damage()
    code, said = await set_up.types(*words.split())
    assert code == UNREACHABLE
    assert "is damaged" in said
    assert "start-again.md" in said
    assert "Traceback" not in said


async def test_an_empty_file_is_no_memory_yet(set_up):
    set_up.database.parent.mkdir(parents=True, exist_ok=True)
    set_up.database.touch()
    code, said = await set_up.types("status")
    assert code == FAILURE
    assert "filcommun run" in said


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
