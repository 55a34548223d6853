"""Backups of a deployment: when, how many, where, what is written down; the configuration in them; the weekly reminder."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import stat
import time
import tomllib
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from bot import backups
from bot.backups import BackupFailed
from bot.config import load
from bot.core import resuming
from bot.features import backing
from bridges.memory.bridge import CAN
from store.migrate import migrate
from store.models import Address, Community, Inbound, Member, Membership, Message, Parcel
from store.statement import run, sql
from tests.unit.backup_ground import Memory, add, opened

TOML = """
[community]
name = "Cercle"
timezone = "Europe/Paris"
[store]
url = "{url}"
[backup]
keep = 3
{more}
[telegram]
token = "123456789:secret-of-telegram-AAAAAAAAAAAAAAAA"
[email]
address = "cercle@example.org"
[email.smtp]
host = "smtp.example.org"
user = "cercle"
password = "secret-of-mail"
[email.imap]
host = "imap.example.org"
password = "secret-of-mail"
"""


class Deployment:
    """A folder with a configuration and a database in it."""

    def __init__(self, folder, memory: Memory, more: str) -> None:
        self.folder, self.memory = folder, memory
        self.file = folder / "config.toml"
        self.file.write_text(TOML.format(url=memory.store.url, more=more))
        self.file.chmod(0o600)
        self.settings = load(self.file, {})
        (folder / "data").mkdir(exist_ok=True)
        (folder / "data" / "secret.key").write_bytes(b"k" * 32)

    def make(self):
        return backups.make(self.settings, self.memory.store)

    def chore(self, name: str):
        with self.memory.store.engine.connect() as connection:
            row = run(connection, sql("SELECT done_at, data FROM chore WHERE name = :name"), {"name": name}).first()
        return (row.done_at, json.loads(row.data) if isinstance(row.data, str) else row.data) if row else None


@pytest.fixture
def begin(tmp_path):
    """A deployment with these lines in [backup]."""
    with contextlib.ExitStack() as stack:

        def make(more: str = "") -> Deployment:
            memory = stack.enter_context(opened(f"sqlite:///{tmp_path}/filcommun.db", tmp_path / "data" / "files"))
            return Deployment(tmp_path, memory.fill(), more)

        yield make


def called(moment: float) -> str:
    return f"filcommun-{datetime.fromtimestamp(moment, UTC):%Y-%m-%d-%H%M%S}.tar.gz"


def put(folder, *moments: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for moment in moments:
        (folder / called(moment)).write_bytes(b"x")


# When, how many, where


def test_so_many_are_kept_and_the_oldest_go(begin):
    place = begin()
    now = time.time()
    put(place.settings.backup.folder, *(now - day * 86_400 for day in range(1, 6)))
    (place.settings.backup.folder / "mine.tar.gz").write_bytes(b"holiday")
    made = place.make()
    kept = backups.existing(place.settings.backup.folder)
    assert kept == [
        place.settings.backup.folder / called(now - 2 * 86_400),
        place.settings.backup.folder / called(now - 86_400),
        made.path,
    ]
    assert (place.settings.backup.folder / "mine.tar.gz").exists()


def test_none_is_older_than_thirty_days_but_the_last_one(tmp_path):
    now = time.time()
    put(tmp_path, now - 31 * 86_400, now - 29 * 86_400, now)
    backups.prune(tmp_path, 14, now)
    assert [path.name for path in backups.existing(tmp_path)] == [called(now - 29 * 86_400), called(now)]
    backups.prune(tmp_path, 14, now + 90 * 86_400)
    assert [path.name for path in backups.existing(tmp_path)] == [called(now)]


def test_what_a_killed_backup_and_a_killed_proof_left_is_removed_before_the_next(begin, tmp_path):
    place = begin(f'copy_to = "{tmp_path}/elsewhere"')
    now = time.time()
    for folder in (place.settings.backup.folder, tmp_path / "elsewhere"):
        put(folder)
        for age in (7 * 3600, 60):
            half, proof = folder / f".{called(now - age)}.part", folder / f"filcommun-proof-{age}"
            half.write_bytes(b"names and words")
            proof.mkdir()
            (proof / "filcommun.db").write_bytes(b"names and words")
            for path in (half, proof):
                os.utime(path, (now - age, now - age))
        (folder / ".mine.part").write_bytes(b"holiday")
        os.utime(folder / ".mine.part", (0, 0))
    made = place.make()
    for folder in (place.settings.backup.folder, tmp_path / "elsewhere"):
        left = {path.name for path in folder.iterdir()} - {"forgotten.json"}
        assert left == {made.path.name, f".{called(now - 60)}.part", "filcommun-proof-60", ".mine.part"}


def test_a_copy_goes_elsewhere_and_as_many_are_kept_there(begin, tmp_path):
    place = begin('copy_to = "elsewhere"')
    now = time.time()
    put(tmp_path / "elsewhere", *(now - day * 86_400 for day in range(1, 6)))
    made = place.make()
    copy = tmp_path / "elsewhere" / made.path.name
    assert copy.read_bytes() == made.path.read_bytes()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert len(backups.existing(tmp_path / "elsewhere")) == 3
    assert place.chore("backup")[1]["copy"] == str(copy)


def test_an_elsewhere_that_is_full_or_gone_costs_nothing_here(begin, tmp_path):
    (tmp_path / "elsewhere").write_text("a file where a disk should be")
    place = begin('copy_to = "elsewhere/folder"')
    assert place.make().path.exists()
    assert (place.chore("backup")[1]["copy"], place.chore("backup")[1]["error"]) == ("", "")


def test_a_backup_that_fails_keeps_the_time_of_the_last_that_did_not(begin, monkeypatch):
    place = begin()
    place.make()
    at, _ = place.chore("backup")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups.backup, "make", full)
    with pytest.raises(BackupFailed, match="No space left"):
        place.make()
    assert place.chore("backup")[0] == at
    assert "No space left" in place.chore("backup")[1]["error"]


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        ("2026-03-03 04:00:30", "2026-03-04 03:59", False),
        ("2026-03-03 04:00:30", "2026-03-04 04:00", True),
        ("2026-03-03 23:00:00", "2026-03-04 04:01", True),  # by hand in the evening: the night's is made all the same
        ("2026-03-04 04:00:30", "2026-03-04 23:59", False),
        ("2026-03-01 04:00:30", "2026-03-04 12:00", True),  # it was off for three nights: one is made
        ("2026-03-28 04:00:30", "2026-03-29 04:00", True),  # the clock goes forward
        ("2026-03-29 03:30:00", "2026-03-29 03:59", False),
    ],
)
def test_every_day_at_four_where_the_community_lives(begin, last, now, due):
    from zoneinfo import ZoneInfo

    def moment(text: str) -> float:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Paris")).timestamp()

    place = begin()
    backups.note(place.memory.store, "backup", moment(last), error="")
    with place.memory.store.engine.connect() as connection:
        assert backups.is_due(place.settings, connection, moment(now)) is due


async def test_the_daily_backup_is_made_while_the_program_works_and_one_a_week_is_proved(begin):
    place = begin()
    store = place.memory.store
    store.start()
    backups.note(store, "backup", time.time() - 2 * 86_400, error="")
    task = asyncio.create_task(backups.daily(place.settings, store, lambda: True, look=0.01))
    try:
        async with asyncio.timeout(30):
            while place.chore("proof") is None:
                await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await store.close()
    assert len(backups.existing(place.settings.backup.folder)) == 1
    at, proof = place.chore("proof")
    assert (proof["messages"], proof["error"]) == (3, "")
    assert at > time.time() - 60


async def test_only_the_process_that_leads_makes_it(begin):
    place = begin()
    place.memory.store.start()
    task = asyncio.create_task(backups.daily(place.settings, place.memory.store, lambda: False, look=0.01))
    await asyncio.sleep(0.5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await place.memory.store.close()
    assert backups.existing(place.settings.backup.folder) == []


# The forgotten


def test_the_list_of_the_forgotten_lies_beside_the_backups_and_never_gets_shorter(begin, tmp_path):
    place = begin('copy_to = "elsewhere"')
    assert backups.write_forgotten(place.settings, place.memory.store) == 1
    for folder in (place.settings.backup.folder, tmp_path / "elsewhere"):
        assert [one["ids"] for one in backups.read_forgotten(folder)] == [{"members": [7]}]
        assert stat.S_IMODE((folder / backups.FORGOTTEN).stat().st_mode) == 0o600
    place.memory.write(lambda connection: run(connection, sql("DELETE FROM erased")))
    backups.write_forgotten(place.settings, place.memory.store)
    assert len(backups.read_forgotten(place.settings.backup.folder, tmp_path / "elsewhere", None)) == 1


# The configuration in it


def test_the_configuration_in_a_backup_has_no_secret_and_says_which_are_missing(begin):
    place = begin()
    text, left_out = place.settings.without_secrets()
    assert "secret-of" not in text
    assert left_out == ["[telegram] token", "[email.smtp] password", "[email.imap] password"]
    assert tomllib.loads(text)["email"]["smtp"]["user"] == "cercle"


def test_what_was_filled_in_again_is_the_same_configuration(begin, tmp_path):
    place = begin()
    text, _ = place.settings.without_secrets()
    again = tmp_path / "again.toml"
    again.write_text(
        text.replace('token = ""', 'token = "123456789:secret-of-telegram-AAAAAAAAAAAAAAAA"').replace(
            'password = ""', 'password = "secret-of-mail"'
        )
    )
    again.chmod(0o600)
    found = load(again, {})
    assert found.model_dump() == place.settings.model_dump()


def test_what_the_environment_said_is_in_it_without_its_secrets(begin):
    place = begin()
    found = load(
        place.file,
        {
            "FILCOMMUN_EMAIL__SMTP__PASSWORD": "another-secret",
            "FILCOMMUN_EMAIL__SMTP__PORT": "2525",
            "FILCOMMUN_BACKUP__KEEP": "7",
        },
    )
    text, _ = found.without_secrets()
    assert "another-secret" not in text
    assert tomllib.loads(text)["email"]["smtp"]["port"] == "2525"
    assert tomllib.loads(text)["backup"]["keep"] == "7"


def test_of_a_databases_address_only_the_password_is_left_out(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text('[community]\nname = "Cercle"\n[store]\nurl = "postgresql://anne:s3cret@db.example.org/cercle"\n')
    file.chmod(0o600)
    text, left_out = load(file, {}).without_secrets()
    assert tomllib.loads(text)["store"]["url"] == "postgresql://anne@db.example.org/cercle"
    assert left_out == ["[store] url"]


# The reminder

HOUSE: Any = SimpleNamespace(channels={"telegram": CAN, "email": CAN, "signal": CAN})


def reminded(memory: Memory) -> list[str]:
    with memory.store.engine.connect() as connection:
        rows = run(connection, sql("SELECT body FROM delivery WHERE kind = 'notice' ORDER BY id"))
        return [(json.loads(row.body) if isinstance(row.body, str) else row.body)["text"] for row in rows]


def test_organizers_are_told_once_a_week_that_no_copy_lies_elsewhere(begin):
    place = begin()
    place.memory.write(
        lambda connection: run(
            connection, sql("UPDATE membership SET role = 'organizer', language = 'fr' WHERE id = 1")
        )
    )
    now = time.time()
    place.memory.write(lambda connection: backing.warn(connection, HOUSE, now))
    assert reminded(place.memory) == [], "there is no backup yet: nothing to say of it"
    place.make()
    for hour in range(8 * 24):
        place.memory.write(lambda connection, hour=hour: backing.warn(connection, HOUSE, now + hour * 3600.0))
    said = reminded(place.memory)
    assert len(said) == 2
    assert all("copy_to" in one and "chaque nuit" in one for one in said)


def test_with_a_copy_elsewhere_nobody_is_told(begin):
    place = begin('copy_to = "elsewhere"')
    place.memory.write(lambda connection: run(connection, sql("UPDATE membership SET role = 'organizer' WHERE id = 1")))
    place.make()
    place.memory.write(lambda connection: backing.warn(connection, HOUSE))
    assert reminded(place.memory) == []


# What came a second time


@pytest.fixture
def held(url, tmp_path):
    """A restored database: one thing owed of before, and a reader."""
    with opened(url, tmp_path / "files") as memory:
        migrate(memory.store)

        def fill(connection):
            community = add(connection, Community, slug="c", name="C")
            member = add(connection, Member)
            address = add(connection, Address, channel="telegram", remote="1", member_id=member)
            add(connection, Membership, community_id=community, member_id=member, address_id=address)
            add(connection, Parcel, address_id=address, state="due", ambiguous=1)
            data = {"name": "hold", "data": json.dumps({"made_at": 1.0, "restored_at": 2.0})}
            run(connection, sql("INSERT INTO chore (name, done_at, data) VALUES (:name, 1, :data)"), data)

        memory.write(fill)
        yield memory


def owe(memory: Memory, *, again: bool) -> int:
    """An item makes a parcel."""

    def work(connection):
        add(connection, Inbound, channel="telegram", key=os.urandom(4).hex(), again=again)
        before = resuming.newest(connection)
        parcel = add(connection, Parcel, address_id=1, state="due", bundle=f"b{before}")
        if again:
            resuming.came_again(connection, before)
        return parcel

    return memory.write(work)


def states(memory: Memory) -> dict[int, str]:
    with memory.store.engine.connect() as connection:
        return {row.id: row.state for row in run(connection, sql("SELECT id, state FROM parcel"))}


def test_what_is_new_leaves_and_what_may_have_left_is_given_up(held):
    second, new = owe(held, again=True), owe(held, again=False)
    with held.store.engine.connect() as connection:
        found = resuming.held(connection)
        assert (found.before, found.since) == (2, 1)
    assert held.write(lambda connection: resuming.resume(connection, send=False)) == (1, 2)
    assert states(held) == {1: "withdrawn", second: "withdrawn", new: "due"}
    late = owe(held, again=True)
    assert states(held)[late] == "withdrawn", "what comes a second time after the decision follows it too"
    newest = owe(held, again=False)
    assert states(held)[newest] == "due"


def test_everything_leaves_when_that_is_decided(held):
    second = owe(held, again=True)
    held.write(lambda connection: resuming.resume(connection, send=True))
    assert set(states(held).values()) == {"due"}
    late = owe(held, again=True)
    assert states(held) == {1: "due", second: "due", late: "due"}


def test_a_message_that_had_not_reached_everybody_goes_no_further_when_it_is_given_up(held):
    def spreading(connection):
        item = add(connection, Inbound, channel="telegram", key="s", again=True)
        thread = run(connection, sql("INSERT INTO thread (community_id) VALUES (1) RETURNING id")).scalar_one()
        add(connection, Message, public_id="s", community_id=1, thread_id=thread, state="spreading", source=item)

    held.write(spreading)
    held.write(lambda connection: resuming.resume(connection, send=False))
    with held.store.engine.connect() as connection:
        assert run(connection, sql("SELECT state FROM message")).scalar() == "visible"


def test_once_nothing_is_held_the_store_is_not_asked_again(held):
    standstill = resuming.Standstill()
    with held.store.engine.connect() as connection:
        assert standstill(connection)
    held.write(lambda connection: resuming.resume(connection, send=True))
    with held.store.engine.connect() as connection:
        assert not standstill(connection)
    assert not standstill(None), "it asks nobody"
