"""What each refusal of the service means, and what a set-up that cannot work is told."""

from __future__ import annotations

import json
import time

import pytest
from pydantic import ValidationError

from bot.core.bridge import Address
from bot.core.errors import Down, Refused, TryLater, Uncertain, Unreachable
from bridges.signal import answers
from bridges.signal.sandbox import NUMBER, SignalSandbox
from bridges.signal.settings import SignalSettings
from tests.bridges.signal_ground import a_bridge, words


@pytest.fixture
async def sandbox():
    one = SignalSandbox()
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
async def bridge(sandbox):
    sandbox.server.ever_heard.set()  # nobody reads here: words need not wait for somebody to listen
    one = a_bridge(sandbox)
    await one.open({})
    yield one
    await one.close(0)


@pytest.mark.parametrize(
    ("fault", "error", "arrives"),
    [
        ("later", TryLater, False),
        ("refused", Refused, False),
        ("unreachable", Unreachable, False),
        ("down", Down, False),
        ("broken", TryLater, False),
        ("lost", Uncertain, True),
    ],
)
@pytest.mark.parametrize("room", [False, True])
async def test_each_fault_is_what_it_is(sandbox, bridge, fault, error, arrives, room):
    title = "Le salon" if room else ""
    to = Address(sandbox.room("Le salon", ["Chloé"]) if room else sandbox.person("Chloé"), room=room)
    sandbox.fail(fault, who=title or "Chloé")
    with pytest.raises(error) as raised:
        await bridge.send(to, words("hello"))
    assert NUMBER not in str(raised.value)
    assert bool(sandbox.seen("Chloé", title)) is arrives
    await bridge.send(to, words("again"))
    assert sandbox.seen("Chloé", title)[-1].text == "again"


async def test_an_answer_that_comes_too_late_is_uncertain(sandbox):
    bridge = a_bridge(sandbox, answer_within=0.3)
    await bridge.open({})
    sandbox.fail("slow")
    began = time.monotonic()
    with pytest.raises(Uncertain):
        await bridge.send(Address(sandbox.person("Chloé")), words("hello"))
    assert time.monotonic() - began < 2
    assert [line.text for line in sandbox.seen("Chloé")] == ["hello"]
    await bridge.close(0)


async def test_a_service_that_is_not_there_is_down_and_nothing_was_sent(sandbox, bridge):
    await sandbox.stop()
    with pytest.raises(Down, match=r"nothing answers at 127\.0\.0\.1") as raised:
        await bridge.send(Address(sandbox.person("Chloé")), words("hello"))
    assert "signal-cli-rest-api" in raised.value.cure
    with pytest.raises(Down):
        await a_bridge(sandbox).open({})


async def test_who_left_signal_is_unreachable_and_in_a_group_the_others_have_it(sandbox, bridge):
    room = sandbox.room("Le salon", ["Chloé", "Inès"])
    sandbox.unregister("Inès")
    with pytest.raises(Unreachable):
        await bridge.send(Address(sandbox.person("Inès")), words("hello"))
    sent = await bridge.send(Address(room, room=True), words("hello all"))
    assert sent.note == "UNREGISTERED_FAILURE x1"
    assert sandbox.person("Inès") not in sent.note


async def test_a_group_that_put_us_out_and_one_that_never_was_are_unreachable(sandbox, bridge):
    room = sandbox.room("Le salon", ["Chloé"])
    sandbox.expel("Le salon")
    for there in (room, "group.bm9uZQ=="):
        with pytest.raises(Unreachable, match="group"):
            await bridge.send(Address(there, room=True), words("hello"))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": 'Failed to send message: Unregistered user "…"'}, Unreachable),
        (400, {"error": f"User {NUMBER} is not registered."}, Down),
        (400, {"error": "Specified account does not exist"}, Down),
        (400, {"error": "[401] Authorization failed! (AuthorizationFailedException)"}, Down),
        (400, {"error": "Untrusted Identity for recipient"}, answers.OtherDevice),
        (400, {"error": "Group not found: abc="}, Unreachable),
        (400, {"error": "User is not allowed to send message to group"}, Unreachable),
        (400, {"error": "Invalid group id"}, Unreachable),
        (400, {"error": "Failed to send message due to rate limiting"}, TryLater),
        (400, {"error": "Failed to send message"}, TryLater),
        (400, {"error": "java.net.SocketTimeoutException: timeout"}, TryLater),
        (400, {"error": "Couldn't process request - invalid request"}, Refused),
        (400, {"error": "Invalid attachment (unexpected)"}, Refused),
        (400, {}, Refused),
        (404, {}, Down),
        (401, {}, Down),
        (500, {"error": "x"}, TryLater),
        (503, {}, TryLater),
        (502, {}, Uncertain),
        (504, {}, Uncertain),
        (429, {"error": "Rate limit", "challenge_tokens": []}, TryLater),
        (201, [], Uncertain),
        (201, [{"timestamp": "0"}], Uncertain),
        (201, [{"timestamp": "x"}], Uncertain),
        (201, "nonsense", Uncertain),
        (201, [{"timestamp": "5", "errors": {"recipients": [{"reason": "UNREGISTERED_FAILURE"}]}}], Unreachable),
        (201, [{"timestamp": "5", "errors": {"recipients": [{"reason": "IDENTITY_FAILURE"}]}}], answers.OtherDevice),
        (201, [{"timestamp": "5", "errors": {"recipients": [{"reason": "RATE_LIMIT_FAILURE"}]}}], TryLater),
        (201, [{"timestamp": "5", "errors": {"recipients": [{"reason": "NETWORK_FAILURE"}]}}], TryLater),
        (201, [{"timestamp": "5", "errors": {"recipients": [{"reason": "SOMETHING_NEW"}]}}], Refused),
    ],
)
def test_what_the_service_says_has_one_meaning(status, body, error):
    with pytest.raises(error) as raised:
        answers.sent(status, json.dumps(body).encode(), number=NUMBER, room=False)
    assert type(raised.value) is error
    assert NUMBER not in str(raised.value)


