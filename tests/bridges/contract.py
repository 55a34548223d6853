"""The contract: what every bridge promises, shown on its own sandbox. A bridge that passes it can be plugged in.

    class TestPostcard(Contract):
        @pytest.fixture
        def channel(self):
            return CHANNEL

`test_contract.py` does this for every folder in bridges/.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.core.bridge import BESIDE_A_FILE, Address, Bridge, Button, Census, Channel, LocalFile
from bot.core.errors import BridgeError, Down, Refused, TryLater, Uncertain, Unreachable, Unreadable
from bot.core.events import MessageReceived, RoomChanged
from tests.bridges.ground import PATIENCE, Ground, ground, until

ROOT = Path(__file__).resolve().parents[2]
#: What each thing that can go wrong must be told as.
MEANINGS = {
    "later": TryLater,
    "refused": Refused,
    "unreachable": Unreachable,
    "down": Down,
    "broken": TryLater,
    "lost": Uncertain,
    "slow": Uncertain,
}
#: Methods that are there exactly when a capability says so.
OPTIONAL = {
    "edit": lambda can: can.edit_within is not None,
    "delete": lambda can: can.delete_within is not None,
    "react": lambda can: can.react,
    "answer": lambda can: can.buttons,
    "invite_link": lambda can: can.invites_by_link,
    "census": lambda can: can.rooms,
    "forget": lambda can: can.rereads,
    "tidy": lambda can: can.rereads,
}
LIMIT = 60  # seconds a test may take


class Contract:
    """Every test gets a sandbox and a bridge of its own."""

    @pytest.fixture
    async def at(self, channel: Channel):
        async with asyncio.timeout(LIMIT), ground(channel) as found:
            yield found

    # What it says of itself

    def test_it_is_a_bridge(self, channel: Channel):
        sandbox = channel.sandbox()
        kind = channel.make
        assert callable(kind)
        assert channel.name == channel.name.lower().strip()
        assert {"en", "fr"} <= set(channel.can.label)
        assert channel.can.words, "people must be able to name it in a command"
        for method in ("start", "stop", "settings", "person", "room", "say", "press", "seen", "fail", "violations"):
            assert callable(getattr(sandbox, method))

    async def test_an_optional_method_is_there_exactly_when_it_says_so(self, at: Ground):
        assert isinstance(at.bridge, Bridge)
        assert at.bridge.name == at.channel.name
        assert at.bridge.can == at.channel.can
        for method, claimed in OPTIONAL.items():
            assert hasattr(at.bridge, method) == claimed(at.can), f"{method}: the bridge and its capabilities differ"

    async def test_it_knows_its_account_once_it_is_open(self, at: Ground):
        assert at.bridge.account

    async def test_it_finds_nothing_wrong_with_a_good_set_up(self, at: Ground):
        for sentence in await at.bridge.check():
            assert sentence.strip().endswith((".", "check", "listen signal")), sentence

    async def test_it_says_down_when_nobody_is_there(self, channel: Channel):
        found = Ground(channel)
        await found.sandbox.start()
        settings = channel.settings(**found.sandbox.settings())
        await found.sandbox.stop()
        bridge = channel.make(settings)
        with pytest.raises(Down) as told:
            async with asyncio.timeout(PATIENCE):
                await bridge.open({})
        assert told.value.reason
        await bridge.close(0.5)

    # What comes in

    async def test_what_somebody_says_in_private_is_read_as_it_was_said(self, at: Ground):
        text = "Hé 😀, on lit *Beloved* en mars ?\nMoi <oui> & toi"
        number = await at.says("Amina", text)
        event = at.stored.message(text)
        amina = at.sandbox.person("Amina")
        assert event.sender.id == amina
        assert event.place.id == amina or at.can.titles
        assert event.remote_id == number
        assert not event.place.room
        assert event.authentic == "yes"
        assert event.evidence == "direct"
        assert not event.sender.automatic
        assert abs(event.sent_at.timestamp() - time.time()) < 60
        assert (event.subject is not None) == at.can.titles

    async def test_the_items_of_one_chat_are_in_one_lane_in_their_order(self, at: Ground):
        for number in range(6):
            await at.say("Amina", f"line {number}")
        await until(lambda: len(at.stored.texts()) == 6, "six lines are stored")
        assert at.stored.texts() == [f"line {number}" for number in range(6)]
        lanes = {item.lane for item in at.stored.items.values() if item.raw}
        assert len(lanes - {at.bridge.account}) == 1

    async def test_a_room_is_a_place_of_its_own(self, at: Ground):
        if not at.can.rooms:
            with pytest.raises(NotImplementedError):
                at.sandbox.room("the hall", ["Amina", "Karim"])
            return
        await at.meet("Amina")
        room = at.sandbox.room("the hall", ["Amina", "Karim"])
        number = await at.says("Amina", "Who is here?", room="the hall")
        await at.says("Karim", "I am", room="the hall", reply_to=number)
        first, second = at.stored.message("Who is here?"), at.stored.message("I am")
        assert first.place.room
        assert first.place.id == second.place.id == room
        assert first.sender.id == at.sandbox.person("Amina")
        assert second.sender.id == at.sandbox.person("Karim")
        assert second.reply_to == first.remote_id

    async def test_an_item_is_acknowledged_only_when_its_reader_comes_back(self, at: Ground):
        await at.says("Amina", "the first line")
        await at.close()
        await at.open()
        arriving = asyncio.create_task(self._unacknowledged(at, "the second line"))
        await at.say("Amina", "the second line")
        first = await arriving
        await at.close()
        await at.open()
        again = await self._unacknowledged(at, "the second line")
        assert again == first, "the same item must have the same key"
        await at.close()
        await at.open()
        await at.listen()
        await until(lambda: "the second line" in at.stored.texts(), "what was never acknowledged came again")
        await at.says("Amina", "the third line")
        await asyncio.sleep(0.3)  # the bridge has the hand again: let it tell the network
        await at.close()
        known, before = set(at.stored.items), at.stored.again
        await at.open()
        await at.listen()
        await at.says("Amina", "the fourth line")
        assert at.stored.again == before, f"acknowledged items came again: {known}"
        assert at.stored.texts().count("the second line") == 1

    @staticmethod
    async def _unacknowledged(at: Ground, text: str) -> str:
        """Take items up to the one with `text`, and end before its batch is acknowledged; its key."""
        arrivals = at.bridge.arrivals()
        try:
            async with asyncio.timeout(PATIENCE):
                async for batch in arrivals:
                    for item in batch:
                        events = await at.bridge.read(item.raw)
                        if any(isinstance(e, MessageReceived) and e.text.text == text for e in events):
                            return item.key
                    await at.store(batch)
        finally:
            await arrivals.aclose()
        raise AssertionError("the arrivals ended")

    async def test_rubbish_is_unreadable_and_never_a_fault(self, at: Ground):
        await at.says("Amina", "a line to spoil")
        raw = next(item.raw for item in at.stored.items.values() if b"a line to spoil" in item.raw)
        for spoilt in (
            raw[: len(raw) // 2],
            b"\xff\xfe\x00",
            b"[]",
            b"{}",
            b"null",
            b"\0" * 100,
            raw.replace(b"{", b"["),
        ):
            assert "a line to spoil" not in await self._complaint(at, spoilt)

    @staticmethod
    async def _complaint(at: Ground, raw: bytes) -> str:
        """What is said of a raw item that cannot be read; nothing if it can be."""
        try:
            await at.bridge.read(raw)
        except Unreadable as error:
            return str(error)
        return ""

    # What goes out

    async def test_what_is_sent_shows_on_the_device(self, at: Ground):
        amina = await at.meet("Amina")
        text = "Amina : on lit <Beloved> & « Jazz » 😀\n\nA second paragraph."
        sent = await at.bridge.send(amina, at.words(text))
        await until(lambda: at.sandbox.seen("Amina")[-1].text == text, "the words stand on the device")
        line = at.sandbox.seen("Amina")[-1]
        assert not line.mine
        assert sent.ids == () or line.id in sent.ids
        assert sent.ids or at.can.keeps_our_ids, "without ids no answer finds its parent"
        assert not at.sandbox.violations()

    async def test_an_answer_to_what_was_sent_finds_its_parent(self, at: Ground):
        amina = await at.meet("Amina")
        what = at.words("Who brings the cake?")
        sent = await at.bridge.send(amina, what)
        line = at.sandbox.seen("Amina")[-1]
        await at.says("Amina", "I do", reply_to=line.id)
        event = at.stored.message("I do")
        if at.can.keeps_our_ids:
            assert f"r.{what.personal.reply_token}" in event.tokens
            assert event.references[0].partition("@")[0] == what.personal.id
        else:
            assert event.reply_to in sent.ids

    async def test_an_answer_of_ours_points_at_its_parent(self, at: Ground):
        if not at.can.reply:
            pytest.skip(f"{at.channel.name} has no replies, and says so")
        amina = await at.meet("Amina")
        number = await at.says("Amina", "Who has the key?")
        await at.bridge.send(
            amina, at.words("Karim has", reply_to=number, reply_author=amina.id, reply_text="Who has the key?")
        )
        assert at.sandbox.seen("Amina")[-1].reply_to == number

    async def test_a_button_comes_back_when_it_is_pressed(self, at: Ground):
        if not at.can.buttons:
            pytest.skip(f"{at.channel.name} has no buttons, and says so")
        amina = await at.meet("Amina")
        yes = Button("YES", "yes")
        await at.bridge.send(amina, at.words("To all?", buttons=((yes, Button("NO", "no")),), automatic=True))
        line = at.sandbox.seen("Amina")[-1]
        assert [button.label for button in line.buttons] == ["YES", "NO"]
        await at.sandbox.press("Amina", line, yes)
        await until(at.stored.choices, "the press arrived")
        choice = at.stored.choices()[0]
        assert (choice.data, choice.sender.id, choice.remote_id) == ("yes", amina.id, line.id)
        await at.bridge.answer(choice.callback_id, "")

    async def test_a_message_of_ours_can_be_changed_and_taken_back_where_it_says_so(self, at: Ground):
        if at.can.edit_within is None and at.can.delete_within is None:
            pytest.skip(f"{at.channel.name} can do neither, and says so")
        amina = await at.meet("Amina")
        sent = await at.bridge.send(amina, at.words("first words"))
        number = sent.ids[-1]
        if at.can.edit_within is not None:
            await at.bridge.edit(amina, number, at.words("other words"))
            assert at.sandbox.seen("Amina")[-1].text == "other words"
        if at.can.delete_within is not None:
            await at.bridge.delete(amina, number)
            left = [line for line in at.sandbox.seen("Amina") if not line.deleted and line.text]
            assert not [line for line in left if line.text in ("first words", "other words")]
        if at.can.react:
            said = await at.says("Amina", "thank you")
            await at.bridge.react(amina, said, "❤")

    async def test_a_text_as_long_as_it_says_is_taken_whole(self, at: Ground):
        amina = await at.meet("Amina")
        # An emoji is two units: a bridge that counts characters would send too much.
        text = ("word 😀 " * (at.can.max_text // 8 + 1))[: at.can.max_text]
        while len(text) + sum(1 for char in text if char > "\uffff") > at.can.max_text:
            text = text[:-1]
        text = text.strip()
        await at.bridge.send(amina, at.words(text))
        shown = "".join(line.text for line in at.sandbox.seen("Amina") if not line.mine)
        assert " ".join(shown.split()) == " ".join(text.split())
        assert not at.sandbox.violations()

    async def test_a_file_arrives_whole_with_its_name_and_the_words(self, at: Ground):
        if not at.can.max_file:
            pytest.skip(f"{at.channel.name} carries no files, and says so")
        amina = await at.meet("Amina")
        content = bytes(range(256)) * 40
        file = LocalFile("programme de l'été.pdf", "application/pdf", len(content), lambda: content)
        words = ("word 😀 " * BESIDE_A_FILE)[: BESIDE_A_FILE - 200].strip()
        sent = await at.bridge.send(amina, at.words(words, files=(file,), automatic=True))
        line = at.sandbox.seen("Amina")[-1]
        assert " ".join(line.text.split()) == words
        assert [name for name, _ in line.files] == [file.name]
        assert line.files[0][1] == content, "other bytes"
        assert at.can.keeps_our_ids or sent.ids == (line.id,)
        assert not at.sandbox.violations()

    async def test_a_file_that_is_there_no_more_is_refused_and_the_next_goes(self, at: Ground):
        if not at.can.max_file:
            pytest.skip(f"{at.channel.name} carries no files, and says so")
        amina = await at.meet("Amina")
        shown = len(at.sandbox.seen("Amina"))

        def gone() -> bytes:
            raise Refused("the file is not there any more")

        with pytest.raises(Refused):
            await at.bridge.send(amina, at.words("See", files=(LocalFile("a.pdf", "application/pdf", 1, gone),)))
        assert len(at.sandbox.seen("Amina")) == shown
        await self._sends_again(at, amina)

    async def test_a_room_is_written_to_once(self, at: Ground):
        if not at.can.rooms:
            pytest.skip(f"{at.channel.name} has no rooms, and says so")
        await at.meet("Amina")
        room = at.sandbox.room("the hall", ["Amina", "Karim"])
        await at.says("Amina", "Who is here?", room="the hall")
        await at.bridge.send(Address(room, room=True), at.words("Chloé: me, from far away"))
        for who in ("Amina", "Karim"):
            lines = [line.text for line in at.sandbox.seen(who, "the hall")]
            assert lines.count("Chloé: me, from far away") == 1

    async def test_who_is_in_a_room_is_told_when_it_is_asked(self, at: Ground):
        if not at.can.rooms:
            pytest.skip(f"{at.channel.name} has no rooms, and says so")
        await at.meet("Amina")
        room = Address(at.sandbox.room("the hall", ["Amina", "Karim", "Inès"]), room=True)
        amina, karim, paul = (at.sandbox.person(name) for name in ("Amina", "Karim", "Paul"))
        assert await at.bridge.census(room, [amina, karim, paul]) == Census(
            3, frozenset({amina, karim}), frozenset({paul})
        )
        at.sandbox.join("Paul", "the hall")
        at.sandbox.leave("Karim", "the hall")
        assert await at.bridge.census(room, [karim, paul]) == Census(3, frozenset({paul}), frozenset({karim}))
        assert (await at.bridge.census(room, [])).people == 3
        assert not at.sandbox.violations()

    async def test_a_room_it_is_not_in_is_told_as_that(self, at: Ground):
        if not at.can.rooms:
            pytest.skip(f"{at.channel.name} has no rooms, and says so")
        amina = await at.meet("Amina")
        here = at.sandbox.room("the hall", ["Amina", "Karim"])
        nowhere = here[:-3] + "999" if here[-1].isdigit() else here[:-6] + "AAAAAA"
        with pytest.raises(Unreachable):
            await at.bridge.census(Address(nowhere, room=True), [amina.id])

    async def test_who_leaves_a_room_and_who_is_removed_from_it_are_told_apart(self, at: Ground):
        if not at.can.rooms:
            pytest.skip(f"{at.channel.name} has no rooms, and says so")
        await at.meet("Amina")
        room = at.sandbox.room("the hall", ["Amina", "Karim", "Inès", "Paul"])
        karim, ines = at.sandbox.person("Karim"), at.sandbox.person("Inès")
        await at.says("Karim", "I am in a hurry", room="the hall")
        at.sandbox.leave("Karim", "the hall")
        await until(lambda: at.stored.gone(room, karim), "it is told that Karim is gone")
        at.sandbox.remove("Inès", "the hall", by="Amina")
        await until(lambda: at.stored.gone(room, ines), "it is told that Inès is gone")
        assert not any(event.removed for event in at.stored.gone(room, karim))
        assert all(event.removed for event in at.stored.gone(room, ines))

    @pytest.mark.parametrize("founded", [True, False])
    async def test_a_room_made_with_the_bot_in_it_is_told_from_one_it_was_added_to(self, at: Ground, founded):
        if not at.can.rooms:
            pytest.skip(f"{at.channel.name} has no rooms, and says so")
        await at.meet("Amina")
        room = at.sandbox.room("the hall", ["Amina", "Karim"], founded=founded)
        await at.says("Amina", "Welcome", room="the hall")
        told = [e for e in at.stored.events if isinstance(e, RoomChanged) and e.place.id == room and e.founded]
        assert bool(told) == founded

    async def test_nobody_s_address_stands_in_what_another_gets(self, at: Ground):
        amina, karim = await at.meet("Amina"), await at.meet("Karim")
        before = len(at.sandbox.seen("Karim"))
        await at.bridge.send(karim, at.words("Amina: hello"))
        shown = json.dumps([repr(line.raw) for line in at.sandbox.seen("Karim")[before:]])
        assert amina.id not in shown

    # What goes wrong

    @pytest.mark.parametrize("fault", MEANINGS)
    async def test_what_goes_wrong_is_told_by_its_name(self, at: Ground, fault):
        amina = await at.meet("Amina")
        shown = len(at.sandbox.seen("Amina"))
        at.sandbox.fail(fault)
        with pytest.raises(BridgeError) as told:
            async with asyncio.timeout(30):
                await at.bridge.send(amina, at.words("Does this arrive?"))
        assert isinstance(told.value, MEANINGS[fault]), f"{fault} was told as {type(told.value).__name__}: {told.value}"
        assert "Does this arrive" not in str(told.value)
        assert amina.id not in str(told.value)
        arrived = len(at.sandbox.seen("Amina")) - shown
        if fault in ("lost", "slow"):
            await until(lambda: len(at.sandbox.seen("Amina")) > shown, "what may have arrived has arrived")
        else:
            assert arrived == 0, "told as not sent, and it arrived"
        await self._sends_again(at, amina)

    @staticmethod
    async def _sends_again(at: Ground, to: Address) -> None:
        """After a fault the same bridge goes on, without being opened anew; a service may ask for a moment."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                await at.bridge.send(to, at.words("And this?"))
            except TryLater as later:
                assert time.monotonic() < end, "it never sends again"
                await asyncio.sleep(min(later.after or 0.1, 2.0))
            except Down:
                await at.bridge.open(dict(at.stored.cursor))
            else:
                break
        assert at.sandbox.seen("Amina")[-1].text == "And this?"

    async def test_a_later_comes_with_its_time_where_the_network_says_one(self, at: Ground):
        amina = await at.meet("Amina")
        at.sandbox.fail("later")
        with pytest.raises(TryLater) as told:
            await at.bridge.send(amina, at.words("Does this arrive?"))
        assert told.value.after is None or 0 <= told.value.after < 3600
        assert told.value.scope in ("chat", "budget", "channel")

    async def test_one_person_s_fault_is_not_another_s(self, at: Ground):
        amina, karim = await at.meet("Amina"), await at.meet("Karim")
        at.sandbox.fail("unreachable", who="Amina")
        await at.bridge.send(karim, at.words("for Karim"))
        with pytest.raises(Unreachable):
            await at.bridge.send(amina, at.words("for Amina"))

    # How it ends

    async def test_it_closes_in_time_while_something_is_under_way(self, at: Ground):
        amina = await at.meet("Amina")
        at.sandbox.fail("slow")
        sending = asyncio.create_task(at.bridge.send(amina, at.words("slowly")))
        await asyncio.sleep(0.05)
        began = time.monotonic()
        await at.bridge.close(0.3)
        assert time.monotonic() - began < 3.0
        sending.cancel()
        await asyncio.wait([sending])

    async def test_it_may_be_closed_twice_and_opened_again(self, at: Ground):
        await at.says("Amina", "before")
        await at.close()
        bridge = await at.open()
        await bridge.close(0.2)
        await bridge.close(0.2)
        await bridge.open(dict(at.stored.cursor))
        await at.listen()
        await at.says("Amina", "after")
        assert at.stored.texts() == ["before", "after"]

    # What it is made of

    def test_it_imports_neither_the_store_nor_its_own_library_before_it_is_opened(self, channel: Channel):
        program = (
            f"import sys, bridges.{channel.name}.bridge as b; b.CHANNEL\n"
            "heavy = {'store', 'sqlalchemy', 'sqlmodel', 'telegram', 'signalbot', 'aiosmtplib', 'aioimaplib', 'aiohttp',"
            " 'websockets', 'aiosmtpd', 'pymap'}\n"
            "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
        )
        root = Path(inspect.getfile(channel.settings)).parents[2]
        ran = subprocess.run(
            [sys.executable, "-c", program], cwd=root, env={"PYTHONPATH": f"{root}:{ROOT}"}, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
        assert ran.stdout.strip() == "[]", ran.stdout + ran.stderr
