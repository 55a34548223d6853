"""Styled text arrives exactly as it was written, whatever signs are in it, through the service's own parser."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.text.rich import Rich, Span, bold, from_utf16
from bridges.signal.sandbox_styled import parsed
from bridges.signal.styled import MARKS, marked_up

NAMES = {
    "spoiler": "SPOILER",
    "code": "MONOSPACE",
    "pre": "MONOSPACE",
    "bold": "BOLD",
    "italic": "ITALIC",
    "strike": "STRIKETHROUGH",
}

# What the service's own tests say of its parser (textstyleparser_test.go).
PUBLISHED = [
    ("*italic*", "italic", [(0, 6, "ITALIC")]),
    ("**bold**", "bold", [(0, 4, "BOLD")]),
    (
        "This is a **bold** and *italic* message",
        "This is a bold and italic message",
        [(10, 4, "BOLD"), (19, 6, "ITALIC")],
    ),
    (
        "This is a ~strikethrough~ and a **bold** message",
        "This is a strikethrough and a bold message",
        [(10, 13, "STRIKETHROUGH"), (30, 4, "BOLD")],
    ),
    (
        "This is a `monospace` and a **bold** message",
        "This is a monospace and a bold message",
        [(10, 9, "MONOSPACE"), (26, 4, "BOLD")],
    ),
    ("👋abcdefg", "👋abcdefg", []),
    ("👋**abcdefg**", "👋abcdefg", [(2, 7, "BOLD")]),
    ("👋🏾**abcdefg**", "👋🏾abcdefg", [(4, 7, "BOLD")]),
    ("Test 👦🏿 via **signal** API", "Test 👦🏿 via signal API", [(14, 6, "BOLD")]),
    ("||a spoiler|| and another ||spoiler||", "a spoiler and another spoiler", [(0, 9, "SPOILER"), (22, 7, "SPOILER")]),
    ("||**bold inside**||", "bold inside", [(0, 11, "BOLD"), (0, 11, "SPOILER")]),
    ("\\*escaped text\\*", "*escaped text*", []),
    ("\\**escaped text\\**", "**escaped text**", []),
    ("\\`escaped text\\`", "`escaped text`", []),
    ("\\~escaped text\\~", "~escaped text~", []),
    ("Test \\** \\* \\~ Escape", "Test ** * ~ Escape", []),
]


@pytest.mark.parametrize(("markup", "text", "styles"), PUBLISHED)
def test_the_sandbox_reads_markup_as_the_service_does(markup, text, styles):
    assert parsed(markup) == (text, styles)


def test_text_without_styles_is_sent_untouched():
    text = "2 * 3 * 4 = ~24, || `x` \\* _"
    assert marked_up(Rich(text)) == (text, "normal")
    assert marked_up(Rich(text, (Span("link", 0, 5, "https://example.org"), Span("underline", 0, 3)))) == (
        text,
        "normal",
    )


def test_the_authors_name_is_bold_and_the_stars_in_it_stay_stars():
    markup, mode = marked_up(bold("Am*na :") + " 2 * 3")
    assert (markup, mode) == ("**Am\\*na :** 2 \\* 3", "styled")
    assert parsed(markup) == ("Am*na : 2 * 3", [(0, 7, "BOLD")])


@pytest.mark.parametrize("kind", list(MARKS))
def test_each_style_is_shown(kind):
    markup, mode = marked_up(Rich("😀 here", (Span(kind, 2, 6),)))
    assert mode == "styled"
    assert parsed(markup) == ("😀 here", [(3, 4, NAMES[kind])])


_TEXT = st.text(alphabet=st.sampled_from("*|~`\\_ab \n😀é"), max_size=30)


@st.composite
def _riches(draw):
    text = draw(_TEXT)
    spans = draw(
        st.lists(
            st.builds(
                Span,
                st.sampled_from(["bold", "italic", "strike", "spoiler", "code", "pre", "underline", "link"]),
                st.integers(0, 30),
                st.integers(0, 31),
            ),
            max_size=6,
        )
    )
    return Rich(text, tuple(sorted(spans, key=lambda span: span.start)))


@settings(max_examples=400, deadline=None)
@given(_riches())
@example(Rich("a\\", (Span("bold", 0, 2),)))
@example(Rich("a*", (Span("bold", 0, 2),)))
@example(Rich("*ab", (Span("italic", 1, 3),)))
@example(Rich("ab", (Span("italic", 0, 1), Span("bold", 1, 2))))
@example(Rich("a|b|", (Span("spoiler", 2, 4),)))
def test_the_words_arrive_exactly_and_no_style_reaches_beyond_its_span(rich):
    markup, mode = marked_up(rich)
    text, styles = parsed(markup) if mode == "styled" else (markup, [])
    assert text == rich.text
    for start, length, name in styles:
        first, last = from_utf16(text, start), from_utf16(text, start + length)
        for at in range(first, last):
            covering = {NAMES.get(s.kind) for s in rich.spans if s.start <= at < s.end <= len(text)}
            assert name in covering


@settings(max_examples=500, deadline=None)
@given(
    st.text(alphabet=st.characters(exclude_characters="*|~`\\", exclude_categories=("Cs",)), min_size=1, max_size=20)
)
def test_a_style_over_ordinary_words_is_shown_in_full(text):
    markup, _ = marked_up(bold(text))
    shown, styles = parsed(markup)
    assert (shown, [name for *_, name in styles]) == (text, ["BOLD"])
    assert styles[0][:2] == (0, len(text.encode("utf-16-le")) // 2)
