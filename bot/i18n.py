"""Languages: every sentence a person reads is written in English in the code and found in French in the catalogue.

    t = translator(member.language)            # "fr", "fr-CA", "en" …; an unknown one reads English
    t("Hello {name}", name=name)               # a sentence; a field is never searched for braces
    t.n("{count} message", "{count} messages", count)
    t.p("hour", "{hour} {half}", hour=7, half="pm")   # the same words in another sense
    t.rich("Answer **YES** or **NO**.")        # the same, as Rich: what stands between ** is bold
    t.date(when, zone), t.moment(when, zone), t.hour(when, zone), t.duration(seconds), t.listing(names), t.quoted(words)

A sentence that is declared in one place and shown in another is marked `N_("…")` where it stands and translated later
with `t(variable)`. The first argument is a literal, or it is not found by the tools:

    python -m bot.i18n            what the French catalogue lacks, or has too much, as .po text; status 1 if anything
    python -m bot.i18n --write    puts the missing ones into bot/locale/*/LC_MESSAGES/filcommun.po (with an empty
                                  translation, to be filled in), takes the obsolete ones out, and compiles

French spacing is the catalogue's business only in so far as there is a space: "Bonjour !" and "« oui »" become
no-break when they are looked up. Imports nothing of ours but `bot.text`; Babel only for dates.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from bot.text.rich import Rich, join

DOMAIN: Final[str] = "filcommun"
LOCALE: Final[Path] = Path(__file__).parent / "locale"
#: The languages people may choose, and how people call them. English is the source.
LANGUAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("English", "en", "anglais", "angl", "gb", "uk"),
    "fr": ("français", "fr", "French", "franc"),
}
NBSP: Final = "\u00a0"

Zone = str | tzinfo
Field = str | int | float | Rich


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark `message` as a sentence to be translated where it is shown; returns it unchanged."""
    return message


def language_of(tag: str | None, default: str = "en") -> str:
    """Which of our languages "fr-CA", "FR" or "en_GB" is; `default` if none of them."""
    short = re.split(r"[-_.@]", (tag or "").strip().lower(), maxsplit=1)[0]
    return short if short in LANGUAGES else default


def translator(language: str | None) -> Translator:
    """The translator into `language`; made once for each."""
    return _translator(language_of(language))


@cache
def _translator(language: str) -> Translator:
    return Translator(language)


