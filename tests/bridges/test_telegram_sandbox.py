"""The Telegram sandbox refuses what the service refuses; python-telegram-bot itself is the caller here."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
import time
from datetime import timedelta

import aiohttp
import pytest

from bot.core.bridge import Address, Outgoing, Sandbox, Shared
from bot.core.errors import TryLater
from bot.text.rich import Rich
from bridges.telegram.bridge import TelegramBridge, budgets
from bridges.telegram.sandbox import TelegramSandbox
from bridges.telegram.sandbox_rules import Limits
from bridges.telegram.settings import TelegramSettings

# The library warns that do_api_request is for methods it does not know; here it sends what its own methods would not.
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBUserWarning")


@pytest.fixture
async def sandbox():
    sandbox = TelegramSandbox()
    await sandbox.start()
    await sandbox.say("Amina", "hello")
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def bot(sandbox):
    bridge = TelegramBridge(TelegramSettings(**sandbox.settings()))
    await bridge.open({})
    yield bridge._bot
    await bridge.close(1)


def button(data: str) -> dict[str, object]:
    return {"inline_keyboard": [[{"text": "A", "callback_data": data}]]}


def entity(**fields: object) -> list[dict[str, object]]:
    return [{"type": "bold", "offset": 0, "length": 1} | fields]


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"text": ""}, "text is empty"),
        ({"text": " \n"}, "text is empty"),
        ({"text": "x" * 4097}, "too long"),
        ({"text": "😀" * 2048 + "x"}, "too long"),
        ({"text": "x", "entities": entity(offset=1)}, "can't parse entities"),
        ({"text": "😀x", "entities": entity(offset=1, length=2)}, "inside a character"),
        ({"text": "x", "entities": entity(type="loud")}, "can't parse entities"),
        ({"text": "x", "entities": entity(type="text_link")}, "without address"),
        ({"text": "x", "reply_markup": button("")}, "button_data_invalid"),
        ({"text": "x", "reply_markup": button("é" * 33)}, "button_data_invalid"),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, "to be replied not found"),
        ({"text": "x", "reply_parameters": {"message_id": 1, "chat_id": -1}}, "message_id_invalid"),
        ({"text": "x", "chat_id": 1}, "chat not found"),
        ({"text": "x", "message_thread_id": 3}, "thread not found"),
    ],
)
async def test_what_the_service_refuses_is_refused(sandbox, bot, parameters, reason):
    from telegram.error import BadRequest

    sandbox.world.chat_of("Bruno")  # somebody else's chat, with no messages: ids there mean nothing here
    with pytest.raises(BadRequest) as told:
        await bot.do_api_request("sendMessage", {"chat_id": int(sandbox.person("Amina"))} | parameters)
    assert reason in str(told.value).casefold()
    assert bool(sandbox.violations()) == (reason not in {"chat not found", "thread not found"})


async def test_an_id_of_another_chat_means_nothing(sandbox, bot):
    """Five messages with Amina: number 5 is hers, Bruno's chat has none."""
    from telegram.error import BadRequest

    for _ in range(5):
        await sandbox.say("Amina", "x")
    await sandbox.say("Bruno", "x")
    with pytest.raises(BadRequest):
        await bot.send_message(int(sandbox.person("Bruno")), "x", reply_to_message_id=5)


async def test_more_than_one_a_second_to_one_person_is_too_fast(sandbox, bot):
    from telegram.error import RetryAfter

    sandbox.limits = True
    amina = int(sandbox.person("Amina"))
    await bot.send_message(amina, "1")
    with pytest.raises(RetryAfter) as told:
        await bot.send_message(amina, "2")
    assert told.value.retry_after == timedelta(seconds=1)
    assert sandbox.violations() == []
    with pytest.raises(RetryAfter):
        await bot.send_message(amina, "3")
    assert "before the retry_after" in sandbox.violations()[0]


def test_the_limits_are_those_of_the_service():
    limits = Limits()
    assert [limits.take(-1, t / 10) for t in range(20)] == [0] * 20
    assert limits.take(-1, 2.0) == 58
    assert limits.take(5, 2.0) == 0
    assert limits.take(5, 2.9) == 1
    assert limits.take(5, 3.0) == 0
    limits = Limits()
    assert [limits.take(n, 0.5) for n in range(1, 31)] == [0] * 30
    assert limits.take(31, 1.4) == 1
    assert limits.take(31, 1.5) == 0


def test_the_default_budgets_never_meet_the_limits_even_over_a_shaky_network():
    """Two hundred people and a group, each sent to as often as the budgets allow, each message up to 30 ms late."""
    overall, chat, group = budgets(TelegramSettings(token="123456:" + "A" * 35))
    chance, limits, now = random.Random(7), Limits(), 0.0
    free = dict.fromkeys([-1, *range(1, 201)], 0.0)
    arrivals = []
    while now < 130:
        ready = [number for number, at in free.items() if at <= now]
        if ready:
            number = -1 if -1 in ready else chance.choice(ready)
            arrivals.append((now + chance.uniform(0, 0.03), number))
            free[number] = now + 1 / (group if number < 0 else chat).per_second
        now += 1 / overall.per_second
    assert len(arrivals) > 3000
    assert [limits.take(number, at) for at, number in sorted(arrivals)].count(0) == len(arrivals)


