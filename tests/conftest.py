"""What all tests share: nothing of this machine's configuration reaches them, and what they need is asked for by name."""

from __future__ import annotations

import os

import pytest

# So that a failing `assert` in these says what was compared.
pytest.register_assert_rewrite("tests.bridges.contract", "tests.bridges.ground", "tests.playing")

REQUIRED = frozenset(filter(None, os.environ.get("TEST_REQUIRE", "").split(",")))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    """A variable of the machine the tests run on is no setting of theirs."""
    for name in list(os.environ):
        if name.startswith("FILCOMMUN_"):
            monkeypatch.delenv(name)


@pytest.fixture
def missing():
    """Say that something a test needs is not here: skip, or fail where TEST_REQUIRE names it."""

    def say(what: str, how: str) -> None:
        if what in REQUIRED:
            pytest.fail(f"TEST_REQUIRE asks for {what}, which is not here: {how}")
        pytest.skip(f"needs {what}: {how}")

    return say