def test_the_answer_may_be_an_array_or_as_before_an_object():
    for body in (
        [{"timestamp": "1767302400000"}],
        {"timestamp": "1767302400000"},
        [{"timestamp": 1767302400000, "errors": None}],
    ):
        assert answers.sent(201, json.dumps(body).encode(), number=NUMBER, room=False).ids == ("1767302400000/me",)


def test_a_wish_to_see_a_human_tells_the_operator_what_to_do():
    text = 'CAPTCHA proof required for sending to "x", available options "recaptcha" with challenge token "tok", or wait "86400" seconds.'
    body = json.dumps({"error": text, "challenge_tokens": ["tok-1"], "account": NUMBER}).encode()
    with pytest.raises(Down) as raised:
        answers.sent(429, body, number=NUMBER, room=False)
    assert "signalcaptchas.org/challenge" in raised.value.cure
    assert "rate-limit-challenge" in raised.value.cure
    assert "86400 seconds" in raised.value.cure
    assert NUMBER not in raised.value.cure


def test_a_limit_says_how_long_if_it_can():
    for text, wait in (('or wait "17" seconds.', 17.0), ("Rate limit exceeded", 60.0)):
        with pytest.raises(TryLater) as raised:
            answers.sent(429, json.dumps({"error": text}).encode(), number=NUMBER, room=False)
        assert (raised.value.after, raised.value.scope) == (wait, "budget")


@pytest.mark.parametrize(
    ("version", "mode", "said"),
    [
        ("0.95", "json-rpc", "version 0.95"),
        ("0.101.0", "normal", "json-rpc"),
        ("0.100.3", "json-rpc", "0.101 or newer"),
    ],
)
async def test_a_service_we_cannot_use_is_refused_with_a_sentence(sandbox, version, mode, said):
    sandbox.server.version, sandbox.server.mode = version, mode
    with pytest.raises(Down, match=said) as raised:
        await a_bridge(sandbox).open({})
    assert raised.value.cure


async def test_something_else_that_answers_there_is_no_service(sandbox):
    with pytest.raises(Down, match=r"answers 404 to GET /v1/about"):
        await a_bridge(sandbox, service=sandbox.settings()["service"] + "/elsewhere").open({})


async def test_a_number_that_is_somebodys_own_stays_closed_at_first_sight(sandbox):
    sandbox.world.address_book = ["Maman", "Garage"]
    with pytest.raises(Down, match="2 contacts") as raised:
        await a_bridge(sandbox).open({})
    assert "shared_account" in raised.value.cure
    for bridge, cursor in ((a_bridge(sandbox, shared_account=True), {}), (a_bridge(sandbox), {"seen": "1"})):
        await bridge.open(cursor)
        await bridge.close(0)
    assert "address book" in (await a_bridge(sandbox).check())[0]


async def test_a_healthy_set_up_has_no_complaints_and_a_wrong_number_has_one(sandbox):
    assert await a_bridge(sandbox).check() == []
    assert "does not know the number" in (await a_bridge(sandbox, number="+33699999999").check())[0]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"number": "0612345678"}, "country"),
        ({"number": "+33600000000", "service": "127.0.0.1:8080"}, "signal-cli-rest-api"),
        ({"number": "+33600000000", "webhook": "8090"}, "host and a port"),
        ({"number": "+33600000000", "sevice": "x"}, "Extra inputs"),
        ({}, "number"),
    ],
)
def test_a_wrong_setting_says_what_to_write(given, says):
    with pytest.raises(ValidationError, match=says):
        SignalSettings(**given)


def test_the_defaults_are_the_documented_ones():
    found = SignalSettings(number="+33 6 00 00 00 00")
    assert found.number == "+33600000000"
    assert (found.service, found.webhook, found.shared_account) == ("http://127.0.0.1:8080", "", False)
    assert (str(found.spool), found.give_up_after) == ("data/signal.spool", 86_400.0)
