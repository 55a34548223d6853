"""Holds requests against signal-cli-rest-api's own specifications in `$CONTRACTS`.

`signal-rest-swagger.json` says which paths and methods there are and what their bodies look like;
`signal-rest-0.101.json` the same bodies as the version we need has them. Both must agree with what we send.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

Request = tuple[str, str, Any]  # method, path without the query, body (None: there was none)

#: Definitions of the swagger that 0.101 calls otherwise.
_RENAMED = {"api.SendMessageV2": "SendMessageV2"}


def required() -> None:
    """Skip the test without the specifications, unless TEST_REQUIRE names them."""
    if not os.environ.get("CONTRACTS"):
        message = (
            "needs signal-rest-swagger.json (docs/swagger.json of bbernhard/signal-cli-rest-api) and signal-rest-0.101.json "
            "(the JSON schemas of signalbot's generated models): set CONTRACTS to their folder"
        )
        (pytest.fail if "contracts" in os.environ.get("TEST_REQUIRE", "").split(",") else pytest.skip)(message)


@cache
def _file(name: str) -> dict[str, Any]:
    return json.loads((Path(os.environ["CONTRACTS"]) / name).read_text())


def envelopes() -> dict[str, Any]:
    """The sample envelopes, one of each kind, by name."""
    return _file("signal-envelopes.json")


def check(requests: Iterable[Request]) -> list[str]:
    """Return what is wrong with these requests, a sentence each; equal sentences once."""
    found: dict[str, None] = {}
    for method, path, body in requests:
        found.update(dict.fromkeys(_one(method, path, body)))
    return list(found)


def _one(method: str, path: str, body: Any) -> list[str]:
    operation = _operation(method, path)
    if operation is None:
        return [f"{method} {_shape(path)}: no such call"]
    expected = next((p["schema"] for p in operation.get("parameters", []) if p["in"] == "body"), None)
    if expected is None:
        return [f"{method} {_shape(path)}: takes no body"] if body is not None else []
    name = expected["$ref"].rpartition("/")[2]
    newer = _RENAMED.get(name, name.partition(".")[2])
    return [
        *_unfit(body, f"#/definitions/{name}", _file("signal-rest-swagger.json")),
        *_unfit(body, f"#/$defs/{newer}", _file("signal-rest-0.101.json")),
    ]


def _shape(path: str) -> str:
    """The path without numbers and ids."""
    return re.sub(r"/(\+\d+|group\.[^/]+)", "/…", path)


def _operation(method: str, path: str) -> dict[str, Any] | None:
    for template, operations in _file("signal-rest-swagger.json")["paths"].items():
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path) and method.lower() in operations:
            return operations[method.lower()]
    return None


def _unfit(body: Any, reference: str, document: dict[str, Any]) -> list[str]:
    name = reference.rpartition("/")[2]
    defined = document
    for step in reference.removeprefix("#/").split("/"):
        defined = defined[step]
    validator = jsonschema.Draft4Validator if "definitions" in document else jsonschema.Draft202012Validator
    wrong = [
        f"{name}.{fault.json_path}: {fault.message[:120]}"
        for fault in validator({"$ref": reference, **document}).iter_errors(body)
    ]
    unknown = set(body) - set(defined["properties"]) if isinstance(body, dict) else set()
    return wrong + [f"{name}.{field}: unknown" for field in sorted(unknown)]
