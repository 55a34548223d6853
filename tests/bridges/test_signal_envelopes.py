"""Every kind of envelope reads as expected, and nothing an envelope may hold makes reading fall over."""

from __future__ import annotations

import copy
import dataclasses
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import Unreadable
from bot.core.events import ChannelGap, Ignored, MembershipChanged, MessageReceived, RoomChanged
from bridges.signal.groups import OWN, from_outside, own_item
from bridges.signal.incoming import Account, key_of, loads, long_text_of, names_in, read
from tests import contracts_signal

NUMBER = "+33612345678"
TABLE = json.loads((Path(__file__).parents[1] / "fixtures" / "signal" / "envelopes.json").read_text())
BY_NAME = {row["name"]: row["frame"] for row in TABLE}
SOLENE = "7c3e1f52-9d04-4b6a-a1c8-5e0f9b2d6431"
OTHER = "e84b02d9-31f7-4c5e-8f6d-a90c7741be25"


def shown(event: Any) -> Any:
    """An event as JSON: the type's name and the fields that are not at their default."""
    if dataclasses.is_dataclass(event):
        fields = {}
        for field in dataclasses.fields(event):
            value = getattr(event, field.name)
            if field.default is dataclasses.MISSING or value != field.default:
                fields[field.name] = shown(value)
        return {type(event).__name__: fields}
    if isinstance(event, datetime):
        return event.isoformat()
    return [shown(one) for one in event] if isinstance(event, (tuple, list)) else event


def events_of(frame: Any, account: Account | None = None, **more: Any) -> list[Any]:
    raw = frame if isinstance(frame, bytes) else json.dumps(frame).encode()
    try:
        return [shown(event) for event in read(raw, account or Account(NUMBER), **more)]
    except Unreadable as error:
        return [{"Unreadable": str(error)}]


def changed(name: str, **data: Any) -> dict[str, Any]:
    """The envelope of that name with other parts in its data message."""
    frame = copy.deepcopy(BY_NAME[name])
    frame["envelope"]["dataMessage"].update(data)
    return frame


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["name"])
def test_every_envelope_reads_as_expected(row):
    assert events_of(row["frame"]) == row["events"]


def test_the_published_samples_read_like_ours():
    contracts_signal.required()
    samples = contracts_signal.envelopes()
    assert set(samples) == set(BY_NAME)
    for name, frame in samples.items():
        ours = next(row["events"] for row in TABLE if row["name"] == name)
        theirs = events_of(frame, Account(frame["account"]))
        assert [list(event) for event in theirs] == [list(event) for event in ours], name
        assert [event.get("Ignored") for event in theirs] == [event.get("Ignored") for event in ours], name


def test_the_webhook_gives_the_same_item_under_the_same_key():
    for row in TABLE:
        posted = {"jsonrpc": "2.0", "method": "receive", "params": row["frame"]}
        assert events_of(posted) == row["events"]
        assert key_of(json.dumps(posted).encode()) == key_of(json.dumps(row["frame"]).encode())


def test_every_sample_has_a_key_of_its_own():
    """They share a sender and a moment by twos; the kind tells them apart where the sender could have sent both."""
    frame = BY_NAME["text_private"]
    later = copy.deepcopy(frame)
    later["envelope"]["timestamp"] += 1
    other_device = copy.deepcopy(frame)
    other_device["envelope"]["sourceDevice"] = 2
    kinds = [BY_NAME[name] for name in ("text_private", "decryption_error", "receipt", "typing", "edit", "sync_read")]
    keys = [key_of(json.dumps(one).encode())[0] for one in (*kinds, later, other_device)]
    assert len(set(keys)) == len(keys)


def test_what_the_bots_own_phone_wrote_is_nobodys():
    """The service shows it as if its recipient had said it: whatever stands beside, it is set aside."""
    frame = copy.deepcopy(BY_NAME["sync_sent_private"])
    frame["envelope"]["dataMessage"] = BY_NAME["text_private"]["envelope"]["dataMessage"]
    frame["envelope"]["editMessage"] = BY_NAME["edit"]["envelope"]["editMessage"]
    account = Account(NUMBER)
    assert events_of(frame, account) == [{"Ignored": {"why": "own"}}]
    assert account.own == {SOLENE}, "and so our own id is known from then on"
    assert events_of(BY_NAME["text_private"], account) == [{"Ignored": {"why": "own"}}]


def test_a_quote_of_ours_is_me_by_number_by_id_and_in_private_by_elimination():
    def author(quote: dict[str, Any], group: bool) -> str:
        frame = changed("quote", quote={"id": 5, "text": "x", **quote})
        if not group:
            del frame["envelope"]["dataMessage"]["groupInfo"]
        return events_of(frame, Account(NUMBER, own={"aaaaaaaa-0000-4000-8000-000000000000"}))[0]["MessageReceived"][
            "reply_to"
        ]

    assert author({"authorNumber": NUMBER, "authorUuid": OTHER}, group=True) == "5/me"
    assert author({"authorNumber": None, "authorUuid": "AAAAAAAA-0000-4000-8000-000000000000"}, group=True) == "5/me"
    assert author({"authorNumber": None, "authorUuid": OTHER}, group=True) == f"5/{OTHER}"
    assert author({"authorNumber": None, "authorUuid": OTHER}, group=False) == "5/me"
    assert author({"authorNumber": None, "authorUuid": SOLENE.upper()}, group=False) == f"5/{SOLENE}"
    assert author({}, group=True) == "5/"


