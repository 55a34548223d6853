"""Inviting by mail: once a mailbox, twenty an hour, the rest by itself; five refusals end it; nobody learns who is here."""

from __future__ import annotations

import asyncio
import random
import re
import time

import pytest

from bot.core import codes, inviting, members
from bot.core.events import DeliveryFailed
from store.intake import Item
from store.statement import run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import by, code_in, link_in, newest, replies, shown

circle, migrated = commands_ground.circle, commands_ground.migrated

WAITS = "SELECT COUNT(*) AS n FROM parcel WHERE state = 'due' AND due_at > :now"
SENT = """
    SELECT COUNT(*) AS n FROM parcel p JOIN delivery d ON d.parcel_id = p.id WHERE d.key LIKE 'invitation:%' AND p.state = 'sent'
"""


def mailboxes(circle, *names):
    return [circle.boxes["post"].person(name) for name in names]


def crowd(circle, number, start=0):
    return mailboxes(circle, *(f"Guest {start + one}" for one in range(number)))


async def counted(circle, statement):
    return (await circle.rows(statement, now=time.time()))[0].n


async def hour_passes(circle, seconds=3601.0):
    """What is due in that time is due now, and everything else was so much longer ago."""

    def earlier(connection):
        for table, columns in (
            ("parcel", "due_at first_at created_at"),
            ("code", "created_at leaves_at expires_at"),
            ("lane", "due_at"),
            ("question", "created_at expires_at"),
        ):
            for column in columns.split():
                run(
                    connection,
                    sql(f"UPDATE {table} SET {column} = {column} - :s WHERE {column} IS NOT NULL"),
                    {"s": seconds},
                )

    await circle.write(earlier)
    circle.app.bus.outbox.wake()
    await circle.settled()


async def test_a_pasted_list_gets_one_mail_each_and_the_name_beside_is_proposed(circle):
    paul, zoe, karim = mailboxes(circle, "Paul", "Zoé", "Karim")
    said = await circle.asks("Bruno", f'invite:\n{paul} Paul Martin\n"Zoé" <{zoe}>; {karim}\nnobody@nowhere\n{paul}\n')
    assert "these 3 addresses" in said
    assert "I cannot read: nobody@nowhere." in said
    assert f"Twice in your list, written to once: {paul}." in said
    for who in ("Paul", "Zoé", "Karim"):
        assert "Bruno invites you" in "".join(shown(circle, "post", who))
        assert len(shown(circle, "post", who)) == 1
    assert "Welcome, Paul Martin!" in (await replies(circle, "post", "Paul", "YES"))[-1]
    assert "Welcome, Karim!" in (await replies(circle, "post", "Karim", "YES"))[-1]  # as the network says


async def test_ones_own_address_and_the_bots_are_not_written_to(circle):
    own, paul = mailboxes(circle, "Dora", "Paul")
    said = (
        await by(
            circle, "post", "Dora", f"invite: {own}, circle@memory.example, circle+c.cercle@memory.example, {paul}"
        )
    )[-1]
    assert "I write to that address, once" in said
    assert f"Yours or mine: {own}, circle@memory.example and circle+c.cercle@memory.example." in said
    assert [row.remote for row in await circle.rows(
        "SELECT a.remote FROM code c JOIN address a ON a.id = c.address_id"
    )] == [paul]  # fmt: skip


async def test_more_than_twenty_wait_and_leave_by_themselves_an_hour_later(circle):
    said = await circle.asks("Bruno", "invite: " + ", ".join(crowd(circle, 45)))
    assert "these 45 addresses" in said
    assert re.search(r"20 leave now, 25 later: 20 in an hour, the last one about .*\d", said)
    assert (await counted(circle, SENT), await counted(circle, WAITS)) == (20, 25)
    await hour_passes(circle)
    assert (await counted(circle, SENT), await counted(circle, WAITS)) == (40, 5)
    await hour_passes(circle)
    assert (await counted(circle, SENT), await counted(circle, WAITS)) == (45, 0)
    assert all(len(shown(circle, "post", f"Guest {one}")) == 1 for one in range(45))


