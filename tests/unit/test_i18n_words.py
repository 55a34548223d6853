"""The words people read first: what each text must say, in both languages."""

import pytest

from bot.commands import reference, words
from bot.commands.catalogue import all_commands
from bot.commands.command import Standing
from bot.commands.notes import HELP_LINES
from bot.i18n import NBSP
from bot.text.rich import Rich

COMMANDS = all_commands()
CHANNELS = {"en": ("Telegram", "Signal", "mail"), "fr": ("Telegram", "Signal", "le mail")}
PACE = COMMANDS.get("pace")
#: How each function of `words` is called; the test below holds that none is missing.
CALLS = {
    "invitation": {"community": "Cercle", "inviter": "Amina", "people": 78, "encrypted": ("Signal",), "channels": ...},
    "invitation_mail": {"community": "Cercle", "inviter": "Amina", "people": 78, "channels": ...},
    "welcome": {"name": "Karim", "threads": (("Beloved en mars ?", 12), ("Pique-nique", 5))},
    "declined": {"community": "Cercle"},
    "room_bound": {"community": "Cercle", "people": 78, "by": "Marion", "encrypted": ("Signal",), "channels": ...},
    "room_unbound": {"community": "Cercle"},
    "room_begins": {"community": "Cercle"},
    "room_one_way": {"community": "Cercle", "by": "Marion"},
    "silent": {"room": "Le salon"},
    "speaks_again": {"room": "Le salon"},
    "elsewhere_asked": {"rooms": ("Le salon", "La cuisine"), "channel": "Signal"},
    "elsewhere_too": {"rooms": ("Le salon",), "channel": "Signal"},
    "elsewhere_ended": {"rooms": ("Le salon",)},
    "taken_out": {"name": "Dario", "room": "Le salon", "withdrawn": 1, "left": 2},
    "taken_out_hidden": {"name": "Dario", "count": 2},
    "stranger": {},
    "first_post": {"community": "Cercle", "people": 78, "of_which": ((10, "mail"),), "text": "Bonjour, quelqu'un"},
    "outage": {"since": "2 h 10", "until": "9 h 40", "channel": "Signal", "caught_up": ("mail",), "messages": 14},
    "privacy": {"community": "Cercle", "encrypted": ("Signal",), "organizers": ("Marion", "Anne"), "channels": ...},
    "leave_asked": {"community": "Cercle"},
    "left": {"community": "Cercle"},
    "came_back": {"community": "Cercle"},
    "receive_now": {"channel": "Signal"},
    "receive_waits": {"address": "chloe@example.org"},
    "receive_asked": {"community": "Cercle", "name": "Chloé"},
    "link_code": {"code": "7K2F-9MPD", "channels": ...},
    "link_asked": {"name": "Chloé", "community": "Cercle", "merges": True},
    "linked": {"channel": "Signal", "here": False, "receives": "Telegram"},
    "stands_in_asked": {"channels": ("Signal",)},
    "merged": {"name": "Chloé"},
    "unlinked": {"channel": "Signal"},
    "invitation_made": {"community": "Cercle", "code": "7K2F-9MPD", "ways": (("Telegram", "https://t.example/x"),)},
    "organizer_code": {"community": "Cercle", "code": "7K2F-9MPD", "ways": (("Telegram", "", "@cercle"),)},
    "organizer_made": {"community": "Cercle"},
    "help_lines": {"commands": COMMANDS.for_help("member", room=False, runnable=False)},
    "help_one": {"command": PACE},
    "how": {"command": PACE},
    "nearest": {"word": "rythm", "command": PACE},
    "not_allowed": {},
    "sure": {"command": COMMANDS.get("drop"), "given": "in:44"},
    "nothing_done": {},
    "post_this": {"text": "Bonjour à tous"},
    "which_community": {"names": ("Cercle", "Chorale")},
    "join_first": {},
    "elsewhere": {"command": COMMANDS.get("room")},
    "needs_a_reply": {"command": COMMANDS.get("move")},
    "not_arrived": {"count": 2},
    "notices_alone": {},
    "notices_here": {},
    "never_arrives": {"count": 2},
    "wrong_code": {},
    "too_many_tries": {},
    "went_wrong": {},
}


def shown(name: str, language: str, **more) -> Rich:
    given = {key: CHANNELS[language] if value is ... else value for key, value in {**CALLS[name], **more}.items()}
    made = getattr(words, name)(language, **given)
    return made if isinstance(made, Rich) else Rich(made[0] + "\n") + made[1]


def read(name: str, language: str, **more) -> str:
    return shown(name, language, **more).text.replace(NBSP, " ")


def test_every_text_is_tried_here():
    assert set(CALLS) == set(words.__all__) - {"CONSENT", "excerpt"}


