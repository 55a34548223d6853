"""Where and how often somebody is reached."""

from __future__ import annotations

from bot.commands.command import Command
from bot.i18n import N_

CHANNELS = (
    Command(
        key="receive",
        words={
            "en": ("receive", "prefer", "by"),
            "fr": ("recevoir", "préférer", "par"),
        },
        summary=N_("where you want to receive the messages"),
        example={"en": "receive mail", "fr": "recevoir mail"},
        takes=("channel", "addresses"),
        needs=True,
        order=30,
    ),
    Command(
        key="elsewhere",
        words={
            "en": ("receive elsewhere too", "elsewhere too"),
            "fr": ("recevoir ailleurs aussi", "ailleurs aussi"),
        },
        summary=N_("you are in a room: receive the messages elsewhere too"),
        example={"en": "receive elsewhere too", "fr": "recevoir ailleurs aussi"},
        fixed={
            "receive in the room only": "no",
            "in the room only": "no",
            "recevoir au salon seulement": "no",
            "au salon seulement": "no",
        },
        exact=True,
        order=113,
    ),
    Command(
        key="addresses",
        words={"en": ("addresses", "my addresses", "my address"), "fr": ("adresses", "mes adresses", "mon adresse")},
        summary=N_("where you can be reached"),
        example={"en": "addresses", "fr": "adresses"},
        order=113,
    ),
    Command(
        key="link",
        words={"en": ("link", "add"), "fr": ("lier", "ajouter", "relier")},
        summary=N_("join another messenger or mailbox of yours to this one"),
        example={"en": "link", "fr": "lier"},
        takes=("code",),
        who="anyone",  # the code is typed where nobody knows us yet
        where="private",
        order=114,
    ),
    Command(
        key="unlink",
        words={"en": ("unlink",), "fr": ("délier", "détacher")},
        summary=N_("take one of your messengers or mailboxes away"),
        example={"en": "unlink mail", "fr": "délier mail"},
        takes=("channel", "addresses"),
        needs=True,
        second_word=True,
        where="private",
        exact=True,
        order=116,
    ),
    Command(
        key="pace",
        words={
            "en": ("pace", "rhythm", "how often", "fewer messages", "less messages"),
            "fr": ("rythme", "fréquence", "moins de messages"),
        },
        summary=N_("how often you receive something"),
        example={"en": "pace grouped", "fr": "rythme groupé"},
        takes=("pace",),
        fixed={
            "daily": "daily",
            "weekly": "weekly",
            "quotidien": "daily",
            "hebdo": "weekly",
            "hebdomadaire": "weekly",
        },
        order=20,
    ),
)
