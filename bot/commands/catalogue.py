"""The commands of this version, declared: docs/reference/commands.md is made from this file.

A command is added here with its words in every language; what it does is attached by the feature that does it.
"""

from __future__ import annotations

from bot.commands.command import Command, Commands
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
        key="invite",
        words={"en": ("invite",), "fr": ("inviter", "parrainer")},
        summary=N_("bring somebody in, with a code and a link"),
        example={"en": "invite paul@example.org", "fr": "inviter paul@example.org"},
        takes=("addresses",),
        order=40,
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
        example={"en": "pace daily", "fr": "rythme quotidien"},
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

ORGANIZERS = (
    Command(
        key="room",
        words={"en": ("room", "bind"), "fr": ("salon", "relier ce groupe")},
        summary=N_("make this group a room of the community"),
        example={"en": "room", "fr": "salon"},
        takes=("choice",),
        choices={"now": ("now", "maintenant"), "off": ("off", "fin", "end")},
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


def all_commands() -> Commands:
    """Every command of this version, with nothing attached yet."""
    return Commands(EVERYONE + CHANNELS + THREADS + ORGANIZERS)
