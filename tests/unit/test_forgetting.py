"""FORGETME stops everything at once and asks what becomes of the messages; three days later a person is erased."""

from __future__ import annotations

import json
import time

import pytest

from bot.core import dropping, erasing, forgetting, undos
from bot.features import forgetting as feature
from store.statement import run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import by, code_in, linked, membership, newest, replies, shown
from tests.unit.test_dump import dump

circle, migrated = commands_ground.circle, commands_ground.migrated
DUE = sql("UPDATE member SET forget_at = 1 WHERE forget_at IS NOT NULL")


async def step(circle, times: int = 2) -> None:
    """The three days, or the day of the farewell, are over."""
    for _ in range(times):
        await circle.write(lambda c: run(c, DUE))
        await circle.write(lambda c: feature.go_on(c, circle.app.house))
        circle.app.bus.outbox.wake()
        await circle.settled()


async def asked(circle, name: str):
    (row,) = await circle.rows(
        "SELECT r.* FROM member r JOIN membership m ON m.member_id = r.id WHERE m.name = :name", name=name
    )
    return row


# At once


async def test_nothing_goes_to_them_and_nothing_comes_from_them_before_anything_is_answered(circle):
    said = await circle.asks("Bruno", "forget me")
    assert said.startswith("From now on nothing is sent to you, and nothing you write is carried: in Cercle.")
    assert "signed “former member”" in said
    before = circle.seen("Bruno"), circle.seen("Chloé"), shown(circle, "post", "Dora")
    await circle.says("Amina", "After Bruno")
    assert circle.seen("Bruno") == before[0]
    await circle.says("Bruno", "Is anybody there to read this?")
    assert [text.rpartition("\n")[2] for text in circle.seen("Chloé")] == ["Amina: After Bruno"]
    assert "pass on nothing of yours" in circle.seen("Bruno")[-1]


async def test_they_are_told_once_a_day_how_it_stands(circle):
    await circle.asks("Bruno", "forgetme")
    assert len(await circle.says("Bruno", "One thing more")) == 1
    assert await circle.says("Bruno", "And another") == []
    assert await circle.says("Bruno", "/pace daily") == []


async def test_what_they_had_just_said_and_not_everybody_had_does_not_leave(circle):
    await circle.write(lambda c: run(c, sql("UPDATE membership SET pace = 'grouped' WHERE name = 'Dora'")))
    await circle.says("Bruno", "On its way to Dora")
    await circle.asks("Bruno", "forgetme")
    assert not await circle.rows("SELECT 1 FROM parcel WHERE state = 'due' AND kind = 'relay'")
    await circle.asks("Bruno", "undo")
    assert await circle.rows("SELECT 1 FROM parcel WHERE state = 'due' AND kind = 'relay'")


async def test_what_waits_for_an_organizer_waits_no_more_and_again_after_undo(circle):
    await circle.says("Amina", "hold Bruno 2d")
    await circle.says("Bruno", "Something to look at")
    await circle.asks("Bruno", "forgetme")
    await circle.says("Amina", "OK", reply_to=circle.box("Amina").seen("Amina")[-1].id)
    assert not any("Something to look at" in text for text in circle.seen("Chloé"))
    await circle.asks("Bruno", "undo")
    (row,) = await circle.rows("SELECT state FROM message")
    assert row.state == "held"


async def test_in_a_room_what_they_say_stays_there_in_the_three_days(circle):
    circle.boxes["chat"].room("the hall", ["Bruno", "Amina"])
    await circle.says("Amina", "/room now", room="the hall")
    said = await circle.asks("Bruno", "forgetme")
    assert "You are still in the hall" in said
    before = circle.seen("Chloé")
    await circle.says("Bruno", "Still talking", room="the hall")
    assert circle.seen("Chloé") == before
    assert (await circle.rows("SELECT outcome, raw FROM inbound ORDER BY id DESC LIMIT 1"))[0] == ("forgotten", None)


