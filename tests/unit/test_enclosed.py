"""Files of the bot's own: they arrive whole, lie on the disk unreadable, and are gone from it once they have left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core import enclosed, members, notices
from bot.core.errors import Refused
from bot.core.tokens import Tokens
from bot.features.keeping import keep
from tests.unit import commands_ground

circle, migrated = commands_ground.circle, commands_ground.migrated

CONTENT = b"%PDF the code is 7K2F-9MPD " * 100


async def owed(circle, who, *, channel="chat", content=CONTENT):
    """The bot owes somebody a file."""

    def owe(connection):
        house = circle.app.house
        account, remote = circle.bridges[channel].account, circle.boxes[channel].person(who)
        place = members.find(connection, channel, account, remote)
        kept = enclosed.keep(house.tokens, house.keep_file, "sheet.pdf", "application/pdf", content)
        return notices.owe(connection, place.id, "Here it is.", subject="A file", file=kept)

    parcel = await circle.write(owe)
    circle.app.bus.outbox.wake()
    await circle.settled()
    return parcel


def on_disk(circle, tmp_path):
    return [file for file in (tmp_path / "files").rglob("*") if file.is_file()]


async def test_a_file_of_the_bot_s_own_arrives_on_every_channel(circle, tmp_path):
    for who, channel in (("Bruno", "chat"), ("Dora", "post")):
        await owed(circle, who, channel=channel)
        line = circle.boxes[channel].seen(who)[-1]
        assert (line.text, line.files) == ("Here it is.", (("sheet.pdf", CONTENT),))


async def test_on_the_disk_nobody_can_read_it_and_once_it_has_left_it_is_gone(circle, tmp_path):
    await owed(circle, "Bruno")
    (file,) = on_disk(circle, tmp_path)
    assert b"7K2F" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    stored = (await circle.rows("SELECT sha256, size, parcel_id FROM file"))[0]
    assert (stored.sha256, stored.size) == (file.name, len(CONTENT))
    for _ in range(2):
        await circle.write(lambda c: keep(c, circle.app.house))
    assert on_disk(circle, tmp_path) == []
    assert await circle.rows("SELECT 1 FROM file") == []


async def test_it_stays_for_as_long_as_its_parcel_may_be_tried_again(circle, tmp_path):
    circle.boxes["chat"].fail("refused", who="Bruno")
    parcel = await owed(circle, "Bruno")
    assert (await circle.rows("SELECT state FROM parcel WHERE id = :id", id=parcel))[0].state == "failed"
    await circle.write(lambda c: keep(c, circle.app.house))
    assert len(on_disk(circle, tmp_path)) == 1


async def test_what_is_not_there_any_more_is_a_dead_letter_and_the_lane_goes_on(circle, tmp_path):
    def lost(content):
        return "0" * 64

    circle.app.house.keep_file = lost
    parcel = await owed(circle, "Bruno")
    assert (await circle.rows("SELECT state FROM parcel WHERE id = :id", id=parcel))[0].state == "failed"
    await circle.says("Amina", "and on")
    assert circle.seen("Bruno")[-1].endswith("and on")


async def test_where_no_file_goes_the_words_say_so(circle):
    circle.bridges["chat"].can = replace(circle.bridges["chat"].can, max_file=10)
    await owed(circle, "Bruno")
    line = circle.boxes["chat"].seen("Bruno")[-1]
    assert line.files == ()
    assert line.text == "Here it is.\n(A file belongs to this: sheet.pdf. It cannot be sent here.)"


def test_with_another_key_it_is_refused():
    kept = {}
    noted = enclosed.keep(
        Tokens(b"a" * 32), lambda content: kept.setdefault("x" * 64, content) and "x" * 64, "a", "t", b"abc"
    )
    about = {"sha256": noted.sha256, "name": "a", "type": "t", "size": 3}
    assert enclosed.local(Tokens(b"a" * 32), kept.__getitem__, about).read() == b"abc"
    with pytest.raises(Refused):
        enclosed.local(Tokens(b"b" * 32), kept.__getitem__, about).read()
