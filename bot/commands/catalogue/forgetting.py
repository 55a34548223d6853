"""What is known of oneself, and being forgotten."""

from __future__ import annotations

from bot.commands.command import Command
from bot.i18n import N_

FORGETTING: tuple[Command, ...] = (
    Command(
        key="mydata",
        words={
            "en": ("mydata", "my data"),
            "fr": ("mes données", "mesdonnees"),
        },
        summary=N_("a file with everything I keep of you"),
        example={"en": "mydata", "fr": "mes données"},
        who="anyone",  # whoever speaks in a room and has not joined as well
        where="private",
        exact=True,  # "my date" is a word for people
        order=120,
    ),
    Command(
        key="forgetme",
        words={
            "en": ("forgetme", "forget me", "erase me", "delete my data"),
            "fr": ("oubliez-moi", "oubliezmoi", "oublie-moi", "effacez-moi", "effacer mes données"),
        },
        summary=N_("be forgotten: stops at once, and after three days everything of yours is erased"),
        example={"en": "forgetme", "fr": "oubliez-moi"},
        who="anyone",  # whoever speaks in a room and has not joined as well
        where="private",
        exact=True,
        order=121,
    ),
)
