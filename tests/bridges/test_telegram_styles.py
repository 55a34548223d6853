"""The Telegram bridge and styles: counted in UTF-16 on the wire, in characters here, and nothing outside the text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.text.rich import Rich, Span
from bridges.telegram.bridge import CHANNEL
from bridges.telegram.fields import Fields
from bridges.telegram.words import entities, rich

texts = st.text(st.sampled_from("ab \né😀🏳\u200d🌈\u0301\uffff\U0010ffff"), min_size=1, max_size=30)
kinds = st.sampled_from(["bold", "italic", "underline", "strike", "spoiler", "code", "quote"])


@st.composite
def rich_texts(draw):
    text = draw(texts)
    spans = set()
    for _ in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        spans.add(Span(draw(kinds), start, end))
    return Rich(text, tuple(sorted(spans, key=lambda s: (s.start, -s.end, s.kind))))


@given(rich_texts())
def test_styles_survive_the_way_there_and_back(what):
    """And python-telegram-bot cuts the same words out of the text as our characters do."""
    from telegram import MessageEntity

    marks = entities(what)
    back = rich(what.text, [Fields(mark, "entities") for mark in marks])
    assert back.text == what.text
    assert sorted(back.spans, key=repr) == sorted(what.spans, key=repr)
    for mark, span in zip(marks, what.spans, strict=True):
        theirs = MessageEntity.adjust_message_entities_to_utf_16(
            what.text, [MessageEntity(mark["type"], span.start, span.end - span.start)]
        )[0]
        assert (theirs.offset, theirs.length) == (mark["offset"], mark["length"])


@given(texts, st.integers(-5, 70), st.integers(-5, 70))
def test_no_entity_reaches_outside_its_text(text, offset, length):
    found = rich(text, [Fields({"type": "bold", "offset": offset, "length": length}, "entities")])
    assert all(0 <= s.start < s.end <= len(text) for s in found.spans)


def test_at_most_a_hundred_entities_are_sent_and_no_link_of_a_strange_kind():
    assert len(entities(Rich("x" * 300, tuple(Span("bold", n, n + 1) for n in range(300))))) == 100
    assert entities(Rich("xy", (Span("link", 0, 1, "javascript:alert(1)"), Span("link", 0, 1, "")))) == []


def test_every_style_we_claim_is_sent():
    for style in CHANNEL.can.styles:
        assert entities(Rich("x", (Span(style, 0, 1, "https://a.org" if style == "link" else ""),)))