async def test_in_a_room_it_is_not_asked(circle):
    circle.boxes["chat"].room("the hall", ["Bruno", "Amina"])
    await circle.says("Amina", "/room now", room="the hall")
    await circle.says("Bruno", "/forgetme", room="the hall")
    assert (await membership(circle, "Bruno")).status == "active"


async def test_a_code_they_made_is_dead_and_they_join_nothing_meanwhile(circle):
    code = code_in(await circle.asks("Bruno", "link"))
    invitation = code_in(await circle.asks("Chloé", "invite"))
    await circle.asks("Bruno", "forgetme")
    assert "wrong" in (await by(circle, "post", "Bruno", code))[-1] or not await circle.rows(
        "SELECT 1 FROM code WHERE purpose = 'link' AND uses_left > 0"
    )
    await circle.says("Bruno", invitation)
    assert (await membership(circle, "Bruno")).status == "left"


async def test_it_is_about_the_person_in_every_community(circle):
    await circle.write(lambda c: run(c, sql(
        "INSERT INTO community (slug, name, language, created_at) VALUES ('choir', 'Choir', 'en', 0)"
    )))  # fmt: skip
    await circle.enter("Bruno", slug="choir")
    said = await circle.asks("Bruno", "forgetme")
    assert "in Cercle and Choir" in said
    await step(circle)
    assert {row.status for row in await circle.rows("SELECT status FROM membership WHERE name = ''")} == {"erased"}
    assert len(await circle.rows("SELECT 1 FROM membership WHERE status = 'erased'")) == 2


async def test_their_other_addresses_hear_of_it_and_any_of_them_takes_it_back(circle):
    await linked(circle, "Bruno", "chat", "post")
    await circle.asks("Bruno", "forgetme")
    told = newest(circle, "post", "Bruno")
    assert "From another address of yours I was asked to forget you" in told.text
    assert "you are back in Cercle" in (await replies(circle, "post", "Bruno", "undo"))[-1]
    assert (await membership(circle, "Bruno")).status == "active"
    await circle.says("Amina", "There you are")
    assert circle.seen("Bruno")[-1].endswith("There you are")


async def test_the_only_organizer_cannot(circle):
    assert "only organizer" in await circle.asks("Amina", "forgetme")
    assert (await membership(circle, "Amina")).status == "active"
    await circle.enter("Olga", role="organizer")
    assert "From now on nothing" in await circle.asks("Amina", "forgetme")


# The answer


@pytest.mark.parametrize(("answer", "words"), [("1", "keep"), ("2", "erase")])
async def test_one_keeps_and_two_erases(circle, answer, words):
    await circle.asks("Bruno", "oubliez-moi")
    await circle.asks("Bruno", answer)
    assert (await asked(circle, "Bruno")).forget_words == words


async def test_it_can_be_changed_until_then_by_asking_again(circle):
    await circle.asks("Bruno", "forgetme")
    await circle.asks("Bruno", "2")
    at = (await asked(circle, "Bruno")).forget_at
    await circle.asks("Bruno", "forgetme")
    await circle.asks("Bruno", "1")
    row = await asked(circle, "Bruno")
    assert (row.forget_words, row.forget_at) == ("keep", at)


async def test_no_is_a_mistake_and_a_button_does_it_too(circle):
    question = (await circle.says("Bruno", "forgetme"))[-1]
    assert [button.label for button in question.buttons] == ["1", "2", "NO"]
    await circle.box("Bruno").press("Bruno", question, question.buttons[2])
    await circle.settled()
    assert "I forget nothing" in circle.seen("Bruno")[-1]
    assert (await membership(circle, "Bruno")).status == "active"


async def test_without_an_answer_the_messages_stay(circle):
    await circle.says("Bruno", "My last words")
    await circle.asks("Bruno", "forgetme")
    await step(circle)
    (row,) = await circle.rows("SELECT name, text FROM message")
    assert tuple(row) == ("former member", "My last words")


async def test_by_mail_it_is_answered_in_reply(circle):
    await by(circle, "post", "Dora", "oubliez-moi")
    await replies(circle, "post", "Dora", "2")
    assert (await asked(circle, "Dora")).forget_words == "erase"


# After three days