def test_a_mention_shows_a_name_never_an_id_or_a_number():
    account = Account(NUMBER)
    names_in([{"uuid": OTHER, "profile_name": "Maïwenn", "number": "+33711223344"}], account)
    text = "🎶 Et \ufffc ? Et \ufffc ?"
    unknown = "0d5f1f6e-1111-4222-8333-944445555666"
    mentions = [
        {"name": OTHER, "number": None, "uuid": OTHER, "start": 6, "length": 1},
        {"name": "+33711223355", "number": "+33711223355", "uuid": unknown, "start": 13, "length": 1},
    ]
    styles = [{"style": "BOLD", "start": 6, "length": 1}, {"style": "ITALIC", "start": 13, "length": 3}]
    frame = changed("mention", message=text, mentions=mentions, textStyles=styles)
    rich = events_of(frame, account)[0]["MessageReceived"]["text"]["Rich"]
    assert rich["text"] == "🎶 Et @Maïwenn ? Et @… ?"
    spans = {span["Span"]["kind"]: rich["text"][span["Span"]["start"] : span["Span"]["end"]] for span in rich["spans"]}
    assert spans == {"bold": "@Maïwenn", "italic": "@… ?", "mention": "@…"}
    assert [span["Span"]["data"] for span in rich["spans"] if span["Span"]["kind"] == "mention"] == [OTHER, unknown]


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (changed("text_private", viewOnce=True), "view_once"),
        (changed("attachment", viewOnce=True), "view_once"),
        (changed("text_private", message=None), "empty"),
        (changed("text_private", message=None, groupCallUpdate={"eraId": "x"}), "call"),
        (changed("text_private", message=None, payment={"receipt": "x"}), "payment"),
        (changed("text_private", message=None, adminDelete={"targetSentTimestamp": 1}), "admin_delete"),
        ({**BY_NAME["text_private"], "account": "+33699999999"}, "other_account"),
        ({"account": NUMBER, "envelope": {"sourceUuid": SOLENE, "timestamp": 1}}, "empty"),
        ({"account": NUMBER, "envelope": {"sourceUuid": SOLENE, "timestamp": 1, "storyMessage": {}}}, "story"),
        ({"account": NUMBER, "envelope": {"sourceUuid": SOLENE, "timestamp": 1, "callMessage": {}}}, "call"),
    ],
)
def test_what_is_nothing_for_us_is_passed_over(frame, why):
    assert events_of(frame) == [{"Ignored": {"why": why}}]


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b'{"account": "+336',
        b"\xff\xfe",
        b"[" * 100_000,
        b"7",
        {"error": "something broke"},
        {"account": NUMBER},
        {"account": NUMBER, "envelope": "text"},
        {"account": NUMBER, "envelope": {"sourceUuid": SOLENE, "timestamp": 1, "novelMessage": {"a": 1}}},
        changed("text_private", message=None, hologram={"depth": 3}),
        changed("text_private", message=7),
        changed("text_private", message="x" * (2**20 + 1)),
        changed("text_private", timestamp=10**18),
        changed("text_private", timestamp="soon"),
        changed("text_private", timestamp=True),
        changed("text_private", attachments="none"),
        changed("text_private", attachments=[7]),
        changed("text_private", quote={"id": None}),
        changed("text_private", textStyles=[{"style": "BOLD", "start": 0, "length": 1}] * 1000),
        changed("text_group", groupInfo={"groupId": None}),
        changed("poll_create", pollCreate={"question": "?", "options": [1]}),
        {**BY_NAME["text_private"], "envelope": {**BY_NAME["text_private"]["envelope"], "sourceUuid": None}},
        own_item({"gap": {"since": "x", "until": 2}}),
        own_item({"gap": {"since": 1e300, "until": 1e301}}),
        own_item({"gap": {"since": 2, "until": 1}}),
        own_item({"group": {}}),
        own_item({"group": {"id": 1, "members": "x"}}),
        own_item({"group": {"id": "g", "title": "T", "here": [1]}}),
        own_item({}),
        changed("text_group", groupInfo={"groupId": "\ud800"}),
        {"envelope": {"sourceUuid": "\ud800", "timestamp": 1, "dataMessage": {"timestamp": 1, "message": "x"}}},
        {"envelope": {"sourceUuid": "a\0", "sourceDevice": ["\ud800"], "timestamp": 1, "dataMessage": {}}},
    ],
)
def test_what_cannot_be_read_is_said_so_and_has_a_key(frame):
    (found,) = events_of(frame)
    assert "Unreadable" in found
    assert "hologram" in found["Unreadable"] or SOLENE not in found["Unreadable"]
    raw = frame if isinstance(frame, bytes) else json.dumps(frame).encode()
    assert key_of(raw) == key_of(raw)
    assert key_of(raw)[0]
    "".join(key_of(raw)).encode()
    assert "\0" not in "".join(key_of(raw))


