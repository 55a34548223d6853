"""Nothing is kept longer than [keep] says: messages with all that hangs on them, files, records; in batches, and what is left fits."""

from __future__ import annotations

import time

import pytest

from bot.core import aging, dropping
from bot.features import keeping
from store.statement import run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import by, newest

circle, migrated = commands_ground.circle, commands_ground.migrated
DAY = 86400.0
YEAR = 365 * DAY


async def kept(circle, days: float) -> None:
    """So many days later."""
    await circle.write(lambda c: keeping.keep(c, circle.app.house, time.time() + days * DAY))


async def texts(circle) -> list[str]:
    return [row.text for row in await circle.rows("SELECT text FROM message ORDER BY id")]


async def older(circle, words: str, by_days: float) -> None:
    await circle.write(lambda c: run(c, sql("UPDATE message SET created_at = created_at - :by WHERE text = :words"),
                                     {"by": by_days * DAY, "words": words}))  # fmt: skip


async def test_messages_go_after_two_years_with_everything_that_hangs_on_them(circle):
    await circle.says("Bruno", "Long ago")
    first = await circle.box("Bruno").say("Bruno", "Long ago too")
    await circle.settled()
    await circle.box("Bruno").edit("Bruno", first, "Long ago as well")
    await circle.settled()
    await kept(circle, 729)
    assert await texts(circle) == ["Long ago", "Long ago as well"]
    await kept(circle, 731)
    assert await texts(circle) == []
    for table in ("message_version", "copy", "delivery", "attachment", "report"):
        assert not await circle.rows(f"SELECT 1 FROM {table}"), table


async def test_an_answer_outlives_what_it_answers_and_keeps_its_number(circle):
    await circle.says("Bruno", "A question")
    await circle.says("Chloé", "An answer", reply_to=circle.box("Chloé").seen("Chloé")[-1].id)
    await older(circle, "A question", 800)
    await kept(circle, 0)
    (row,) = await circle.rows("SELECT text, number, reply_to FROM message")
    assert tuple(row) == ("An answer", 2, None)
    await circle.says("Bruno", "And again", reply_to=circle.box("Bruno").seen("Bruno")[-1].id)
    assert [row.number for row in await circle.rows("SELECT number FROM message ORDER BY id")] == [2, 3]
    assert newest(circle, "post", "Dora").text.endswith("And again")


async def test_a_late_answer_to_what_is_gone_arrives_all_the_same(circle):
    await by(circle, "post", "Dora", "Who comes along?", subject="A picnic")
    await circle.enter("Eve", channel="post")
    await circle.says("Chloé", "Me", reply_to=circle.box("Chloé").seen("Chloé")[-1].id)
    old, chat = newest(circle, "post", "Eve"), circle.box("Bruno").seen("Bruno")[-1]
    await kept(circle, 800)
    assert await texts(circle) == []
    await by(circle, "post", "Eve", "Is it too late?", reply_to=old.id, subject="Re: A picnic")
    # In a chat it cannot be told from an answer to the bot any more: it asks, rather than to lose it or to publish it.
    assert "Is this for everyone?" in await circle.asks("Bruno", "I think so", reply_to=chat.id)
    await circle.says("Bruno", "yes")
    assert await texts(circle) == ["Is it too late?", "I think so"]
    assert circle.seen("Chloé")[-1].endswith("Bruno: I think so")


async def test_a_thread_of_which_nothing_is_left_keeps_no_words(circle):
    await by(circle, "post", "Dora", "Who comes along?", subject="A picnic by the lake")
    await circle.says("Bruno", "Something else")
    await older(circle, "Who comes along?", 800)
    await circle.write(
        lambda c: run(c, sql("UPDATE thread SET last_at = last_at - 800 * 86400 WHERE title LIKE 'A picnic%'"))
    )
    await kept(circle, 0)
    titles = [row.title for row in await circle.rows("SELECT title FROM thread ORDER BY id")]
    assert titles[0] == ""
    assert titles[1] != ""


