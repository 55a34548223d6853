"""A device that is another one than before: no powers from there until its owner says elsewhere that it is theirs."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.core.events import IdentityChanged, Person
from bot.features import identities
from store import ledger
from tests.unit import commands_ground
from tests.unit.membership_ground import by, code_in, linked, newest, replies

circle, migrated = commands_ground.circle, commands_ground.migrated


async def new_device(circle, who, identity="b", before="a", channel="chat"):
    """The network says that `who` has another device."""
    remote = circle.boxes[channel].person(who)
    event = IdentityChanged(Person(remote, who), identity, datetime.now(UTC), before)
    account = circle.bridges[channel].account
    await circle.write(lambda c: identities.changed(c, circle.app.house, channel, account, event))
    circle.app.bus.outbox.wake()
    await circle.settled()


async def suspended(circle):
    return len(await circle.rows("SELECT 1 FROM address WHERE suspended_at IS NOT NULL"))


async def test_what_is_met_for_the_first_time_and_what_stays_the_same_is_believed(circle):
    await new_device(circle, "Bruno", "a", "")
    await new_device(circle, "Bruno", "a", "")
    await new_device(circle, "Nobody we know", "b", "a")
    assert await suspended(circle) == 0
    await new_device(circle, "Bruno", "b", "")
    assert await suspended(circle) == 1


async def test_powers_are_suspended_until_confirmed_elsewhere(circle):
    await linked(circle, "Amina", "chat", "post")
    await new_device(circle, "Amina")
    assert "another safety number" in newest(circle, "post", "Amina").text
    assert "organizers" in await circle.asks("Amina", "/recover Bruno")
    for words in ("link", "unlink post", "lost post"):
        assert "needs to be confirmed first" in await circle.asks("Amina", words)
    assert "to be confirmed" in await circle.asks("Amina", "addresses")
    # What the person says is heard as before.
    await circle.says("Amina", "Still talking")
    assert circle.seen("Chloé")[-1].endswith("Amina: Still talking")


async def test_yes_at_another_address_gives_them_back(circle):
    await linked(circle, "Chloé", "chat", "post")
    await new_device(circle, "Chloé")
    assert "Thank you" in (await replies(circle, "post", "Chloé", "yes"))[-1]
    assert await suspended(circle) == 0
    assert code_in(await circle.asks("Chloé", "link"))


async def test_no_means_that_it_is_lost(circle):
    await linked(circle, "Chloé", "chat", "post")
    await new_device(circle, "Chloé")
    assert "counts as lost" in (await replies(circle, "post", "Chloé", "no"))[-1]
    before = circle.seen("Bruno")
    await circle.says("Chloé", "I have her number")
    assert circle.seen("Bruno") == before


async def test_a_yes_to_an_older_question_does_not_vouch_for_a_newer_device(circle):
    await linked(circle, "Chloé", "chat", "post")
    await new_device(circle, "Chloé", "b", "a")
    first = newest(circle, "post", "Chloé").id
    await new_device(circle, "Chloé", "c", "b")
    assert "not possible any more" in (await by(circle, "post", "Chloé", "yes", reply_to=first))[-1]
    assert await suspended(circle) == 1


async def test_a_code_made_elsewhere_and_typed_there_confirms_it_too(circle):
    await linked(circle, "Chloé", "chat", "post")
    await new_device(circle, "Chloé")
    code = code_in((await by(circle, "post", "Chloé", "link"))[-1])
    assert "yours as before" in await circle.asks("Chloé", code)
    assert await suspended(circle) == 0


async def test_whose_only_address_it_is_the_organizers_hear_of_it_and_may_vouch(circle):
    await new_device(circle, "Bruno")
    assert "Bruno shows another safety number" in circle.seen("Amina")[-1]
    code = code_in(await circle.asks("Amina", "recover Bruno"))
    assert "brings Bruno back" in await circle.asks("Bruno", code)
    assert "Welcome back" in (await circle.says("Bruno", "yes"))[0].text
    assert await suspended(circle) == 0


async def test_what_is_in_doubt_is_not_given_to_the_channel_as_confirmed(circle):
    await new_device(circle, "Bruno", "a", "")

    async def known():
        address = (await circle.rows("SELECT id FROM address WHERE identity <> ''"))[0].id
        runs = ledger.RUNS_SQLITE if circle.app.store.sqlite else ledger.RUNS_SHARED
        rows = await circle.app.store.read(lambda c: list(runs.run(c, {"lanes": [address], "now": 9e9, "ahead": 2})))
        return {row.identity for row in rows}

    await circle.write(lambda c: commands_ground.run(c, commands_ground.sql("UPDATE membership SET pace = 'grouped'")))
    await circle.says("Amina", "It waits for a while")
    assert await known() == {"a"}
    await new_device(circle, "Bruno", "b", "a")
    assert await known() == {""}