async def test_a_button_left_waiting_is_a_violation(sandbox, bot, monkeypatch):
    await bot.do_api_request(
        "sendMessage", {"chat_id": int(sandbox.person("Amina")), "text": "?", "reply_markup": button("y")}
    )
    line = sandbox.seen("Amina")[-1]
    await sandbox.press("Amina", line, line.buttons[0])
    assert sandbox.violations() == []
    late = time.monotonic() + 11
    monkeypatch.setattr("bridges.telegram.sandbox.time.monotonic", lambda: late)
    assert sandbox.violations() == ["1 pressed buttons were not answered within 10 seconds"]


async def test_a_device_shows_what_its_person_may_see(sandbox, bot):
    sandbox.room("le salon", ["Amina", "Bruno"])
    await sandbox.say("Bruno", "only in the room", room="le salon")
    await bot.send_message(int(sandbox.person("Amina")), "only for Amina")
    assert [line.text for line in sandbox.seen("Amina")] == ["hello", "only for Amina"]
    assert sandbox.seen("Bruno") == []
    room = sandbox.seen("Amina", "le salon")
    assert [(line.text, line.author, line.mine) for line in room] == [("only in the room", "Bruno", False)]
    assert sandbox.seen("Bruno", "le salon")[0].mine


async def test_in_privacy_mode_a_group_shows_commands_and_answers_only(sandbox, bot):
    room = int(sandbox.room("le salon", ["Amina"]))
    sandbox.server.methods.privacy = True
    sent = await bot.send_message(room, "hello")
    sandbox.world.updates.clear()
    await sandbox.say("Amina", "chatter", room="le salon")
    await sandbox.say("Amina", "/help", room="le salon")
    await sandbox.say("Amina", "an answer", room="le salon", reply_to=str(sent.message_id))
    assert [u["message"]["text"] for u in sandbox.world.updates] == ["/help", "an answer"]


async def test_the_sandbox_keeps_the_protocol(sandbox):
    theirs = {name for name in vars(Sandbox) if not name.startswith("_")}
    assert theirs <= set(dir(TelegramSandbox))
    assert {"latency", "limits", "requests"} <= set(dir(TelegramSandbox))


async def test_latency_is_waited_without_holding_up_others(sandbox, bot):
    sandbox.latency = 0.2
    begun = time.monotonic()
    await asyncio.gather(*(bot.send_message(int(sandbox.person("Amina")), str(n)) for n in range(20)))
    assert 0.2 <= time.monotonic() - begun < 1.5


@pytest.fixture
async def process():
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bridges.telegram.sandbox", "--limits", stdout=asyncio.subprocess.PIPE
    )
    section = json.loads(await asyncio.wait_for(made.stdout.readline(), 20))
    yield made, section
    if made.returncode is None:
        made.kill()
        await made.wait()


async def test_the_sandbox_runs_as_a_process_of_its_own(process):
    made, section = process
    api = section["api"] + "/sandbox/"
    async with aiohttp.ClientSession() as http:

        async def ask(what, body=None, **query):
            call = http.post(api + what, json=body) if body is not None else http.get(api + what, params=query)
            async with call as answer:
                return await answer.json()

        amina = (await ask("person", {"name": "Amina", "language": "fr"}))["id"]
        room = (await ask("room", {"title": "le salon", "people": ["Amina"]}))["id"]
        await ask("say", {"who": "Amina", "text": "hello"})
        ids = (await ask("say", {"who": "Amina", "text": "line", "room": "le salon", "times": 3}))["ids"]
        assert ids == ["1", "2", "3"]
        await ask("say", {"who": "Amina", "text": "slow", "times": 3, "per_second": 50})
        await asyncio.sleep(0.3)
        bridge = TelegramBridge(TelegramSettings(**section))
        await bridge.open({})
        out = Outgoing(Shared(Rich("hi"), "en", None))
        before = time.monotonic()
        await bridge.send(Address(amina), out)
        with pytest.raises(TryLater):
            await bridge.send(Address(amina), out)
        await bridge.send(Address(room, room=True), out)
        lines = await ask("seen", who="Amina", since=1)
        assert [line["text"] for line in lines] == ["slow 0", "slow 1", "slow 2", "hi"]
        assert before < lines[-1]["at"] < time.monotonic(), "one clock for all processes of the machine"
        await ask("set", {"limits": False, "latency": 0.01})
        await bridge.send(Address(amina), out)
        stats = await ask("stats")
        assert (stats["counts"]["sendMessage"], stats["counts"]["429"]) == (4, 1)
        assert stats["waiting"] == 8  # we were added to the room; seven lines
        await bridge.close(1)
    made.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(made.wait(), 5) == 0