async def test_whoever_was_written_to_an_hour_late_has_thirty_days_from_then(circle):
    await circle.asks("Bruno", "invite: " + ", ".join(crowd(circle, 21)))
    await hour_passes(circle)
    await hour_passes(circle, 30 * 86400.0 - 600)
    assert "Welcome" in (await replies(circle, "post", "Guest 20", "Yes"))[-1]
    # Too late: held like any mail of somebody we do not know, and not one mail more to a mailbox that never said yes.
    assert await replies(circle, "post", "Guest 0", "Yes") == []
    assert not await circle.rows("SELECT 1 FROM membership WHERE name = 'Guest 0'")


async def test_a_code_to_pass_on_is_good_for_thirty_days_typed_or_opened(circle):
    made = [await circle.asks("Bruno", "invite") for _ in range(2)]
    await hour_passes(circle, 30 * 86400.0 - 600)
    assert "Bruno invites you" in (await by(circle, "chat", "Karim", code_in(made[0])))[-1]
    await hour_passes(circle, 1200)
    for who, said in (("Inès", {"text": code_in(made[1])}), ("Paul", {"text": "", "start": link_in(made[1])})):
        assert "no longer good" in (await by(circle, "chat", who, **said))[-1]
    assert "no longer good" in (await by(circle, "chat", "Karim", "yes"))[-1]


async def test_the_limit_is_each_members_own_and_codes_count(circle):
    await circle.asks("Bruno", "invite: " + ", ".join(crowd(circle, 19)))
    assert "30 days" in await circle.asks("Bruno", "invite")
    assert "a little later" in await circle.asks("Bruno", "invite")
    (late,) = crowd(circle, 1, 50)
    assert "others of yours come first" in await circle.asks("Bruno", f"invite {late}")
    assert "others of yours" not in await circle.asks("Chloé", "invite " + crowd(circle, 1, 60)[0])


async def test_in_no_hour_do_more_than_twenty_of_one_member_leave(circle):
    """Lists of any length, given at any time: the places they take, in any window of an hour."""
    chance = random.Random(7)
    now = time.time()

    def takes(connection):
        bruno = run(connection, sql("SELECT id FROM membership WHERE name = 'Bruno'")).scalar_one()
        standing = members.standing(connection, bruno)
        taken, at = [], now
        for number in range(60):
            at += chance.choice([0, 1, 60, 900, 3599, 5000])
            for leaves_at in inviting.places(connection, bruno, chance.randrange(1, 35), at):
                address = members.meet(connection, "post", "me", f"g{len(taken)}-{number}@example.org")
                inviting.take_place(connection, standing, address, origin=1, name="", leaves_at=leaves_at, now=at)
                taken.append(leaves_at)
        return taken

    taken = sorted(await circle.write(takes))
    assert len(taken) > 300
    assert all(
        later - earlier >= codes.HOUR - 0.01
        for earlier, later in zip(taken, taken[inviting.IN_AN_HOUR :], strict=False)
    )


async def test_no_more_than_a_day_s_worth_waits(circle):
    most = inviting.MOST_WAITING + inviting.IN_AN_HOUR
    said = await circle.asks("Bruno", "/invite " + "\n".join(f"g{one}@members.example" for one in range(most + 3)))
    assert f"these {most} addresses" in said
    assert "3 more cannot wait here" in said


async def test_what_waits_survives_the_end_of_the_program(migrated, tmp_path):
    with commands_ground.copied(*migrated, tmp_path) as url:
        async with commands_ground.ground(url, tmp_path) as first:
            await first.enter("Bruno")
            await first.asks("Bruno", "invite: " + ", ".join(crowd(first, 25)))
            assert await counted(first, WAITS) == 5
        async with commands_ground.ground(url, tmp_path) as again:
            crowd(again, 25)
            await again.settled()
            assert shown(again, "post", "Guest 24") == []
            await hour_passes(again)
            assert [len(shown(again, "post", f"Guest {one}")) for one in range(25)] == [0] * 20 + [1] * 5


