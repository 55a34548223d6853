"""Two members who turn out to be one: united in one transaction, roles not inherited, for seven days two again."""

from __future__ import annotations

from store.statement import run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import by, code_in, membership, newest, replies, shown

circle, migrated = commands_ground.circle, commands_ground.migrated


async def become_one(circle, owner, owner_on, other, other_on):
    """`owner` makes the code, `other` types it and says yes."""
    code = code_in((await by(circle, owner_on, owner, "link"))[-1])
    asked = await by(circle, other_on, other, code)
    assert "You two become one" in asked[-1]
    return (await replies(circle, other_on, other, "yes"))[-1]


async def part(circle, who, channel):
    await by(circle, channel, who, "undo")
    return (await replies(circle, channel, who, "yes"))[-1]


async def authors(circle):
    """Who wrote what."""
    rows = await circle.rows(
        "SELECT p.text, m.name FROM message p JOIN membership m ON m.id = p.author_id ORDER BY p.id"
    )
    return {row.text: row.name for row in rows}


async def test_two_members_become_one_and_both_sides_are_told(circle):
    said = await become_one(circle, "Bruno", "chat", "Dora", "post")
    assert "You are now one member, Bruno" in said
    assert "You receive the messages by the chat" in said
    assert "You are now one member, Bruno" in circle.seen("Bruno")[-1]
    active = await circle.rows("SELECT name FROM membership WHERE status = 'active' ORDER BY id")
    assert [row.name for row in active] == ["Amina", "Bruno", "Chloé"]


async def test_what_either_wrote_is_theirs_and_they_receive_everything_once(circle):
    await by(circle, "post", "Dora", "Dora's words", subject="A thought")
    await circle.says("Bruno", "Bruno's words")
    await become_one(circle, "Bruno", "chat", "Dora", "post")
    assert await authors(circle) == {"Dora's words": "Bruno", "Bruno's words": "Bruno"}
    before = len(shown(circle, "post", "Dora"))
    await circle.says("Amina", "Once")
    assert [text for text in circle.seen("Bruno") if text.endswith("Once")] == [circle.seen("Bruno")[-1]]
    assert len(shown(circle, "post", "Dora")) == before
    await by(circle, "post", "Dora", "Still mine", subject="Hello again")
    assert circle.seen("Chloé")[-1].endswith("Bruno: Still mine")


async def test_a_mail_sent_to_the_one_before_may_still_be_answered(circle):
    await circle.says("Amina", "A question to all")
    mail = newest(circle, "post", "Dora")
    await become_one(circle, "Bruno", "chat", "Dora", "post")
    await by(circle, "post", "Dora", "An answer", reply_to=mail.id)
    assert circle.seen("Amina")[-1].endswith("Bruno: An answer")
    rows = await circle.rows(
        "SELECT r.text FROM message m JOIN message r ON r.id = m.reply_to WHERE m.text = 'An answer'"
    )
    assert [row.text for row in rows] == ["A question to all"]


async def test_what_waited_for_both_is_sent_once(circle):
    await circle.write(lambda c: run(c, sql("UPDATE membership SET pace = 'grouped' WHERE name IN ('Bruno', 'Dora')")))
    await circle.says("Amina", "Waiting for silence")
    assert len(await circle.rows("SELECT 1 FROM parcel WHERE state = 'due' AND kind = 'relay'")) == 2
    await become_one(circle, "Bruno", "chat", "Dora", "post")
    waiting = await circle.rows(
        "SELECT a.channel FROM parcel p JOIN address a ON a.id = p.address_id WHERE p.state = 'due' AND p.kind = 'relay'"
    )
    assert [row.channel for row in waiting] == ["chat"]


async def test_an_organizers_role_is_not_inherited(circle):
    await circle.enter("Olga", channel="post", role="organizer")
    await become_one(circle, "Bruno", "chat", "Olga", "post")
    assert (await membership(circle, "Bruno")).role == "member"
    assert "Only the organizers" in (await by(circle, "post", "Olga", "/state"))[-1]


