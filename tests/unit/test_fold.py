"""Words compared as people compare them, names and subjects cleaned."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.fold import canonical_subject, display_name, fold


def test_accents_case_and_spaces_make_no_difference():
    assert fold("L’Été  À Œuvrer — ﬁn\u00a0!") == "l'ete a oeuvrer - fin !"
    assert fold("ÉTÉ") == fold("été") == fold("e\u0301te\u0301")
    assert fold("Straße") == "strasse"
    assert fold("한국어 ไทย हिन्दी") == "한국어 ไทย हिन्दी", "vowel signs of other scripts are letters"


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("Karim B.", "Karim B."),
        ("  Zoé\n\tde   la Tour ", "Zoé de la Tour"),
        ("Anne <anne@example.org>", "Anne"),
        ("anne@example.org", ""),
        ('"Anne (06 12 34 56 78)"', "Anne"),
        ("+33 6 12 34 56 78", ""),
        ("@karim", "karim"),
        ("Louis 14, 2e B", "Louis 14, 2e B"),
        ("Fam\u202eille\u200b", "Famille"),
        ("👨\u200d👩\u200d👧 Durand", "👨\u200d👩\u200d👧 Durand"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("Pa\u200cul", "Paul"),
        ("Z\u0301\u0302\u0303\u0304\u0305", "Z\u0301\u0302\u0303"),
        ("x" * 100, "x" * 40),
    ],
)
def test_a_name_is_shown_without_what_hides_or_leads(given_name, shown):
    assert display_name(given_name) == unicodedata.normalize("NFC", shown)


@given(st.text(max_size=400))
def test_a_shown_name_is_one_short_line(text):
    name = display_name(text)
    assert len(name) <= 40
    assert name == name.strip()
    assert not any(unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs", "Co"} for char in name)
    assert "@" not in name


@pytest.mark.parametrize(
    ("subject", "canonical"),
    [
        ("Re: Pique-nique", "Pique-nique"),
        ("RE : [Cercle] Tr: Pique-nique", "Pique-nique"),
        ("Re[2]: AW: WG: Fwd : Pique-nique", "Pique-nique"),
        ("Réf : Pique-nique", "Pique-nique"),
        ("[Cercle] [Annonce] Pique-nique", "Pique-nique"),
        ("Pique-nique\r\n du 14", "Pique-nique du 14"),
        ("[Urgent]", "[Urgent]"),
        ("Re:", "Re:"),
        ("Recette : la tarte", "Recette : la tarte"),
        ("Retour sur hier", "Retour sur hier"),
        ("Trésorerie: le point", "Trésorerie: le point"),
    ],
)
def test_a_subject_is_known_without_what_programs_put_before_it(subject, canonical):
    assert canonical_subject(subject) == canonical


@given(st.text(max_size=200))
def test_a_subject_is_canonical_at_once(text):
    assert canonical_subject(canonical_subject(text)) == canonical_subject(text)


def test_a_huge_subject_and_a_huge_name_cost_nothing():
    for bomb in ("Re: " * 200_000, "[" * 800_000, "[x]" * 200_000, "1 " * 400_000, "\u0301" * 800_000):
        assert len(canonical_subject(bomb)) <= 1000
        assert len(display_name(bomb)) <= 40
