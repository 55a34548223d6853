"""The errors of `telegram.error` → the errors of `bot.core.errors` (T5–T8, T12, T21).

BadRequest and TimedOut are both NetworkErrors in the library: the order of the questions matters.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.core.errors import BridgeError, Down, Moved, Refused, TryLater, Uncertain, Unreachable

if TYPE_CHECKING:
    from telegram.error import TelegramError

#: A 400 that is about the address, not about the message; in lower case, as part of the description.
_NOBODY_THERE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "chat_write_forbidden",
    "have no rights to send",
    "not enough rights to send",
    "need administrator rights in the channel",
    "group chat was deactivated",
    "bot is not a member",
    "user is deactivated",
)
_TOKEN_CURE = "Ask @BotFather for the bot's token (/token) and write it in [telegram] token."  # noqa: S105 - a sentence
_OTHER_CURE = "Stop the other program, or give Fil commun a bot of its own: write /newbot to @BotFather."


def seconds(after: float | timedelta) -> float:
    """How long to wait; the library tells it as a number or a timedelta, by its age and the environment."""
    return after.total_seconds() if isinstance(after, timedelta) else float(after)


def meaning(error: TelegramError) -> BridgeError:
    """Return what `error`, raised by a call that changes something, means for the parcel, its address or the channel."""
    from telegram.error import (
        BadRequest,
        ChatMigrated,
        Conflict,
        EndPointNotFound,
        Forbidden,
        InvalidToken,
        NetworkError,
        RetryAfter,
    )

    from .wire import BrokenError, UnsentError

    if isinstance(error, RetryAfter):
        return TryLater("429", after=seconds(error.retry_after))
    if isinstance(error, ChatMigrated):
        return Moved(str(error.new_chat_id))
    if isinstance(error, Forbidden):
        return Unreachable(_short(error))
    if isinstance(error, (InvalidToken, EndPointNotFound)):
        return Down("Telegram does not know this bot: its token was revoked, or is not the right one.", _TOKEN_CURE)
    if isinstance(error, Conflict):
        return conflict(error)
    if isinstance(error, BadRequest):
        text = error.message.casefold()
        return (Unreachable if any(n in text for n in _NOBODY_THERE) else Refused)(_short(error))
    if isinstance(error, UnsentError):
        return TryLater(f"no connection to Telegram ({error.message})", scope="channel")
    # A gateway that gave up waiting (504) may have passed the message on; a server that answers of itself has not.
    if isinstance(error, BrokenError) and error.code != 504:
        return TryLater(f"Telegram is out of order (HTTP {error.code})")
    if isinstance(error, NetworkError):
        return Uncertain(f"no answer ({error.message})")
    return Uncertain("an answer nobody understands")


def conflict(error: TelegramError) -> Down:
    """409: this bot's messages already go to somebody else."""
    if "webhook" in error.message.casefold():
        return Down("Another program has this bot's messages sent to it (a webhook is set).", _OTHER_CURE)
    return Down("Another program is reading this bot's messages.", _OTHER_CURE)


def _short(error: TelegramError) -> str:
    """The service's own reason, short enough for a log; it never repeats our words."""
    return error.message[:120]
