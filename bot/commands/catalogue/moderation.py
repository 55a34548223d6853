"""The gestures of moderation: what organizers and members do about words that should not stand."""

from __future__ import annotations

from bot.commands.command import Command

MODERATION: tuple[Command, ...] = ()
