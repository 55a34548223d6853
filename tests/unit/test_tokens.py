"""Tokens: derived, short, proved by a key, and dead with the generation they were made for."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import tokens
from bot.core.tokens import Tokens

KEY = b"k" * 32
#: Beyond this a database would have to count for a hundred years, a thousand a second.
ids = st.integers(0, 2**42 - 1)
purposes = st.sampled_from("rbmqp")


@given(purpose=purposes, membership=ids, target=ids, generation=st.integers(0, 1000))
def test_a_token_says_what_it_was_made_of_and_proves_it(purpose, membership, target, generation):
    made = Tokens(KEY).make(purpose, membership, target, generation)
    read = Tokens(KEY).read(purpose, made)
    assert read is not None
    assert (read.membership, read.target) == (membership, target)
    assert Tokens(KEY).proves(read, generation)


@given(membership=ids, target=ids)
def test_a_token_is_short_and_survives_any_mail_server(membership, target):
    """At most 45 characters, lower-case letters and digits only; what folds case or adds blanks does no harm."""
    made = Tokens(KEY).make("r", membership, target, 0)
    assert len(made) <= 45
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz234567")
    again = Tokens(KEY).read("r", f" {made.upper()} ")
    assert again is not None
    assert Tokens(KEY).proves(again, 0)


@given(membership=ids, target=ids, generation=st.integers(0, 5), other=st.integers(0, 5))
def test_a_token_dies_with_its_generation(membership, target, generation, other):
    read = Tokens(KEY).read("r", Tokens(KEY).make("r", membership, target, generation))
    assert read is not None
    assert Tokens(KEY).proves(read, other) == (generation == other)


@given(membership=ids, target=ids)
def test_a_token_of_one_purpose_proves_nothing_for_another_or_under_another_key(membership, target):
    made = Tokens(KEY).make("r", membership, target, 0)
    for purpose, key in (("b", KEY), ("m", KEY), ("r", b"x" * 32)):
        read = Tokens(key).read(purpose, made)
        assert read is None or not Tokens(key).proves(read, 0)


@given(
    membership=ids, target=ids, position=st.integers(0, 44), char=st.sampled_from("abcdefghijklmnopqrstuvwxyz234567")
)
def test_a_token_with_another_letter_proves_nothing(membership, target, position, char):
    made = Tokens(KEY).make("r", membership, target, 0)
    position %= len(made)
    forged = made[:position] + char + made[position + 1 :]
    read = Tokens(KEY).read("r", forged)
    if forged == made or read is None:
        return
    if Tokens(KEY).proves(read, 0):
        # The last letter has bits that mean nothing: the same token, spelled otherwise.
        assert position == len(made) - 1
        assert (read.membership, read.target) == (membership, target)


@given(st.text(max_size=60))
def test_any_text_may_be_read_as_a_token_and_none_proves_anything(text):
    read = Tokens(KEY).read("r", text)
    assert read is None or not Tokens(KEY).proves(read, 0)


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=2))
def test_what_a_button_carries_is_signed_and_fits(numbers):
    data = Tokens(KEY).choice("q", *numbers)
    assert len(data.encode()) <= 64
    assert Tokens(KEY).chosen(data) == ["q", *map(str, numbers)]
    assert Tokens(b"x" * 32).chosen(data) is None
    assert Tokens(KEY).chosen(data.replace("q", "r", 1)) is None


@pytest.mark.parametrize("data", ["", ":", "::", "q:1", "é:ü", "q:1:????????????"])
def test_what_nobody_signed_is_no_choice(data):
    assert Tokens(KEY).chosen(data) is None


def test_the_key_is_made_once_and_is_for_us_alone(tmp_path):
    path = tmp_path / "data" / "secret.key"
    key = tokens.secret_key(path)
    assert len(key) == 32
    assert tokens.secret_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["secret.key"]


@pytest.mark.parametrize(("content", "why"), [(b"", "0 bytes"), (b"short", "5 bytes"), (b"k" * 33, "more")])
def test_what_is_not_exactly_as_long_as_a_key_is_none(tmp_path, content, why):
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(tokens.BadKeyError, match=why):
        tokens.secret_key(tmp_path / "key")


def test_two_processes_that_make_the_key_have_the_same_one(tmp_path, monkeypatch):
    path = tmp_path / "key"
    whole = tokens.os.link

    def second(new, to):
        Path(to).write_bytes(b"o" * 32)  # the other one was there first
        whole(new, to)

    monkeypatch.setattr(tokens.os, "link", second)
    assert tokens.secret_key(path) == b"o" * 32
    assert list(tmp_path.iterdir()) == [path]


def test_codes_are_readable_aloud_and_stored_as_a_hash_nobody_makes_without_the_key():
    codes = {tokens.typed_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(set(code.replace("-", "")) <= set(tokens.ALPHABET) and len(code) == 9 for code in codes)
    one = codes.pop()
    ours, other = tokens.Tokens(b"k" * 32), tokens.Tokens(b"o" * 32)
    assert ours.code_hash(one) == ours.code_hash(one.lower().replace("-", " "))
    assert ours.code_hash(one) != other.code_hash(one)
    assert one not in ours.code_hash(one)
    links = {tokens.link_code() for _ in range(200)}
    assert len(links) == 200
    # 24 characters of an alphabet of 32: 120 bits, where 96 are the least.
    assert {len(one) for one in links} == {24}
    assert len(set("".join(links))) == 32


def test_what_is_sealed_is_read_with_the_key_alone_and_looks_new_every_time():
    ours, other = tokens.Tokens(b"k" * 32), tokens.Tokens(b"o" * 32)
    for words in ("", "é", "Write me 7K2F-9MPD within 15 minutes. " * 40):
        sealed = ours.seal(words)
        assert ours.unseal(sealed) == words
        assert "7K2F" not in sealed
        assert ours.seal(words) != sealed
        with pytest.raises(ValueError, match="another key"):
            other.unseal(sealed)
