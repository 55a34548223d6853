"""Holds requests against the Bot API's machine-readable specification, `$CONTRACTS/telegram-bot-api.json`.

Required fields are there, no unknown ones, and every value has one of the types the specification gives it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

_PLAIN = {"Integer": int, "String": str, "Boolean": bool, "Float": (int, float), "InputFile": bytes, "True": bool}


def required() -> None:
    """Skip the test without the specification, unless TEST_REQUIRE names it."""
    if not os.environ.get("CONTRACTS"):
        message = (
            "needs telegram-bot-api.json, the Bot API as JSON (as PaulSonOfLars/telegram-bot-api-spec publishes it): "
            "set CONTRACTS to its folder"
        )
        (pytest.fail if "contracts" in os.environ.get("TEST_REQUIRE", "").split(",") else pytest.skip)(message)


@cache
def specification() -> dict[str, Any]:
    """The specification as it is published."""
    return json.loads((Path(os.environ["CONTRACTS"]) / "telegram-bot-api.json").read_text())


def check(requests: Iterable[tuple[str, dict[str, Any]]]) -> list[str]:
    """Return what is wrong with these calls, a sentence each; equal sentences once."""
    found: dict[str, None] = {}
    for method, parameters in requests:
        described = specification()["methods"].get(method)
        if described is None:
            found[f"{method}: no such method"] = None
        else:
            found.update(dict.fromkeys(_fields(method, described.get("fields", []), parameters)))
    return list(found)


def _fields(where: str, fields: list[dict[str, Any]], given: dict[str, Any]) -> list[str]:
    """What is wrong with the fields of one call or object."""
    known = {f["name"]: f for f in fields}
    wrong = [f"{where}.{name}: required" for name, f in known.items() if f["required"] and name not in given]
    for name, value in given.items():
        if name not in known:
            wrong.append(f"{where}.{name}: unknown")
        else:
            tried = [_value(f"{where}.{name}", kind, value) for kind in known[name]["types"]]
            wrong += [] if [] in tried else min(tried, key=len)
    return wrong


def _value(where: str, kind: str, value: Any) -> list[str]:
    """What keeps `value` from being a `kind`."""
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            return [f"{where}: no array"]
        return [fault for item in value for fault in _value(where, kind.removeprefix("Array of "), item)]
    if kind in _PLAIN:
        fits = isinstance(value, _PLAIN[kind]) and (kind in {"Boolean", "True"} or not isinstance(value, bool))
        return [] if fits else [f"{where}: no {kind}"]
    if not isinstance(value, dict):
        return [f"{where}: no {kind}"]
    described = specification()["types"][kind]
    if described.get("subtypes"):
        tried = [_value(where, sub, value) for sub in described["subtypes"]]
        return min(tried, key=len)
    return _fields(where, described.get("fields", []), value)
