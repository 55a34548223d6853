"""Lengths of time as people write them: "24 hours", "5 minutes", "2 h 30".

Used by every section of the configuration; the number that comes out is always seconds.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

_SECONDS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "seconde", "secondes"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours", "heure", "heures"), 3600.0),
    **dict.fromkeys(("d", "j", "day", "days", "jour", "jours"), 86_400.0),
    **dict.fromkeys(("w", "week", "weeks", "semaine", "semaines"), 7 * 86_400.0),
    **dict.fromkeys(("month", "months", "mois"), 30 * 86_400.0),
    **dict.fromkeys(("y", "year", "years", "an", "ans", "année", "années"), 365 * 86_400.0),
}
_PART = re.compile(r"\s*(?P<number>[0-9]{1,9}(?:[.,][0-9]{1,6})?)\s*(?P<unit>[^\W\d_]+)\s*(?:,|and\b|et\b)?")
_HOURS_AND = re.compile(r"\s*([0-9]{1,6})\s*h\s*([0-9]{1,2})\s*\Z")  # "2 h 30", as French clocks say it


def parse_duration(text: str | float) -> float:
    """Return the seconds of "5 minutes", "24 hours", "1 day and 2 hours", "2 h 30"; a bare number is seconds.

    A month is 30 days, a year 365. Raises ValueError with a sentence that says what to write.
    """
    if isinstance(text, bool) or not isinstance(text, (str, int, float)):
        raise ValueError(_sentence(text))  # noqa: TRY004 - pydantic shows ValueErrors as the setting's fault
    if isinstance(text, (int, float)):
        if not 0 <= text < 1e12:  # also refuses nan and infinity
            raise ValueError(_sentence(text))
        return float(text)
    if clock := _HOURS_AND.match(text.lower()):
        return int(clock[1]) * 3600.0 + int(clock[2]) * 60.0
    return _sum(text)


def _sum(text: str) -> float:
    """The sum of "1 day", "2 hours" … as they stand in `text`; "0" needs no unit."""
    low = text.strip().lower()
    if low == "0":
        return 0.0
    total, position = 0.0, 0
    while part := _PART.match(low, position):
        seconds = _SECONDS.get(part["unit"])
        if seconds is None:
            break
        total += float(part["number"].replace(",", ".")) * seconds
        position = part.end()
    if not low or position != len(low):
        raise ValueError(_sentence(text))
    return total


def _sentence(text: object) -> str:
    """What is wrong, and what to write instead."""
    return (
        f'{str(text)[:40]!r} is not a length of time; write it like "30 seconds", "5 minutes", "24 hours" or "3 days"'
    )


def _text(seconds: float) -> str:
    """The shortest way to write `seconds` that reads back the same."""
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds and seconds % size == 0:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{seconds:g} seconds"


#: A setting that is written as words and used as seconds.
Duration = Annotated[float, BeforeValidator(parse_duration), PlainSerializer(_text, when_used="json")]
