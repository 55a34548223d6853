"""After an erasure a search finds nothing of the person: not in any table, not in the database's files, the folder of
files, the lists beside the backups, or the journal. Before it, the same search finds everything: it can fail.
"""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy.engine import make_url

from bot import backups, journal
from bot.core import codes, inbox
from bot.features import forgetting as feature
from bridges.memory.network import Network
from store.statement import run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import by, linked, shown
from tests.unit.test_dump import dump
from tests.wire.searching import Searcher

migrated = commands_ground.migrated
WHO = "Zephyrine"
#: What is looked for, by what it is. Her words are of each kind there is.
NEEDLES = {
    "name": WHO, "mailbox": "zephyrine@members.example", "chat": "91827364509",
    "first words": "perlimpinpin", "edited away": "abracadabrantesque", "a reply": "saperlipopette", "held": "turlututu",
    "a title": "carabistouilles", "a large one": "gloubiboulga", "to the team": "rocambolesque", "in a room": "bibelots",
    "a nickname": "Zezette",
}  # fmt: skip
WORDS = [name for name in NEEDLES if name not in ("name", "mailbox", "chat", "a nickname")]


@pytest.fixture
async def circle(migrated, tmp_path, monkeypatch):
    """Amina organizes; Bruno is on the chat, Dora has mail; Zephyrine has both, and says something everywhere."""
    numbers = iter(range(91827364501, 91827364599))
    given: dict[str, str] = {WHO: "91827364509"}
    original = Network._id_of
    monkeypatch.setattr(
        Network, "_id_of",
        lambda self, name: original(self, name) if self.mail else given.setdefault(name, str(next(numbers))),
    )  # fmt: skip
    monkeypatch.setattr(inbox, "LARGE", 1500)  # what is larger is a file
    stream = io.StringIO()
    journal.setup(level=journal.DEBUG, stream=stream)
    try:
        with commands_ground.copied(*migrated, tmp_path) as url:
            async with commands_ground.ground(url, tmp_path) as made:
                made.log = stream
                made.folder = tmp_path
                await made.enter("Amina", role="organizer")
                await made.enter("Bruno", WHO)
                await made.enter("Dora", channel="post")
                yield made
    finally:
        logging.getLogger().removeHandler(journal._handler)
        journal._handler = None
        journal._settle()


async def lives(circle) -> None:
    """She leaves traces wherever there are any."""
    await linked(circle, WHO, "chat", "post")
    chat = circle.boxes["chat"]
    chat.room("the hall", ["Amina", WHO])
    await circle.says("Amina", "/room now", room="the hall")
    await circle.says(WHO, "Des bibelots", room="the hall")
    await circle.says(WHO, "Du perlimpinpin")
    await circle.says("Bruno", "What is that?", reply_to=chat.seen("Bruno")[-1].id)
    first = await chat.say(WHO, "C'est abracadabrantesque")
    await circle.settled()
    await chat.edit(WHO, first, "C'est saperlipopette")
    await circle.settled()
    mail = next(one for one in circle.box("Dora").seen("Dora") if "perlimpinpin" in one.text)
    await circle.says("Dora", "> Du perlimpinpin\nPas sûre.", reply_to=mail.id)
    await by(circle, "post", WHO, "Une lettre", subject="Les carabistouilles du mardi")
    await circle.says(WHO, "gloubiboulga " * 150)
    await circle.says(WHO, "contact: C'est rocambolesque, non ?")
    await circle.write(lambda c: came_with_a_code(c, circle.app.house.tokens))
    await circle.says(WHO, "invite")
    await circle.says("Amina", f"hold {WHO} 2d")
    await circle.says(WHO, "turlututu chapeau pointu")
    await circle.says("Bruno", "who")
    await circle.says(WHO, "mydata")
    # It cannot be delivered and names her; and something was to be told of her to somebody who is away.
    circle.boxes["chat"].fail("refused", 1, "Bruno")
    await circle.says("Bruno", "who")
    await circle.write(lambda c: run(c, sql("UPDATE address SET status_why = 'no zephyrine@members.example here' WHERE name = :who"), {"who": WHO}))  # fmt: skip
    await circle.write(lambda c: run(c, sql("UPDATE parcel SET created_at = created_at - 60")))


def came_with_a_code(connection, tokens) -> None:
    """Bruno had written a nickname of hers beside it."""
    codes.make(connection, tokens, purpose="invite", community=1, membership=2, name=NEEDLES["a nickname"])
    run(connection, sql("UPDATE membership SET invited_by = 2 WHERE name = :who"), {"who": WHO})
    run(connection, sql("""
        UPDATE code SET uses_left = 0, used_at = (SELECT consent_at FROM membership WHERE name = :who) WHERE membership_id = 2
    """), {"who": WHO})  # fmt: skip


async def goes(circle, words: str) -> None:
    """FORGETME, the answer, and three days."""
    await circle.asks(WHO, "forgetme")
    await circle.asks(WHO, words)
    await circle.write(lambda c: run(c, sql("UPDATE member SET forget_at = 1 WHERE forget_at IS NOT NULL")))
    for _ in range(2):
        await circle.write(lambda c: feature.go_on(c, circle.app.house))
        circle.app.bus.outbox.wake()
        await circle.settled()
    await circle.app.sweeper.sweep()