async def test_two_who_invite_the_same_mailbox_send_one_mail(circle):
    (paul,) = mailboxes(circle, "Paul")
    await asyncio.gather(
        circle.boxes["chat"].say("Bruno", f"invite {paul}"), circle.boxes["chat"].say("Chloé", f"invite {paul.upper()}")
    )
    await circle.settled()
    assert len(shown(circle, "post", "Paul")) == 1
    await hour_passes(circle, 100 * 86400.0)
    await circle.write(codes.tidy)
    await circle.asks("Amina", f"invite {paul}")
    assert len(shown(circle, "post", "Paul")) == 1


async def test_two_processes_that_invite_the_same_mailbox_at_once_send_one_mail(circle):
    """On PostgreSQL each in a transaction of its own, the second begun before the first ends."""
    if circle.app.store.sqlite:
        pytest.skip("SQLite has one writer")
    engine = circle.app.store.engine
    (paul,) = mailboxes(circle, "Paul")

    def take(connection, name):
        membership = run(connection, sql("SELECT id FROM membership WHERE name = :name"), {"name": name}).scalar_one()
        standing = members.standing(connection, membership)
        address = members.meet(connection, "post", circle.bridges["post"].account, paul)
        now = time.time()
        return inviting.take_place(connection, standing, address, origin=1, name="", leaves_at=now, now=now)

    def one(name, wait):
        with engine.begin() as connection:
            code = take(connection, name)
            if code:
                inviting.owed(connection, code, 4711)
            time.sleep(wait)
            return code

    await circle.write(lambda c: members.meet(c, "post", circle.bridges["post"].account, paul))
    found = await asyncio.gather(asyncio.to_thread(one, "Bruno", 0.3), asyncio.to_thread(one, "Chloé", 0.3))
    assert sorted(map(bool, found)) == [False, True]


async def test_the_database_itself_knows_one_mail_a_mailbox(circle):
    (paul,) = mailboxes(circle, "Paul")
    await circle.asks("Bruno", f"invite {paul}")

    def again(connection):
        run(connection, sql("INSERT INTO code (hash, purpose, community_id, address_id, parcel_id, created_at, expires_at)"
                            " SELECT 'x', purpose, community_id, address_id, 1, 0, 0 FROM code WHERE parcel_id IS NOT NULL"))  # fmt: skip

    with pytest.raises(Exception, match=r"(?i)unique"):
        await circle.write(again)


# Refusals


async def test_five_refusals_end_it_and_what_waits_does_not_leave(circle):
    await circle.asks("Bruno", "invite: " + ", ".join(crowd(circle, 30)))
    answers = ["Non", "no thanks", "STOP", "No.", "Non merci"]
    for one, words in enumerate(answers):
        assert not [text for text in circle.seen("Bruno") if "answered NO" in text], "too early"
        await replies(circle, "post", f"Guest {one}", words)
    said = circle.seen("Bruno")[-1]
    assert "5 of your invitations were answered NO or could not be delivered" in said
    assert "10 that waited do not leave" in said
    await hour_passes(circle)
    assert await counted(circle, SENT) == 20
    assert "Several people you invited said no" in await circle.asks("Bruno", "invite paul@members.example")
    assert "30 days" in await circle.asks("Bruno", "invite")
    # Told once; others may go on, also to those whom nothing reached.
    await replies(circle, "post", "Guest 7", "Non")
    assert len([text for text in circle.seen("Bruno") if "answered NO" in text]) == 1
    await circle.asks("Chloé", "invite " + crowd(circle, 30)[25])
    assert len(shown(circle, "post", "Guest 25")) == 1


