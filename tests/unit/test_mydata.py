"""MYDATA: a zip with everything kept of a person, to an address that is surely theirs, never into a room."""

from __future__ import annotations

import io
import json
import time
import zipfile
from datetime import datetime

import pytest

from bot.core import belongings
from store.statement import run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import by, linked, newest

circle, migrated = commands_ground.circle, commands_ground.migrated


def opened(line) -> dict[str, str]:
    """What is in the zip of this line."""
    ((name, content),) = line.files
    assert name.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {entry: archive.read(entry).decode("utf-8-sig") for entry in archive.namelist()}


async def asks(circle, who: str, words: str = "mydata"):
    return opened((await circle.says(who, words))[-1])


async def test_it_holds_everything_and_can_be_read_by_people_and_programs(circle):
    await circle.says("Bruno", "I can lend Beloved.")
    first = await circle.box("Bruno").say("Bruno", "On Tusday")
    await circle.settled()
    await circle.box("Bruno").edit("Bruno", first, "On Tuesday")
    await circle.settled()
    await circle.says("Chloé", "Words of Chloé", reply_to=circle.box("Chloé").seen("Chloé")[-1].id)
    await circle.says("Bruno", "Mine again", reply_to=circle.box("Bruno").seen("Bruno")[-1].id)
    await circle.says("Bruno", "invite")
    await circle.says("Bruno", "visible no")
    found = await asks(circle, "Bruno")
    assert set(found) == {"data.json", "everything.txt"}
    data = json.loads(found["data.json"])
    assert set(data) == set(belongings.PARTS)
    assert [one["text"] for one in data["messages"]] == ["I can lend Beloved.", "On Tuesday", "Mine again"]
    assert data["messages"][2]["answers"] == 3
    assert [one["text"] for one in data["earlier_versions"]] == ["On Tusday"]
    (ship,) = data["memberships"]
    assert (ship["community"], ship["name"], ship["consent_how"], bool(ship["visible"])) == (
        "Cercle",
        "Bruno",
        "test",
        False,
    )
    (address,) = data["addresses"]
    assert (address["channel"], address["address"]) == ("chat", circle.boxes["chat"].person("Bruno"))
    assert len(data["invitations_made"]) == 1
    assert {one["act"] for one in data["decisions"]} >= {"invited"}
    assert datetime.fromisoformat(data["messages"][0]["said_at"]).tzinfo is not None
    text = found["everything.txt"]
    assert "I can lend Beloved." in text
    assert "Cercle: as Bruno" in text
    assert "Words of Chloé" not in text + found["data.json"], "others' words are theirs"


async def test_it_holds_no_code_and_no_token(circle):
    said = await circle.says("Bruno", "invite")
    found = await asks(circle, "Bruno")
    code = next(word for word in said[-1].text.replace(",", " ").split() if len(word) == 9 and word[4] == "-")
    assert code not in found["data.json"]
    assert "hash" not in found["data.json"]


async def test_it_is_in_the_person_s_language(circle):
    await circle.says("Bruno", "langue fr")
    line = (await circle.says("Bruno", "mes données"))[-1]
    assert line.text.startswith("Voici tout ce que je garde de vous")
    assert "Où vous êtes membre" in opened(line)["tout.txt"]


async def test_it_comes_by_mail_too_and_in_all_communities_at_once(circle):
    await circle.write(lambda c: run(c, sql(
        "INSERT INTO community (slug, name, language, created_at) VALUES ('choir', 'Choir', 'en', 0)"
    )))  # fmt: skip
    await circle.enter("Dora", channel="post", slug="choir")
    await by(circle, "post", "Dora", "mydata")
    line = newest(circle, "post", "Dora")
    assert line.subject
    data = json.loads(opened(line)["data.json"])
    assert [one["community"] for one in data["memberships"]] == ["Cercle", "Choir"]


async def test_in_a_room_nothing_is_shown(circle):
    circle.boxes["chat"].room("the hall", ["Bruno", "Amina"])
    await circle.says("Amina", "/room now", room="the hall")
    before = circle.seen("Amina", "the hall")
    await circle.says("Bruno", "/mydata", room="the hall")
    assert circle.seen("Amina", "the hall") == before
    assert not any(line.files for line in circle.box("Bruno").seen("Bruno"))