async def test_what_is_pinned_stays(circle):
    await circle.says("Bruno", "How to find us")
    await circle.write(lambda c: run(c, sql("UPDATE message SET pinned_at = 1")))
    await kept(circle, 2000)
    assert await texts(circle) == ["How to find us"]


async def test_it_goes_in_batches_the_oldest_first(circle):
    for number in range(5):
        await circle.says("Bruno", f"Number {number}")
        await older(circle, f"Number {number}", 900 - number)
    for left in (3, 1, 0):
        await circle.write(lambda c: aging.messages(c, time.time() - 730 * DAY, time.time(), most=2))
        found = await texts(circle)
        assert len(found) == left
        assert found == [f"Number {number}" for number in range(5 - left, 5)]


async def test_what_was_still_to_leave_of_a_message_that_is_gone_does_not(circle):
    await circle.write(lambda c: run(c, sql("UPDATE membership SET pace = 'grouped' WHERE name = 'Dora'")))
    await circle.says("Bruno", "Too old to be sent")
    await older(circle, "Too old to be sent", 800)
    await kept(circle, 0)
    assert not await circle.rows("SELECT 1 FROM parcel WHERE state = 'due' AND kind = 'relay'")


# Files


async def file_of(circle, message: int, content: bytes) -> str:
    name = circle.app.house.keep_file(content)
    await circle.write(lambda c: run(c, sql(
        "INSERT INTO file (sha256, size, refcount, created_at) VALUES (:name, :size, 1, 1) ON CONFLICT (sha256) DO NOTHING"
    ), {"name": name, "size": len(content)}))  # fmt: skip
    await circle.write(lambda c: run(c, sql(
        "INSERT INTO attachment (message_id, file_id, name) SELECT :message, id, 'a.jpg' FROM file WHERE sha256 = :name"
    ), {"message": message, "name": name}))  # fmt: skip
    return name


def on_disk(tmp_path) -> set[str]:
    return {path.name for path in (tmp_path / "files").rglob("*") if path.is_file()}


async def test_files_go_after_a_year_and_the_message_says_what_it_was(circle, tmp_path):
    await circle.says("Bruno", "With a picture")
    name = await file_of(circle, 1, b"a picture")
    await kept(circle, 364)
    assert on_disk(tmp_path) == {name}
    await kept(circle, 366)
    assert on_disk(tmp_path) == set()
    (row,) = await circle.rows("SELECT file_id, name, note FROM attachment")
    assert tuple(row) == (None, "a.jpg", "expired")
    assert await texts(circle) == ["With a picture"]
    assert not await circle.rows("SELECT 1 FROM file")


async def test_bytes_that_another_message_has_as_well_stay(circle, tmp_path):
    await circle.says("Bruno", "Once")
    await circle.says("Bruno", "Twice")
    name = await file_of(circle, 1, b"the same picture")
    assert await file_of(circle, 2, b"the same picture") == name
    await older(circle, "Once", 400)
    await kept(circle, 0)
    assert on_disk(tmp_path) == {name}
    assert [row.refcount for row in await circle.rows("SELECT refcount FROM file")] == [1]
    await kept(circle, 366)
    assert on_disk(tmp_path) == set()


async def test_a_pinned_message_keeps_its_file_and_so_does_one_of_somebody_who_is_forgotten(circle, tmp_path):
    await circle.says("Bruno", "How to find us")
    name = await file_of(circle, 1, b"a map")
    await circle.write(lambda c: run(c, sql("UPDATE message SET pinned_at = 1")))
    await kept(circle, 2000)
    assert on_disk(tmp_path) == {name}
    await circle.write(lambda c: dropping.files_of(c, []))
    assert on_disk(tmp_path) == {name}


# Bytes without a row


async def test_bytes_that_a_crash_left_without_a_row_are_swept_a_day_later_and_others_are_not(circle, tmp_path):
    import os

    await circle.says("Bruno", "With a picture")
    kept_name = await file_of(circle, 1, b"a picture")
    orphan, young = circle.app.house.keep_file(b"nobody's"), circle.app.house.keep_file(b"on its way to a row")
    half = tmp_path / "files" / ".0123.part"
    half.write_bytes(b"half")
    for name in (kept_name, orphan):
        path = tmp_path / "files" / name[:2] / name
        os.utime(path, (1, 1))
    os.utime(half, (1, 1))
    await circle.app.sweeper.sweep()
    assert on_disk(tmp_path) == {kept_name, young}
    os.utime(tmp_path / "files" / young[:2] / young, (1, 1))
    await circle.app.sweeper.sweep()
    assert young in on_disk(tmp_path), "once a day"


