"""LINK, UNLINK, ADDRESSES: one person on several channels; both sides are told, nobody else learns an address."""

from __future__ import annotations

from store.statement import run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import by, code_in, linked, membership, newest, replies, shown

circle, migrated = commands_ground.circle, commands_ground.migrated


async def owners(circle, who):
    """Whose the addresses with this person's name on the devices are."""
    ids = [circle.boxes[channel].person(who) for channel in ("chat", "post")]
    rows = await circle.rows("SELECT member_id FROM address WHERE remote IN :ids AND NOT room", ids=ids)
    return [row.member_id for row in rows]


async def test_a_code_typed_on_the_other_side_and_confirmed_there_makes_it_theirs(circle):
    said = await circle.asks("Bruno", "link")
    assert "within 15 minutes" in said
    asked = await by(circle, "post", "Bruno", code_in(said))
    assert "joins you to Bruno (Cercle)" in asked[-1]
    assert "You two become one" not in asked[-1]
    done = await replies(circle, "post", "Bruno", "oui")
    assert "now one of your addresses" in done[-1]
    assert "You receive the messages by the chat" in done[-1]
    assert "UNLINK post" in circle.seen("Bruno")[-1]
    found = await owners(circle, "Bruno")
    assert len(found) == 2
    assert len(set(found)) == 1
    # No second person, and nothing is received twice.
    assert len(await circle.rows("SELECT 1 FROM membership WHERE name LIKE 'Bruno%'")) == 1
    before = len(shown(circle, "post", "Bruno"))
    await circle.says("Amina", "Once")
    assert circle.seen("Bruno")[-1].endswith("Once")
    assert len(shown(circle, "post", "Bruno")) == before


async def test_what_is_written_from_the_other_side_is_theirs(circle):
    await linked(circle, "Bruno", "chat", "post")
    await by(circle, "post", "Bruno", "From my mailbox", subject="Hello you")
    assert circle.seen("Chloé")[-1].endswith("Bruno: From my mailbox")


async def test_no_changes_nothing_and_the_code_is_used_up(circle):
    code = code_in(await circle.asks("Bruno", "link"))
    await by(circle, "post", "Bruno", code)
    assert "nothing has changed" in (await replies(circle, "post", "Bruno", "non"))[-1]
    assert len(set(await owners(circle, "Bruno"))) == 2
    assert "no longer good" in (await by(circle, "post", "Bruno", code))[-1]


async def test_a_link_code_is_good_for_a_quarter_of_an_hour_and_a_new_one_ends_it(circle):
    first = code_in(await circle.asks("Bruno", "link"))
    second = code_in(await circle.asks("Bruno", "link"))
    assert "no longer good" in (await by(circle, "post", "Bruno", first))[-1]
    await circle.write(
        lambda c: run(c, sql("UPDATE code SET created_at = created_at - 901, expires_at = expires_at - 901"))
    )
    assert "no longer good" in (await by(circle, "post", "Bruno", second))[-1]
    assert len(await owners(circle, "Bruno")) == 2


async def test_the_own_code_typed_on_the_same_side_is_not_used_up(circle):
    code = code_in(await circle.asks("Bruno", "link"))
    assert "one of your addresses already" in await circle.asks("Bruno", f"link {code}")
    assert "joins you to Bruno" in (await by(circle, "post", "Bruno", f"/link {code}"))[-1]


async def test_all_other_addresses_hear_of_a_new_one(circle):
    await linked(circle, "Bruno", "chat", "post")
    code = code_in(await circle.asks("Bruno", "link"))
    await by(circle, "chat", "Bruno's tablet", code)
    await by(circle, "chat", "Bruno's tablet", "yes")
    assert "UNLINK the chat" in circle.seen("Bruno")[-1]
    assert "UNLINK the chat" in newest(circle, "post", "Bruno").text


async def test_link_said_by_nobody_is_a_strangers_word(circle):
    said = await by(circle, "chat", "Eve", "/link")
    assert "Hello. I carry the messages of a private group" in said[-1]
    assert not await circle.rows("SELECT 1 FROM code")


async def test_addresses_are_listed_for_their_owner_and_masked(circle):
    await linked(circle, "Bruno", "chat", "post")
    listed = await circle.asks("Bruno", "addresses")
    assert "• the chat — here you receive the messages" in listed
    assert "• post (b…@members.example)" in listed
    assert circle.boxes["post"].person("Bruno") not in listed
    assert circle.boxes["chat"].person("Bruno") not in listed


async def test_an_address_taken_away_is_nobodys_and_both_sides_are_told(circle):
    await linked(circle, "Bruno", "chat", "post")
    assert "Shall post (b…@members.example) no longer be" in await circle.asks("Bruno", "unlink post")
    assert "post is no longer one of your addresses" in await circle.asks("Bruno", "yes")
    assert "no longer one of your addresses" in newest(circle, "post", "Bruno").text
    assert (await owners(circle, "Bruno")).count(None) == 1
    before = circle.seen("Chloé")
    await by(circle, "post", "Bruno", "Not a member's words", subject="Hello")
    assert circle.seen("Chloé") == before


async def test_who_is_told_at_an_address_that_goes_is_told_at_another(circle):
    await linked(circle, "Bruno", "chat", "post")
    await by(circle, "post", "Bruno", "unlink chat")
    await replies(circle, "post", "Bruno", "yes")
    assert (await membership(circle, "Bruno")).told_on == "post"
    before = len(circle.seen("Bruno"))
    await circle.says("Amina", "By mail now")
    assert newest(circle, "post", "Bruno").text.endswith("By mail now")
    assert len(circle.seen("Bruno")) == before


async def test_the_last_address_stays(circle):
    assert "only address" in await circle.asks("Bruno", "unlink chat")
    assert "none of your addresses" in await circle.asks("Bruno", "unlink post")
    assert None not in [row.member_id for row in await circle.rows("SELECT member_id FROM address")]
