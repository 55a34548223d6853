"""RECOVER: an organizer's code brings a member back; all who could object hear of it; powers sleep for a day."""

from __future__ import annotations

from store.statement import run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import by, code_in, linked, membership, newest, replies, shown

circle, migrated = commands_ground.circle, commands_ground.migrated


async def lost_all(circle, who):
    """An organizer says that all `who` had is lost."""
    await circle.asks("Amina", f"lost {who} chat")
    await circle.asks("Amina", "yes")


async def recovered(circle, who="Bruno", device="Bruno's new phone", channel="chat"):
    """The organizer's code, typed on another device; what that shows."""
    code = code_in(await circle.asks("Amina", f"recover {who}"))
    assert f"brings {who} back" in (await by(circle, channel, device, code))[-1]
    return "\n".join(await replies(circle, channel, device, "yes"))


async def a_day_later(circle):
    await circle.write(lambda c: run(c, sql("UPDATE address SET powers_at = powers_at - 86401")))


async def test_it_returns_name_threads_and_what_waited(circle):
    await circle.says("Bruno", "new: My picnic")
    await circle.says("Bruno", "Who comes?")
    await circle.write(lambda c: run(c, sql("UPDATE membership SET pace = 'grouped' WHERE name = 'Bruno'")))
    await circle.says("Amina", "It waits for Bruno")
    await lost_all(circle, "Bruno")
    assert (await membership(circle, "Bruno")).told_on is None
    assert "Welcome back, Bruno" in await recovered(circle)
    there = shown(circle, "chat", "Bruno's new phone")
    assert len([text for text in there if "It waits for Bruno" in text]) == 1
    await by(circle, "chat", "Bruno's new phone", "I am here again")
    assert circle.seen("Chloé")[-1].endswith("Bruno: I am here again")
    authors = await circle.rows(
        "SELECT DISTINCT author_id FROM message WHERE text IN ('Who comes?', 'I am here again')"
    )
    assert len(authors) == 1


async def test_the_code_is_good_once_and_for_72_hours(circle):
    await lost_all(circle, "Bruno")
    code = code_in(await circle.asks("Amina", "recover Bruno"))
    rows = await circle.rows("SELECT expires_at - created_at AS lasts FROM code WHERE purpose = 'recover'")
    assert rows[0].lasts == 72 * 3600
    newer = code_in(await circle.asks("Amina", "recover Bruno"))
    assert "no longer good" in (await by(circle, "chat", "Eve", code))[-1]
    await by(circle, "chat", "New", newer)
    assert "no longer good" in (await by(circle, "chat", "Eve", newer))[-1]
    last = code_in(await circle.asks("Amina", "recover Chloé"))
    await circle.write(lambda c: run(c, sql("UPDATE code SET expires_at = 1 WHERE purpose = 'recover'")))
    assert "no longer good" in (await by(circle, "chat", "Eve", last))[-1]


async def test_the_other_organizers_and_every_address_left_are_told_and_may_say_no(circle):
    await circle.enter("Olga", channel="post", role="organizer")
    await linked(circle, "Bruno", "chat", "post")
    code = code_in(await circle.asks("Amina", "recover Bruno"))
    told = newest(circle, "post", "Olga").text
    assert "Amina has made a code that brings Bruno back" in told
    assert code not in told
    for text in (circle.seen("Bruno")[-1], newest(circle, "post", "Bruno").text):
        assert "Did you not ask for that?" in text
        assert code not in text
    assert "The code is dead" in (await replies(circle, "post", "Bruno", "no"))[-1]
    assert "Bruno said no" in circle.seen("Amina")[-1]
    assert "no longer good" in (await by(circle, "chat", "Eve", code))[-1]


async def test_a_no_counts_until_the_yes_and_a_new_code_ends_what_the_one_before_asked(circle):
    circle.boxes["chat"].person("Mallory")
    code = code_in(await circle.asks("Amina", "recover Bruno"))
    assert "brings Bruno back" in await circle.asks("Mallory", code)
    assert "nobody comes in" in (await replies(circle, "chat", "Bruno", "no"))[-1]
    assert "Bruno said no" in shown(circle, "chat", "Amina")[-1]
    assert await circle.asks("Mallory", "yes") == "That is not possible any more."
    code = code_in(await circle.asks("Amina", "recover Bruno"))
    assert "brings Bruno back" in await circle.asks("Mallory", code)
    await circle.asks("Amina", "recover Bruno")
    assert await circle.asks("Mallory", "yes") == "That is not possible any more."
    assert (await circle.rows("SELECT member_id FROM address WHERE name = 'Mallory'"))[0].member_id is None


async def test_a_no_after_the_yes_says_that_it_comes_too_late(circle):
    await recovered(circle)
    asked = next(one for one in circle.box("Bruno").seen("Bruno") if "code" in one.text)
    said = await by(circle, "chat", "Bruno", "no", reply_to=asked.id)
    assert "It was used already" in said[-1]


