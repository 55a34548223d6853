"""Who is in a room, asked of Telegram and of Signal: what they tell, what they hide, and what they cannot know."""

from __future__ import annotations

import pytest

from bot.core.bridge import Address, Census
from bot.core.errors import Unreachable
from bridges.signal.groups import Group, changer
from bridges.telegram.bridge import TelegramBridge
from bridges.telegram.sandbox import TelegramSandbox
from bridges.telegram.settings import TelegramSettings
from tests import contracts_telegram


@pytest.fixture
async def telegram():
    sandbox = TelegramSandbox()
    await sandbox.start()
    bridge = TelegramBridge(TelegramSettings(**sandbox.settings()))
    await bridge.open({})
    yield sandbox, bridge
    await bridge.close(1)
    await sandbox.stop()


async def test_a_group_that_hides_its_members_tells_their_number_only(telegram):
    sandbox, bridge = telegram
    room = Address(sandbox.room("the hall", ["Amina", "Karim"]), room=True)
    sandbox.world.chat_of("", "the hall").hides_members = True
    assert await bridge.census(room, [sandbox.person("Amina")]) == Census(2)


async def test_somebody_telegram_never_saw_there_is_not_there(telegram):
    sandbox, bridge = telegram
    room = Address(sandbox.room("the hall", ["Amina"]), room=True)
    assert await bridge.census(room, ["987654321"]) == Census(1, gone=frozenset({"987654321"}))


async def test_a_group_that_threw_the_bot_out_tells_nothing(telegram):
    sandbox, bridge = telegram
    room = Address(sandbox.room("the hall", ["Amina"]), room=True)
    sandbox.expel("the hall")
    with pytest.raises(Unreachable):
        await bridge.census(room, [sandbox.person("Amina")])


async def test_what_is_asked_follows_the_specification(telegram):
    contracts_telegram.required()
    sandbox, bridge = telegram
    room = Address(sandbox.room("the hall", ["Amina", "Karim"]), room=True)
    await bridge.census(room, [sandbox.person("Amina"), sandbox.person("Karim")])
    asked = [method for method, _ in sandbox.requests if "Member" in method]
    assert sorted(asked) == ["getChatMember", "getChatMember", "getChatMemberCount"]
    assert contracts_telegram.check(sandbox.requests) == []


ENTRY = {"id": "group.x", "name": "Le salon", "members": ["+33600000001", "aci-1", "+33611111111"], "member": True}


def test_who_hides_behind_a_number_is_counted_and_nobody_is_surely_gone():
    group = Group.listed(ENTRY, "+33600000001", set(), {})
    assert group.census(["aci-1", "aci-2"]) == Census(2, frozenset({"aci-1"}))


def test_a_number_whose_owner_is_known_is_that_person():
    group = Group.listed(ENTRY, "+33600000001", set(), {"+33611111111": "aci-2"})
    assert group.census(["aci-2", "aci-3"]) == Census(2, frozenset({"aci-2"}), frozenset({"aci-3"}))


@pytest.mark.parametrize(
    "frame", [b"", b"UPDATE", b"[]", b'{"envelope": null}', b'{"envelope": {"dataMessage": {"groupInfo": {"type": "UPDATE"}}}}']
)  # fmt: skip
def test_a_frame_that_tells_of_no_change_is_nobody_s(frame):
    assert changer(frame) == ("", "")
