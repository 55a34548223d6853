"""The Telegram bridge, sending: over a real socket to the sandbox."""

from __future__ import annotations

import asyncio
import logging
import socket

import pytest

from bot.core.bridge import Address, Button, Outgoing, Personal, Shared
from bot.core.errors import Down, Moved, Refused, TryLater, Uncertain, Unreachable
from bot.text.rich import Rich, Span
from bridges.telegram.bridge import CHANNEL, TelegramBridge, budgets
from bridges.telegram.sandbox import TelegramSandbox
from bridges.telegram.settings import TelegramSettings
from tests import contracts_telegram


def bridge_to(sandbox: TelegramSandbox, **changed: object) -> TelegramBridge:
    return TelegramBridge(TelegramSettings(**sandbox.settings() | changed))


def saying(
    text: str | Rich, *, key: object = None, buttons=(), automatic: bool = False, **personal: object
) -> Outgoing:
    content = text if isinstance(text, Rich) else Rich(text)
    shared = Shared(content, "en", key if key is not None else content, buttons=buttons, automatic=automatic)
    return Outgoing(shared, Personal(**personal))


@pytest.fixture
async def sandbox():
    sandbox = TelegramSandbox()
    await sandbox.start()
    sandbox.person("Amina", "fr")
    await sandbox.say("Amina", "hello")
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def bridge(sandbox):
    bridge = bridge_to(sandbox)
    await bridge.open({})
    yield bridge
    await bridge.close(1)


@pytest.fixture
def amina(sandbox) -> Address:
    return Address(sandbox.person("Amina"))


async def test_a_message_arrives_as_it_was_written(sandbox, bridge, amina):
    sent = await bridge.send(amina, saying("Hé 😀 Amina *et* _tous_"))
    line = sandbox.seen("Amina")[-1]
    assert (line.text, line.id, line.author) == ("Hé 😀 Amina *et* _tous_", sent.ids[0], "Facteur")


async def test_an_answer_points_at_its_parent(sandbox, bridge, amina):
    parent = await sandbox.say("Amina", "Beloved in March?")
    await bridge.send(amina, saying("Yes", reply_to=parent))
    assert sandbox.seen("Amina")[-1].reply_to == parent


async def test_an_answer_to_a_message_that_is_gone_still_arrives(sandbox, bridge, amina):
    await bridge.send(amina, saying("Yes", reply_to="4711"))
    assert (sandbox.seen("Amina")[-1].text, sandbox.seen("Amina")[-1].reply_to) == ("Yes", "")


async def test_styles_reach_the_service_where_the_words_are(sandbox, bridge, amina):
    text = "😀 bold link"
    spans = (Span("bold", 2, 6), Span("link", 7, 11, "https://example.org"), Span("mention", 0, 1, "42"))
    await bridge.send(amina, saying(Rich(text, spans)))
    assert sandbox.requests[-1][1]["entities"] == [
        {"type": "bold", "offset": 3, "length": 4},
        {"type": "text_link", "offset": 8, "length": 4, "url": "https://example.org"},
    ]


async def test_entities_the_service_cannot_parse_are_left_out_once(sandbox, bridge, amina, monkeypatch):
    broken = [{"type": "bold", "offset": 900, "length": 4}]
    monkeypatch.setattr("bridges.telegram.outgoing.entities", lambda _: broken)
    await bridge.send(amina, saying(Rich("plain", (Span("bold", 0, 5),))))
    assert sandbox.seen("Amina")[-1].text == "plain"
    assert [("entities" in p) for m, p in sandbox.requests if m == "sendMessage"] == [True, False]


async def test_a_topic_that_is_gone_leaves_the_message_in_the_group(sandbox, bridge):
    room = sandbox.room("le salon", ["Amina"])
    await bridge.send(Address(room, room=True, sub="77"), saying("hello"))
    assert sandbox.seen("Amina", "le salon")[-1].text == "hello"


