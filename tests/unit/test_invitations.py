"""INVITE, JOIN and the question: what a newcomer reads, what is stored when they agree, and what guessing leads to."""

from __future__ import annotations

import hashlib

from bot.commands import words
from bot.core import codes
from bot.i18n import LANGUAGES
from tests.unit import commands_ground
from tests.unit.membership_ground import by, code_in, link_in, membership, newest, replies, shown

circle, migrated = commands_ground.circle, commands_ground.migrated


async def test_an_invitation_is_a_code_and_a_link_that_make_a_member(circle):
    made = await circle.asks("Bruno", "invite")
    assert "30 days" in made
    assert "circle@memory.example" in made  # where those who have mail write the code to
    asked = (await by(circle, "chat", "Karim", "", start=link_in(made)))[-1]
    assert "Bruno invites you" in asked
    assert "(4 people)" in asked
    assert "encryption of the chat ends with me" in asked
    welcome = (await by(circle, "chat", "Karim", "Oui"))[-1]
    assert welcome.startswith("Welcome, Karim!")
    assert "Karim, whom you invited" in circle.seen("Bruno")[-1]
    await circle.says("Amina", "Hello")
    assert circle.box("Karim").seen("Karim")[-1].text.endswith("Hello")


async def test_what_was_agreed_to_is_stored_with_who_invited_and_when(circle):
    code = code_in(await circle.asks("Bruno", "invite"))
    await by(circle, "chat", "Karim", code)
    await by(circle, "chat", "Karim", "yes")
    stored, bruno = await membership(circle, "Karim"), await membership(circle, "Bruno")
    assert (stored.consent_how, stored.consent_text) == ("invitation", "invitation 2 en")
    assert stored.invited_by == bruno.id
    assert stored.consent_at > bruno.consent_at
    assert stored.status == "active"


#: What people agreed to, by the version that is stored with their consent: a digest of the words in every language.
AGREED_TO = {"invitation 2": "7ccd68762968a4f4"}


def test_other_words_of_the_invitation_are_another_version():
    """Whoever changes what people say yes to gives it a new number; who said yes to which is known for ever."""
    said = []
    for language in LANGUAGES:
        for people, encrypted in ((1, ()), (78, ("B",))):
            given = {"community": "C", "inviter": "I", "people": people, "channels": ["A", "B", "D"], "years": people}
            said.append(words.invitation(language, encrypted=encrypted, **given).text)
            said += [str(part) for part in words.invitation_mail(language, **given)]
    digest = hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]
    assert words.CONSENT in AGREED_TO, "write down the digest of the new words"
    assert AGREED_TO[words.CONSENT] == digest, "the words have changed: so must bot.commands.words.CONSENT"


async def test_the_version_agreed_to_is_that_of_the_language_it_was_read_in(circle):
    circle.boxes["chat"].person("Zoé", "fr")
    paul = circle.boxes["post"].person("Paul")
    await by(circle, "chat", "Zoé", code_in(await circle.asks("Bruno", "invite")))
    await by(circle, "chat", "Zoé", "oui")
    await circle.asks("Bruno", f"invite {paul}")
    await replies(circle, "post", "Paul", "Yes")
    assert (await membership(circle, "Zoé")).consent_text == f"{words.CONSENT} fr"
    assert (await membership(circle, "Paul")).consent_text == f"{words.CONSENT} en"


async def test_nobody_gets_anything_between_the_invitation_and_the_yes(circle):
    code = code_in(await circle.asks("Bruno", "invite"))
    await by(circle, "chat", "Karim", code)
    before = shown(circle, "chat", "Karim")
    await circle.says("Amina", "Not for Karim yet")
    assert shown(circle, "chat", "Karim") == before
    assert not await circle.rows("SELECT 1 FROM membership WHERE name = 'Karim'")


async def test_no_is_taken_for_no(circle):
    code = code_in(await circle.asks("Bruno", "invite"))
    await by(circle, "chat", "Karim", code)
    said = (await by(circle, "chat", "Karim", "no"))[-1]
    assert "As you wish" in said
    assert not await circle.rows("SELECT 1 FROM membership WHERE name = 'Karim'")
    # The invitation is not used up by a no: they may think again.
    assert "Bruno invites you" in (await by(circle, "chat", "Karim", code))[-1]


async def test_stop_is_taken_for_no_by_somebody_invited(circle):
    await by(circle, "chat", "Karim", code_in(await circle.asks("Bruno", "invite")))
    assert "As you wish" in (await by(circle, "chat", "Karim", "STOP"))[-1]
    assert "Welcome" not in "".join(await by(circle, "chat", "Karim", "yes"))