async def test_an_address_that_is_new_gets_nothing_and_the_others_do(circle):
    """Whoever has just joined an address of theirs to somebody's must not learn all the others."""
    await linked(circle, "Bruno", "chat", "post")
    await by(circle, "post", "Bruno", "mydata")
    assert "I have sent it to you by the chat" in newest(circle, "post", "Bruno").text
    assert not newest(circle, "post", "Bruno").files
    assert circle.box("Bruno").seen("Bruno")[-1].files
    await circle.write(lambda c: run(c, sql("UPDATE address SET powers_at = :now WHERE powers_at IS NOT NULL"), {"now": time.time() - 1}))  # fmt: skip
    await circle.write(lambda c: run(c, sql("UPDATE delivery SET key = 'x' || key")))
    await by(circle, "post", "Bruno", "mydata")
    assert newest(circle, "post", "Bruno").files


async def test_a_device_nobody_has_confirmed_gets_nothing(circle):
    await circle.write(lambda c: run(c, sql("UPDATE address SET suspended_at = 1 WHERE id = 2")))
    line = (await circle.says("Bruno", "mydata"))[-1]
    assert not line.files
    assert "is sent to nobody before it is surely you" in line.text


async def test_where_the_channel_carries_no_file_it_goes_elsewhere_or_the_way_out_is_said(circle):
    house = circle.app.house
    house.channels["chat"] = commands_ground.replace(house.channels["chat"], max_file=0)
    said = await circle.asks("Bruno", "mydata")
    assert "I cannot send a file here" in said
    assert "LINK" in said
    house.channels["post"] = commands_ground.replace(house.channels["post"], max_file=0)
    assert "CONTACT" in await circle.asks("Bruno", "mydata")


async def test_what_is_larger_than_any_channel_takes_is_told(circle):
    house = circle.app.house
    for name in ("chat", "post"):
        house.channels[name] = commands_ground.replace(house.channels[name], max_file=10)
    assert "too large" in await circle.asks("Bruno", "mydata")


async def test_it_is_made_once_an_hour(circle):
    await circle.says("Bruno", "mydata")
    assert "a moment ago" in await circle.asks("Bruno", "mydata")
    assert (await circle.says("Chloé", "mydata"))[-1].files


async def test_on_the_disk_it_is_sealed_and_gone_when_it_has_left(circle, tmp_path):
    from bot.features import keeping

    await circle.says("Bruno", "perlimpinpin")
    await circle.says("Bruno", "mydata")
    (kept,) = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert b"data.json" not in kept.read_bytes()
    await circle.write(lambda c: keeping.keep(c, circle.app.house))
    assert not kept.exists()


async def test_who_has_left_and_who_is_about_to_be_forgotten_get_it_too(circle):
    await circle.asks("Bruno", "leave")
    await circle.asks("Bruno", "yes")
    assert json.loads((await asks(circle, "Bruno"))["data.json"])["memberships"][0]["status"] == "left"
    await circle.says("Chloé", "forgetme")
    assert (await circle.says("Chloé", "mydata"))[-1].files


async def test_somebody_who_never_joined_gets_what_is_kept_of_them(circle):
    circle.boxes["chat"].room("the hall", ["Eve", "Amina"])
    await circle.says("Amina", "/room now", room="the hall")
    await circle.says("Eve", "Words of a guest", room="the hall")
    circle.boxes["chat"].network.human("Eve").started = True
    data = json.loads((await asks(circle, "Eve"))["data.json"])
    assert [one["text"] for one in data["messages"]] == ["Words of a guest"]
    assert data["memberships"] == []


@pytest.mark.parametrize("fits", [True, False])
async def test_files_they_sent_are_in_it_as_far_as_they_fit(circle, fits):
    await circle.says("Bruno", "With a picture")
    name = circle.app.house.keep_file(b"a picture" if fits else b"x" * 20_000_000)
    await circle.write(lambda c: run(c, sql(
        "INSERT INTO file (sha256, size, type, refcount, created_at) VALUES (:name, :size, 'image/jpeg', 1, 1)"
    ), {"name": name, "size": 9 if fits else 20_000_000}))  # fmt: skip
    await circle.write(lambda c: run(c, sql(
        "INSERT INTO attachment (message_id, file_id, name, kind) VALUES (1, 1, 'lake/../side.jpg', 'photo')"
    )))  # fmt: skip
    found = await asks(circle, "Bruno")
    (row,) = json.loads(found["data.json"])["files"]
    if fits:
        assert found[row["in_this_archive"]] == "a picture"
        assert ".." not in row["in_this_archive"].partition("/")[2].replace("_", "/").split("/")[0]
        assert row["in_this_archive"].count("/") == 1
    else:
        assert "in_this_archive" not in row
