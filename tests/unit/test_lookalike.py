"""Nobody is taken for an organizer: names that look alike are told apart."""

from __future__ import annotations

import pytest

from bot.text.lookalike import looks_like
from tests.unit import commands_ground
from tests.unit.membership_ground import code_in

circle, migrated = commands_ground.circle, commands_ground.migrated


@pytest.mark.parametrize(
    "name",
    [
        "Amina", "AMINA", "Amína", "Аmina", "Αmіnа", "Ａｍｉｎａ", "𝐀𝐦𝐢𝐧𝐚", "A m i n a", "Amina.", "Amina ✓", "_Amina_", "Arnina",
        "Am1na", "Amin4", "@Amina", "Amina 2", "AmiNA!", "Аміпа",
    ],
)  # fmt: skip
def test_it_looks_like_amina(name):
    assert looks_like(name, "Amina")


@pytest.mark.parametrize("name", ["Amin", "Anima", "Aminata", "Amina B.", "Nina", "Emina", "", "?", "阿米娜", "Камина"])
def test_it_is_another_name(name):
    assert not looks_like(name, "Amina")


def test_a_name_without_letters_looks_like_nobody():
    assert not looks_like("???", "!!!")


async def test_a_member_cannot_take_a_name_that_looks_like_an_organizers(circle):
    await circle.says("Bruno", "name: Аmina")
    rows = await circle.rows("SELECT name FROM membership WHERE name LIKE '%mina%' ORDER BY id")
    assert [row.name for row in rows] == ["Amina", "Аmina 2"]


async def test_nor_bring_it_along_when_joining(circle):
    code = code_in(await circle.asks("Amina", "invite"))
    await circle.says("Arnina", code)
    await circle.says("Arnina", "yes")
    assert [row.name for row in await circle.rows("SELECT name FROM membership WHERE name LIKE 'Arnina%'")] == [
        "Arnina 2"
    ]


async def test_somebody_in_a_room_with_such_a_name_is_said_to_be_no_member(circle):
    circle.boxes["chat"].room("hall", ["Amina", "Bruno", "Amіna"])
    await circle.says("Amina", "/room", room="hall")
    await circle.says("Amіna", "Send me your money", room="hall")
    assert circle.seen("Chloé")[-1].endswith("Amіna (not a member): Send me your money")
