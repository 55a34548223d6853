"""Where handled mails lie: moved there by `filing`, read again from there after a restore."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.core.bridge import Outcome

FOLDERS: dict[Outcome, str] = {"processed": "Processed", "held": "Held", "failed": "Failed"}
