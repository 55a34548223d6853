"""The name of a community in an address and in a French sentence."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.sections import slug_of as configured
from bot.core.communities import slug_of
from bot.text.french import to_the


@pytest.mark.parametrize("make", [slug_of, configured], ids=["another community", "the first one"])
@given(name=st.text(min_size=1, max_size=80))
def test_what_stands_in_an_address_begins_and_ends_with_a_letter_or_digit(make, name):
    slug = make(name)
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", slug)
    assert len(slug) <= 40


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Cercle de lecture", "cercle-de-lecture"),
        ("Les amis de la bibliothèque municipale, à Lyon", "les-amis-de-la-bibliotheque-municipale-a"),
        ("Les amis de la bibliothèque de quartier de Lyon", "les-amis-de-la-bibliotheque-de-quartier"),
        ("読書会", "community"),
    ],
)
def test_a_long_name_is_cut_without_a_hyphen_left_over(name, slug):
    assert slug_of(name) == slug


@pytest.mark.parametrize(
    ("name", "invited"),
    [
        ("Cercle de lecture", "au Cercle de lecture"),
        ("Chœur d'été", "au Chœur d'été"),
        ("Chorale du quartier", "à la Chorale du quartier"),
        ("Crèche des Lilas", "à la Crèche des Lilas"),
        ("Association Plein Air", "à l'Association Plein Air"),
        ("École Jaurès", "à l'École Jaurès"),
        ("Voisins du 12", "aux Voisins du 12"),
        ("Le salon", "au salon"),
        ("La Bonne Table", "à la Bonne Table"),
        ("L'Amicale", "à l'Amicale"),
        ("Les Amis de Proust", "aux Amis de Proust"),
        ("Couture & Cie", "à rejoindre « Couture & Cie »"),
        ("Cerclage", "à rejoindre « Cerclage »"),
    ],
)
def test_in_french_one_is_invited_as_one_says(name, invited):
    assert to_the(name) == invited
