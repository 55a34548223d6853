"""backup, restore and resume as an operator meets them: what is typed, what is said, what lies where."""

from __future__ import annotations

import asyncio
import json
import shutil
import stat
import tarfile

import pytest

from tests.unit import cli_ground
from tests.unit.cli_ground import CONFIGURATION, FAILURE, OK, PARTIAL, USAGE

# Each of them starts the program several times, as an operator does.
pytestmark = pytest.mark.wire
machine, telegram, set_up = cli_ground.machine, cli_ground.telegram, cli_ground.set_up
PARCEL = """
    INSERT INTO parcel (address_id, kind, state, created_at, due_at) SELECT id, 'notice', 'due', 1, 1 FROM address
"""


@pytest.fixture
async def lived(set_up):
    """A deployment that has run, with somebody in it and something owed."""
    async with set_up.running() as process:
        await set_up.until(process, "app.started")
        await set_up.until(process, "channel.open")
    set_up.change("INSERT INTO address (channel, account, remote) VALUES ('telegram', '999999999', '5')")
    set_up.change(PARCEL)
    return set_up


def lose(machine, *kept: str) -> None:
    """Everything is gone but these, which lay elsewhere."""
    for path in machine.folder.iterdir():
        if path.name not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


async def saved(machine) -> None:
    """A backup and the key lie elsewhere."""
    code, said = await machine.types("backup", "copy.tar.gz")
    assert code == OK, said
    shutil.copy(machine.folder / "data/secret.key", machine.folder / "my.key")


async def test_a_backup_says_where_it_is_and_what_is_not_in_it(lived):
    code, said = await lived.types("backup")
    assert code == OK
    (path,) = (lived.folder / "data/backups").glob("filcommun-*.tar.gz")
    assert str(path) in said
    assert "secret key is not in it" in said
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = (lived.folder / "data/secret.key").read_bytes()
    with tarfile.open(path) as archive:
        whole = b"".join(archive.extractfile(entry).read() for entry in archive)
    assert key not in whole
    assert key.hex().encode() not in whole
    assert lived_token(lived).encode() not in whole
    ((data, done),) = lived.rows("SELECT data, done_at FROM chore WHERE name = 'backup'")
    noted = json.loads(data)
    assert (noted["path"], noted["size"], noted["error"], noted["copy"]) == (str(path), path.stat().st_size, "", "")
    assert done > 1


def lived_token(machine) -> str:
    return next(line for line in machine.file.read_text().splitlines() if line.startswith("token")).split('"')[1]


async def test_a_backup_never_overwrites_a_file(lived):
    (lived.folder / "mine.tar.gz").write_text("holiday")
    code, said = await lived.types("backup", "mine.tar.gz")
    assert (code, (lived.folder / "mine.tar.gz").read_text()) == (FAILURE, "holiday")
    assert "exists already" in said


async def test_a_backup_that_cannot_be_made_is_said_and_written_down(lived):
    lived.file.write_text(lived.file.read_text() + '[backup]\npassphrase_file = "nowhere"\n')
    code, said = await lived.types("backup")
    assert code == FAILURE
    assert "[backup] passphrase_file" in said
    assert "nowhere" in said
    ((data,),) = lived.rows("SELECT data FROM chore WHERE name = 'backup'")
    assert "nowhere" in json.loads(data)["error"]


