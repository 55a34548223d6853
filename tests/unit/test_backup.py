"""A backup holds everything and restores into either database; a damaged one restores nothing; a sealed one opens with age."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import stat
import tarfile
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from store import backup, mending, restore
from store.database import Store
from store.migrate import HEAD, current, upgrade
from store.models import Member, Message
from store.sealed import Sealing, Unsealing
from store.statement import run, sql
from tests import databases
from tests.unit.backup_ground import LARGE, PHOTO, Memory, add, opened

#: What age 1 (its Rust implementation) wrote under "three small words".
BY_AGE = base64.b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBpQWZsbUhuOUFWL01oZ3VGcmN2WUlnIDE5CjBlNnF4ZVp5KzV6U2FoQzR3cDdsTFNGRmxDdUZh"
    "S2xkUi9YZjFCRUN5cGcKLS0tIDR3eUlCRHVGSTUvQ1RyM2c0bnlXQXhadjBSbUpoK1FzMG45RlRNNXFYenMK/stHLhLtjQp4mbDT9Pp1RcsZPwBLJsG5"
    "3/xRJVGzx6oQKV8Ao+ExUc0NCsF8hG0UGS+9EVKCrQ=="
)
#: What a restore changes on purpose.
MENDED = {"parcel", "lane", "cursor", "chore", "code", "inbound", "channel_state", "process", "erased"}


@pytest.fixture
def memory(tmp_path):
    with opened(f"sqlite:///{tmp_path}/filcommun.db", tmp_path / "files") as found:
        yield found.fill()


@pytest.fixture
def of_either(url, tmp_path):
    """A memory in either database."""
    with opened(url, tmp_path / "files") as found:
        yield found.fill()


@pytest.fixture(params=databases.KINDS)
def elsewhere(request, tmp_path):
    """An empty place of either kind."""
    databases.demand(request.param)
    (tmp_path / "new").mkdir()
    with databases.made(request.param, tmp_path / "new") as found, opened(found, tmp_path / "new" / "files") as place:
        yield place


@pytest.fixture
def here(tmp_path):
    """An empty place of the simpler kind."""
    (tmp_path / "here").mkdir()
    with opened(f"sqlite:///{tmp_path}/here/filcommun.db", tmp_path / "here" / "files") as place:
        yield place


def made(memory: Memory, tmp_path, **more):
    return backup.make(memory.store.engine, memory.files, tmp_path / "copies" / "one.tar.gz", **more)


def put_back(path, place: Memory, **more):
    return restore.restore(path, place.store, place.files, **more)


def test_what_was_there_is_there_again_from_either_database_into_either(of_either, elsewhere, tmp_path):
    before = of_either.rows()
    one = made(of_either, tmp_path, config="[community]\n", about={"key": "abc"})
    found = put_back(one.path, elsewhere)
    after = elsewhere.rows()
    assert {name: rows for name, rows in after.items() if name not in MENDED} == {
        name: rows for name, rows in before.items() if name not in MENDED
    }
    assert {name: len(rows) for name, rows in after.items() if name not in {"cursor", "chore"}} == {
        name: len(rows) for name, rows in before.items() if name not in {"cursor", "chore"}
    }
    assert (found.messages, found.files, found.config, found.about["key"]) == (3, 2, "[community]\n", "abc")
    kept = {path.read_bytes() for path in elsewhere.files.folder.rglob("*/*")}
    assert kept == {LARGE, PHOTO}


def test_what_was_owed_may_have_left_and_nobody_holds_it_any_more(memory, elsewhere, tmp_path):
    put_back(made(memory, tmp_path).path, elsewhere)
    with elsewhere.store.engine.connect() as connection:
        parcels = run(connection, sql("SELECT state, owner, ambiguous, bundle FROM parcel ORDER BY id")).all()
        assert [tuple(row) for row in parcels] == [
            ("sent", "", 0, None), ("due", "", 1, None), ("due", "", 1, None), ("uncertain", "", 2, None),
        ]  # fmt: skip
        assert run(connection, sql("SELECT owner FROM lane")).scalar() == ""
        assert tuple(run(connection, sql("SELECT owner, again FROM inbound WHERE key = 'two'")).one()) == ("", 1)
        assert run(connection, sql("SELECT 1 FROM chore WHERE name = 'hold'")).scalar() == 1


def test_codes_that_may_have_been_used_since_are_good_no_more(memory, here, tmp_path):
    one = made(memory, tmp_path)
    put_back(one.path, here)
    with here.store.engine.connect() as connection:
        left = {
            row.hash: row.expires_at > one.made_at + 60
            for row in run(connection, sql("SELECT hash, expires_at FROM code"))
        }
    assert left == {"h1": False, "h2": True}


def test_ids_that_were_given_out_since_are_never_given_out_again(memory, elsewhere, tmp_path):
    one = made(memory, tmp_path)
    put_back(one.path, elsewhere, now=one.made_at + 3600)

    def more(connection):
        return add(connection, Message, public_id="new", community_id=1, thread_id=1, number=4)

    assert elsewhere.write(more) == 3 + mending.AHEAD + 3600 * mending.AHEAD_PER_SECOND + 1
    if not elsewhere.store.sqlite:
        assert elsewhere.write(lambda connection: add(connection, Member)) > mending.AHEAD


def test_the_id_of_what_was_erased_is_not_given_out_again(of_either):
    def erase_and_say(connection):
        run(connection, sql("DELETE FROM message WHERE id = 3 AND id NOT IN (SELECT message_id FROM parcel)"))
        first = add(connection, Message, public_id="a", community_id=1, thread_id=1, number=8)
        run(connection, sql("DELETE FROM message WHERE id = :id"), {"id": first})
        return add(connection, Message, public_id="b", community_id=1, thread_id=1, number=9) - first

    assert of_either.write(erase_and_say) == 1


def test_a_backup_is_one_picture_however_much_is_written_meanwhile(of_either, here, tmp_path):
    stop = threading.Event()
    turns = []

    def busy():
        while not stop.is_set():

            def pair(connection):
                run(connection, sql("INSERT INTO member (created_at) VALUES (1)"))
                run(connection, sql("INSERT INTO audit (act, created_at) VALUES ('pair', 1)"))

            of_either.write(pair)
            turns.append(1)

    writer = threading.Thread(target=busy)
    writer.start()
    try:
        while len(turns) < 3:
            pass
        begun = len(turns)
        one = made(of_either, tmp_path)
        assert len(turns) > begun, "nothing was written meanwhile"
    finally:
        stop.set()
        writer.join()
    found = put_back(one.path, here)
    assert found.rows["member"] - 3 == found.rows["audit"] - 1 > 0


def test_a_backup_of_an_older_schema_restores_into_todays(url, here, tmp_path):
    with opened(url, tmp_path / "files") as older:

        def begin(connection):
            upgrade(connection, "0001")
            connection.execute(text("INSERT INTO community (slug, name) VALUES ('cercle', 'Cercle')"))

        older.write(begin)
        one = made(older, tmp_path)
    put_back(one.path, here)
    with here.store.engine.connect() as connection:
        assert current(connection) == HEAD
        assert run(connection, sql("SELECT name FROM community")).scalar() == "Cercle"


def test_a_backup_of_a_newer_version_is_refused(memory, here, tmp_path):
    one = made(memory, tmp_path)
    changed(one.path, "about.json", lambda said: said.replace(f'"{HEAD}"'.encode(), b'"9999"'))
    with pytest.raises(restore.NewerSchema):
        put_back(one.path, here)
    assert here.is_empty()


def changed(path, name, change):
    """The same archive with one part of it changed, and its form intact."""
    out = io.BytesIO()
    with (
        tarfile.open(path) as old,
        gzip.GzipFile(fileobj=out, mode="wb") as packed,
        tarfile.open(fileobj=packed, mode="w|") as new,
    ):
        for entry in old:
            content = old.extractfile(entry).read()
            if entry.name == name:
                assert change(content) != content
                content = change(content)
                entry.size = len(content)
            new.addfile(entry, io.BytesIO(content))
    path.write_bytes(out.getvalue())


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("tables/message.0001.jsonl", lambda rows: rows.replace(b"Josette", b"Georges")),
        ("tables/message.0001.jsonl", lambda rows: rows[: rows.index(b"\n") + 1]),
        ("tables/membership.0001.jsonl", lambda rows: b""),
        ("tables/message.0001.jsonl", lambda rows: b"{}\n"),
        ("config.toml", lambda words: words + b"more"),
        ("manifest.json", lambda said: b"{}"),
        ("about.json", lambda said: said.replace(b'"message"', b'"alembic_version"')),
        ("about.json", lambda said: said.replace(b'"text"', b'"text) --"')),
    ],
)
def test_a_changed_backup_restores_nothing(memory, elsewhere, tmp_path, part, change):
    one = made(memory, tmp_path, config="[x]")
    changed(one.path, part, change)
    with pytest.raises(restore.Damaged):
        put_back(one.path, elsewhere)
    assert elsewhere.is_empty()


def test_a_changed_file_is_found(memory, here, tmp_path):
    one = made(memory, tmp_path)
    with tarfile.open(one.path) as archive:
        name = next(name for name in archive.getnames() if name.startswith("files/"))
    changed(one.path, name, lambda content: content[:-1] + b"?")
    with pytest.raises(restore.Damaged):
        put_back(one.path, here)
    assert here.is_empty()


@pytest.mark.parametrize("passphrase", ["", "three small words"])
def test_a_backup_that_was_cut_off_restores_nothing(memory, here, tmp_path, passphrase):
    one = made(memory, tmp_path, passphrase=passphrase)
    whole = one.path.read_bytes()
    for size in (0, 100, len(whole) // 2, len(whole) - 9, len(whole) - 1):
        one.path.write_bytes(whole[:size])
        with pytest.raises(restore.Damaged):
            put_back(one.path, here, passphrase=passphrase)
        assert here.is_empty()


def test_nothing_is_put_where_something_is(memory, elsewhere, tmp_path):
    one = made(memory, tmp_path)
    before = memory.rows()
    with pytest.raises(restore.NotEmpty):
        restore.restore(one.path, memory.store, elsewhere.files)
    assert memory.rows() == before
    with pytest.raises(restore.NotEmpty):
        restore.restore(one.path, elsewhere.store, memory.files)
    assert elsewhere.is_empty()


def test_a_restore_that_was_killed_is_done_again(memory, here, tmp_path):
    one = made(memory, tmp_path)
    process = os.fork()
    if process == 0:  # a store of its own: connections do not survive a fork
        store = Store(f"sqlite:///{here.store.path}")
        restore.restore(one.path, store, here.files, after=lambda connection, found: os._exit(9))
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 9
    (here.files.folder / f".{'0' * 16}.part").write_bytes(b"half")
    left = here.files.present()
    assert left
    stray = here.files.keep([b"somebody else's"])[0]
    with pytest.raises(restore.NotEmpty):
        put_back(one.path, here)
    assert here.files.present() == left | {stray}
    here.files.drop(stray)
    assert put_back(one.path, here).messages == 3
    assert [path.name for path in here.files.folder.glob(".*")] == []


def test_a_file_of_another_kind_is_not_written_beside(memory, here, tmp_path):
    here.files.folder.mkdir(exist_ok=True)
    (here.files.folder / "holiday.jpg").write_bytes(b"sea")
    with pytest.raises(restore.NotEmpty):
        put_back(made(memory, tmp_path).path, here)
    assert [path.name for path in here.files.folder.iterdir()] == ["holiday.jpg"]


def test_a_proof_leaves_nothing_behind_and_says_what_is_in_it(memory, tmp_path):
    one = made(memory, tmp_path)
    (tmp_path / "proof").mkdir()
    assert restore.prove(one.path, folder=tmp_path / "proof").messages == 3
    assert list((tmp_path / "proof").iterdir()) == []


def test_only_its_owner_may_read_a_backup_and_half_a_one_has_no_name(memory, tmp_path, monkeypatch):
    one = made(memory, tmp_path)
    assert stat.S_IMODE(one.path.stat().st_mode) == 0o600
    monkeypatch.setattr(
        backup, "_write_table", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(OSError, match="space"):
        backup.make(memory.store.engine, memory.files, tmp_path / "copies" / "two.tar.gz")
    assert [path.name for path in one.path.parent.iterdir()] == ["one.tar.gz"]


def test_a_file_that_is_gone_is_named_and_the_rest_is_kept(memory, here, tmp_path):
    next(path for path in memory.files.folder.rglob("*/*") if path.is_file()).unlink()
    one = made(memory, tmp_path)
    assert one.missing == 1
    assert put_back(one.path, here).missing == 1


def test_a_sealed_backup_shows_nothing_and_opens_with_its_passphrase_alone(memory, here, tmp_path):
    one = made(memory, tmp_path, passphrase="trois petits mots")
    raw = one.path.read_bytes()
    assert raw.startswith(b"age-encryption.org/v1\n")
    with pytest.raises(restore.WrongPassphrase):
        put_back(one.path, here)
    with pytest.raises(restore.WrongPassphrase):
        put_back(one.path, here, passphrase="trois petit mots")
    assert here.is_empty()
    assert put_back(one.path, here, passphrase="trois petits mots").messages == 3


def test_a_sealed_backup_with_one_bit_changed_restores_nothing(memory, here, tmp_path):
    one = made(memory, tmp_path, passphrase="x")
    whole = bytearray(one.path.read_bytes())
    for position in (len(whole) // 2, len(whole) - 1):
        whole[position] ^= 1
        one.path.write_bytes(whole)
        with pytest.raises(restore.Damaged):
            put_back(one.path, here, passphrase="x")
        whole[position] ^= 1
    assert here.is_empty()


def test_what_age_wrote_is_read():
    assert io.BufferedReader(Unsealing(io.BytesIO(BY_AGE), "three small words")).read() == b"made by age, read by us"


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000])
def test_every_size_comes_out_as_it_went_in(size):
    content = bytes(range(251)) * (size // 251) + b"x" * (size % 251)
    out = io.BytesIO()
    sealing = Sealing(out, "x")
    for start in range(0, size, 1_000):
        sealing.write(content[start : start + 1_000])
    sealing.close()
    assert io.BufferedReader(Unsealing(io.BytesIO(out.getvalue()), "x")).read() == content


def test_who_was_forgotten_after_the_backup_is_on_the_list_after_the_restore(memory, here, tmp_path):
    one = made(memory, tmp_path)
    since = [{"ids": {"members": [7]}, "created_at": 1.0}, {"ids": {"members": [9]}, "created_at": 2.0}]
    put_back(one.path, here, forgotten=since)
    with here.store.engine.connect() as connection:
        assert [entry["ids"] for entry in backup.erased(connection)] == [{"members": [7]}, {"members": [9]}]


def test_what_follows_a_restore_belongs_to_it_and_fails_with_it(memory, here, tmp_path):
    one = made(memory, tmp_path)

    def fail(connection, found):
        raise RuntimeError("not this time")

    with pytest.raises(RuntimeError):
        put_back(one.path, here, after=fail)
    assert here.is_empty()


def test_anybody_can_open_a_backup_and_read_it(memory, tmp_path):
    with tarfile.open(made(memory, tmp_path).path) as archive:
        assert json.load(archive.extractfile("about.json"))["schema"] == HEAD
        rows = [json.loads(line) for line in archive.extractfile("tables/membership.0001.jsonl")]
    assert [row[3] for row in rows] == ["Amina", "Bruno"]


def test_the_page_on_starting_again_fits_one_printed_page():
    page = Path(__file__).parents[2] / "docs" / "how-to" / "start-again.md"
    lines = page.read_text(encoding="utf-8").splitlines()
    # A4 at ten points: 64 lines of 105 characters; a blank line takes half of one.
    assert sum(-(-len(line) // 105) or 0.5 for line in lines) <= 64