async def test_the_only_organizer_is_not_merged_away(circle):
    code = code_in(await circle.asks("Bruno", "link"))
    said = await circle.asks("Amina", code)
    assert "only organizer of Cercle" in said
    # The other way round it works: the code is made where the role is.
    await become_one(circle, "Amina", "chat", "Bruno", "chat")
    assert (await membership(circle, "Amina")).role == "organizer"


async def test_memberships_of_other_communities_come_along_without_their_role(circle):
    await circle.write(
        lambda c: run(
            c, sql("INSERT INTO community (slug, name, language, created_at) VALUES ('choir', 'Choir', 'en', 0)")
        )
    )
    await circle.enter("Dora", "Chloé", channel="post", role="organizer", slug="choir")
    await become_one(circle, "Bruno", "chat", "Dora", "post")
    rows = await circle.rows(
        "SELECT c.slug, m.role, m.status, m.name FROM membership m JOIN community c ON c.id = m.community_id"
        " WHERE m.member_id = :member ORDER BY c.id",
        member=(await membership(circle, "Bruno")).member_id,
    )
    assert [tuple(row) for row in rows] == [
        ("cercle", "member", "active", "Bruno"),
        ("choir", "member", "active", "Dora"),
    ]


async def test_undo_makes_them_two_again_each_with_their_own(circle):
    await by(circle, "post", "Dora", "Dora's words", subject="A thought")
    await circle.says("Bruno", "Bruno's words")
    await become_one(circle, "Bruno", "chat", "Dora", "post")
    await by(circle, "post", "Dora", "Said meanwhile", subject="Meanwhile")
    said = await part(circle, "Bruno", "chat")
    assert "two members again" in said
    assert "two members again" in newest(circle, "post", "Dora").text
    assert await authors(circle) == {"Dora's words": "Dora", "Bruno's words": "Bruno", "Said meanwhile": "Dora"}
    dora = await membership(circle, "Dora")
    assert (dora.status, dora.told_on, dora.role) == ("active", "post", "member")
    await circle.says("Amina", "To both")
    assert circle.seen("Bruno")[-1].endswith("To both")
    assert newest(circle, "post", "Dora").text.endswith("To both")
    await by(circle, "post", "Dora", "Me again", subject="Again")
    assert circle.seen("Chloé")[-1].endswith("Dora: Me again")


async def test_undo_brings_them_home_who_moved_to_the_others_address(circle):
    await become_one(circle, "Bruno", "chat", "Dora", "post")
    await by(circle, "chat", "Bruno", "receive post")
    await part(circle, "Dora", "post")
    assert (await membership(circle, "Bruno")).told_on == "chat"
    assert (await membership(circle, "Dora")).told_on == "post"


async def test_undo_gives_the_role_back_that_was_not_inherited(circle):
    await circle.enter("Olga", channel="post", role="organizer")
    await become_one(circle, "Bruno", "chat", "Olga", "post")
    await part(circle, "Olga", "post")
    assert (await membership(circle, "Olga")).role == "organizer"
    assert (await membership(circle, "Bruno")).role == "member"


async def test_a_merge_is_undone_only_with_a_second_word_and_for_seven_days(circle):
    await become_one(circle, "Bruno", "chat", "Dora", "post")
    assert "Shall they be two again" in await circle.asks("Bruno", "oops")
    assert "nothing has changed" in await circle.asks("Bruno", "no")
    assert (await membership(circle, "Dora")).status == "former"
    await circle.write(lambda c: run(c, sql("UPDATE undo SET expires_at = expires_at - 7 * 86400")))
    assert "nothing I could take back" in await circle.asks("Bruno", "undo")


async def test_three_who_were_one_by_one_united_are_one(circle):
    await circle.says("Chloé", "Chloé's words")
    await become_one(circle, "Bruno", "chat", "Chloé", "chat")
    await become_one(circle, "Amina", "chat", "Bruno", "chat")
    assert await authors(circle) == {"Chloé's words": "Amina"}
    members_ = {row.member_id for row in await circle.rows("SELECT member_id FROM address WHERE channel = 'chat'")}
    assert members_ == {(await membership(circle, "Amina")).member_id}
