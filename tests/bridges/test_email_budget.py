"""The limits of a mail provider, from the configuration to what an organizer reads: the real bus, the real bridge, a real relay."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import time_machine

from bot import app as program
from bot.config import load
from bot.core import communities, members
from bridges.email.sandbox import MailSandbox
from store.statement import run, sql
from tests.bridges import email_ground
from tests.unit import cli_ground
from tests.unit.cli_ground import OK

machine = cli_ground.machine

READERS = [f"Reader {number}" for number in range(1, 15)]
HOUR, DAY = 3600.0, 86_400.0
WORDS = "Shall we read Beloved in March?"


@dataclass
class Office:
    """A running program that only has mail, and its clock."""

    app: program.App
    server: MailSandbox
    clock: Any
    left: list[float] = field(default_factory=list)  # when each mail left, by the clock

    async def enter(self, *names: str, role: str = "member") -> None:
        bridge = self.app.bus.posts[0].bridge

        def joins(connection: Any) -> None:
            community = run(connection, sql("SELECT id FROM community")).scalar_one()
            for name in names:
                remote = self.server.person(name, "en")
                place = members.meet(connection, "email", bridge.account, remote, name=name)
                communities.enter(
                    connection, community, place, bridge.can, name=name, how="test", consent_text="test", role=role,
                    language="en",
                )  # fmt: skip
            run(connection, sql("UPDATE membership SET pace = 'each'"))

        await self.app.store.write(joins)

    def received(self) -> dict[str, int]:
        """How often each reader has the words."""
        return {name: sum(WORDS in seen.text for seen in self.server.seen(name)) for name in READERS}

    async def calm(self) -> None:
        """Wait until nothing is on its way and nothing more leaves by itself; note when each mail left."""
        quiet, count = time.monotonic(), -1
        async with asyncio.timeout(20):
            while time.monotonic() - quiet < 0.15:
                sending = (await self.rows("SELECT COUNT(*) AS n FROM parcel WHERE state = 'sending'"))[0].n
                if sending or count != self.server.taken:
                    quiet, count = time.monotonic(), self.server.taken
                await asyncio.sleep(0.02)
        self.left += [time.time()] * (self.server.taken - len(self.left))

    async def later(self, seconds: float) -> None:
        self.clock.shift(seconds)
        self.app.bus.outbox.wake()
        await self.calm()

    async def rows(self, query: str) -> list[Any]:
        return await self.app.store.read(lambda connection: run(connection, sql(query)).all())


@asynccontextmanager
async def office(machine, **limits: int):
    """The program with these limits; fourteen people have mail, and Amina, who organizes."""
    async with email_ground.sandbox() as server:
        machine.configure(email=server.settings() | {"grace": "0 seconds"} | limits)
        with time_machine.travel(time.time(), tick=True) as clock:
            app = await program.start(load(machine.file, {}))
            try:
                await asyncio.wait_for(app.bus.ready["email"].wait(), 10)
                made = Office(app, server, clock)
                await made.enter("Amina", role="organizer")
                await made.enter(*READERS)
                yield made
            finally:
                await app.stop()


async def fan_out(made: Office, more_than: int = 0) -> None:
    await made.server.say("Amina", WORDS, subject="Beloved")
    async with asyncio.timeout(20):
        while made.server.taken <= more_than:
            await asyncio.sleep(0.02)
    await made.calm()


def most_within(left: list[float], seconds: float) -> int:
    """The most that left in any stretch of this length."""
    return max(sum(start <= at < start + seconds for at in left) for start in left)


@pytest.mark.parametrize(("limit", "allowed", "window"), [("per_hour", 6, HOUR), ("per_day", 8, DAY)])
async def test_no_more_leaves_in_any_hour_or_day_than_allowed_and_the_rest_arrives_once(
    machine, limit, allowed, window
):
    async with office(machine, **{limit: allowed}) as made:
        await fan_out(made)
        assert 0 < made.server.taken <= allowed
        waiting = await made.rows("SELECT state, attempts FROM parcel WHERE state <> 'sent'")
        assert len(waiting) == len(READERS) - made.server.taken, "what did not leave is owed still"
        assert {(row.state, row.attempts) for row in waiting} == {("due", 0)}, "waiting is no failure"
        for _ in range(60):
            if all(made.received().values()):
                break
            await made.later(window / 6)
        assert set(made.received().values()) == {1}, "everybody has it, once"
        assert most_within(made.left, window) <= allowed
        assert most_within(made.left, window) > allowed / 2, "and the limit is used"
        assert len(made.left) == len(READERS)


async def test_status_says_that_mails_wait_for_the_providers_limit_and_until_when(machine):
    async with office(machine, per_hour=6) as made:
        await fan_out(made)
        waiting = len(READERS) - made.server.taken
        assert waiting > 1
        code, said = await machine.types("status")
        assert code == OK, "nobody need do anything"
        assert "All is well." in said
        found = re.search(
            rf"email: {waiting} of them wait for the provider's limit; the last leaves by (.+) at (.+ [ap]m)\.", said
        )
        assert found, said
        assert "The limit is per_hour in [email]." in said
        _, said = await machine.types("status", LANG="fr_FR.UTF-8")
        assert f"email : {waiting} d'entre eux attendent à cause de la limite du fournisseur" in said.replace(
            "\u00a0", " "
        )
        assert "La limite est per_hour dans [email]." in said


async def test_by_the_hour_that_status_named_the_last_has_left(machine):
    async with office(machine, per_hour=6) as made:
        await fan_out(made)
        (paced,) = await made.app.store.read(
            lambda connection: program_overview(connection, made.app).paced,
        )
        while time.time() < paced.until - 600:
            await made.later(600)
        assert not all(made.received().values()), "not much earlier"
        await made.later(paced.until - time.time() + 1)
        assert set(made.received().values()) == {1}
        after = await made.app.store.read(lambda connection: program_overview(connection, made.app).paced)
        assert after == ()


def program_overview(connection: Any, app: program.App) -> Any:
    from bot.core import dead_letters

    return dead_letters.overview(connection, budgets=app.house.budgets)


async def test_an_organizer_who_asks_reads_the_same(machine):
    async with office(machine, per_hour=12) as made:
        await fan_out(made)
        waiting = len(READERS) - made.server.taken
        # The answer is a mail as well: it goes before the rest, once one may leave.
        await made.server.say("Amina", "/state", subject="")
        async with asyncio.timeout(10):
            while not await made.rows("SELECT id FROM parcel WHERE kind = 'answer'"):
                await asyncio.sleep(0.02)
        await made.later(HOUR / 6 + 1)
        answer = made.server.seen("Amina")[-1].text
        assert (
            f"{waiting} of them, by mail, wait because the provider takes only so many in a time: the last leaves by"
            in answer
        )


async def test_a_limit_that_holds_nobody_up_is_not_spoken_of(machine):
    async with office(machine, per_hour=60) as made:
        await fan_out(made)
        assert set(made.received().values()) == {1}
        _, said = await machine.types("status")
        assert "limit" not in said
