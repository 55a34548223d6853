"""What is a command and what is talk: MANNERS' first rule, by tables people can extend and by random text."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands.arguments import code_of, find_code
from bot.commands.catalogue import all_commands
from bot.commands.command import Command, Commands
from bot.commands.grammar import Answer, Call, Said, Suggestion, Talk, parse
from bot.core.tokens import ALPHABET, link_code, typed_code
from bot.text.rich import Rich, Span

DATA = Path(__file__).parent / "data"
COMMANDS = all_commands()
CHANNELS = {
    "telegram": ("telegram", "tg"),
    "signal": ("signal",),
    "email": ("mail", "email", "e-mail", "courriel", "mél"),
}
NAMES = ("facteur", "fil_bot", "Le Fil commun")
#: What a wrong guess must never start.
HARMFUL = {"leave", "unlink", "drop", "retry", "undo", "move"}


def said(text: str, *, room: bool = False, commands: Commands = COMMANDS, **more) -> Said:
    return parse(text, commands=commands, channels=CHANNELS, room=room, bot_names=NAMES, lang="fr", **more)


def rows(name: str) -> list[str]:
    return [line for line in (DATA / name).read_text("utf-8").splitlines() if line and not line.startswith("#")]


def meaning(text: str) -> str:
    match said(text):
        case Call(key=key, argument=argument):
            return f"{key} {argument}".strip()
        case Suggestion(key=key):
            return f"ask {key}"
        case Answer(value=value):
            return f"answer {value}"
    return "talk"


def test_of_the_clumsy_commands_nearly_all_are_understood_and_none_does_harm():
    table = [row.split("\t") for row in rows("clumsy.tsv")]
    assert len(table) >= 60
    wrong = {typed: meaning(typed) for typed, wanted in table if meaning(typed) != wanted}
    assert not wrong
    understood = [typed for typed, wanted in table if not wanted.startswith(("ask", "talk"))]
    assert len(understood) / len(table) >= 57 / 60
    for typed, wanted in table:
        got = said(typed)
        if isinstance(got, Call) and got.key in HARMFUL:
            assert got.certain, f"{typed!r} was a guess, and {got.key} is serious"
            assert wanted.split()[0] == got.key


@pytest.mark.parametrize("sentence", rows("sentences.txt"))
def test_an_ordinary_sentence_is_talk(sentence):
    assert said(sentence) == Talk()
    assert said(sentence, room=True) == Talk()


def test_there_are_two_hundred_ordinary_sentences_and_all_begin_like_a_command():
    from bot.commands.slips import is_near
    from bot.text.fold import fold

    sentences = rows("sentences.txt")
    assert len(set(sentences)) >= 200
    first_words = {word.split()[0] for word in COMMANDS.by_word}
    near = [
        s for s in sentences if any(is_near(fold(s).replace("-", " ").split()[0].strip(",:?"), w) for w in first_words)
    ]
    assert len(near) >= 190


@pytest.mark.parametrize("command", list(COMMANDS), ids=lambda command: command.key)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_example_of_every_command_is_understood_with_and_without_a_slash(command, language):
    example = command.example[language]
    bare, slash = said(example, members=["Karim"]), said("/" + example, members=["Karim"])
    assert isinstance(bare, Call)
    assert isinstance(slash, Call)
    assert (bare.key, bare.argument, bare.certain) == (command.key, slash.argument, True)
    assert slash.key == command.key
    if command.takes and command.takes != ("command",) and command.key not in {"link", "room", "not_me"}:
        assert bare.argument


@pytest.mark.parametrize(
    ("typed", "key", "argument"),
    [
        ("/aide@fil_bot", "help", ""),
        ("/nom@fil_bot Karim B.", "name", "Karim B."),
        ("/start", "help", ""),
        ("nom\u00a0: Karim", "name", "Karim"),
        ("nom\u202f: Karim", "name", "Karim"),
        ("/mesadresses", "addresses", ""),
        ("/mes adresses", "addresses", ""),
        ("Facteur, aide", "help", ""),
        ("@fil_bot aide", "help", ""),
        ("le fil commun : recevoir mail", "receive", "email"),
        ("**AIDE**", "help", ""),
        ("« aide »", "help", ""),
    ],
)
def test_a_command_in_the_forms_that_people_and_programs_give_it(typed, key, argument):
    got = said(typed)
    assert isinstance(got, Call)
    assert (got.key, got.argument) == (key, argument)


def test_a_command_to_another_bot_is_not_ours():
    assert said("/aide@other_bot") == Talk()
    assert said("/aide@other_bot", room=True) == Talk()


@pytest.mark.parametrize("typed", ["aide", "stop", "quotidien", "recevoir mail", "nouveau : Pique-nique", "7K2F-9MPD"])
def test_in_a_room_words_alone_are_talk_and_the_slash_is_a_command(typed):
    assert said(typed, room=True) == Talk()
    if "-" not in typed:
        assert isinstance(said("/" + typed, room=True), Call)
    assert isinstance(said("facteur " + typed, room=True), Call)


@pytest.mark.parametrize("typed", ["/xyzzy", "quiter", "/quiter", "adresss", "nom"])
def test_nothing_is_ever_suggested_in_a_room(typed):
    assert isinstance(said(typed), Suggestion | Call)
    assert not isinstance(said(typed, room=True), Suggestion)


def test_not_me_counts_in_a_room_as_the_whole_text_only():
    notme = Command(
        key="notme",
        words={"en": ("not me",), "fr": ("pas moi",)},
        summary="",
        example={"en": "not me"},
        in_room_bare=True,
    )
    commands = Commands((notme,))
    for typed in ("not me", "Pas moi !", "/pasmoi", "/notme", "/pas moi"):
        got = said(typed, room=True, commands=commands)
        assert isinstance(got, Call), typed
    assert said("Pas moi qui vais te contredire", room=True, commands=commands) == Talk()


@pytest.mark.parametrize("typed", ["Pas moi, non", "not me off", "pas moi fin", "Pas mot", "Pas moi, mais Karim"])
def test_whoever_says_more_than_not_me_in_a_room_says_it_to_the_others(typed):
    assert said(typed, room=True) == Talk()


@pytest.mark.parametrize("typed", ["/notme off", "/pasmoi fin", "/pas moi fin", "/not me off"])
def test_not_me_is_ended_after_a_slash(typed):
    got = said(typed, room=True)
    assert isinstance(got, Call)
    assert (got.key, got.argument) == ("not_me", "off")


@pytest.mark.parametrize(
    "typed", ["partie", "partier", "stpo", "Annulé", "qitter", "leaves", "drops in:44", "delie mail", "stops"]
)
def test_a_typing_mistake_never_makes_a_serious_command(typed):
    got = said(typed)
    assert not (isinstance(got, Call) and got.key in HARMFUL)
    slash = said("/" + typed)
    assert not (isinstance(slash, Call) and slash.key in HARMFUL)


def test_an_unknown_slash_offers_the_nearest_or_says_that_there_is_none():
    assert said("/recev") == Suggestion("receive", "recev", slash=True)
    assert said("/quiter") == Suggestion("leave", "quiter", slash=True)
    assert said("/xyzzy plugh") == Suggestion("", "xyzzy", slash=True)
    assert said("/etc/hosts est vide") == Talk()
    assert said("/!\\ attention") == Talk()
    assert said("//rien") == Talk()


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("oui", "yes"), ("OUI !", "yes"), ("Oui merci", "yes"), ("ouiii", "yes"), ("d’accord", "yes"), ("ok", "yes"),
        ("yes please", "yes"), ("👍", "yes"), ("👍🏽", "yes"), ("non", "no"), ("Non, merci.", "no"), ("no", "no"), ("👎", "no"),
        ("EQUIPE", "team"), ("team", "team"), ("2", 2), ("2.", 2), ("le 12", 12), ("n° 3", 3),
        ("Oui\n\nBruno Martin", "yes"), ("OUI\n\nCordialement,\nBruno", "yes"), ("Oui\n-- \nBruno\n06 12 34 56 78", "yes"),
        ("oui\n\nLe 3 mars 2026 à 18:02, Amina a écrit :\n> On se voit ?", "yes"),
        ("> Répondez OUI ou NON\n\noui", "yes"),
        ("Oui\n\nEnvoyé de mon iPhone", "yes"),
        ("Oui\n\nDe : Cercle <cercle@example.org>\nEnvoyé : mardi", "yes"),
    ],
)  # fmt: skip
def test_yes_no_and_numbers_are_answers_however_they_are_typed(typed, value):
    assert said(typed) == Answer(value)


@pytest.mark.parametrize(
    "typed",
    [
        "oui ?",
        "oui mais pas samedi",
        "non ce n'est pas ça",
        "12 personnes",
        "oui oui je viens avec Paul demain",
        "merci",
    ],
)
def test_more_than_an_answer_is_talk(typed):
    assert said(typed) == Talk()


def test_a_free_argument_keeps_its_lines_and_its_spans():
    text = "nouveau : Pique-nique du 14\n\nQui vient avec **moi** ?"
    bold = Span("bold", text.index("moi"), text.index("moi") + 3)
    got = said(text)
    assert isinstance(got, Call)
    assert (got.key, got.argument, got.rest) == ("new", "Pique-nique du 14", "Qui vient avec **moi** ?")
    body = got.rest_of(Rich(text, (bold,)))
    assert [body.text[span.start : span.end] for span in body.spans] == ["moi"]
    assert got.argument_of(Rich(text)).text == "Pique-nique du 14"
    contact = said("contact : une question\nsur deux lignes\n-- \nJosette")
    assert isinstance(contact, Call)
    assert contact.argument == "une question\nsur deux lignes"


def test_a_letter_that_begins_like_a_command_with_a_colon_is_posted_whole():
    assert said("Sujet : la gare de Perrache\n\nBonjour à tous, voici ce que j'ai appris.") == Talk()
    assert said("Titre : Beloved\nAuteur : Toni Morrison") == Talk()
    signed = said("nom : Karim B.\n\nCordialement\nKarim Benali")
    assert isinstance(signed, Call)
    assert (signed.argument, signed.rest) == ("Karim B.", "")


def test_a_sentence_about_writing_is_no_quote():
    assert said("On m'a écrit :\nstop") == Talk()


def test_a_word_alone_that_needs_an_argument_is_offered_not_posted():
    assert said("nom") == Suggestion("name", "nom", slash=False)
    assert said("/nom") == Call("name", slash=True, argument_at=(4, 4))


def test_a_closed_argument_that_is_not_understood_comes_as_it_was_typed():
    got = said("/rythme lentement")
    assert isinstance(got, Call)
    assert (got.key, got.argument, got.given) == ("pace", "", "lentement")


def test_a_name_is_a_closed_argument_if_it_is_one_member_only():
    ignore = Command(
        key="ignore",
        words={"en": ("ignore",)},
        summary="",
        example={"en": "ignore Paul"},
        takes=("member",),
        needs=True,
    )
    commands = Commands((ignore,))
    members = ("Paul B.", "Zoé", "Karim A.", "Karim B.")
    assert said("ignore zoe", commands=commands, members=members) == Call("ignore", "Zoé", "member", "zoe")
    assert said("ignore paul", commands=commands, members=members) == Call("ignore", "Paul B.", "member", "paul")
    assert said("ignore karim", commands=commands, members=members) == Talk()
    assert said("ignore tout cela", commands=commands, members=members) == Talk()


def test_a_code_alone_is_recognised_and_words_of_eight_letters_are_not():
    assert code_of("7k2f9mpd") == "7K2F9MPD"
    assert code_of(link_code()) is not None
    for word in ("bonjours", "peut-etre", "20262027", "terrasse", "PEUT-ETRE", "2026-2027"):
        assert code_of(word) is None, word
    for _ in range(200):
        assert code_of(typed_code()) is not None
    assert set("01OILUV").isdisjoint(ALPHABET)


def test_a_stranger_may_write_around_the_code():
    assert find_code("Bonjour, Amina m'a donné ce code : 7K2F-9MPD. Merci !") == "7K2F9MPD"
    assert find_code("Bonjour, je voudrais participer aux réunions") is None


def test_two_commands_cannot_have_the_same_word():
    first = Command(key="a", words={"en": ("Été",)}, summary="", example={})
    second = Command(key="b", words={"fr": ("ete",)}, summary="", example={})
    with pytest.raises(ValueError, match="'ete' would say both 'a' and 'b'"):
        Commands((first, second))


def test_help_shows_what_this_person_may_say_here():
    keys = {command.key for command in COMMANDS.for_help("member", room=False, runnable=False)}
    assert {"receive", "leave", "link"} <= keys
    assert not {"room", "members", "drop"} & keys
    assert {"room", "state"} <= {command.key for command in COMMANDS.for_help("organizer", room=True, runnable=False)}
    assert {"join", "link", "privacy", "mydata", "forgetme"} == {
        command.key for command in COMMANDS.for_help("stranger", room=False, runnable=False)
    }
    assert COMMANDS.for_help("member", room=False) == []
    meant = COMMANDS.meant("members", "member")
    assert meant is not None
    assert meant.key == "who"
    assert COMMANDS.meant("state", "member") is None


def test_every_word_can_stand_in_the_menu_of_a_messenger():
    for command in COMMANDS:
        for language in ("en", "fr"):
            assert command.slash(language).isascii()
            assert command.slash(language).isalpha()
            assert said("/" + command.slash(language)) != Talk()


def test_a_feature_attaches_what_happens_once():
    commands = all_commands()
    commands.handle("help", lambda scene, call: (scene, call))
    run = commands.get("help").run
    assert run is not None
    assert run(1, 2) == (1, 2)
    assert commands.by_word["aide"].command.run is run
    with pytest.raises(ValueError, match="help"):
        commands.handle("help", lambda scene, call: None)
    with pytest.raises(KeyError):
        commands.handle("nothing", lambda scene, call: None)


PIECES = st.sampled_from(
    [
        *COMMANDS.by_word,
        "/",
        ":",
        " : ",
        "\n",
        "?",
        ">",
        "#12 ",
        "@fil_bot",
        "svp",
        "oui",
        "-- ",
        "é",
        "\u202e",
        "👍",
        " ",
        "a@b.fr",
        "\x00",
    ]
)
TEXT = st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join))


@settings(max_examples=400, deadline=None)
@given(TEXT, st.booleans())
def test_any_text_is_read_without_an_error(text, room):
    got = said(text, room=room)
    assert isinstance(got, Call | Answer | Suggestion | Talk)
    if isinstance(got, Call):
        rich = Rich(text)
        assert got.argument_of(rich).text in text
        assert got.rest_of(rich).text in text
        # In a room: the slash, the bot's name first, or these two words alone (MANNERS 1).
        assert not room or got.slash or got.key == "not_me" or any(name in text for name in NAMES)


@pytest.mark.parametrize(
    "unit",
    [
        "x",
        "x ",
        "> ",
        "\n",
        "> a\n",
        "/a",
        "a:",
        "#12 ",
        "svp ",
        "- ",
        "Le a écrit :\n",
        "oui\n\n",
        "é\u0301",
        "a@b.fr, ",
        "De : a@b\n",
    ],
)
@pytest.mark.parametrize("start", ["", "/nom ", "/inviter ", "nom : ", "facteur "])
def test_twice_the_text_takes_about_twice_the_time(start, unit):
    """A hundred kilobytes of anything are no bomb."""

    def takes(size):
        text = start + unit * (size // len(unit))
        began = time.process_time()
        said(text)
        return time.process_time() - began

    assert takes(100_000) < 3 * takes(50_000) + 0.2