async def test_mailboxes_that_do_not_exist_count_like_a_no(circle):
    await circle.asks("Bruno", "invite: " + ", ".join(crowd(circle, 21)))
    for one in range(3):
        await replies(circle, "post", f"Guest {one}", "Non")
    for one in (30, 31):
        crowd(circle, 1, one)
        circle.boxes["post"].fail("unreachable", who=f"Guest {one}")
    await circle.asks("Bruno", "invite: " + ", ".join(crowd(circle, 2, 30)))
    await hour_passes(circle)
    await circle.write(inviting.look)
    circle.app.bus.outbox.wake()
    await circle.settled()
    assert "5 of your invitations" in circle.seen("Bruno")[-1]
    listed = await circle.asks("Bruno", "invited")
    assert listed.count("could not be delivered") == 2
    assert listed.count("said no") == 3


async def test_a_mail_that_comes_back_days_later_counts_and_a_forged_report_does_not(circle):
    (paul,) = mailboxes(circle, "Paul")
    await circle.asks("Bruno", f"invite {paul}")
    token = newest(circle, "post", "Paul").raw["bounce"]

    async def comes_back(token, permanent=True):
        item = Item(1, "post", "me", "k", "lane", "", b"", "", "new", 0, 0)

        def handle(connection):
            return circle.app.bus.inbox.reception.handle(
                connection, item, [DeliveryFailed(token, permanent, "5.1.1")]
            ).word

        return await circle.write(handle)

    assert await comes_back("b" * len(token)) == "bounce_unknown"
    assert await comes_back(token, permanent=False) == "bounce_unknown"
    assert "no answer yet" in await circle.asks("Bruno", "invited")
    assert await comes_back(token) == "bounce"
    assert "could not be delivered" in await circle.asks("Bruno", "invited")
    assert (await circle.rows("SELECT status FROM address WHERE remote = :remote", remote=paul))[
        0
    ].status == "unreachable"
    assert await comes_back(token) == "bounce_unknown"  # once


async def test_a_no_to_a_code_that_was_typed_counts_once_and_it_stays_good(circle):
    code = code_in(await circle.asks("Bruno", "invite"))
    for who in ("Karim", "Inès"):
        await by(circle, "chat", who, code)
        await by(circle, "chat", who, "no")
    found = await circle.write(
        lambda c: inviting.refusals(
            c, run(c, sql("SELECT id FROM membership WHERE name = 'Bruno'")).scalar_one(), time.time()
        )
    )
    assert found == 1
    await by(circle, "chat", "Karim", code)
    assert "Welcome" in (await by(circle, "chat", "Karim", "yes"))[-1]
    assert "has joined" in await circle.asks("Bruno", "invited")


@pytest.mark.parametrize("how", ["leaves", "is removed", "loses the telephone", "is forgotten"])
async def test_what_waits_does_not_leave_when_its_inviter(circle, how):
    await circle.asks("Bruno", "invite: " + ", ".join(crowd(circle, 23)))
    if how in ("leaves", "is forgotten"):
        await by(circle, "chat", "Bruno", "leave" if how == "leaves" else "forgetme")
        await by(circle, "chat", "Bruno", "yes")
    else:
        await circle.asks("Amina", "remove Bruno" if how == "is removed" else "lost Bruno chat")
        await circle.says("Amina", "yes")
    await hour_passes(circle)
    assert await counted(circle, SENT) == 20
    assert shown(circle, "post", "Guest 22") == []
    # And whoever answers now is told what everybody is told of a code that is not good.
    assert "no longer good" in (await replies(circle, "post", "Guest 0", "Yes"))[-1]


# Nobody learns who is here