async def test_an_organizers_powers_come_back_after_a_day(circle):
    await circle.enter("Olga", role="organizer")
    await lost_all(circle, "Olga")
    assert "again from" in await recovered(circle, "Olga", "Olga's new phone")
    said = (await by(circle, "chat", "Olga's new phone", "/recover Bruno"))[-1]
    assert "organizers" in said
    assert await circle.rows("SELECT 1 FROM code WHERE purpose = 'recover' AND uses_left > 0") == []
    await a_day_later(circle)
    assert code_in((await by(circle, "chat", "Olga's new phone", "/recover Bruno"))[-1])


async def test_somebody_who_joined_anew_meanwhile_becomes_one_with_who_they_were(circle):
    await circle.says("Bruno", "Said before")
    await lost_all(circle, "Bruno")
    await circle.enter("Bruno B", channel="post")
    await by(circle, "post", "Bruno B", "Said since", subject="A thought")
    code = code_in(await circle.asks("Amina", "recover Bruno"))
    await by(circle, "post", "Bruno B", code)
    assert "Welcome back, Bruno" in (await replies(circle, "post", "Bruno B", "yes"))[-1]
    authors = await circle.rows("SELECT DISTINCT author_id FROM message WHERE text IN ('Said before', 'Said since')")
    assert len(authors) == 1
    active = await circle.rows("SELECT name FROM membership WHERE status = 'active' AND name LIKE 'Bruno%'")
    assert [row.name for row in active] == ["Bruno"]


async def test_an_organizer_gives_back_what_is_theirs_to_give_and_no_other_community(circle):
    await circle.write(lambda c: run(c, sql(
        "INSERT INTO community (slug, name, language, timezone, created_at) VALUES ('choir', 'Choir', 'en', 'Europe/Paris', 0)"
    )))  # fmt: skip
    await circle.enter("Bruno", slug="choir", role="organizer")
    await circle.enter("Zoé", slug="choir", role="organizer")
    await recovered(circle, "Bruno", "A stranger's phone")
    rows = await circle.rows(
        "SELECT c.slug, a.remote FROM membership m JOIN community c ON c.id = m.community_id"
        " JOIN address a ON a.member_id = m.member_id WHERE m.name = 'Bruno' AND m.status = 'active' ORDER BY c.slug"
    )
    old, new = (circle.boxes["chat"].person(who) for who in ("Bruno", "A stranger's phone"))
    assert [(row.slug, row.remote) for row in rows] == [("cercle", new), ("choir", old)]


async def test_only_organizers_recover_and_not_themselves(circle):
    assert "organizers" in await circle.asks("Bruno", "/recover Chloé")
    assert "That is you" in await circle.asks("Amina", "recover Amina")
    assert await circle.rows("SELECT 1 FROM code") == []


async def test_an_organizers_new_link_has_no_powers_for_a_day_and_changes_no_other_address(circle):
    await linked(circle, "Amina", "chat", "post")
    assert "UNLINK post" in circle.seen("Amina")[-1]
    assert "organizers" in (await by(circle, "post", "Amina", "/recover Bruno"))[-1]
    assert "This address is new" in (await by(circle, "post", "Amina", "lost chat"))[-1]
    assert "This address is new" in (await by(circle, "post", "Amina", "unlink chat"))[-1]
    assert code_in(await circle.asks("Amina", "recover Bruno"))
    await a_day_later(circle)
    assert code_in((await by(circle, "post", "Amina", "/recover Chloé"))[-1])


async def test_a_merged_address_has_no_powers_for_a_day_either(circle):
    code = code_in(await circle.asks("Amina", "link"))
    await by(circle, "chat", "Chloé", code)
    await by(circle, "chat", "Chloé", "yes")
    assert "organizers" in (await by(circle, "chat", "Chloé", "/recover Bruno"))[-1]
    await a_day_later(circle)
    assert code_in((await by(circle, "chat", "Chloé", "/recover Bruno"))[-1])


async def test_the_last_organizer_stays(circle):
    """Not by leaving, nor by a merge, nor by losing or unlinking the last address."""
    assert "must be another one before you leave" in await circle.asks("Amina", "leave")
    code = code_in(await circle.asks("Bruno", "link"))
    assert "only organizer" in await circle.asks("Amina", code)
    assert "You are writing from there" in await circle.asks("Amina", "lost chat")
    assert "only address" in await circle.asks("Amina", "unlink chat")
    # One who cannot be reached is no other organizer; nor do powers that sleep make the last one less the last.
    await circle.enter("Olga", role="organizer")
    await lost_all(circle, "Olga")
    await circle.write(lambda c: run(c, sql("UPDATE address SET powers_at = 9e9 WHERE member_id = 1")))
    assert "must be another one before you leave" in await circle.asks("Amina", "leave")
    await circle.write(lambda c: run(c, sql("UPDATE address SET powers_at = NULL")))
    await recovered(circle, "Olga", "Olga's new phone")
    assert "must be another one" not in await circle.asks("Amina", "leave")


async def test_a_merge_begun_while_there_was_another_organizer_is_not_finished_without(circle):
    await circle.enter("Olga", role="organizer")
    code = code_in(await circle.asks("Bruno", "link"))
    assert "You two become one" in await circle.asks("Amina", code)
    await circle.write(lambda c: run(c, sql("UPDATE membership SET status = 'left' WHERE name = 'Olga'")))
    assert "nothing has changed" in await circle.asks("Amina", "yes")
    assert (await membership(circle, "Amina")).role == "organizer"
