"""Migrations: what they make is what the models say; half of one leaves nothing; a newer schema is not touched."""

from __future__ import annotations

import tarfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from store import backup, migrate
from store.database import Store
from store.files import Files
from store.models import metadata


@pytest.fixture
def bare(url):
    """A store with an empty database."""
    store = Store(url)
    yield store
    store.engine.dispose()


def tables(store):
    with store.engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def stored(store):
    with store.engine.connect() as connection:
        return migrate.current(connection)


def test_the_migrated_schema_is_the_one_of_the_models(bare):
    migrate.migrate(bare)
    with bare.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": not bare.sqlite}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    assert stored(bare) == migrate.HEAD


def test_what_is_said_to_be_the_newest_is_the_newest_there_is():
    assert max(migrate.known_versions()) == migrate.HEAD


def test_a_database_that_is_up_to_date_is_left_alone(bare, monkeypatch):
    migrate.migrate(bare)
    monkeypatch.setattr(migrate, "upgrade", lambda connection: pytest.fail("there is nothing to upgrade"))
    migrate.migrate(bare)


def test_a_migration_that_fails_half_way_leaves_nothing(bare, monkeypatch):
    whole = migrate.upgrade

    def half(connection, to="head"):
        whole(connection, to)
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        raise RuntimeError("the power went")

    monkeypatch.setattr(migrate, "upgrade", half)
    with pytest.raises(RuntimeError):
        migrate.migrate(bare)
    assert tables(bare) == set()
    monkeypatch.setattr(migrate, "upgrade", whole)
    migrate.migrate(bare)
    assert stored(bare) == migrate.HEAD


def older(store):
    """A database as an earlier version left it: its own schema, and somebody in it."""
    with store.engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0000')"))
        connection.execute(text("CREATE TABLE people (name TEXT)"))
        connection.execute(text("INSERT INTO people VALUES ('Amina')"))


def test_an_older_database_is_copied_first_and_whole_again_when_its_migration_fails(bare, monkeypatch, tmp_path):
    older(bare)
    monkeypatch.setattr(migrate, "known_versions", lambda: {"0000", migrate.HEAD})

    def half(connection, to="head"):
        connection.execute(text("DELETE FROM people"))
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        raise RuntimeError("the power went")

    monkeypatch.setattr(migrate, "upgrade", half)
    copy = tmp_path / "copy.tar.gz"
    with pytest.raises(RuntimeError):
        migrate.migrate(bare, lambda store: backup.make(store.engine, Files(tmp_path / "files"), copy))
    assert tables(bare) == {"alembic_version", "people"}
    with bare.engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM people")).scalar() == "Amina"
    with tarfile.open(copy) as archive:
        assert archive.extractfile("tables/people.0001.jsonl").read() == b'["Amina"]\n'


def test_without_a_backup_nothing_is_migrated(bare, monkeypatch):
    older(bare)
    monkeypatch.setattr(migrate, "known_versions", lambda: {"0000", migrate.HEAD})

    def full(store):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="space"):
        migrate.migrate(bare, full)
    assert stored(bare) == "0000"


def test_an_empty_database_needs_no_backup(bare):
    migrate.migrate(bare, lambda store: pytest.fail("there is nothing to lose yet"))
    assert stored(bare) == migrate.HEAD


def test_a_database_of_a_newer_version_is_refused_and_not_touched(bare):
    older(bare)
    with bare.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.NewerSchema, match="9999"):
        migrate.migrate(bare)
    assert tables(bare) == {"alembic_version", "people"}
    assert stored(bare) == "9999"


def test_invitations_of_an_earlier_version_are_remembered_as_what_became_of_them(bare):
    """Who was written to is never written to again; of two mails to one mailbox the first is remembered."""
    with bare.engine.begin() as connection:
        migrate.upgrade(connection, "0006")
        for statement in (
            "INSERT INTO community (id, slug, name, language, timezone, created_at) VALUES (1, 'c', 'C', 'en', 'UTC', 0)",
            "INSERT INTO address (id, channel, account, remote, created_at) VALUES (5, 'p', 'us', 'a@b.cd', 0), (6, 'p', 'us', 'e@b.cd', 0)",
            "INSERT INTO parcel (id, address_id, state, created_at) VALUES (9, 5, 'sent', 0)",
            "INSERT INTO delivery (key, parcel_id, address_id) VALUES ('invitation:1:5', 9, 5)",
            "INSERT INTO code (id, hash, purpose, community_id, address_id, uses_left, used_at, created_at, expires_at)"  # noqa: ISC004
            " VALUES (1, 'a', 'invite', 1, 5, 1, NULL, 7, 9), (2, 'b', 'invite', 1, 5, 1, NULL, 8, 9),"
            " (3, 'c', 'invite', 1, 6, 0, NULL, 8, 9), (4, 'd', 'invite', 1, NULL, 0, 8, 8, 9), (5, 'e', 'link', NULL, 5, 1, NULL, 8, 9)",
        ):
            connection.execute(text(statement))
        migrate.upgrade(connection)
        found = connection.execute(text("SELECT id, parcel_id, outcome, leaves_at FROM code ORDER BY id")).all()
    assert [tuple(row) for row in found] == [
        (1, 9, "", 7), (2, None, "", 8), (3, 0, "refused", 8), (4, None, "accepted", 8), (5, None, "", 8),
    ]  # fmt: skip


def test_alembic_is_not_even_imported_when_there_is_nothing_to_do(bare):
    import subprocess
    import sys

    migrate.migrate(bare)
    program = (
        "import sys; from store.database import Store; from store.migrate import migrate;"
        f"migrate(Store({bare.engine.url.render_as_string(hide_password=False)!r})); print('alembic' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


def test_two_processes_that_start_at_once_make_one_schema(bare):
    """Each takes the lock before it looks; the second finds everything done."""
    others = [Store(bare.url) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(migrate.migrate, one) for one in (bare, *others)]:
            done.result()
    for one in others:
        one.engine.dispose()
    assert stored(bare) == migrate.HEAD
    assert set(metadata.tables) <= tables(bare)


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("message", "public_id number state kind author_id language folded expires_at removed_at removed_by source"),
        ("message_version", "message_id revision text"),
        ("preference", "membership_id scope scope_id key value"),
        ("presence", "room_id address_id how"),
        ("audit", "community_id membership_id act subject_type subject_id detail"),
        ("choice", "message_id option membership_id"),
        ("address", "account paused_until sub verified_at"),
        ("membership", "consent_at consent_how invited_by consent_text token_generation timezone"),
        ("erased", "ids"),
        ("inbound", "account lane not_before group_key attempts"),
        ("file", "sha256 refcount"),
        ("code", "hash uses_left expires_at"),
    ],
)
def test_what_later_features_need_is_in_the_schema(table, columns):
    """Polls, events, digests, moderation, retention and erasure are additions, not rebuilds."""
    assert set(columns.split()) <= set(metadata.tables[table].columns.keys())
