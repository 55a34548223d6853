"""Commands under a picture and in a forward: neither served nor relayed; in private their writer is asked."""

from __future__ import annotations

import pytest

from tests.unit import commands_ground

circle, migrated = commands_ground.circle, commands_ground.migrated

ILL = "/contact: I am very ill"


async def comes(ground, who, text, evidence, room=""):
    """Words that were not typed to us as they are."""
    box = ground.box(who)
    chat = box.network.chat(who, room)
    line = box.network.show(chat, text, author=who)
    box.network.push(
        "message", chat, box.network.human(who), id=line.id, text=text, reply_to="", start="", evidence=evidence
    )
    await ground.settled()


@pytest.mark.parametrize("evidence", ["caption", "forward"])
@pytest.mark.parametrize("text", [ILL, "contact: I am very ill", "/contcat: I am very ill"])
async def test_in_private_its_writer_is_asked_whether_it_is_for_everyone(circle, evidence, text):
    await comes(circle, "Bruno", text, evidence)
    assert "Is this for everyone?" in circle.seen("Bruno")[-1]
    assert not any("ill" in one for who in ("Amina", "Chloé", "Dora") for one in circle.seen(who))
    await circle.says("Bruno", "yes")
    assert any("very ill" in one for one in circle.seen("Chloé"))


async def test_in_a_room_it_goes_to_nobody_and_is_answered_by_nobody(circle):
    circle.boxes["chat"].room("hall", ["Amina", "Bruno"])
    await circle.says("Amina", "/room", room="hall")
    before = circle.seen("Bruno", "hall"), circle.seen("Bruno")
    await comes(circle, "Bruno", ILL, "caption", room="hall")
    assert (circle.seen("Bruno", "hall"), circle.seen("Bruno")) == before
    assert not any("ill" in one for one in circle.seen("Chloé"))


@pytest.mark.parametrize("room", ["hall", ""])
async def test_other_words_under_a_picture_are_carried(circle, room):
    circle.boxes["chat"].room("hall", ["Amina", "Bruno"])
    await circle.says("Amina", "/room", room="hall")
    await comes(circle, "Bruno", "The garden today", "caption", room=room)
    assert "The garden today" in circle.seen("Chloé")[-1]
