"""Languages: the French catalogue says everything the code says, and dates read as people write them."""

import gettext
import io
import re
import string
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from bot import i18n, strings
from bot.commands.catalogue import all_commands
from bot.commands.grammar import Talk, parse
from bot.i18n import NBSP, language_of, translator
from bot.text.rich import Span, bold

SOURCE = strings.marked_strings()
FRENCH = strings.read("fr")
NOW = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)
ADD = "run `python -m bot.i18n --write`, then fill in bot/locale/fr/LC_MESSAGES/filcommun.po"


def translations() -> list[tuple[str, str, str]]:
    """Context, English and French of every form."""
    rows = []
    for message in FRENCH:
        if message.id:
            pair = isinstance(message.id, str)
            forms = zip(
                (message.id,) if pair else message.id, (message.string,) if pair else message.string, strict=True
            )
            rows += [(message.context or "", english, french) for english, french in forms]
    return rows


def words_of(catalogue: gettext.GNUTranslations) -> dict[object, str]:
    return {key: words for key, words in vars(catalogue)["_catalog"].items() if key}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_everything_the_code_says_is_said_in_french():
    _, missing, obsolete = strings.complete("fr", SOURCE)
    assert not [message.id for message in missing if message.id], ADD
    assert not obsolete, ADD
    assert not [message.id for message in FRENCH if message.fuzzy and message.id]
    assert len(SOURCE) > 100


def test_a_sentence_without_french_and_one_that_nobody_says_are_both_found():
    new = strings.Marked("A sentence nobody has translated, {name}", places=["bot/new.py"])
    some = dict(list(SOURCE.items())[1:]) | {new.key: new}
    whole, missing, obsolete = strings.complete("fr", some)
    assert [message.id for message in missing if message.id] == [new.one]
    assert obsolete == [next(iter(SOURCE.values())).one]
    assert whole.get(new.one) is not None


def test_every_way_to_mark_a_sentence_is_found(tmp_path):
    package = tmp_path / "bot"
    package.mkdir()
    (package / "new.py").write_text(
        't("one")\nscene.t("two" " and more")\nt.n("{count} cat", "{count} cats", 2)\nN_("four")\n'
        'translator(language).rich("**five**")\ntranslator(x.language)("six")\nt.p("hour", "seven")\nother("no")\nt(variable)\n'
    )
    found = strings.marked_strings(package)
    assert list(found) == [
        ("", "one"), ("", "two and more"), ("", "{count} cat"), ("", "four"), ("", "**five**"), ("", "six"), ("hour", "seven"),
    ]  # fmt: skip
    assert found["", "{count} cat"].many == "{count} cats"


def test_no_sentence_is_put_together_where_it_is_translated():
    assert strings.built_at_run_time('x = 1\nt(f"Hello {x}")\nt.rich("a" + x)\nt("fine")') == [2, 3]
    for path in sorted(strings.LOCALE.parent.rglob("*.py")):
        assert not strings.built_at_run_time(path.read_text("utf-8")), path


def test_a_translation_has_the_fields_and_the_bold_of_its_source():
    for context, english, french in translations():
        if context == "hour":
            assert fields(french) <= fields(english), french
        else:
            assert fields(french) == fields(english), french
        assert french.count("**") == english.count("**"), french
        assert french.count("\n") == english.count("\n"), french


def test_the_french_is_french():
    for _, _, french in translations():
        spaced = translator("fr")._space(french)
        assert not re.search(r" [:;!?»]|« ", spaced), f"no-break spaces: {french}"
        assert not re.search(r"[^\s\u00a0\d](?=[:;!?](?:\s|\u00a0|$))", spaced), (
            f"a space stands before : ; ! ?: {french}"
        )
        assert not re.search(r"[“”\"]", french), f"French quotation marks are « »: {french}"
        familiar = r"\b(tu|te|toi|ton|ta|tes)\b|\bt'"
        assert not re.search(familiar, french, re.IGNORECASE), f"members are spoken to as vous: {french}"


def test_words_of_the_house_never_reach_a_member():
    house = r"\b(bridge|lane|deliver(y|ies)|token|parcel|inbound|outbox|ledger|membership|database|passerelle|jeton|colis|livraison)s?\b"
    for _, english, french in translations():
        assert not re.search(house, english + " " + french, re.IGNORECASE), (english, french)


def test_a_word_in_capitals_is_a_command_or_an_answer_that_works():
    commands = all_commands()
    for text in sorted({form for _, english, french in translations() for form in (english, french)}):
        plain = re.sub(r"\{\w+\}|7K2F-9MPD", " ", text)
        for word in re.findall(r"\b[A-ZÀ-ÖØ-ÞŸ]{2,}\b|/[a-z]+\b", plain):
            assert parse(word, commands=commands, channels={}) != Talk(), f"{word!r} does nothing: {text}"


