"""The commands of this version, declared: docs/reference/commands.md is made from these files.

A command is added here with its words in every language; what it does is attached by the feature that does it.
"""

from bot.commands.catalogue.addresses import CHANNELS
from bot.commands.catalogue.everyone import EVERYONE
from bot.commands.catalogue.forgetting import FORGETTING
from bot.commands.catalogue.invitations import INVITATIONS
from bot.commands.catalogue.moderation import MODERATION
from bot.commands.catalogue.organizers import ORGANIZERS
from bot.commands.catalogue.safety import SAFETY
from bot.commands.catalogue.threads import THREADS
from bot.commands.command import Commands


def all_commands() -> Commands:
    """Every command of this version, with nothing attached yet."""
    return Commands(EVERYONE + INVITATIONS + CHANNELS + SAFETY + THREADS + FORGETTING + ORGANIZERS + MODERATION)