async def test_what_readers_share_is_encoded_once(bridge, amina, monkeypatch):
    calls = []
    import bridges.telegram.outgoing as outgoing

    real = outgoing.encoded
    monkeypatch.setattr(outgoing, "encoded", lambda shared: calls.append(1) or real(shared))
    for _ in range(3):
        await bridge.send(amina, saying("same", key="m1"))
    await bridge.send(amina, saying("other", key="m2"))
    assert len(calls) == 2


async def test_a_silent_message_and_a_notice_say_so(sandbox, bridge, amina):
    await bridge.send(amina, saying("psst", automatic=True, silent=True))
    sent = sandbox.requests[-1][1]
    assert sent["disable_notification"] is True
    assert sent["link_preview_options"] == {"is_disabled": True}


async def test_a_message_is_edited_and_the_same_again_is_success(sandbox, bridge, amina):
    sent = await bridge.send(amina, saying("Hallo"))
    for _ in range(2):
        assert (await bridge.edit(amina, sent.ids[0], saying("Hello"))).ids == sent.ids
    line = sandbox.seen("Amina")[-1]
    assert (line.text, line.edited) == ("Hello", True)


async def test_somebody_elses_message_cannot_be_edited_nor_deleted(sandbox, bridge, amina):
    theirs = await sandbox.say("Amina", "mine")
    with pytest.raises(Refused):
        await bridge.edit(amina, theirs, saying("yours"))
    with pytest.raises(Refused):
        await bridge.delete(amina, theirs)


async def test_a_message_is_deleted_and_one_that_is_gone_is_no_error(sandbox, bridge, amina):
    sent = await bridge.send(amina, saying("oops"))
    await bridge.delete(amina, sent.ids[0])
    await bridge.delete(amina, sent.ids[0])
    assert sandbox.seen("Amina")[-1].deleted


async def test_the_bot_reacts_and_takes_it_back(sandbox, bridge, amina):
    theirs = await sandbox.say("Amina", "news")
    await bridge.react(amina, theirs, "👍")
    await bridge.react(amina, theirs, "")
    with pytest.raises(Refused):
        await bridge.react(amina, theirs, "not an emoji")


async def test_a_pressed_button_comes_back_and_is_answered(sandbox, bridge, amina):
    await bridge.send(amina, saying("Sure?", buttons=((Button("Yes", "y:1"), Button("No", "n:1")),)))
    line = sandbox.seen("Amina")[-1]
    assert [b.label for b in line.buttons] == ["Yes", "No"]
    await sandbox.press("Amina", line, line.buttons[0])
    choice = (await bridge.read(await last_raw(bridge)))[0]
    assert (choice.data, choice.remote_id, choice.sender.id) == ("y:1", line.id, amina.id)
    await bridge.answer(choice.callback_id, "Thank you")
    await bridge.answer(choice.callback_id)  # too late: no error
    assert sandbox.world.callbacks == {}


async def last_raw(bridge: TelegramBridge) -> bytes:
    arrivals = bridge.arrivals()
    async with asyncio.timeout(5):
        batch = await anext(arrivals)
    await arrivals.aclose()
    return batch[-1].raw


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("later", TryLater),
        ("refused", Refused),
        ("unreachable", Unreachable),
        ("down", Down),
        ("broken", TryLater),
        ("lost", Uncertain),
    ],
)
async def test_each_failure_is_told_as_what_it_is(sandbox, bridge, amina, fault, error):
    before = len(sandbox.seen("Amina"))
    sandbox.fail(fault)
    with pytest.raises(error) as told:
        await bridge.send(amina, saying("hello"))
    assert len(sandbox.seen("Amina")) - before == (1 if fault == "lost" else 0)
    if fault == "later":
        assert (told.value.after, told.value.scope) == (1, "chat")
    if fault == "down":
        assert "token" in told.value.reason
        assert "@BotFather" in told.value.cure


async def test_an_answer_that_does_not_come_is_uncertain(sandbox, amina):
    bridge = bridge_to(sandbox, answer_within=0.3)
    await bridge.open({})
    sandbox.fail("slow")
    with pytest.raises(Uncertain):
        await bridge.send(amina, saying("hello"))
    assert sandbox.seen("Amina")[-1].text == "hello"
    await bridge.close(1)