async def test_before_three_days_nothing_is_erased(circle):
    await circle.says("Bruno", "My words")
    await circle.asks("Bruno", "forgetme")
    await circle.write(lambda c: feature.go_on(c, circle.app.house, time.time() + forgetting.AFTER - 60))
    assert (await circle.rows("SELECT name FROM message"))[0].name == "Bruno"
    assert "you are back" in await circle.asks("Bruno", "undo")


async def test_once_it_has_begun_undo_is_too_late(circle):
    await circle.asks("Bruno", "forgetme")
    undo = sql("SELECT id FROM undo WHERE kind = 'forget'")
    await step(circle, 1)
    assert not await circle.rows(undo.text)
    assert "nothing I could take back" in await circle.asks("Bruno", "undo") or "Hello" in circle.seen("Bruno")[-1]


async def test_the_last_word_says_in_numbers_what_cannot_be_taken_back(circle):
    await circle.says("Bruno", "One")
    await circle.says("Bruno", "Two")
    await circle.asks("Bruno", "forgetme")
    await circle.asks("Bruno", "1")
    await step(circle, 1)
    last = circle.seen("Bruno")[-1]
    assert "2 messages of yours stay" in last
    assert "4 copies on the devices of others; 2 copies in mails that have arrived" in last  # Amina and Chloé; Dora
    assert "backups of the machine, 30 days at most" in last


async def test_the_address_goes_when_the_last_word_has_left_and_not_before(circle):
    await circle.asks("Bruno", "forgetme")
    await circle.write(lambda c: run(c, DUE))
    await circle.write(lambda c: feature.go_on(c, circle.app.house))
    remote = circle.boxes["chat"].person("Bruno")
    assert await circle.rows("SELECT 1 FROM address WHERE remote = :remote", remote=remote)
    circle.app.bus.outbox.wake()
    await circle.settled()
    await circle.write(lambda c: feature.go_on(c, circle.app.house))
    assert not await circle.rows("SELECT 1 FROM address WHERE remote = :remote", remote=remote)


async def test_a_last_word_that_cannot_leave_holds_it_up_for_a_day_at_most(circle):
    await circle.asks("Bruno", "forgetme")
    circle.app.bus.outbox.closed("chat")
    await circle.write(lambda c: run(c, DUE))
    for _ in range(3):
        await circle.write(lambda c: feature.go_on(c, circle.app.house))
    remote = circle.boxes["chat"].person("Bruno")
    assert await circle.rows("SELECT 1 FROM address WHERE remote = :remote", remote=remote)
    await circle.write(lambda c: feature.go_on(c, circle.app.house, time.time() + forgetting.FAREWELL + 1))
    assert not await circle.rows("SELECT 1 FROM address WHERE remote = :remote", remote=remote)
    assert not await circle.rows("SELECT 1 FROM parcel WHERE state = 'due'")
    circle.app.bus.outbox.opened("chat")


async def test_whoever_writes_again_is_somebody_new(circle):
    await circle.asks("Bruno", "forgetme")
    await step(circle)
    assert "I carry the messages of a private group" in await circle.asks("Bruno", "Hello?")
    await circle.says("Bruno", code_in(await circle.asks("Chloé", "invite")))
    assert "Welcome, Bruno!" in await circle.asks("Bruno", "yes")
    assert len(await circle.rows("SELECT 1 FROM membership WHERE status = 'active' AND name = 'Bruno'")) == 1


async def test_somebody_in_a_room_who_never_joined_is_forgotten_too(circle):
    circle.boxes["chat"].room("the hall", ["Eve", "Amina"])
    await circle.says("Amina", "/room now", room="the hall")
    await circle.says("Eve", "Words of a guest", room="the hall")
    circle.boxes["chat"].network.human("Eve").started = True
    assert "From now on nothing you write is carried" in await circle.asks("Eve", "forgetme")
    assert "I forget nothing" in await circle.asks("Eve", "undo")
    await circle.asks("Eve", "forgetme")
    await circle.asks("Eve", "2")
    await step(circle)
    (row,) = await circle.rows("SELECT name, text, state, speaker_id FROM message")
    assert tuple(row) == ("former member", "", "removed", None)


