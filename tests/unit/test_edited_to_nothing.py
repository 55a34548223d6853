"""What somebody changes their words to: nothing at all is taking them back, and a file stays a file."""

from __future__ import annotations

from store.statement import run, sql
from tests.unit import commands_ground

circle, migrated = commands_ground.circle, commands_ground.migrated


async def grouped_mail(circle) -> str:
    """What has waited for Dora leaves now; the words of it."""
    await circle.write(lambda c: run(c, sql("UPDATE parcel SET due_at = 0 WHERE state = 'due' AND kind = 'relay'")))
    await circle.write(lambda c: run(c, sql("UPDATE lane SET due_at = 0 WHERE due_at IS NOT NULL")))
    circle.app.bus.outbox.wake()
    await circle.settled()
    return "\n".join(circle.seen("Dora"))


async def test_a_line_edited_to_nothing_is_not_in_the_grouped_mail(circle):
    await circle.write(lambda c: run(c, sql("UPDATE membership SET pace = 'grouped' WHERE name = 'Dora'")))
    await circle.says("Bruno", "First")
    await circle.says("Bruno", "Second")
    await circle.boxes["chat"].edit("Bruno", circle.last, " ")
    await circle.says("Bruno", "Third")
    mail = await grouped_mail(circle)
    assert "First" in mail
    assert "Third" in mail
    assert "#2" not in mail
    assert "Bruno\n\n" not in mail


async def test_a_picture_whose_words_are_taken_away_is_still_a_picture(circle):
    await circle.write(lambda c: run(c, sql("UPDATE membership SET pace = 'grouped' WHERE name = 'Dora'")))
    await circle.says("Bruno", "Look")
    await circle.write(
        lambda c: run(
            c,
            sql(
                "INSERT INTO attachment (message_id, position, name, kind, note) SELECT id, 0, '', 'photo', '' FROM message"
            ),
        )
    )
    await circle.boxes["chat"].edit("Bruno", circle.last, "")
    await circle.settled()
    assert [row.text for row in await circle.rows("SELECT text FROM message")] == ["[photo]"]
