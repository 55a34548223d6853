"""Lost addresses, and a way back in."""

from __future__ import annotations

from bot.commands.command import Command
from bot.i18n import N_

SAFETY = (
    Command(
        key="lost",
        words={"en": ("lost", "stolen"), "fr": ("perdu", "volé")},
        summary=N_("a telephone or mailbox is lost: nothing more goes there"),
        example={"en": "lost mail", "fr": "perdu mail"},
        takes=("channel", "addresses", "belonging"),
        needs=True,
        second_word=True,
        where="private",
        exact=True,
        order=117,
    ),
    Command(
        key="recover",
        words={"en": ("recover",), "fr": ("retrouver",)},
        summary=N_("a code that brings a member back on another messenger or mailbox"),
        example={"en": "recover Karim", "fr": "retrouver Karim"},
        takes=("member",),
        needs=True,
        who="organizer",
        where="private",
        exact=True,
        order=132,
    ),
)