async def test_the_invited_who_ask_back_are_asked_again_and_may_take_their_time(circle):
    await by(circle, "chat", "Karim", code_in(await circle.asks("Bruno", "invite")))
    again = (await by(circle, "chat", "Karim", "Who are you, and what is this about please?"))[-1]
    assert "YES" in again
    await circle.write(lambda c: circle_time(c, "UPDATE question SET created_at = created_at - 86400"))
    assert "Welcome" in (await by(circle, "chat", "Karim", "yes"))[-1]


async def test_the_invited_may_read_the_privacy_notice_first(circle):
    await by(circle, "chat", "Karim", code_in(await circle.asks("Bruno", "invite")))
    assert "What others see" in (await by(circle, "chat", "Karim", "PRIVACY"))[-1]


async def test_a_code_and_its_link_are_one_invitation(circle):
    made = await circle.asks("Bruno", "invite")
    await by(circle, "chat", "Karim", code_in(made))
    await by(circle, "chat", "Inès", "", start=link_in(made))
    assert "Welcome" in (await by(circle, "chat", "Karim", "yes"))[-1]
    assert "no longer good" in (await by(circle, "chat", "Inès", "yes"))[-1]
    assert "no longer good" in (await by(circle, "chat", "Paul", link_in(made)))[-1]


async def test_a_code_may_stand_in_a_sentence_and_come_by_mail(circle):
    code = code_in(await circle.asks("Bruno", "invite"))
    asked = await by(circle, "post", "Paul", f"Bonjour, voici mon code : {code}\nMerci, Paul")
    assert "Bruno invites you" in asked[-1]
    assert "Welcome, Paul" in (await replies(circle, "post", "Paul", "OUI"))[-1]
    assert (await membership(circle, "Paul")).pace == "each"  # what its channel begins with


async def test_a_mailbox_gets_one_mail_ever_and_its_yes_makes_a_member(circle):
    address = circle.boxes["post"].person("Paul")
    said = await circle.asks("Bruno", f"invite {address}")
    assert "once" in said
    mails = shown(circle, "post", "Paul")
    assert len(mails) == 1
    assert "just answer YES to this mail" in mails[0]
    assert newest(circle, "post", "Paul").subject == "Bruno invites you to Cercle"
    await circle.asks("Bruno", f"invite {address}")
    await circle.asks("Chloé", f"invite {address.upper()}")
    await circle.says("Amina", "Not for Paul")
    assert shown(circle, "post", "Paul") == mails
    assert not await replies(circle, "post", "Paul", "Oui, mais qui êtes-vous ?\n\nPaul")
    assert "Welcome, Paul" in (await replies(circle, "post", "Paul", "Oui, avec plaisir !\n\nPaul"))[-1]
    assert (await membership(circle, "Paul")).consent_how == "invitation"
    assert "Paul, whom you invited" in circle.seen("Bruno")[-1]


async def test_a_mailbox_that_says_no_is_never_written_to_again(circle):
    address = circle.boxes["post"].person("Paul")
    await circle.asks("Bruno", f"invite {address}")
    await replies(circle, "post", "Paul", "Non")
    await circle.asks("Amina", f"invite {address}")
    assert len(shown(circle, "post", "Paul")) == 1


async def test_a_forwarded_invitation_makes_nobody_else_a_member(circle):
    address = circle.boxes["post"].person("Paul")
    await circle.asks("Bruno", f"invite {address}")
    mail = newest(circle, "post", "Paul")
    box = circle.boxes["post"]
    network = box.network
    network.push(
        "message", network.chat("Eve"), network.human("Eve"), id="eve.1", text="Oui", subject="Re: x",
        references=[mail.id], tokens=[f"r.{mail.raw['token']}"],
    )  # fmt: skip
    await circle.settled()
    assert not await circle.rows("SELECT 1 FROM membership WHERE name IN ('Eve', 'Paul')")


async def test_inviting_tells_nobody_who_is_a_member(circle):
    member, stranger = circle.boxes["post"].person("Dora"), circle.boxes["post"].person("Paul")
    before = len(shown(circle, "post", "Dora"))
    assert await circle.asks("Bruno", f"invite {member}") == await circle.asks("Bruno", f"invite {stranger}")
    assert len(shown(circle, "post", "Dora")) == before


