"""What the service's answers mean: sent, later, refused, unreachable, or the whole account cannot be used.

The service says most things in English sentences of signal-cli, with status 400 for everything; what they are matched
by stands here and nowhere else. The sentences may name numbers: they are read, never passed on.
"""

from __future__ import annotations

import json
import re
from typing import Any

from bot.core.bridge import Sent
from bot.core.errors import BridgeError, Down, Refused, TryLater, Uncertain, Unreachable

_WAIT = re.compile(r"""(?:wait|retry after)\W{1,3}(\d{1,7})\W{1,3}seconds?""", re.IGNORECASE)
_UNREGISTERED = re.compile(r"unregistered|is not registered|not registered on signal", re.IGNORECASE)
_NO_ACCOUNT = re.compile(
    r"authorization failed|specified account does not exist|no such account|account is not registered|\b40[13]\b.*authoriz"
    r"|authorization.*\b40[13]\b|not authorized",
    re.IGNORECASE,
)
_NO_GROUP = re.compile(
    r"group not found|invalid group|not a (?:group )?member|no longer a member|not allowed to send|no group with that id"
    r"|only admins|pending (?:admin )?approval",
    re.IGNORECASE,
)
_IDENTITY = re.compile(r"untrusted|identity|safety number", re.IGNORECASE)
_LIMITED = re.compile(r"rate.?limit|too many requests|captcha proof|\b413\b|\b429\b|\b428\b", re.IGNORECASE)
_SENSELESS = re.compile(
    r"invalid(?!.?pre)|too (?:large|long|big)|couldn't process request|malformed|unsupported", re.IGNORECASE
)
_PASSING = re.compile(
    r"network|timed? ?out|timeout|connection|failed to send message|io ?exception|unexpected", re.IGNORECASE
)
_RELINK = "Link or register the number again in signal-cli-rest-api, then run: filcommun check signal"


def decoded(body: bytes) -> Any:
    """The body as JSON; nothing if it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def sent(status: int, body: bytes, *, number: str, room: bool) -> Sent:
    """What POST /v2/send answered. Raises TryLater, Refused, Unreachable, Down or Uncertain."""
    if status not in (200, 201):
        raise failure(status, body, number=number)
    answer = decoded(body)
    # An array since 0.101, one object before; for us always about one recipient.
    first = answer[0] if isinstance(answer, list) and answer else answer
    if not isinstance(first, dict):
        raise Uncertain("the service took it and gave an answer that cannot be read")
    reasons = _reasons(first)
    if reasons and not room:
        raise _for_one(reasons[0])
    when = str(first.get("timestamp") or "")
    if not re.fullmatch(r"[0-9]{1,18}", when) or not int(when):
        raise Uncertain("the service took it and did not say when")
    # In a room some may not have got it: the others have, so it is never sent again for their sake.
    note = ", ".join(f"{reason} x{reasons.count(reason)}" for reason in sorted(set(reasons)))
    return Sent((f"{when}/me",), note)


def _reasons(answer: dict[str, Any]) -> list[str]:
    errors = answer.get("errors")
    recipients = errors.get("recipients") if isinstance(errors, dict) else None
    found = recipients if isinstance(recipients, list) else []
    return [
        re.sub(r"[^A-Z_]", "", str(one.get("reason") or "UNKNOWN"))[:40] or "UNKNOWN"
        for one in found
        if isinstance(one, dict)
    ]


def _for_one(reason: str) -> BridgeError:
    """Why the one recipient of a private message did not get it."""
    if reason == "UNREGISTERED_FAILURE":
        return Unreachable("this person is no longer on Signal")
    if reason == "IDENTITY_FAILURE":
        return _identity()
    if reason in ("RATE_LIMIT_FAILURE", "PROOF_REQUIRED_FAILURE"):
        return TryLater("Signal asks to go slower", after=60.0, scope="budget")
    if reason in ("NETWORK_FAILURE", "INVALID_PRE_KEY_FAILURE"):
        return TryLater(f"not delivered: {reason}", after=30.0)
    return Refused(f"not delivered: {reason}")


class OtherDevice(Unreachable):
    """The person's key is not the one that is trusted."""


def _identity() -> BridgeError:
    return OtherDevice("this person's Signal was set up anew: their safety number must be confirmed first")


def failure(status: int, body: bytes, *, number: str) -> BridgeError:
    """What a refusal means."""
    answer = decoded(body)
    error = str(answer.get("error") or "") if isinstance(answer, dict) else ""
    if status == 429 or _LIMITED.search(error):
        return _limited(error, answer.get("challenge_tokens") if isinstance(answer, dict) else None)
    if status in (401, 403, 404) and not error:
        return Down(
            "the Signal service refuses us", "Check [signal] service: is it signal-cli-rest-api, and open to us?"
        )
    if status >= 500:
        if status in (502, 504):  # somebody between us and the service gave up waiting: it may have gone through
            return Uncertain("the service's gateway gave up waiting")
        return TryLater(f"the Signal service answers {status}", after=5.0, scope="channel")
    if _NO_ACCOUNT.search(error) or (_UNREGISTERED.search(error) and number in error):
        return Down("the bot's number is not registered with the Signal service any more", _RELINK)
    if _UNREGISTERED.search(error):
        return Unreachable("this person is no longer on Signal")
    if _NO_GROUP.search(error):
        return Unreachable("the bot may not write in this Signal group")
    if _IDENTITY.search(error):
        return _identity()
    if _PASSING.search(error) and not _SENSELESS.search(error):
        return TryLater("the Signal service could not deliver it", after=15.0)
    return Refused(f"the Signal service does not take it (status {status})")


def _limited(error: str, tokens: object) -> BridgeError:
    """Signal asks to go slower, or wants to see a human first."""
    wait = _WAIT.search(error)
    token = next((one for one in tokens if isinstance(one, str) and one), "") if isinstance(tokens, list) else ""
    if token:
        return Down(
            "Signal wants to see a human before it takes more messages from the bot's number",
            "From the same network as the service: solve https://signalcaptchas.org/challenge/generate.html, copy the link of "
            '"Open Signal" without its signalcaptcha://, and send both to the service: POST /v1/accounts/NUMBER/rate-limit-challenge '
            f'{{"challenge_token": "{token}", "captcha": "…"}}' + (f"; or wait {int(wait[1])} seconds" if wait else ""),
        )
    return TryLater("Signal asks to go slower", after=float(wait[1]) if wait else 60.0, scope="budget")