async def test_two_who_became_one_are_forgotten_together(circle):
    await by(circle, "post", "Dora", "Dora's words", subject="A thought")
    await circle.says("Bruno", "Bruno's words")
    code = code_in(await circle.asks("Bruno", "link"))
    await by(circle, "post", "Dora", code)
    await replies(circle, "post", "Dora", "yes")
    await circle.asks("Bruno", "forgetme")
    await step(circle)
    assert {row.name for row in await circle.rows("SELECT name FROM message")} == {"former member"}
    names = {row.name for row in await circle.rows("SELECT name FROM membership")}
    assert names == {"Amina", "Chloé", ""}


async def test_titles_of_their_words_are_called_by_their_day_and_answers_to_them_still_arrive_there(circle):
    await by(circle, "post", "Dora", "Who comes along?", subject="A picnic by the lake")
    await circle.says("Bruno", "I do")
    thread = (await circle.rows("SELECT thread_id FROM message WHERE text = 'Who comes along?'"))[0].thread_id
    await circle.write(lambda c: run(c, sql("UPDATE membership SET pace = 'each'")))
    await circle.enter("Eve", channel="post")
    await circle.says("Chloé", "Me too", reply_to=next(
        one.id for one in circle.box("Chloé").seen("Chloé") if "Who comes along?" in one.text
    ))  # fmt: skip
    old = newest(circle, "post", "Eve")
    await by(circle, "post", "Dora", "oubliez-moi")
    await replies(circle, "post", "Dora", "2")
    await step(circle)
    (row,) = await circle.rows("SELECT title, subject FROM thread WHERE id = :id", id=thread)
    assert row.title.startswith("Conversation of")
    assert row.subject == ""
    await by(circle, "post", "Eve", "An answer to the old mail", reply_to=old.id, subject="Re: A picnic by the lake")
    (found,) = await circle.rows("SELECT thread_id FROM message WHERE text = 'An answer to the old mail'")
    assert found.thread_id == thread


async def test_many_messages_go_in_batches_each_in_a_transaction_of_its_own(circle, monkeypatch):
    monkeypatch.setattr(erasing, "BATCH", 2)
    for number in range(5):
        await circle.says("Bruno", f"Number {number}")
    await circle.asks("Bruno", "forgetme")
    await circle.write(lambda c: run(c, DUE))
    left = []
    for _ in range(4):
        await circle.write(lambda c: feature.go_on(c, circle.app.house))
        left.append(len(await circle.rows("SELECT 1 FROM message WHERE name = 'Bruno'")))
    assert left[:3] == [3, 1, 0]
    assert "5 messages of yours stay" in circle.seen("Bruno")[-1] or not await circle.settled()


async def test_a_fault_with_one_keeps_nobody_else_waiting(circle, monkeypatch):
    await circle.asks("Bruno", "forgetme")
    await circle.asks("Chloé", "forgetme")
    real, broken = erasing.rest, (await membership(circle, "Bruno")).member_id

    def rest(connection, who, *more, **named):
        if broken in who.members:
            raise ValueError("a fault of ours")
        real(connection, who, *more, **named)

    monkeypatch.setattr(erasing, "rest", rest)
    await step(circle)
    assert (await membership(circle, "Bruno")).status == "left"
    assert len(await circle.rows("SELECT 1 FROM membership WHERE status = 'erased'")) == 1
    monkeypatch.setattr(erasing, "rest", real)
    await step(circle)
    assert len(await circle.rows("SELECT 1 FROM membership WHERE status = 'erased'")) == 2


# The list of the forgotten


async def test_the_list_holds_ids_and_keyed_hashes_and_nothing_a_person_can_be_known_by(circle):
    await circle.asks("Bruno", "forgetme")
    await step(circle, 1)
    (row,) = await circle.rows("SELECT ids FROM erased")
    ids = json.loads(row.ids) if isinstance(row.ids, str) else row.ids
    assert set(ids) == {"memberships", "addresses", "words", "marks"}
    bridge = circle.bridges["chat"]
    mark = circle.app.house.tokens.mark("chat", bridge.account, circle.boxes["chat"].person("Bruno"))
    assert ids["marks"] == [mark]
    assert "Bruno" not in json.dumps(ids)


