"""The gestures of moderation: what organizers and members do about words that should not stand."""

from __future__ import annotations

from bot.commands.command import Command
from bot.i18n import N_

MODERATION: tuple[Command, ...] = (
    Command(
        key="report",
        words={"en": ("report",), "fr": ("signaler",)},
        summary=N_("tell the organizers that a message should not stand"),
        example={"en": "report", "fr": "signaler"},
        needs_reply=True,
        exact=True,
        order=116,
    ),
    Command(
        key="waiting",
        words={"en": ("waiting",), "fr": ("attente", "en attente")},
        summary=N_("what waits for an organizer's yes or no"),
        example={"en": "waiting", "fr": "attente"},
        who="organizer",
        where="private",
        order=83,
    ),
    Command(
        key="hide",
        words={"en": ("hide",), "fr": ("masquer",)},
        summary=N_("take a message back from everyone"),
        example={"en": "hide #12", "fr": "masquer #12"},
        takes=("number",),
        who="organizer",
        needs_reply=True,
        second_word=True,
        exact=True,
        order=84,
    ),
    Command(
        key="hold",
        words={"en": ("hold",), "fr": ("retenir",)},
        summary=N_("read what somebody writes before it leaves, for a time"),
        example={"en": "hold Karim 2d", "fr": "retenir Karim 2j"},
        takes=("term",),
        needs=True,
        who="organizer",
        exact=True,
        order=85,
    ),
    Command(
        key="remove",
        words={"en": ("remove",), "fr": ("retirer", "exclure")},
        summary=N_("let somebody be a member no longer"),
        example={"en": "remove Karim", "fr": "retirer Karim"},
        takes=("member",),
        who="organizer",
        second_word=True,
        exact=True,
        order=86,
    ),
    Command(
        key="log",
        words={"en": ("log",), "fr": ("journal",)},
        summary=N_("who decided what"),
        example={"en": "log members", "fr": "journal membres"},
        takes=("choice",),
        choices={
            "members": ("members", "membres"),
            "organizers": ("organizers", "organisatrices", "organisateurs", "equipe"),
        },
        who="organizer",
        where="private",
        opens="log",
        order=132,
    ),
)