@pytest.mark.parametrize("name", CALLS)
def test_a_text_is_whole_in_both_languages_and_not_the_same(name):
    english, french = shown(name, "en"), shown(name, "fr")
    assert english.text != french.text
    for rich in (english, french):
        assert "{" not in rich.text
        assert "**" not in rich.text
        assert rich.text == rich.text.strip()
        assert all(0 <= span.start < span.end <= len(rich.text) for span in rich.spans)
        assert len(rich.text) < 1400


def bolds(rich: Rich) -> list[str]:
    return [rich.text[span.start : span.end] for span in rich.spans]


def test_an_invitation_says_what_is_read_who_sees_what_and_how_to_answer():
    text = read("invitation", "fr")
    for part in (
        "Bonjour ! Je suis le facteur de Cercle, un programme",
        "Telegram, Signal ou le mail",
        "Amina vous invite. Si vous répondez OUI",
        "(78 personnes)",
        "gardés 2 ans",
        "Le chiffrement de Signal s'arrête donc chez moi",
        "Telegram et le mail n'en a pas",
        "Répondez OUI ou NON. Pour en savoir plus : CONFIDENTIALITE",
    ):
        assert part in text
    assert bolds(shown("invitation", "fr")) == ["Cercle", "OUI", "NON"]
    assert "encryption" not in read("invitation", "en", encrypted=())
    assert "invites you" not in read("invitation", "en", inviter="")


def test_an_invitation_by_mail_is_the_only_one_and_says_so():
    subject, text = words.invitation_mail("fr", community="Cercle", inviter="Amina", people=1, channels=("le mail",))
    assert subject.replace(NBSP, " ") == "Amina vous invite au Cercle"
    assert "répondez simplement OUI à ce mail" in text.text
    assert "vous ne recevrez plus rien" in text.text
    assert "(1 personne)" in text.text


def test_a_room_is_told_from_when_on_what_is_carried_and_how_to_stay_out_of_it():
    text = read("room_bound", "fr", begins="mercredi 4 mars à 18 h")
    for part in (
        "À partir de mercredi 4 mars à 18 h, ce groupe est un salon de Cercle : ce qui s'écrira ici sera porté à tous",
        "(Telegram, Signal et le mail : 78 personnes) et gardé 2 ans",
        "Rien de ce qui précède ne le sera.",
        "Pour qu'une phrase reste ici : commencez-la par //. Pour que rien de vous ne sorte d'ici : /pasmoi.",
        "Le détail : /confidentialite",
        "Mis en place par Marion. Le chiffrement de Signal s'arrête chez moi.",
    ):
        assert part in text, part
    assert read("room_bound", "en").startswith("From now on this group is a room of Cercle")


def test_a_stranger_learns_no_name():
    for language in ("en", "fr"):
        text = read("stranger", language)
        assert "7K2F-9MPD" in text
        assert "Cercle" not in text


def test_the_first_post_asks_with_its_beginning():
    text = read(
        "first_post",
        "fr",
        text="Bonjour, quelqu'un aurait-il le livre de Toni Morrison dont nous avons parlé hier soir ?",
    )
    assert text.startswith(
        "Je l'envoie à tous les membres de Cercle (78 personnes, dont 10 par mail) ? OUI · NON · EQUIPE"
    )
    assert text.endswith("« Bonjour, quelqu'un aurait-il le livre de Toni Morrison dont nous avons parlé… »")


def test_after_an_outage_people_are_told_what_may_be_lost_and_what_is_not():
    text = read("outage", "fr")
    assert text.startswith("J'étais absent de 2 h 10 à 9 h 40. Ce qui est venu par mail est rattrapé (14 messages).")
    assert "Ce qui a été écrit sur Signal pendant ce temps a pu se perdre" in text


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("room", [True, False])
@pytest.mark.parametrize("standing", ["stranger", "invited", "member", "organizer"])
def test_help_has_at_most_seven_lines_and_names_everything_once(language: str, room: bool, standing: Standing):
    commands = COMMANDS.for_help(standing, room=room, runnable=False)
    text = words.help_lines(language, commands, room=room).text
    assert len(text.splitlines()) <= HELP_LINES
    for command in commands:
        if command.key != "help":
            assert (f"/{command.slash(language)}" if room else command.word(language)) in text


def test_who_types_it_wrong_is_told_how():
    assert (
        read("how", "fr") == "Vous avez le choix : tout, groupé, quotidien, hebdo ou moi.\nPar exemple : rythme groupé"
    )
    assert "**" not in words.nearest("fr", "x" * 500).text
    assert len(words.nearest("fr", "x" * 500).text) < 200


def test_the_page_of_commands_is_what_the_declarations_say():
    assert reference.PLACE.read_text("utf-8") == reference.reference(), "run: python -m bot.commands.reference"
    for command in COMMANDS:
        assert f"`{command.example['fr']}`" in reference.reference()
