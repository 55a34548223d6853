"""NAME, LANG, ZONE, VISIBLE, WHO, HELP, PRIVACY: what one is here, and what one may know."""

from __future__ import annotations

from tests.unit import commands_ground

circle, migrated = commands_ground.circle, commands_ground.migrated


async def test_a_new_name_is_what_others_see(circle):
    assert "Bruno B." in await circle.asks("Bruno", "name: Bruno B.")
    await circle.says("Bruno", "Hello everyone")
    assert circle.seen("Chloé")[-1].endswith("Bruno B.: Hello everyone")


async def test_two_people_are_told_apart(circle):
    answer = await circle.asks("Bruno", "name: chloé")
    assert "chloé 2" in answer
    rows = await circle.rows("SELECT name FROM membership WHERE folded LIKE 'chloe%'")
    assert {row.name for row in rows} == {"Chloé", "chloé 2"}


async def test_an_address_is_no_name(circle):
    assert "no name" in await circle.asks("Bruno", "/name bruno@example.org")


async def test_the_language_changes_at_once(circle):
    assert "français" in await circle.asks("Bruno", "lang fr")
    assert "Votre fuseau horaire" in await circle.asks("Bruno", "zone")
    assert "English" in await circle.asks("Bruno", "lang en")
    assert "English" in await circle.asks("Bruno", "/lang")


async def test_a_time_zone_is_named_after_a_city(circle):
    assert "America/Montreal" in await circle.asks("Bruno", "zone Montreal")
    assert "Europe/Brussels" in await circle.asks("Bruno", "zone Europe/Brussels")
    assert "do not know" in await circle.asks("Bruno", "/zone Middle Earth")


async def test_who_wants_not_to_be_named_is_counted(circle):
    assert "not named" in await circle.asks("Bruno", "visible no")
    listed = await circle.asks("Chloé", "who")
    assert "Bruno" not in listed
    assert "Amina, Chloé and Dora" in listed
    assert "4 members" in listed
    assert "1 who is not named" in listed
    assert "Organizer" in listed


async def test_who_shows_neither_addresses_nor_channels(circle):
    listed = await circle.asks("Chloé", "who")
    for hidden in ("members.example", "70", "chat", "post"):
        assert hidden not in listed.replace("Cercle", "")


async def test_help_has_at_most_seven_lines_for_everybody(circle):
    for who in ("Amina", "Bruno", "Dora"):
        lines = (await circle.asks(who, "help")).splitlines()
        assert 3 <= len(lines) <= 7, lines


async def test_help_shows_only_what_this_person_may_do(circle):
    mine = await circle.asks("Bruno", "help")
    assert "state" not in mine
    assert "join" not in mine
    assert "undo" not in mine
    organizers = await circle.asks("Amina", "help")
    assert "state" in organizers
    assert "retry" not in organizers
    assert "room" not in organizers.split("·")


async def test_help_tells_one_thing(circle):
    assert "zone Europe/Paris" in await circle.asks("Bruno", "help zone")


async def test_help_in_a_room_shows_slashes(circle):
    circle.boxes["chat"].room("hall", ["Amina", "Bruno"])
    await circle.says("Amina", "/room", room="hall")
    await circle.says("Bruno", "/help", room="hall")
    assert "/who" in circle.seen("Bruno")[-1]
    assert not any("/who" in line for line in circle.seen("Bruno", "hall"))


async def test_the_privacy_notice_says_what_is_kept_and_where_encryption_ends(circle):
    notice = await circle.asks("Bruno", "privacy")
    for said in ("24 hours", "30 days", "2 years", "The encryption of the chat ends with me", "Amina", "LEAVE"):
        assert said in notice


async def test_somebody_in_a_room_who_has_not_joined_reads_one_line_about_privacy(circle):
    circle.boxes["chat"].room("hall", ["Amina", "Eve"])
    await circle.says("Amina", "/room", room="hall")
    shown = await circle.says("Eve", "/privacy", room="hall")
    assert len(shown) == 1
    assert "\n" not in shown[0].text
    assert "2 years" in shown[0].text


async def test_a_room_hears_no_list_of_members(circle):
    circle.boxes["chat"].room("hall", ["Amina", "Bruno"])
    await circle.says("Amina", "/room", room="hall")
    await circle.write(
        lambda c: commands_ground.run(
            c, commands_ground.sql("UPDATE address SET status = 'unreachable' WHERE name = 'Bruno'")
        )
    )
    shown = await circle.says("Bruno", "/who", room="hall")
    assert [line.text for line in shown] == ["Write that to me in private: who"]


async def test_a_stranger_learns_what_is_kept_and_not_whose_group_this_is(circle):
    notice = await circle.asks("Zora", "/privacy")
    assert "24 hours" in notice
    assert "Cercle" not in notice
    assert "Amina" not in notice


async def test_help_is_as_short_in_french(circle):
    await circle.says("Amina", "langue fr")
    lines = (await circle.asks("Amina", "aide")).splitlines()
    assert len(lines) <= 7
    assert any("contact" in line for line in lines)
    assert "Aussi" in lines[-1] or "aussi" in lines[-1]


async def test_an_invited_person_is_helped_with_what_they_may_do(circle):
    made = await circle.asks("Amina", "/invite")
    await circle.says("Fanny", next(word for word in made.split() if len(word) == 9 and word[4] == "-"))
    shown = await circle.asks("Fanny", "help")
    assert "contact" in shown
    assert "privacy" in shown
    assert "pace" not in shown