async def traces(circle) -> dict[str, set[str]]:
    """Where something of her is found, and what."""
    searcher = Searcher(NEEDLES)
    found: dict[str, set[str]] = {}
    for value in await dump(circle):
        if what := searcher.find(value):
            found.setdefault("tables", set()).update(what)
    if not circle.app.store.sqlite and (what := plainly(copies(circle.app.store.url))):
        found["dump"] = what
    for path in sorted(circle.folder.rglob("*")):
        if path.is_file() and (what := raw(path)):
            found[path.name] = what
    if what := searcher.find(circle.log.getvalue()):
        found["journal"] = what
    return found


def copies(url: str) -> str:
    """The tables as COPY writes them: what pg_dump does."""
    import psycopg

    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        written = []
        for (name,) in names:
            with connection.cursor().copy(f'COPY "{name}" TO STDOUT') as rows:
                written += [bytes(row).decode() for row in rows]
    return "\n".join(written)


def raw(path: Path) -> set[str]:
    """What stands in a file, byte for byte, in UTF-8 or as JSON escapes it."""
    return plainly(path.read_bytes().decode("utf-8", "replace"))


def plainly(text: str) -> set[str]:
    folded = text.casefold()
    return {name for name, needle in NEEDLES.items() if needle.casefold() in folded}


def settings(circle) -> SimpleNamespace:
    return SimpleNamespace(
        backup=SimpleNamespace(folder=circle.folder / "backups", copy_to=circle.folder / "elsewhere")
    )


async def test_before_it_the_search_finds_everything(circle):
    await lives(circle)
    found = await traces(circle)
    assert found["tables"] == set(NEEDLES) - {"a large one"} | {"a large one"}
    assert "a large one" in set().union(*(what for name, what in found.items() if len(name) == 64))
    if circle.app.store.sqlite:
        files = found.get("test.db", set()) | found.get("test.db-wal", set())
        assert files >= set(WORDS) - {"a large one"}
    else:
        assert found["dump"] >= set(WORDS) - {"a large one"}


async def test_when_the_words_go_too_nothing_is_left_anywhere(circle):
    await lives(circle)
    await goes(circle, "2")
    backups.write_forgotten(settings(circle), circle.app.store)
    assert "erased" in " ".join(shown(circle, "chat", WHO)[-1].split())
    assert await traces(circle) == {}
    listed = json.loads((circle.folder / "elsewhere" / backups.FORGOTTEN).read_text())
    assert len(listed) == 1
    assert len(listed[0]["ids"]["marks"]) == 2


async def test_when_the_words_stay_nothing_says_whose_they_are(circle):
    await lives(circle)
    await goes(circle, "1")
    found = await traces(circle)
    stayed = {"first words", "a reply", "in a room", "a large one", "a title"}
    assert found["tables"] == stayed
    assert set(found) <= {"tables", "test.db", "dump"}
    rows = await circle.rows(
        "SELECT name, author_id, speaker_id, folded, source FROM message WHERE text LIKE '%perlimpinpin'"
    )
    assert [tuple(row) for row in rows] == [("former member", None, None, "", None)]


async def test_what_others_said_stays_and_their_devices_lose_what_their_app_still_gives_back(circle):
    await lives(circle)
    assert any("perlimpinpin" in text for text in circle.seen("Bruno"))
    before = await circle.rows("SELECT id, number, text, reply_to FROM message WHERE name <> :who ORDER BY id", who=WHO)
    audit = await circle.rows("SELECT id FROM audit ORDER BY id")
    await goes(circle, "2")
    after = await circle.rows("SELECT id, number, text, reply_to FROM message WHERE text <> '' ORDER BY id")
    quoted = "> Du perlimpinpin\nPas sûre."
    assert [tuple(row) for row in after] == [
        tuple(row._replace(text="> …\nPas sûre.") if row.text == quoted else row) for row in before
    ]
    assert not any(WHO in text for text in circle.seen("Bruno") if "members" not in text)
    assert any("perlimpinpin" in text for text in circle.seen("Dora")), "a mail cannot be recalled"
    # The audit log is only added to: what it refers to is there, and empty.
    assert {row.id for row in audit} <= {row.id for row in await circle.rows("SELECT id FROM audit")}
    (ship,) = await circle.rows("SELECT * FROM membership WHERE status = 'erased'")
    assert (ship.name, ship.folded, ship.consent_text, ship.address_id, ship.joined_at) == ("", "", "", None, None)
    assert WHO not in await circle.asks("Amina", "log")
    gone = next(one.id for one in circle.box("Bruno").seen("Bruno") if one.deleted)
    await circle.says("Bruno", "An answer to what is gone", reply_to=gone)
    assert circle.seen("Dora")[-1].endswith("An answer to what is gone")


async def test_nothing_new_is_told_of_her_from_memory(circle):
    """What was made ready before is made again: a quote of hers carries no name any more."""
    await circle.says(WHO, "Du perlimpinpin")
    quoted = circle.box("Dora").seen("Dora")[-1]
    await goes(circle, "1")
    await circle.says("Dora", "Encore ?", reply_to=quoted.id)
    assert WHO not in circle.seen("Bruno")[-1]
    await circle.enter("Eve")
    await circle.says("Bruno", "Oui", reply_to=next(one.id for one in circle.box("Bruno").seen("Bruno") if "perlimpinpin" in one.text))  # fmt: skip
    assert not any(WHO in text for text in circle.seen("Eve"))
    assert "former member: Du perlimpinpin" in circle.seen("Eve")[-1]
