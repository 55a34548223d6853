"""What may happen to a call that carries something out. The message of each is its docstring unless one is given."""

from __future__ import annotations

from typing import Literal

Scope = Literal["chat", "budget", "channel"]


class BridgeError(Exception):
    """The channel did not take it."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__class__.__doc__ or "").splitlines()[0])


class TryLater(BridgeError):
    """Surely not sent; may be sent after `after` seconds. `scope` says what must wait: this chat, the budget, the channel."""

    def __init__(self, message: str | None = None, after: float | None = None, scope: Scope = "chat") -> None:
        super().__init__(message)
        self.after = after
        self.scope: Scope = scope


class Refused(BridgeError):
    """The channel will never take this message (it is at fault, not the address)."""


class Unreachable(BridgeError):
    """The channel will never take anything for this address (blocked, gone, unregistered)."""


class Moved(BridgeError):
    """The address has another id now: `to`. Nothing was sent."""

    def __init__(self, to: str, message: str | None = None) -> None:
        super().__init__(message)
        self.to = to


class Down(BridgeError):
    """The whole channel cannot be used: `reason` for people, `cure` what an operator does. Nothing was sent."""

    def __init__(self, reason: str, cure: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.cure = cure


class Uncertain(BridgeError):
    """The bytes went out and no answer came: it may have arrived."""


class Unreadable(BridgeError):
    """A raw item that cannot be read; its defect in a few words that name nothing of its content."""