async def test_applied_again_it_erases_who_came_back_with_an_old_backup_and_twice_is_once(circle):
    await circle.says("Bruno", "My words")
    await circle.write(lambda c: run(c, sql("INSERT INTO erased (ids, created_at) VALUES (:ids, 5)"), {"ids": json.dumps(
        {"memberships": [2], "addresses": [2], "words": "erase", "marks": []}
    )}))  # fmt: skip
    for _ in range(2):
        await circle.write(lambda c: forgetting.apply_erased(c, ["post"]))
    (row,) = await circle.rows("SELECT name, text FROM message")
    assert tuple(row) == ("former member", "")
    assert (await circle.rows("SELECT status FROM membership WHERE id = 2"))[0].status == "erased"
    assert {row.name for row in await circle.rows("SELECT name FROM membership WHERE status = 'active'")} == {
        "Amina", "Chloé", "Dora",
    }  # fmt: skip


async def test_an_address_that_was_somebody_else_s_then_is_left_to_them(circle):
    """In an old backup it may still be that of whoever had it before."""
    listed = {"memberships": [2], "addresses": [2, 3], "words": "keep", "marks": []}
    await circle.write(lambda c: run(c, sql("INSERT INTO erased (ids, created_at) VALUES (:ids, 5)"), {"ids": json.dumps(listed)}))  # fmt: skip
    await circle.write(forgetting.apply_erased)
    assert await circle.rows("SELECT 1 FROM address WHERE id = 3 AND member_id IS NOT NULL")
    assert (await membership(circle, "Chloé")).status == "active"


async def test_ids_nobody_has_are_of_no_effect(circle):
    listed = {"members": [7]}
    await circle.write(lambda c: run(c, sql("INSERT INTO erased (ids, created_at) VALUES (:ids, 5)"), {"ids": json.dumps(listed)}))  # fmt: skip
    assert await circle.write(forgetting.apply_erased) == []
    assert len(await circle.rows("SELECT 1 FROM membership WHERE status = 'active'")) == 4


async def test_what_is_read_a_second_time_after_a_restore_does_not_bring_anybody_back(circle):
    house, bridge = circle.app.house, circle.bridges["post"]
    remote = circle.boxes["post"].person("Dora")
    await by(circle, "post", "Dora", "oubliez-moi")
    await step(circle)
    place = ("post", bridge.account, remote)
    now = time.time()
    assert await circle.write(lambda c: forgetting.was_forgotten(c, house, place, now - 3600))
    assert not await circle.write(lambda c: forgetting.was_forgotten(c, house, place, now + 60)), "a new letter"
    assert not await circle.write(
        lambda c: forgetting.was_forgotten(c, house, ("post", bridge.account, "x"), now - 3600)
    )


async def test_who_was_forgotten_is_not_invited_by_mail_again_and_nobody_is_told_so(circle):
    remote = circle.boxes["post"].person("Dora")
    await by(circle, "post", "Dora", "oubliez-moi")
    await step(circle)
    before = len(shown(circle, "post", "Dora"))
    said = await circle.asks("Bruno", f"invite {remote}")
    other = await circle.asks("Bruno", "invite paul@example.org")
    assert said == other
    assert len(shown(circle, "post", "Dora")) == before
    code = code_in(await circle.asks("Bruno", "invite"))
    await by(circle, "post", "Dora", code)
    assert "Welcome" in (await replies(circle, "post", "Dora", "yes"))[-1]


