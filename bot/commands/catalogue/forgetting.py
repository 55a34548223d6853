"""What is known of oneself, and being forgotten."""

from __future__ import annotations

from bot.commands.command import Command

FORGETTING: tuple[Command, ...] = ()