def test_the_compiled_catalogue_is_the_written_one():
    compiled = strings.catalogue_path("fr").with_suffix(".mo")
    if compiled.exists():
        with compiled.open("rb") as there:
            found, written = (gettext.GNUTranslations(file) for file in (there, io.BytesIO(strings.compile_one("fr"))))
        assert words_of(found) == words_of(written), "run: make locale"


def test_a_checkout_that_was_never_compiled_speaks_french(tmp_path, monkeypatch):
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "filcommun.po").write_bytes(strings.catalogue_path("fr").read_bytes())
    monkeypatch.setattr(i18n, "LOCALE", tmp_path)
    assert i18n.Translator("fr")("{first} days", first=3) == "3 days"
    assert i18n.Translator("fr").n("{count} day", "{count} days", 3) == "3 jours"


def test_nothing_heavy_is_imported_before_a_date_is_shown():
    code = (
        "import sys, bot.i18n\n"
        "t = bot.i18n.translator('en'); t('Hello'); t.n('{count} day', '{count} days', 2); t.hour(0, 'Europe/Paris')\n"
        "print([name for name in ('babel', 'store', 'sqlalchemy', 'pydantic', 'typer') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("language", "when", "shown"),
    [
        ("fr", datetime(2026, 3, 3, 18, 0, tzinfo=UTC), "mardi 3 mars à 19 h"),
        ("en", datetime(2026, 3, 3, 18, 0, tzinfo=UTC), "Tuesday 3 March at 7 pm"),
        ("fr", datetime(2026, 3, 3, 18, 41, tzinfo=UTC), "mardi 3 mars à 19 h 41"),
        ("en", datetime(2026, 3, 3, 18, 41, tzinfo=UTC), "Tuesday 3 March at 7:41 pm"),
        ("fr", datetime(2026, 6, 30, 22, 5, tzinfo=UTC), "mercredi 1er juillet à 0 h 05"),
        ("en", datetime(2026, 6, 30, 22, 5, tzinfo=UTC), "Wednesday 1 July at 12:05 am"),
        ("fr", datetime(2025, 8, 1, 10, 0, tzinfo=UTC), "vendredi 1er août 2025 à 12 h"),
        ("en", datetime(2025, 8, 1, 10, 0, tzinfo=UTC).timestamp(), "Friday 1 August 2025 at 12 pm"),
    ],
)
def test_a_date_reads_as_people_write_it_in_the_readers_zone(language, when, shown):
    assert translator(language).moment(when, "Europe/Paris", now=NOW).replace(NBSP, " ") == shown


def test_an_unknown_zone_reads_utc():
    assert translator("fr").hour(datetime(2026, 3, 3, 18, 0, tzinfo=UTC), "Mars/Olympus") == f"18{NBSP}h"


@pytest.mark.parametrize(
    ("seconds", "english", "french"),
    [
        (5, "1 min", "1 min"), (600, "10 min", "10 min"), (7800, "2 h 10", "2 h 10"), (7200, "2 h", "2 h"),
        (86400, "1 day", "1 jour"), (3 * 86400, "3 days", "3 jours"), (730 * 86400, "2 years", "2 ans"),
    ],
)  # fmt: skip
def test_a_length_of_time_has_its_two_largest_parts(seconds, english, french):
    assert translator("en").duration(seconds).replace(NBSP, " ") == english
    assert translator("fr").duration(seconds).replace(NBSP, " ") == french


def test_a_list_ends_with_and_or_with_how_many_others():
    fr, en = translator("fr"), translator("en")
    assert fr.listing([]) == ""
    assert fr.listing(["Amina"]) == "Amina"
    assert fr.listing(["Amina", "Karim", "Chloé"]) == "Amina, Karim et Chloé"
    assert en.listing(["Telegram", "Signal", "mail"], last="or") == "Telegram, Signal or mail"
    assert fr.listing(["Amina", "Karim", "Chloé", "a", "b", "c"], most=3) == "Amina, Karim, Chloé et 3 autres"
    assert fr.listing(["Amina", "Karim", "Chloé", "Inès"], most=3) == "Amina, Karim, Chloé et Inès"


def test_a_field_is_never_searched_for_fields_or_bold():
    t = translator("en")
    assert t("Hello {name}", name="{count} **you**") == "Hello {count} **you**"
    shown = t.rich("**{name}** and {other}", name="a**b", other=bold("c"))
    assert shown.text == "a**b and c"
    assert shown.spans == (Span("bold", 0, 4), Span("bold", 9, 10))


def test_a_language_is_known_by_its_first_letters():
    assert [language_of(tag) for tag in ("fr-CA", "FR", "fr_FR.UTF-8", "en-GB", "de", "", None)] == ["fr"] * 3 + [
        "en"
    ] * 4
    assert language_of("de", "fr") == "fr"
    assert translator("fr-BE") is translator("fr")
    assert translator("fr")("") == ""