async def test_no_connection_is_surely_not_sent(sandbox, bridge, amina):
    await sandbox.stop()
    with pytest.raises(TryLater) as told:
        await bridge.send(amina, saying("hello"))
    assert told.value.scope == "channel"


async def test_a_server_that_never_takes_the_connection_is_surely_not_sent(sandbox, amina):
    """A full backlog: the connection is never made, so nothing was written."""
    bridge = bridge_to(sandbox)
    await bridge.open({})
    bridge._wire._connect = 0.3
    bridge._wire._timeouts.clear()
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        crowd = [socket.socket() for _ in range(8)]
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(deaf.getsockname())
        bridge._base = f"http://127.0.0.1:{deaf.getsockname()[1]}/bot{sandbox.server.token}/"
        with pytest.raises(TryLater):
            await bridge.send(amina, saying("hello"))
        for one in crowd:
            one.close()
    await bridge.close(1)


async def test_a_gateway_that_gave_up_is_uncertain_and_a_broken_server_is_not(sandbox, bridge, amina):
    from bridges.telegram.refusals import meaning
    from bridges.telegram.wire import BrokenError

    assert isinstance(meaning(BrokenError(504)), Uncertain)
    assert isinstance(meaning(BrokenError(500)), TryLater)


async def test_two_chats_told_to_wait_at_once_are_a_matter_of_the_budget(sandbox, bridge, amina):
    sandbox.person("Bruno")
    await sandbox.say("Bruno", "hello")
    sandbox.fail("later", 2)
    with pytest.raises(TryLater) as first:
        await bridge.send(amina, saying("1"))
    with pytest.raises(TryLater) as second:
        await bridge.send(Address(sandbox.person("Bruno")), saying("2"))
    assert (first.value.scope, second.value.scope) == ("chat", "budget")


async def test_nobody_is_written_to_before_they_wrote(sandbox, bridge):
    with pytest.raises(Unreachable):
        await bridge.send(Address(sandbox.person("Stranger")), saying("hello"))


async def test_an_unknown_chat_is_unreachable(bridge):
    for id_ in ("999", "-999", "not a number"):
        with pytest.raises(Unreachable):
            await bridge.send(Address(id_), saying("hello"))


async def test_a_blocked_bot_is_told_so_and_a_word_from_them_ends_it(sandbox, bridge, amina):
    sandbox.block("Amina")
    with pytest.raises(Unreachable):
        await bridge.send(amina, saying("hello"))
    await sandbox.say("Amina", "back")
    await bridge.send(amina, saying("welcome back"))


async def test_a_group_that_became_a_supergroup_tells_its_new_id(sandbox, bridge):
    room = sandbox.room("le salon", ["Amina"])
    _, new = sandbox.migrate("le salon", tell=())
    with pytest.raises(Moved) as moved:
        await bridge.send(Address(room, room=True), saying("hello"))
    assert moved.value.to == new
    await bridge.send(Address(new, room=True), saying("hello"))
    assert sandbox.seen("Amina", "le salon")[-1].text == "hello"


async def test_a_text_too_long_is_refused_and_the_longest_one_is_not(sandbox, bridge, amina):
    await bridge.send(amina, saying("😀" * 2048))
    with pytest.raises(Refused):
        await bridge.send(amina, saying("😀" * 2048 + "x"))


async def test_half_a_character_and_nul_do_not_stop_a_message(sandbox, bridge, amina):
    await bridge.send(amina, saying(Rich("a\0b\ud83dc", (Span("bold", 2, 3),))))
    assert sandbox.seen("Amina")[-1].text == "ab\ufffdc"
    assert sandbox.requests[-1][1]["entities"] == [{"type": "bold", "offset": 1, "length": 1}]


async def test_close_lets_a_send_end(sandbox, bridge, amina):
    sandbox.latency = 0.3
    sending = asyncio.create_task(bridge.send(amina, saying("last words")))
    await asyncio.sleep(0.1)
    await bridge.close(2)
    assert (await sending).ids