# Records


async def test_what_the_bot_said_is_let_go_when_it_has_left_and_not_before(circle):
    await circle.says("Bruno", "who")
    circle.boxes["chat"].fail("refused", 1, "Chloé")
    await circle.says("Chloé", "who")
    body = "SELECT d.body FROM delivery d JOIN parcel p ON p.id = d.parcel_id WHERE p.state = :state"
    await kept(circle, 0)
    assert all(row.body is not None for row in await circle.rows(body, state="sent"))
    await kept(circle, 0.1)
    assert all(row.body is None for row in await circle.rows(body, state="sent"))
    (failed,) = await circle.rows(body, state="failed")
    assert failed.body is not None, "it may be tried again by hand"


async def test_somebody_who_wrote_and_never_came_in_is_forgotten_after_ninety_days(circle):
    stranger = circle.boxes["chat"].person("Eve")
    circle.boxes["chat"].network.human("Eve").started = True
    await circle.says("Eve", "Hello?")
    await kept(circle, 89)
    assert await circle.rows("SELECT 1 FROM address WHERE remote = :remote", remote=stranger)
    await kept(circle, 91)
    assert not await circle.rows("SELECT 1 FROM address WHERE remote = :remote", remote=stranger)
    assert len(await circle.rows("SELECT 1 FROM address WHERE member_id IS NOT NULL")) == 4
    assert "I carry the messages of a private group" in (await circle.says("Eve", "Hello again?"))[-1].text


async def test_a_mailbox_that_was_invited_is_remembered(circle):
    await circle.says("Bruno", "invite paul@example.org")
    await kept(circle, 400)
    assert await circle.rows("SELECT 1 FROM address WHERE remote = 'paul@example.org'")


async def test_what_failed_or_was_held_is_gone_after_all_records_are(circle):
    network = circle.boxes["chat"].network
    network.updates[990] = b"{"
    network.arrived.set()
    await circle.settled()
    await kept(circle, 31)
    assert await circle.rows("SELECT 1 FROM inbound WHERE state = 'failed'")
    await kept(circle, 91)
    assert not await circle.rows("SELECT 1 FROM inbound WHERE state = 'failed'")


# Elsewhere


async def test_a_channel_that_keeps_what_it_gave_is_told_once_a_day_what_is_old(circle):
    bridge, told = circle.bridges["post"], []

    async def tidy(before):
        told.append(before)

    bridge.tidy = tidy
    await circle.app.sweeper.sweep()
    await circle.app.sweeper.sweep()
    assert told == [pytest.approx(time.time() - 30 * DAY, abs=60)]


async def test_one_that_is_away_is_told_again_and_keeps_nothing_else_waiting(circle, tmp_path):
    bridge, told = circle.bridges["post"], []

    async def tidy(before):
        told.append(before)
        raise OSError("away")

    bridge.tidy = tidy
    await circle.app.sweeper.sweep()
    await circle.app.sweeper.sweep()
    assert len(told) == 2
    assert await circle.rows("SELECT 1 FROM chore WHERE name = 'orphans'")


async def test_a_channel_that_never_comes_back_is_not_asked_for_ever(circle):
    await circle.write(lambda c: run(c, sql(
        "INSERT INTO removal (channel, account, remote, created_at) VALUES ('gone', 'x', 'paul@example.org', :at)"
    ), {"at": time.time() - 29 * DAY}))  # fmt: skip
    await circle.app.sweeper.sweep()
    assert await circle.rows("SELECT 1 FROM removal")
    await circle.write(lambda c: run(c, sql("UPDATE removal SET created_at = created_at - 2 * 86400")))
    await circle.app.sweeper.sweep()
    assert not await circle.rows("SELECT 1 FROM removal")