async def test_the_answers_are_the_same_whoever_is_here_or_was_invited_before(circle):
    """Dora is a member, Paul was invited, Zoé said no, Karim was removed; four strangers of Chloé's are none of that."""
    dora, paul, zoe, karim = mailboxes(circle, "Dora", "Paul", "Zoé", "Karim")
    await circle.asks("Amina", f"invite: {paul}, {zoe}, {karim}")
    await replies(circle, "post", "Zoé", "Non")
    await replies(circle, "post", "Karim", "Yes")
    await circle.asks("Amina", "remove Karim")
    await circle.says("Amina", "yes")
    before = {who: len(shown(circle, "post", who)) for who in ("Dora", "Paul", "Zoé", "Karim")}
    strangers = mailboxes(circle, "Vera", "Otto", "Ida", "Hugo")
    answers = []
    for who, four in (("Bruno", [dora, paul, zoe, karim]), ("Chloé", strangers)):
        said = [
            await circle.asks(who, "invite: " + ", ".join([*four, *crowd(circle, 20, 100 if who == "Bruno" else 200)]))
        ]
        said.append(await circle.asks(who, "invite"))
        said.append(await circle.asks(who, "invited"))
        said.append(await circle.asks(who, "uninvite 2"))
        answers.append([re.sub(r"\d+:\d\d [ap]m|\d+ [ap]m|\w…@", "…", one) for one in said])
    assert answers[0] == answers[1]
    assert before == {who: len(shown(circle, "post", who)) for who in before}


# INVITED, UNINVITE


async def test_invited_shows_ones_own_and_to_organizers_all(circle):
    paul, zoe = mailboxes(circle, "Paul", "Zoé")
    await circle.asks("Bruno", f"invite: {paul} Paul M.; {zoe}")
    await circle.asks("Chloé", "invite: Inès")
    own = await circle.asks("Bruno", "invited")
    assert "1. Paul M.: no answer yet, since" in own
    assert "2. z…@members.example: no answer yet, since" in own
    assert zoe not in own
    assert "Inès" not in own
    assert "1. Inès: no answer yet" in await circle.asks("Chloé", "invited")
    everything = await circle.asks("Amina", "invited")
    assert "1. Paul M.: no answer yet, since" in everything
    assert "(invited by Bruno)" in everything
    assert "3. Inès" in everything
    assert "(invited by Chloé)" in everything
    assert "Nobody is invited" in (await by(circle, "post", "Dora", "invited"))[-1]
    await replies(circle, "post", "Paul", "YES")
    assert "1. Paul M.: has joined" in await circle.asks("Bruno", "invited")


@pytest.mark.parametrize("way", ["2", "Zoé", "zoé m.", "address", "n° 2"])
async def test_uninvite_by_number_name_or_address(circle, way):
    paul, zoe = mailboxes(circle, "Paul", "Zoé")
    await circle.asks("Bruno", f"invite: {paul} Paul; {zoe} Zoé M.")
    said = await circle.asks("Bruno", "uninvite " + (zoe if way == "address" else way))
    assert said == "Taken back (Zoé M.): a YES no longer counts."
    assert "no longer good" in (await replies(circle, "post", "Zoé", "Yes"))[-1]
    assert "Welcome" in (await replies(circle, "post", "Paul", "Yes"))[-1]
    listed = await circle.asks("Bruno", "invited")
    assert "Zoé" not in listed
    assert "1. Paul: has joined" in listed


async def test_uninvite_by_code_ends_what_was_opened_and_not_yet_answered(circle):
    code = code_in(await circle.asks("Bruno", "invite"))
    await by(circle, "chat", "Karim", code)
    assert "a YES no longer counts" in await circle.asks("Bruno", f"uninvite {code}")
    assert "no longer good" in (await by(circle, "chat", "Karim", "yes"))[-1]
    assert "no longer good" in (await by(circle, "chat", "Inès", code))[-1]
    assert not await circle.rows("SELECT 1 FROM membership WHERE name = 'Karim'")


async def test_what_is_taken_back_before_it_left_does_not_leave_and_may_be_sent_another_day(circle):
    await circle.asks("Bruno", "invite: " + ", ".join(crowd(circle, 22)))
    assert await circle.asks("Bruno", "uninvite 22") == "Taken back (g…@members.example): nothing leaves."
    await hour_passes(circle)
    assert shown(circle, "post", "Guest 21") == []
    assert len(shown(circle, "post", "Guest 20")) == 1
    await circle.asks("Chloé", "invite " + crowd(circle, 22)[21])
    assert len(shown(circle, "post", "Guest 21")) == 1