async def test_a_wrong_token_is_down_with_its_cure(sandbox):
    bridge = bridge_to(sandbox, token="123456:" + "A" * 35)
    with pytest.raises(Down) as down:
        await bridge.open({})
    assert "[telegram] token" in down.value.cure


async def test_no_server_is_down_with_its_cure(sandbox):
    await sandbox.stop()
    with pytest.raises(Down) as down:
        await bridge_to(sandbox).open({})
    assert "[telegram] api" in down.value.cure


async def test_privacy_mode_and_a_webhook_are_told(sandbox, bridge):
    assert await bridge.check() == []
    sandbox.server.methods.privacy, sandbox.server.methods.webhook = True, "https://example.org/hook"
    sentences = await bridge.check()
    assert len(sentences) == 2
    assert "/setprivacy" in sentences[0]
    assert "webhook" in sentences[1]


async def test_the_menu_is_set_for_each_language_and_once(sandbox, bridge):
    commands = {
        "en": [("help", "What you can do"), ("Not a command", "x")],
        "fr": [("aide", "Ce que vous pouvez faire")],
    }
    await bridge.menu(commands)
    await bridge.menu(commands)
    menus = sandbox.server.methods.menus
    assert {language for _, language in menus} == {"", "en", "fr"}
    assert len(menus) == 6
    assert sandbox.server.counts["setMyCommands"] == 6


async def test_an_invitation_opens_the_chat_with_its_code(bridge):
    assert bridge.invite_link("abc-_9") == "https://t.me/facteur_sandbox_bot?start=abc-_9"


async def test_a_file_is_fetched(sandbox, bridge):
    await sandbox.show("Amina", "list.txt", b"x" * 200_000)
    event = (await bridge.read(await last_raw(bridge)))[0]
    assert event.files[0].name == "list.txt"
    assert len(b"".join([piece async for piece in bridge.fetch(event.files[0])])) == 200_000


async def test_a_file_that_is_too_big_or_gone_is_refused(sandbox, bridge):
    from bot.core.events import RemoteFile

    sandbox.server.methods.files["big"] = bytes(20_000_001)
    for name in ("big", "gone"):
        with pytest.raises(Refused):
            [piece async for piece in bridge.fetch(RemoteFile(name))]


async def test_the_library_can_send_files_through_our_request_class(sandbox, bridge, amina):
    """python-telegram-bot's own methods work over it, forms with files included."""
    sent = await bridge._bot.send_document(int(amina.id), b"hello", caption="a file", filename="a.txt")
    assert sent.caption == "a file"
    assert sandbox.server.methods.files[sent.document.file_id] == b"hello"


async def test_no_log_line_holds_the_token_or_words(sandbox, amina, caplog, capsys):
    """At the lowest level of every logger, through every failure."""
    caplog.set_level(logging.DEBUG)
    words = f"unspoken-{id(bridge_to)}"
    bridge = bridge_to(sandbox, answer_within=0.3)
    await bridge.open({})
    for fault in ("later", "refused", "unreachable", "down", "broken", "lost", "slow"):
        sandbox.fail(fault)
        with pytest.raises(Exception) as told:
            await bridge.send(amina, saying(words))
        logging.getLogger("test").error("told", exc_info=told.value)
    wrong = bridge_to(sandbox, token="123456:" + "B" * 35)
    for broken in (wrong,):
        with pytest.raises(Down) as down:
            await broken.open({})
        logging.getLogger("test").error("told", exc_info=down.value)
    await sandbox.stop()
    with pytest.raises(TryLater) as told:
        await bridge.send(amina, saying(words))
    logging.getLogger("test").error("told", exc_info=told.value)
    await bridge.close(1)
    text = caplog.text + "".join(capsys.readouterr())
    assert "told" in text
    for secret in (sandbox.server.token, sandbox.server.token.split(":")[1], "B" * 35, words):
        assert secret not in text


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"token": ""}, "BotFather"),
        ({"token": "5999:short"}, "BotFather"),
        ({"api": "localhost"}, "api.telegram.org"),
        ({"give_up_after": "soon"}, "24 hours"),
        ({"per_second": 0}, "greater than 0"),
        ({"tokn": "x"}, "not permitted"),
    ],
)
def test_a_wrong_setting_is_told_without_its_secret(wrong, word):
    from pydantic import ValidationError

    with pytest.raises(ValidationError) as told:
        TelegramSettings(**{"token": "123456:" + "A" * 35} | wrong)
    shown = str(told.value.errors(include_input=False, include_url=False, include_context=False))
    assert word in shown
    assert "5999" not in shown