async def test_a_fault_between_any_two_statements_changes_nothing_and_the_next_try_does_it_all(circle, monkeypatch):
    await lives(circle)
    await circle.asks("Bruno", "forgetme")
    await circle.asks("Bruno", "2")
    await circle.write(lambda c: run(c, DUE))
    before, real, done, number = await dump(circle), erasing.run, False, 0
    while not done:
        number += 5
        left = number

        def falls(connection, statement, values=None):
            nonlocal left
            left -= 1
            if left == 0:
                raise ValueError("the power went")
            return real(connection, statement, values)

        for module in (erasing, forgetting, dropping):
            monkeypatch.setattr(module, "run", falls)
        await circle.write(lambda c: feature.go_on(c, circle.app.house))
        done = left > 0
        for module in (erasing, forgetting, dropping):
            monkeypatch.setattr(module, "run", real)
        assert done or await dump(circle) == before, f"after {number} statements"
    assert number > 40
    assert {row.text for row in await circle.rows("SELECT text FROM message WHERE author_id IS NULL")} == {""}


async def lives(circle):
    """Something of each kind."""
    await circle.says("Bruno", "Words")
    await circle.says("Chloé", "> Words\nAnd mine", reply_to=circle.box("Chloé").seen("Chloé")[-1].id)
    await by(circle, "post", "Dora", "Bonjour")
    await circle.says("Bruno", "invite")


async def test_undo_at_the_very_moment_it_begins_is_one_or_the_other(circle):
    """On PostgreSQL the command and the clock may be two transactions at once: whoever is second finds it done."""
    if circle.app.store.sqlite:
        pytest.skip("on SQLite nothing is written at once")
    from concurrent.futures import ThreadPoolExecutor

    await circle.says("Bruno", "Words")
    await circle.asks("Bruno", "forgetme")
    await circle.write(lambda c: run(c, DUE))
    member = (await membership(circle, "Bruno")).member_id
    store, house = circle.app.store, circle.app.house
    with ThreadPoolExecutor(1) as beside, store.engine.connect() as connection, connection.begin():
        undo = undos.latest(connection, member)
        assert forgetting.take_back(connection, member, undo, now=time.time())
        begun = beside.submit(store.write_now, lambda c: feature.go_on(c, house))
        time.sleep(0.3)
        assert not begun.done(), "it waits for what the other does"
        connection.commit()
        begun.result(10)
    assert (await membership(circle, "Bruno")).status == "active"
    assert not await circle.rows("SELECT 1 FROM erased")
    assert (await circle.rows("SELECT name FROM message"))[0].name == "Bruno"


async def test_the_channel_is_asked_to_remove_what_it_keeps_until_it_has(circle):
    bridge, taken = circle.bridges["post"], []
    circle.app.house.channels["post"] = commands_ground.replace(circle.app.house.channels["post"], rereads=True)
    remote = circle.boxes["post"].person("Dora")
    await by(circle, "post", "Dora", "oubliez-moi")
    await step(circle)
    assert [row.remote for row in await circle.rows("SELECT remote FROM removal")] == [remote]

    async def forget(people):
        taken.append(list(people))
        if len(taken) == 1:
            raise OSError("the mailbox is away")

    bridge.forget = forget
    await circle.app.sweeper.sweep()
    assert await circle.rows("SELECT 1 FROM removal")
    await circle.app.sweeper.sweep()
    assert taken == [[remote], [remote]]
    assert not await circle.rows("SELECT 1 FROM removal")


async def test_the_subject_of_mails_goes_though_somebody_else_has_given_the_thread_another_title(circle):
    await circle.says("Bruno", "new: Aardvark party\nLet us meet")
    line = next(one for one in circle.box("Amina").seen("Amina") if "Let us meet" in one.text)
    await circle.says("Amina", "title: The party", reply_to=line.id)
    await circle.says("Bruno", "forgetme")
    await circle.says("Bruno", "2", reply_to=circle.box("Bruno").seen("Bruno")[-1].id)
    await step(circle, 3)
    assert [tuple(row) for row in await circle.rows("SELECT title, subject FROM thread WHERE day IS NULL")] == [
        ("The party", "")
    ]


def test_a_name_is_looked_for_in_what_people_read_of_a_notice():
    said = {"text": "Hello Bruno", "spans": [], "language": "en", "community": ["Text", "cercle"], "subject": "News"}
    read = dropping.read_of(said)
    assert "Bruno" in read
    assert "News" in read
    assert "spans" not in read
    assert "Text" not in read