class Translator:
    """Finds sentences in one language and fills in their fields."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue = _catalogue(language)
        self._spaced: dict[str, str] = {}

    def __call__(self, message: str, **fields: Field) -> str:
        """`message` in this language."""
        return self._fill(self._catalogue.gettext(message), fields).text if message else ""

    def n(self, one: str, many: str, count: int, **fields: Field) -> str:
        """`one` or `many`, as this language counts; `{count}` is a field of both."""
        return self._fill(self._catalogue.ngettext(one, many, count), {"count": count, **fields}).text

    def p(self, context: str, message: str, **fields: Field) -> str:
        """`message` in the sense of `context`."""
        return self._fill(self._catalogue.pgettext(context, message), fields).text

    def rich(self, message: str, **fields: Field) -> Rich:
        """`message` with bold where it has **; fields that are Rich keep their spans."""
        return self._fill(self._catalogue.gettext(message), fields, bolds=True)

    def rich_n(self, one: str, many: str, count: int, **fields: Field) -> Rich:
        """`one` or `many`, with bold where it has **."""
        return self._fill(self._catalogue.ngettext(one, many, count), {"count": count, **fields}, bolds=True)

    def date(self, when: datetime | float, zone: Zone, *, now: datetime | float | None = None) -> str:
        """Return "mardi 3 mars", "Tuesday 3 March"; with the year if it is not that of `now`."""
        from babel.dates import format_date

        local = _local(when, zone)
        names = format_date(local, "EEEE|MMMM", locale=_babel_locale(self.language)).split("|")
        day = self.p("first day of a month", "1") if local.day == 1 else str(local.day)
        shown = self.p("date", "{weekday} {day} {month}", weekday=names[0], day=day, month=names[1])
        current = _local(now, zone) if now is not None else datetime.now(local.tzinfo)
        return shown if local.year == current.year else f"{shown} {local.year}"

    def hour(self, when: datetime | float, zone: Zone) -> str:
        """Return "19 h", "19 h 41"; "7 pm", "7:41 pm"."""
        local = _local(when, zone)
        half = "pm" if local.hour >= 12 else "am"
        hour = local.hour if self.p("clock", "12") == "24" else (local.hour % 12 or 12)
        if local.minute:
            return self.p("hour", "{hour}:{minute} {half}", hour=hour, minute=f"{local.minute:02}", half=half)
        return self.p("hour", "{hour} {half}", hour=hour, half=half)

    def moment(self, when: datetime | float, zone: Zone, *, now: datetime | float | None = None) -> str:
        """Return "mardi 3 mars à 19 h", "Tuesday 3 March at 7 pm"."""
        return self.p("date", "{date} at {hour}", date=self.date(when, zone, now=now), hour=self.hour(when, zone))

    def duration(self, seconds: float) -> str:
        """Return "2 h 10", "10 min", "3 jours", "2 ans": the two largest parts at most, never less than a minute."""
        minutes = max(1, round(seconds / 60))
        if minutes < 60:
            return self.p("duration", "{minutes} min", minutes=minutes)
        if minutes < 24 * 60:
            hours, rest = divmod(minutes, 60)
            if rest:
                return self.p("duration", "{hours} h {minutes}", hours=hours, minutes=f"{rest:02}")
            return self.p("duration", "{hours} h", hours=hours)
        days = round(minutes / (24 * 60))
        if days >= 365 and days % 365 < 2:
            return self.n("{count} year", "{count} years", days // 365)
        return self.n("{count} day", "{count} days", days)

    def listing(self, items: Sequence[str], *, most: int | None = None, last: str = "and") -> str:
        """Return "Amina, Karim et Chloé"; with `most`, "Amina, Karim, Chloé et 6 autres". `last` may be "or"."""
        if most is not None and len(items) > most + 1:
            others = self.n("{count} other", "{count} others", len(items) - most)
            items = [*items[:most], others]
        if len(items) < 2:
            return items[0] if items else ""
        first = ", ".join(items[:-1])
        if last == "or":
            return self.p("list", "{first} or {last}", first=first, last=items[-1])
        return self.p("list", "{first} and {last}", first=first, last=items[-1])

    def quoted(self, words: str) -> str:
        """Return "« mots »", "“words”"."""
        return self.p("quotation marks", "“{words}”", words=words)

    def _fill(self, template: str, fields: Mapping[str, Field], *, bolds: bool = False) -> Rich:
        template = self._spaced.get(template) or self._space(template)
        if not bolds:
            return (
                Rich(_FIELD.sub(lambda found: _plain(fields, found), template)) if "{" in template else Rich(template)
            )
        pieces: list[Rich] = []
        for position, part in enumerate(template.split("**")):
            piece = _filled(part, fields)
            pieces.append(piece.marked("bold") if position % 2 else piece)
        return join(pieces)

    def _space(self, template: str) -> str:
        spaced = template
        if self.language == "fr":
            spaced = re.sub(r" ([:;!?»])", NBSP + r"\1", spaced).replace("« ", "«" + NBSP)
        self._spaced[template] = spaced
        return spaced


_FIELD = re.compile(r"\{(\w+)\}")


def _plain(fields: Mapping[str, Field], found: re.Match[str]) -> str:
    value = fields[found[1]]
    return value.text if isinstance(value, Rich) else str(value)


def _filled(part: str, fields: Mapping[str, Field]) -> Rich:
    """`part` with its fields, their spans kept."""
    pieces = _FIELD.split(part)
    values = (fields[piece] if position % 2 else piece for position, piece in enumerate(pieces))
    return join(value if isinstance(value, Rich) else str(value) for value in values)


def _local(when: datetime | float, zone: Zone) -> datetime:
    """`when` (a moment, or seconds since 1970) on the clocks of `zone`; an unknown zone is UTC."""
    moment = datetime.fromtimestamp(when, UTC) if isinstance(when, int | float) else when
    if not isinstance(zone, str):
        return moment.astimezone(zone)
    try:
        return moment.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        return moment.astimezone(UTC)


def _babel_locale(language: str) -> str:
    return "en_GB" if language == "en" else language


def _catalogue(language: str) -> gettext.NullTranslations:
    """The compiled catalogue; a checkout that was never compiled is compiled in memory; English needs none."""
    if language == "en":
        return gettext.NullTranslations()
    compiled = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if compiled.exists():
        with compiled.open("rb") as file:
            return gettext.GNUTranslations(file)
    return _compile(compiled.with_suffix(".po"))


def _compile(source: Path) -> gettext.NullTranslations:
    import io

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    binary = io.BytesIO()
    with source.open("rb") as text:
        write_mo(binary, read_po(text))
    binary.seek(0)
    return gettext.GNUTranslations(binary)


if __name__ == "__main__":
    from bot.strings import main

    main()
