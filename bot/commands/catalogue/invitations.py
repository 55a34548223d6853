"""Bringing somebody in, and what became of it."""

from __future__ import annotations

from bot.commands.command import Command

INVITATIONS: tuple[Command, ...] = ()