async def test_a_member_takes_back_nobody_else_s_and_learns_nothing_of_it(circle):
    code = code_in(await circle.asks("Bruno", "invite: Karim"))
    unknown = "7K2F-9MPD"
    answers = {(await circle.asks("Chloé", f"uninvite {one}")).replace(one, "…") for one in (code, unknown)}
    assert len(answers) == 1
    assert "I find no invitation of yours" in await circle.asks("Chloé", "uninvite Karim")
    assert "Taken back (Karim)" in await circle.asks("Amina", f"uninvite {code}")


async def test_what_cannot_be_taken_back_is_said(circle):
    code = code_in(await circle.asks("Bruno", "invite: Karim"))
    for _ in range(2):
        await circle.asks("Bruno", "invite: Inès B.")
    await by(circle, "chat", "Karim", code)
    await by(circle, "chat", "Karim", "yes")
    assert "has joined already" in await circle.asks("Bruno", "uninvite Karim")
    assert "several of that name: 2 and 3" in await circle.asks("Bruno", "uninvite Inès")
    assert "Taken back" in await circle.asks("Bruno", "uninvite 3")
    assert "Taken back" in await circle.asks("Bruno", "uninvite Inès B.")
    assert "was over already" in await circle.asks("Bruno", "uninvite 3")
    assert "I find no invitation" in await circle.asks("Bruno", "uninvite 9")


async def test_everything_that_is_answered_to_an_outsider_with_a_code_that_is_not_good_is_the_same(circle):
    """Unknown, used up, too old, taken back, of somebody who left; for a stranger, and for one who was removed."""
    kinds = {name: code_in(await circle.asks("Bruno", "invite")) for name in ("used", "old", "taken back")}
    kinds["left"] = code_in(await circle.asks("Chloé", "invite"))
    kinds["unknown"] = "7K2F-9MPD"
    removed = code_in(await circle.asks("Bruno", "invite"))
    for who, code in (("Karim", kinds["used"]), ("Rémi", removed)):
        await by(circle, "chat", who, code)
        await by(circle, "chat", who, "yes")
    await circle.asks("Bruno", f"uninvite {kinds['taken back']}")
    hashed = circle.app.house.tokens.code_hash(kinds["old"])
    await circle.write(lambda c: run(c, sql("UPDATE code SET expires_at = 1 WHERE hash = :hash"), {"hash": hashed}))
    await by(circle, "chat", "Chloé", "leave")
    await by(circle, "chat", "Chloé", "yes")
    await circle.asks("Amina", "remove Rémi")
    await circle.says("Amina", "yes")
    good = code_in(await circle.asks("Bruno", "invite"))
    answers = {(await by(circle, "chat", f"Stranger {number}", code))[-1] for number, code in enumerate(kinds.values())}
    answers.add((await by(circle, "chat", "Rémi", good))[-1])  # only an organizer brings back who was removed
    assert answers == {"I do not know this code, or it is no longer good. Please ask for a new one where you got it."}


async def test_another_communitys_invitation_to_the_same_mailbox_leaves_this_one_open(circle):
    await circle.write(
        lambda c: run(
            c, sql("INSERT INTO community (slug, name, language, created_at) VALUES ('choir', 'Choir', 'en', 0)")
        )
    )
    await circle.enter("Zoe", slug="choir")
    paul = circle.boxes["post"].person("Paul")
    await circle.says("Bruno", f"invite {paul}")
    first = newest(circle, "post", "Paul")
    await circle.says("Zoe", f"invite {paul}")
    await by(circle, "post", "Paul", "YES", reply_to=first.id)
    assert [
        row.slug
        for row in await circle.rows(
            "SELECT c.slug FROM membership m JOIN community c ON c.id = m.community_id JOIN address a ON a.id = m.address_id"
            " WHERE a.remote = :paul",
            paul=paul,
        )
    ] == ["cercle"]