def test_the_default_budgets_stay_within_the_limits_in_every_window():
    settings = TelegramSettings(token="123456:" + "A" * 35)
    overall, chat, group = budgets(settings)
    assert overall.burst + overall.per_second <= 29 < 30
    assert (chat.burst, chat.lane, chat.rooms) == (1, True, False)
    assert chat.per_second < 1
    assert group.burst + group.per_second * 60 <= 20.1
    assert (group.lane, group.rooms) == (True, True)


def test_the_channel_is_described_without_its_library():
    import subprocess
    import sys

    code = "import sys, bridges.telegram.bridge as b; b.CHANNEL; print([m for m in ('telegram', 'aiohttp', 'httpx', 'store', 'sqlalchemy') if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_every_claim_of_the_capabilities_has_its_method():
    for claim, method in (
        ("edit_within", "edit"),
        ("delete_within", "delete"),
        ("react", "react"),
        ("buttons", "answer"),
        ("invites_by_link", "invite_link"),
    ):
        assert bool(getattr(CHANNEL.can, claim)) == hasattr(TelegramBridge, method)


async def test_every_request_follows_the_specification(sandbox, bridge, amina):
    contracts_telegram.required()
    sent = await bridge.send(
        amina,
        saying(
            Rich("hello", (Span("bold", 0, 5), Span("link", 0, 2, "https://a.b"), Span("pre", 1, 2, "py"))),
            buttons=((Button("A", "a"),),),
            automatic=True,
            silent=True,
            reply_to="1",
        ),
    )
    await bridge.edit(amina, sent.ids[0], saying("bye", buttons=((Button("A", "a"),),)))
    await bridge.react(amina, "1", "👍")
    await bridge.react(amina, "1", "")
    await sandbox.press("Amina", (line := sandbox.seen("Amina")[-1]), line.buttons[0])
    await bridge.answer((await bridge.read(await last_raw(bridge)))[0].callback_id, "ok")
    await bridge.delete(amina, sent.ids[0])
    await bridge.menu({"en": [("help", "Help")], "fr": [("aide", "Aide")]})
    await bridge.check()
    await sandbox.show("Amina", "a.txt", b"a")
    file = (await bridge.read(await last_raw(bridge)))[0].files[0]
    assert b"".join([piece async for piece in bridge.fetch(file)]) == b"a"
    sandbox.fail("lost")
    with pytest.raises(Uncertain):
        await bridge.send(Address(sandbox.room("le salon", ["Amina"]), room=True), saying("hello"))
    assert {m for m, _ in sandbox.requests} >= {
        "getMe",
        "getUpdates",
        "sendMessage",
        "editMessageText",
        "deleteMessage",
        "setMessageReaction",
        "answerCallbackQuery",
        "setMyCommands",
        "getMyCommands",
        "getWebhookInfo",
        "getFile",
    }
    assert contracts_telegram.check(sandbox.requests) == []
    assert sandbox.violations() == []


def test_the_checker_finds_what_is_wrong():
    contracts_telegram.required()
    assert contracts_telegram.check([("sendMessage", {"chat_id": 1, "text": "x"})]) == []
    faults = contracts_telegram.check(
        [
            ("sendMessage", {"chat_id": 1.5, "entities": [{"type": "bold", "offset": "0", "length": 1}], "bold": True}),
            ("sendMessages", {}),
            ("setMyCommands", {"commands": [{"command": "a"}], "scope": {"type": "chat"}}),
        ]
    )
    assert faults == [
        "sendMessage.text: required",
        "sendMessage.chat_id: no Integer",
        "sendMessage.entities.offset: no Integer",
        "sendMessage.bold: unknown",
        "sendMessages: no such method",
        "setMyCommands.commands.description: required",
    ]
