"""A copy of the whole database opens nothing (X24): every kind of code was made, sent and is good, and none is in it."""

from __future__ import annotations

import base64
import hashlib
import itertools

from bot.core import codes
from store.statement import run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import by, code_in, link_in, newest

circle, migrated = commands_ground.circle, commands_ground.migrated


async def dump(circle):
    """Every value of every table, as text; of JSON and bytes also what they say."""
    from store.models import metadata

    values = []
    for table in metadata.tables:
        for row in await circle.rows(f"SELECT * FROM {table}"):
            for value in row:
                if isinstance(value, (bytes, memoryview)):
                    values.append(bytes(value).decode("utf-8", "replace"))
                elif value is not None:
                    values.append(str(value))
    return values


def spellings(code):
    """How a code could stand there: as it is typed, with its bare hashes, in base64 at any offset."""
    plain = code.replace("-", "")
    plainly = (code, plain, code.lower(), plain.lower(), f"{plain[:4]} {plain[4:]}")
    forms = set(plainly)
    for form in plainly:
        forms.add(hashlib.sha256(form.encode()).hexdigest())
        forms.add(hashlib.sha256(form.upper().encode()).hexdigest())
        for offset in range(3):
            encoded = base64.b64encode(b"\0" * offset + form.encode()).decode().rstrip("=")
            forms.add(encoded[4:-2] if offset else encoded[:-2])
    return {form for form in forms if len(form) > 5}


async def test_the_dump_holds_no_usable_code(circle):
    invitation = await circle.asks("Bruno", "invite")
    made = {
        "invitation to type": code_in(invitation),
        "invitation's link": link_in(invitation),
        "link": code_in(await circle.asks("Bruno", "link")),
        "recover": code_in(await circle.asks("Amina", "recover Chloé")),
        "organizer": await circle.write(
            lambda c: codes.make(c, circle.app.house.tokens, purpose="organizer", community=1)
        ),
    }
    # One is under way: somebody who has another membership has typed it and not yet answered.
    await circle.write(lambda c: run(c, sql(
        "INSERT INTO community (slug, name, language, timezone, created_at) VALUES ('choir', 'Choir', 'en', 'Europe/Paris', 0)"
    )))  # fmt: skip
    await circle.enter("Zoé", slug="choir")
    await by(circle, "chat", "Zoé", made["invitation to type"])
    await by(circle, "chat", "Zoé", f"/join {made['recover']}")
    good = await circle.rows("SELECT purpose FROM code WHERE uses_left > 0")
    assert {row.purpose for row in good} == {"invite", "link", "organizer"}  # to type `recover` uses it up
    values = "\n".join(await dump(circle))
    assert "Is that you?" in values or "sealed" in values
    for what, code in made.items():
        found = [form for form in spellings(code) if form in values]
        assert found == [], what
    # Sealed or not, they were sent: what people were told is what is not in there.
    assert all(code in "\n".join(circle.seen("Bruno")) for code in itertools.islice(made.values(), 2))


async def test_the_dump_holds_no_token_of_a_mail(circle):
    """What stands in Reply-To is derived, sent and not stored; what a reply brings back is taken out when it is handled."""
    await circle.says("Amina", "A mail with a token")
    mail = newest(circle, "post", "Dora")
    token = mail.raw["token"]
    assert len(token) >= 24
    await by(circle, "post", "Dora", "An answer", reply_to=mail.id)
    assert circle.seen("Amina")[-1].endswith("An answer")
    raw = (await circle.rows("SELECT raw FROM inbound WHERE raw IS NOT NULL ORDER BY id DESC"))[0].raw
    assert b"An answer" in bytes(raw)
    values = "\n".join(await dump(circle))
    assert token not in values
    assert mail.raw["bounce"] not in values
