"""Lost addresses, and a way back in."""

from __future__ import annotations

from bot.commands.command import Command

SAFETY: tuple[Command, ...] = ()