async def test_twenty_invitations_an_hour_are_enough(circle):
    for _ in range(20):
        await circle.asks("Bruno", "invite")
    assert "a little later" in await circle.asks("Bruno", "invite")
    assert "30 days" in await circle.asks("Chloé", "invite")


async def test_wrong_used_and_old_codes_are_answered_alike_and_five_are_enough(circle):
    used = code_in(await circle.asks("Bruno", "invite"))
    old = code_in(await circle.asks("Bruno", "invite"))
    good = code_in(await circle.asks("Bruno", "invite"))
    await by(circle, "chat", "Karim", used)
    await by(circle, "chat", "Karim", "yes")
    hashed = {"hash": circle.app.house.tokens.code_hash(old)}
    await circle.write(lambda c: circle_time(c, "UPDATE code SET expires_at = 1 WHERE hash = :hash", hashed))
    answers = [
        (await by(circle, "chat", "Eve", code))[-1] for code in (used, old, "7K2F-9MPD", "7K2F-9MPE", "7K2F-9MPF")
    ]
    assert len(set(answers)) == 1
    assert "in an hour" in (await by(circle, "chat", "Eve", good))[-1]
    # The organizers hear of it; others are not locked out.
    assert "5 wrong codes" in circle.seen("Amina")[-1]
    assert "Bruno invites you" in (await by(circle, "chat", "Inès", good))[-1]


async def test_a_member_who_opens_an_invitation_is_told_so_and_it_stays_good(circle):
    code = code_in(await circle.asks("Bruno", "invite"))
    assert "member of Cercle already" in (await by(circle, "chat", "Chloé", code))[-1]
    assert "Bruno invites you" in (await by(circle, "chat", "Karim", code))[-1]


async def test_whoever_left_invites_nobody(circle):
    code = code_in(await circle.asks("Bruno", "invite"))
    await by(circle, "chat", "Bruno", "leave")
    await by(circle, "chat", "Bruno", "yes")
    assert "no longer good" in (await by(circle, "chat", "Karim", code))[-1]


async def test_two_of_a_name_are_told_apart_and_a_number_is_no_name(circle):
    for who, name in (("bruno", "bruno 2"), ("+33 6 12 34 56 78", "Member")):
        await by(circle, "chat", who, code_in(await circle.asks("Amina", "invite")))
        assert f"Welcome, {name}!" in (await by(circle, "chat", who, "yes"))[-1]


async def test_the_networks_language_is_spoken_with_a_newcomer_else_the_communitys(circle):
    circle.boxes["chat"].person("Zoé", "fr-BE")
    circle.boxes["chat"].person("Jun", "ja")
    code = code_in(await circle.asks("Amina", "invite"))
    assert "Amina vous invite" in (await by(circle, "chat", "Zoé", code))[-1]
    assert "Amina invites you" in (await by(circle, "chat", "Jun", code))[-1]
    await by(circle, "chat", "Zoé", "oui")
    assert (await membership(circle, "Zoé")).language == "fr"


async def test_an_organizers_code_makes_an_organizer_once_from_any_channel(circle):
    def make(connection):
        return codes.make(connection, circle.app.house.tokens, purpose="organizer", community=1)

    code = await circle.write(make)
    assert "organizer of Cercle" in (await by(circle, "post", "Paul", code))[-1]
    stored = await membership(circle, "Paul")
    assert (stored.role, stored.status, stored.consent_how) == ("organizer", "active", "organizer code")
    assert "no longer good" in (await by(circle, "chat", "Karim", code))[-1]
    second = await circle.write(make)
    assert "organizer of Cercle" in await circle.asks("Bruno", second)
    bruno = await membership(circle, "Bruno")
    assert (bruno.role, bruno.consent_how) == ("organizer", "test")


async def test_codes_are_stored_as_hashes_only(circle):
    made = await circle.asks("Bruno", "invite")
    stored = str([tuple(row) for row in await circle.rows("SELECT * FROM code")])
    assert len(await circle.rows("SELECT 1 FROM code")) == 2
    for secret in (code_in(made), code_in(made).replace("-", ""), link_in(made), link_in(made).upper()):
        assert secret not in stored


async def test_the_welcome_names_what_is_spoken_of(circle):
    await circle.says("Amina", "new: Picnic on 14 June")
    code = code_in(await circle.asks("Bruno", "invite"))
    await by(circle, "chat", "Karim", code)
    assert "“Picnic on 14 June” (1)" in (await by(circle, "chat", "Karim", "yes"))[-1]


def circle_time(connection, statement, values=None):
    from store.statement import run, sql

    run(connection, sql(statement), values or {})
