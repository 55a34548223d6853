"""The memory bridge beyond the contract: how it stands for other channels, and how the program is on with it."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import pytest

from bot import app as program
from bot.config import ConfigError, channels, example_text, load
from bot.config.sections import Keep
from bot.core.bridge import Address, Bridge
from bot.core.bus import Post
from bot.core.errors import Down, Refused, Unreachable, Unreadable
from bot.core.events import MembershipChanged, MessageDeleted, MessageEdited, ReactionChanged
from bridges.memory.bridge import CHANNEL, posing_as
from tests.bridges.contract import OPTIONAL, Contract
from tests.bridges.ground import Ground, ground, until


class Posing(Contract):
    """A memory bridge that stands for another channel keeps the contract with that channel's capabilities."""

    # Shown of the memory channel itself.
    test_it_imports_neither_the_store_nor_its_own_library_before_it_is_opened = None


class TestPosingAsTelegram(Posing):
    @pytest.fixture
    def channel(self):
        return posing_as("telegram", channels.channel("telegram").can)


class TestPosingAsSignal(Posing):
    @pytest.fixture
    def channel(self):
        return posing_as("signal", channels.channel("signal").can)


class TestPosingAsMail(Posing):
    @pytest.fixture
    def channel(self):
        return posing_as("email", channels.channel("email").can)


@pytest.fixture
async def at():
    async with ground(CHANNEL) as found:
        yield found


@pytest.fixture
async def mail():
    async with ground(posing_as("email", channels.channel("email").can)) as found:
        yield found


def test_it_is_off_unless_its_empty_section_stands_in_the_configuration(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text('[community]\nname = "Circle"\n')
    assert load(file, {}).channels == {}
    file.write_text('[community]\nname = "Circle"\n[memory]\n')
    assert list(load(file, {}).channels) == ["memory"]
    file.write_text('[community]\nname = "Circle"\n[memory]\nsize = 3\n')
    with pytest.raises(ConfigError, match="size"):
        load(file, {})


def test_operators_do_not_read_of_it():
    assert "[memory]" not in example_text()


async def test_two_networks_of_two_channels_do_not_meet():
    chat, other = posing_as("one", CHANNEL.can), posing_as("two", CHANNEL.can)
    async with ground(chat) as first, ground(other) as second:
        await first.says("Amina", "hello")
        assert second.stored.texts() == []
        assert second.sandbox.seen("Amina") == []


async def test_a_network_that_stops_takes_its_channel_down_and_may_come_back(at: Ground):
    amina = await at.meet("Amina")
    await at.sandbox.stop()
    with pytest.raises(Down):
        await at.bridge.send(amina, at.words("anybody there?"))
    await at.sandbox.start()
    await at.bridge.send(amina, at.words("here we are"))
    assert at.sandbox.seen("Amina")[-1].text == "here we are"


async def test_nobody_is_written_to_before_they_wrote(at: Ground):
    with pytest.raises(Unreachable):
        await at.bridge.send(Address(at.sandbox.person("Karim")), at.words("hello"))


async def test_what_is_longer_than_it_takes_is_refused_and_noted(at: Ground):
    amina = await at.meet("Amina")
    with pytest.raises(Refused):
        await at.bridge.send(amina, at.words("x" * (at.can.max_text + 1)))
    assert at.sandbox.violations() == ["a message longer than this network takes"]


async def test_ids_begin_anew_in_each_chat(at: Ground):
    """As on Telegram: an id says nothing without its chat."""
    assert await at.says("Amina", "one") == await at.says("Karim", "two") == "1"


async def test_a_mailed_answer_is_the_new_words_alone(mail: Ground):
    await mail.bridge.send(
        Address(mail.sandbox.person("Bruno")), mail.words("On lit quoi ?\n\nEt quand ?", ancestors=("m.root",))
    )
    seen = mail.sandbox.seen("Bruno")[-1]
    await mail.says("Bruno", "Beloved.\n\nEn mars.", reply_to=seen.id)
    raw = json.loads(next(item.raw for item in mail.stored.items.values() if b"Beloved" in item.raw))
    assert "> On lit quoi ?" in raw["text"]
    event = mail.stored.message("Beloved.\n\nEn mars.")
    assert event.subject == "Re: A subject"
    assert [one.partition("@")[0] for one in event.references] == [seen.id, "m.root"]


async def test_changes_of_people_s_own_are_told(at: Ground):
    said = await at.says("Amina", "On lit Beloved ?")
    at.sandbox.room("the hall", ["Amina"])
    await at.sandbox.edit("Amina", said, "On lit Jazz ?")
    await at.sandbox.react("Amina", said, "❤")
    await at.sandbox.delete("Amina", said)
    at.sandbox.join("Karim", "the hall")
    at.sandbox.leave("Karim", "the hall")
    await until(lambda: len(at.stored.events) >= 7, "all of it arrived")
    kinds = [type(event) for event in at.stored.events]
    assert kinds[-5:] == [MessageEdited, ReactionChanged, MessageDeleted, MembershipChanged, MembershipChanged]
    assert [event.present for event in at.stored.events[-2:]] == [True, False]


@pytest.mark.parametrize(
    "raw", [b'{"kind": "message"}', b'{"kind": "song", "place": {}, "from": {}}', b"\xff", b"[]", b"7"]
)
async def test_an_update_that_is_none_is_unreadable(at: Ground, raw):
    with pytest.raises(Unreadable):
        await at.bridge.read(raw)


async def test_a_million_characters_are_nobody_s_message(at: Ground):
    await at.says("Amina", "short")
    update = json.loads(next(iter(at.stored.items.values())).raw)
    with pytest.raises(Unreadable, match="1 MB"):
        await at.bridge.read(json.dumps(update | {"text": "x" * 1_000_001}).encode())
    assert (await at.bridge.read(json.dumps(update | {"text": "a\0b"}).encode()))[0].text.text == "ab"


def test_each_claim_brings_its_method_and_nothing_else():
    for name in channels.names():
        can = channels.channel(name).can
        bridge = posing_as(name, can).make(CHANNEL.settings())
        assert isinstance(bridge, Bridge)
        assert {method for method, claimed in OPTIONAL.items() if claimed(can)} == {
            method for method in OPTIONAL if hasattr(bridge, method)
        }


async def test_an_organizer_the_configuration_names_commands_from_the_first_minute(tmp_path):
    """The account is known only once the channel is open, which is after the first start has met its organizers."""
    sandbox = CHANNEL.sandbox()
    await sandbox.start()
    bridge = CHANNEL.make(CHANNEL.settings())
    assert bridge.account == ""
    settings = SimpleNamespace(
        community=SimpleNamespace(
            name="Circle", slug="circle", language="en", timezone="Europe/Paris",
            organizers=(f"memory:{sandbox.person('Marion')}",),
        ),
        store=SimpleNamespace(url=f"sqlite:///{tmp_path}/x.db", files=tmp_path / "files", key=tmp_path / "key"),
        keep=Keep(),
    )  # fmt: skip
    app = await program.start(settings, posts=[Post(bridge)])
    try:
        async with asyncio.timeout(10):
            await app.bus.ready["memory"].wait()
        await sandbox.say("Marion", "members")
        await until(lambda: len(sandbox.seen("Marion")) == 2, "she is answered")
        assert sandbox.seen("Marion")[-1].text.startswith("Circle: 1 member")
    finally:
        await app.stop()
        await sandbox.stop()