async def test_restoring_into_an_empty_folder_asks_for_what_is_secret_and_then_holds_everything_back(lived):
    token = lived_token(lived)
    await saved(lived)
    lose(lived, "copy.tar.gz", "my.key")
    words = ("restore", "copy.tar.gz", "--key", "my.key")
    code, said = await lived.types(*words)
    assert code == CONFIGURATION
    assert "[telegram] token" in said
    assert stat.S_IMODE(lived.file.stat().st_mode) == 0o600
    lived.file.write_text(lived.file.read_text().replace('token = ""', f'token = "{token}"'))
    code, said = await lived.types(*words)
    assert code == OK, said
    for sentence in (
        "nothing leaves",
        "telegram: 1 message would leave that may have been sent already",
        "telegram: what was read before the loss",
        "filcommun resume --drop",
    ):
        assert sentence in said
    assert (lived.folder / "data/secret.key").read_bytes() == (lived.folder / "my.key").read_bytes()
    assert stat.S_IMODE((lived.folder / "data/secret.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((lived.folder / "data/filcommun.db").stat().st_mode) == 0o600


async def test_secrets_from_the_environment_make_it_one_command(lived):
    token = lived_token(lived)
    await saved(lived)
    lose(lived, "copy.tar.gz", "my.key")
    await lived.types("restore", "copy.tar.gz", "--key", "my.key")
    code, said = await lived.types("restore", "copy.tar.gz", "--key", "my.key", FILCOMMUN_TELEGRAM__TOKEN=token)
    assert code == OK, said


async def back(machine) -> None:
    """Lost, and restored."""
    kept = machine.file.read_text()
    await saved(machine)
    lose(machine, "copy.tar.gz", "my.key")
    machine.file.write_text(kept)
    code, said = await machine.types("restore", "copy.tar.gz", "--key", "my.key")
    assert code == OK, said


@pytest.mark.parametrize("key", ["my.key", "none"])
async def test_who_was_forgotten_after_a_backup_is_forgotten_again_when_it_is_restored_with_the_key_or_without(
    lived, key
):
    """The list lies beside the copy; ids say the same in every backup, and need no key."""
    for words in (
        "INSERT INTO member (id) VALUES (7)",
        "UPDATE address SET member_id = 7, name = 'Perlimpinpin'",
        "INSERT INTO membership (id, community_id, member_id, name, status, address_id) SELECT 9, 1, 7, 'Perlimpinpin', 'active', id FROM address",
        "INSERT INTO thread (id, community_id, title) VALUES (1, 1, 'T')",
        "INSERT INTO message (public_id, community_id, thread_id, author_id, name, text) VALUES ('x', 1, 1, 9, 'Perlimpinpin', 'Hello')",
    ):
        lived.change(words)
    kept = lived.file.read_text()
    await saved(lived)
    lose(lived, "copy.tar.gz", "my.key")
    (lived.folder / "forgotten.json").write_text(
        json.dumps([{"ids": {"memberships": [9], "addresses": [1], "words": "keep", "marks": []}, "created_at": 5}])
    )
    lived.file.write_text(kept)
    code, said = await lived.types("restore", "copy.tar.gz", "--key", key)
    assert code == OK, said
    assert lived.rows("SELECT name, text FROM message") == [("former member", "Hello")]
    assert lived.rows("SELECT status, name FROM membership WHERE id = 9") == [("erased", "")]
    assert b"Perlimpinpin" not in (lived.folder / "data/filcommun.db").read_bytes()
    assert lived.rows("SELECT COUNT(*) FROM erased") == [(1,)]


async def test_status_says_what_waits_until_it_is_decided(lived):
    await back(lived)
    code, said = await lived.types("status")
    assert code == PARTIAL
    assert "Everything is held back since a restore" in said
    assert "All is well" not in said
    code, said = await lived.types("resume")
    assert code == USAGE
    assert "Decide:" in said
    code, said = await lived.types("resume", "--send", "--drop")
    assert code == USAGE
    code, said = await lived.types("resume", "--drop")
    assert code == OK
    assert "1 is given up" in said
    assert lived.rows("SELECT state FROM parcel") == [("withdrawn",)]
    code, said = await lived.types("resume", "--send")
    assert code == FAILURE
    assert "Nothing is held back" in said
    code, said = await lived.types("status")
    assert "held back" not in said
    ((detail,),) = lived.rows("SELECT detail FROM audit WHERE act = 'resume'")
    assert json.loads(detail) == {"send": False, "given_up": 1}


async def test_resume_send_sends_everything(lived):
    await back(lived)
    code, said = await lived.types("resume", "--send")
    assert code == OK
    assert "1 message leaves" in said
    assert lived.rows("SELECT state FROM parcel") == [("due",)]


async def test_what_is_there_is_never_written_over(lived):
    await saved(lived)
    code, said = await lived.types("restore", "copy.tar.gz", "--key", "my.key")
    assert code == FAILURE
    assert "filcommun.db is not empty" in said
    assert lived.rows("SELECT COUNT(*) FROM address") == [(1,)]


async def test_another_key_is_noticed_before_anything_is_done(lived):
    kept = lived.file.read_text()
    await saved(lived)
    lose(lived, "copy.tar.gz")
    lived.file.write_text(kept)
    (lived.folder / "other.key").write_bytes(b"x" * 32)
    for words, expected, sentence in (
        (("--key", "other.key"), FAILURE, "another key"),
        (("--key", "copy.tar.gz"), FAILURE, "exactly 32 bytes"),
        (("--key", "nowhere.key"), USAGE, "cannot be read"),
        ((), USAGE, "--key secret.key"),
    ):
        code, said = await lived.types("restore", "copy.tar.gz", *words)
        assert code == expected, said
        assert sentence in said
        assert not (lived.folder / "data").exists()


async def test_without_the_key_it_is_said_what_that_means(lived):
    kept = lived.file.read_text()
    await saved(lived)
    lose(lived, "copy.tar.gz")
    lived.file.write_text(kept)
    code, said = await lived.types("restore", "copy.tar.gz", "--key", "none")
    assert code == OK, said
    assert "old reply addresses are dead" in said
    assert len(lived.rows("SELECT 1 FROM chore WHERE name = 'rekeyed'")) == 1


async def test_a_damaged_backup_says_so_and_leaves_the_place_empty(lived):
    kept = lived.file.read_text()
    await saved(lived)
    lose(lived, "copy.tar.gz", "my.key")
    lived.file.write_text(kept)
    whole = (lived.folder / "copy.tar.gz").read_bytes()
    (lived.folder / "copy.tar.gz").write_bytes(whole[:-20])
    code, said = await lived.types("restore", "copy.tar.gz", "--key", "my.key")
    assert code == FAILURE
    assert "cannot be restored" in said
    assert not (lived.folder / "data/filcommun.db").exists()
    assert not (lived.folder / "data/secret.key").exists()


async def test_a_check_proves_the_newest_and_writes_that_down(lived):
    code, said = await lived.types("restore", "--check")
    assert code == FAILURE
    assert "There is no backup yet" in said
    await lived.types("backup")
    code, said = await lived.types("restore", "--check")
    assert code == OK, said
    ((data,),) = lived.rows("SELECT data FROM chore WHERE name = 'proof' AND done_at > 1")
    noted = json.loads(data)
    (path,) = (lived.folder / "data/backups").glob("filcommun-*.tar.gz")
    assert (noted["path"], noted["messages"], noted["error"]) == (str(path), 0, "")
    assert sorted(one.name for one in path.parent.iterdir()) == [path.name, "forgotten.json"]
    path.write_bytes(path.read_bytes()[:-20])
    code, said = await lived.types("restore", "--check")
    assert code == FAILURE
    ((data,),) = lived.rows("SELECT data FROM chore WHERE name = 'proof'")
    assert json.loads(data)["error"]


async def test_an_encrypted_backup_is_proved_and_restored_with_the_file_of_its_passphrase(lived):
    (lived.folder / "words").write_text("trois petits mots\n")
    kept = lived.file.read_text() + '[backup]\npassphrase_file = "words"\n'
    lived.file.write_text(kept)
    code, said = await lived.types("backup")
    assert code == OK, said
    (path,) = (lived.folder / "data/backups").glob("*.age")
    code, said = await lived.types("restore", "--check")
    assert code == OK, said
    shutil.copy(path, lived.folder / "copy.age")
    shutil.copy(lived.folder / "data/secret.key", lived.folder / "my.key")
    lose(lived, "copy.age", "my.key", "words")
    code, said = await lived.types("restore", "copy.age", "--key", "my.key")
    assert code == USAGE
    assert "--passphrase-file" in said
    (lived.folder / "wrong").write_text("trois grands mots")
    code, said = await lived.types("restore", "copy.age", "--key", "my.key", "--passphrase-file", "wrong")
    assert code == FAILURE
    assert "not its passphrase" in said
    lived.file.write_text(kept)
    code, said = await lived.types("restore", "copy.age", "--key", "my.key")
    assert code == OK, said


async def test_a_restored_program_reads_and_sends_nothing_until_resume(lived, telegram):
    await back(lived)
    telegram.person("Amina")
    async with lived.running() as process:
        await lived.until(process, "outbox.held")
        await lived.until(process, "channel.open")
        await telegram.say("Amina", "bonjour ?")
        for _ in range(200):
            if lived.rows("SELECT 1 FROM inbound WHERE state IN ('done', 'held')"):
                break
            await asyncio.sleep(0.05)
        else:
            pytest.fail("nothing was read")
        assert [one for one in telegram.seen("Amina") if not one.mine] == []
        await lived.types("resume", "--drop")
        await lived.until(process, "outbox.resumed")
