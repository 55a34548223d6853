"""Lengths of time in the configuration."""

import pytest
from pydantic import BaseModel, ValidationError

from bot.text.duration import Duration, parse_duration


class Section(BaseModel):
    wait: Duration = 1.0


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("5 minutes", 300),
        ("24 hours", 86_400),
        ("24h", 86_400),
        ("3 days", 259_200),
        ("1 day and 2 hours", 93_600),
        ("1 jour et 2 heures", 93_600),
        ("2 h 30", 9_000),
        ("1,5 minutes", 90),
        ("0.25 s", 0.25),
        ("2 years", 730 * 86_400),
        ("0", 0),
        (12, 12),
        (0.5, 0.5),
    ],
)
def test_a_length_of_time_is_read_as_people_write_it(words, seconds):
    assert parse_duration(words) == seconds


@pytest.mark.parametrize(
    "words", ["", "soon", "5", "5 fortnights", "-5 minutes", "minutes", True, None, float("nan"), -1]
)
def test_what_is_no_length_of_time_is_refused_with_an_example(words):
    with pytest.raises(ValueError, match="5 minutes"):
        parse_duration(words)


def test_a_setting_takes_words_and_holds_seconds():
    assert Section(wait="5 minutes").wait == 300
    assert Section.model_validate({"wait": "3 days"}).model_dump_json() == '{"wait":"3 days"}'
    with pytest.raises(ValidationError, match="24 hours"):
        Section(wait="later")