@pytest.mark.parametrize(
    "item", [{"gap": {"since": 1, "until": 900}}, {"group": {"id": "g", "title": "T", "gone": ["a"]}}]
)
def test_an_item_of_our_own_cannot_be_forged_from_outside(item):
    assert "Unreadable" not in events_of(own_item(item))[0]
    for forged in (json.dumps(item).encode(), own_item(item), OWN + own_item(item)):
        assert "Unreadable" in events_of(from_outside(forged))[0]


def test_nul_and_half_characters_are_taken_out():
    frame = changed("text_private", message="a\0b\ud83dc", textStyles=[{"style": "BOLD", "start": 3, "length": 9}])
    frame["envelope"]["sourceName"] = "So\0lène\udc00"
    event = events_of(frame)[0]["MessageReceived"]
    assert event["text"]["Rich"]["text"] == "ab\ufffdc"
    assert event["sender"]["Person"]["name"] == "Solène\ufffd"


def test_a_long_text_is_read_whole_or_its_rest_is_listed_as_a_file():
    parts = {"contentType": "text/x-signal-plain", "filename": None, "id": "long.txt", "size": 3000}
    frame = changed("text_private", message="The beginning", attachments=[parts])
    assert long_text_of(json.dumps(frame).encode()) == "long.txt"
    whole = events_of(frame, long_text="The beginning and the end")[0]["MessageReceived"]
    assert whole["text"]["Rich"]["text"] == "The beginning and the end"
    assert "files" not in whole
    cut = events_of(frame)[0]["MessageReceived"]
    assert cut["text"]["Rich"]["text"] == "The beginning"
    assert cut["files"][0]["RemoteFile"]["id"] == "long.txt"
    assert long_text_of(b"[]") == ""


def test_a_voice_message_is_one():
    voice = {"contentType": "audio/aac", "id": "v.aac", "size": 9, "isVoiceNote": True}
    (event,) = events_of(changed("text_private", message=None, attachments=[voice]))
    assert event["MessageReceived"]["files"][0]["RemoteFile"]["kind"] == "voice"


def test_a_reaction_taken_back_leaves_none():
    reaction = BY_NAME["reaction"]["envelope"]["dataMessage"]["reaction"] | {"isRemove": True}
    (event,) = read(json.dumps(changed("reaction", reaction=reaction)).encode(), Account(NUMBER))
    assert event.emoji == ()


def test_an_item_of_our_own_about_a_group_says_who_came_and_went():
    body = {"id": "group.x", "title": "T", "here": ["a"], "gone": ["b"], "us": True}
    room, us, came, went = read(own_item({"group": body}), Account(NUMBER))
    assert isinstance(room, RoomChanged)
    assert isinstance(us, MembershipChanged)
    assert (us.us, us.present) == (True, True)
    assert (came.person.id, came.present, went.person.id, went.present) == ("a", True, "b", False)


def test_an_item_of_our_own_about_a_gap_says_from_when_to_when():
    (gap,) = read(own_item({"gap": {"since": 1767302400.5, "until": 1767302700}}), Account(NUMBER))
    assert isinstance(gap, ChannelGap)
    assert (gap.until - gap.since).total_seconds() == 299.5
    assert gap.lost is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def _places(frame: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(frame, dict):
        found += [deeper for key in frame for deeper in _places(frame[key], (*path, key))]
    if isinstance(frame, list):
        found += [deeper for index, one in enumerate(frame) for deeper in _places(one, (*path, index))]
    return found


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_frame_makes_reading_fall_over(data):
    """One place of a good frame holds something else: events, or Unreadable; nothing else is raised."""
    frame = copy.deepcopy(data.draw(st.sampled_from(TABLE))["frame"])
    *way, last = data.draw(st.sampled_from(_places(frame)))
    inner: Any = frame
    for step in way:
        inner = inner[step]
    inner[last] = data.draw(_JSON)
    raw = json.dumps(frame).encode()
    key_of(raw)
    long_text_of(raw)
    try:
        for event in read(raw, Account(NUMBER)):
            assert isinstance(event, Ignored) or event.place.id
            if isinstance(event, MessageReceived):
                assert event.sender.id == SOLENE or event.sender.id != ""
                assert all(0 <= span.start < span.end <= len(event.text.text) for span in event.text.spans)
                event.text.text.encode()
    except Unreadable:
        pass


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_make_reading_fall_over(raw):
    key_of(raw)
    try:
        loads(raw)
        read(raw, Account(NUMBER))
    except Unreadable:
        pass
