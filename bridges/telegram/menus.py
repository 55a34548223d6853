"""What the bot shows of itself: its lists of commands; and what is wrong with how it was set up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from telegram import Bot, User, WebhookInfo

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")


async def set_menus(bot: Bot, commands: Mapping[str, Sequence[tuple[str, str]]]) -> None:
    """Set the commands of each language in private chats and in groups; the first language is also everybody else's.

    A list that is there already is left alone: Telegram slows bots down that set it at every start.
    """
    from telegram import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
    from telegram.error import TelegramError

    from .refusals import meaning

    wanted = {
        language: tuple(BotCommand(word, about[:256]) for word, about in offered if _COMMAND.fullmatch(word))[:100]
        for language, offered in commands.items()
    }
    if wanted:
        wanted = {"": next(iter(wanted.values())), **wanted}
    try:
        for scope in (BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats()):
            for language, menu in wanted.items():
                if await bot.get_my_commands(scope=scope, language_code=language or None) != menu:
                    await bot.set_my_commands(menu, scope=scope, language_code=language or None)
    except TelegramError as error:
        trouble = meaning(error)
    else:
        return
    raise trouble


async def faults(bot: Bot) -> list[str]:
    """Return what an operator has to change at @BotFather, a sentence each. Raises Down when nobody answers."""
    from telegram.error import TelegramError

    from bot.core.errors import Down

    from .refusals import meaning

    try:
        me, hook = await bot.get_me(), await bot.get_webhook_info()
    except TelegramError as error:
        found = meaning(error)
    else:
        return _sentences(me, hook)
    raise found if isinstance(found, Down) else Down(f"Telegram does not answer: {found}.", "Try again in a minute.")


def _sentences(me: User, hook: WebhookInfo) -> list[str]:
    """What these two answers say is wrong."""
    sentences = []
    if not me.can_read_all_group_messages:
        sentences.append(
            "In groups this bot is shown commands and replies only (privacy mode), unless it is an administrator there. "
            "Write /setprivacy to @BotFather, choose the bot, then Disable; then remove it from each group and add it again."
        )
    if not me.can_join_groups:
        sentences.append(
            "This bot cannot be added to groups. Write /setjoingroups to @BotFather, choose the bot, then Enable."
        )
    if hook.url:
        sentences.append(
            "Another program has this bot's messages sent to it (a webhook is set), so none arrive here. "
            "Stop that program and let it remove its webhook, or give Fil commun a bot of its own (/newbot)."
        )
    return sentences
