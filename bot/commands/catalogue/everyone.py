"""What everybody may say: joining, oneself, leaving."""

from __future__ import annotations

from bot.commands.command import Command
from bot.i18n import N_

EVERYONE = (
    Command(
        key="help",
        words={
            "en": ("help", "?", "sos", "how does it work", "how does this work", "commands"),
            "fr": ("aide", "comment ça marche", "comment ça fonctionne", "mode d'emploi", "commandes"),
        },
        summary=N_("what you can do here"),
        example={"en": "help", "fr": "aide"},
        takes=("command",),
        who="invited",
        question=True,
        slashes=("start",),
        order=95,
    ),
    Command(
        key="contact",
        words={"en": ("contact", "write to the organizers"), "fr": ("contact", "écrire à l'équipe")},
        summary=N_("a question to the organizers only"),
        example={"en": "contact: Who has the keys?", "fr": "contact : Qui a les clés ?"},
        takes=("text",),
        needs=True,
        who="invited",
        order=10,
    ),
    Command(
        key="join",
        words={
            "en": ("join", "code", "my code is", "the code is"),
            "fr": ("rejoindre", "participer", "mon code est", "le code est"),
        },
        summary=N_("join with the code of your invitation"),
        example={"en": "join 7K2F-9MPD", "fr": "rejoindre 7K2F-9MPD"},
        takes=("code",),
        needs=True,
        who="anyone",
        where="private",
        order=98,
    ),
    Command(
        key="who",
        words={"en": ("who", "who is here", "member list"), "fr": ("qui", "qui est là", "liste des membres")},
        summary=N_("who is here"),
        example={"en": "who", "fr": "qui"},
        order=50,
    ),
    Command(
        key="visible",
        words={"en": ("visible",), "fr": ("visible",)},
        summary=N_("be named in the list of members, or not"),
        example={"en": "visible no", "fr": "visible non"},
        takes=("choice",),
        choices={"yes": ("yes", "oui", "on"), "no": ("no", "non", "off")},
        order=120,
    ),
    Command(
        key="name",
        words={"en": ("name", "my name is", "call me"), "fr": ("nom", "je m'appelle", "mon nom", "prénom")},
        summary=N_("the name others see"),
        example={"en": "name: Karim B.", "fr": "nom : Karim B."},
        takes=("line",),
        needs=True,
        order=110,
    ),
    Command(
        key="lang",
        words={"en": ("lang", "language"), "fr": ("langue",)},
        summary=N_("the language I speak with you"),
        example={"en": "lang fr", "fr": "langue en"},
        takes=("language",),
        who="invited",
        order=111,
    ),
    Command(
        key="zone",
        words={"en": ("zone", "timezone", "time zone"), "fr": ("fuseau", "fuseau horaire")},
        summary=N_("the time zone of the dates you read"),
        example={"en": "zone Europe/Paris", "fr": "fuseau Europe/Paris"},
        takes=("zone",),
        order=112,
    ),
    Command(
        key="privacy",
        words={
            "en": ("privacy", "confidentiality"),
            "fr": ("confidentialité", "vie privée", "données personnelles"),
        },
        summary=N_("what is kept, and who can read it"),
        example={"en": "privacy", "fr": "confidentialité"},
        who="anyone",  # the notice in a room names it to people who have not joined
        order=60,
    ),
    Command(
        key="not_me",
        words={"en": ("not me",), "fr": ("pas moi",)},
        summary=N_("keep everything you write in this room here"),
        example={"en": "not me", "fr": "pas moi"},
        takes=("choice",),
        choices={"off": ("off", "fin", "end")},
        who="anyone",  # whoever is in a room, joined or not
        where="room",
        in_room_bare=True,
        exact=True,  # "pas mot" is a word for people
        order=65,
    ),
    Command(
        key="undo",
        words={"en": ("undo", "oops"), "fr": ("annuler", "oups")},
        summary=N_("take back what you just did"),
        example={"en": "undo", "fr": "annuler"},
        who="invited",  # somebody who left may come back with it
        exact=True,
        order=115,
    ),
    Command(
        key="leave",
        words={
            "en": ("leave", "stop", "quit", "unsubscribe", "unsubscribe me"),
            "fr": (
                "quitter",
                "partir",
                "désinscription",
                "me désinscrire",
                "désinscrire",
                "désabonner",
                "me désabonner",
                "se désinscrire",
                "se désabonner",
            ),
        },
        summary=N_("leave, and receive nothing any more"),
        example={"en": "leave", "fr": "quitter"},
        who="invited",
        second_word=True,
        exact=True,
        order=45,
    ),
)
