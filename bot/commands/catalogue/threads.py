"""Threads, topics, and where a message belongs."""

from __future__ import annotations

from bot.commands.command import Command
from bot.i18n import N_

THREADS = (
    Command(
        key="new",
        words={"en": ("new", "new thread"), "fr": ("nouveau", "nouveau fil", "nouvelle discussion")},
        summary=N_("begin a thread"),
        example={"en": "new: Picnic on 14 June", "fr": "nouveau : Pique-nique du 14 juin"},
        takes=("line",),
        needs=True,
        body=True,
        order=15,
    ),
    Command(
        key="title",
        words={"en": ("title",), "fr": ("titre",)},
        summary=N_("give this thread a title"),
        example={"en": "title: Picnic on 14 June", "fr": "titre : Pique-nique du 14 juin"},
        takes=("line",),
        needs=True,
        order=117,
    ),
    Command(
        key="topic",
        words={"en": ("topic", "subject"), "fr": ("thème", "sujet")},
        summary=N_("put this thread under a topic"),
        example={"en": "topic: Outings", "fr": "thème : Sorties"},
        takes=("line",),
        needs=True,
        order=118,
    ),
    Command(
        key="move",
        words={"en": ("move",), "fr": ("déplacer",)},
        summary=N_("put the message you answer where it belongs"),
        example={"en": "move: Picnic on 14 June", "fr": "déplacer : Pique-nique du 14 juin"},
        takes=("number", "line"),
        who="author",
        needs_reply=True,
        exact=True,
        order=119,
    ),
)
