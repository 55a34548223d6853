"""Bringing somebody in, and what became of it."""

from __future__ import annotations

from bot.commands.command import Command
from bot.i18n import N_

INVITATIONS: tuple[Command, ...] = (
    Command(
        key="invite",
        words={"en": ("invite",), "fr": ("inviter", "parrainer")},
        summary=N_("bring people in: a code and a link, or one mail to each address you list"),
        example={"en": "invite paul@example.org", "fr": "inviter paul@example.org"},
        takes=("addresses", "guests"),
        order=40,
    ),
    Command(
        key="invited",
        words={"en": ("invited", "my invitations"), "fr": ("invités", "mes invitations", "invitations")},
        summary=N_("who was invited, and what became of it"),
        example={"en": "invited", "fr": "invités"},
        where="private",
        exact=True,  # "invite" is another word
        order=118,
    ),
    Command(
        key="uninvite",
        words={"en": ("uninvite",), "fr": ("désinviter",)},
        summary=N_("take an invitation back, by its number, name, address or code"),
        example={"en": "uninvite 3", "fr": "désinviter 3"},
        takes=("number", "code", "addresses", "guest"),
        needs=True,
        where="private",
        exact=True,
        order=118,
    ),
    Command(
        key="invite_sheet",
        words={"en": ("invite sheet", "sheet"), "fr": ("inviter affiche", "inviter feuille", "affiche", "feuille")},
        summary=N_("a page to print and pin up, with a code that serves many"),
        example={"en": "invite sheet", "fr": "inviter affiche"},
        who="organizer",
        where="private",
        exact=True,
        order=87,
    ),
)
