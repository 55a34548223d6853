"""What organizers do: rooms, members, what could not be delivered."""

from __future__ import annotations

from bot.commands.command import Command
from bot.i18n import N_

ORGANIZERS = (
    Command(
        key="room",
        words={"en": ("room", "bind"), "fr": ("salon", "relier ce groupe")},
        summary=N_("make this group a room of the community"),
        example={"en": "room", "fr": "salon"},
        takes=("choice",),
        choices={
            "now": ("now", "maintenant"),
            "in": ("in", "entrée", "en entrée"),
            "notices": ("notices", "annonces", "avis"),
            "off": ("off", "fin", "end"),
        },
        who="organizer",
        where="room",
        order=80,
    ),
    Command(
        key="members",
        words={"en": ("members",), "fr": ("membres",)},
        summary=N_("all members, and how they are reached"),
        example={"en": "members", "fr": "membres"},
        who="organizer",
        where="private",
        instead="who",
        order=81,
    ),
    Command(
        key="state",
        words={"en": ("state", "status", "health"), "fr": ("état", "santé")},
        summary=N_("is everything delivered?"),
        example={"en": "state", "fr": "état"},
        who="organizer",
        order=82,
    ),
    Command(
        key="retry",
        words={"en": ("retry",), "fr": ("relancer",)},
        summary=N_("try something that failed again"),
        example={"en": "retry out:812", "fr": "relancer out:812"},
        takes=("item",),
        needs=True,
        who="organizer",
        exact=True,
        order=130,
    ),
    Command(
        key="drop",
        words={"en": ("drop",), "fr": ("abandonner",)},
        summary=N_("give up something that failed"),
        example={"en": "drop in:44", "fr": "abandonner in:44"},
        takes=("item",),
        needs=True,
        who="organizer",
        second_word=True,
        exact=True,
        order=131,
    ),
)
