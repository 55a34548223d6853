"""Forty-five invitations pasted at once, and the program killed: none is lost or early, none comes twice but what was leaving."""

from __future__ import annotations

import asyncio
import re
import time

import pytest

from bridges.email.sandbox import MailSandbox
from bridges.telegram.sandbox import TelegramSandbox
from tests import databases
from tests.unit.cli_ground import Machine

pytestmark = pytest.mark.wire

GUESTS = 45
#: As if it were an hour later.
EARLIER = (
    "UPDATE parcel SET due_at = due_at - 3601 WHERE state = 'due'",
    "UPDATE lane SET due_at = due_at - 3601 WHERE due_at IS NOT NULL",
    "UPDATE code SET leaves_at = leaves_at - 3601",
)


async def until(so, what, seconds=60.0):
    end = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < end, what
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("kind", databases.KINDS)
async def test_what_waits_survives_kill_9_and_nobody_is_written_to_twice(tmp_path, kind):
    databases.demand(kind)
    telegram, mail = TelegramSandbox(), MailSandbox()
    await telegram.start()
    await mail.start()
    try:
        with databases.made(kind, tmp_path) as url:
            machine = Machine(tmp_path)
            if kind != "sqlite":
                machine.store = {"url": url}
            limits = {"per_hour": 10_000, "per_day": 100_000, "grace": "0 seconds"}
            machine.configure(telegram=telegram.settings(), email=mail.settings() | limits)
            await _play(machine, telegram, mail)
    finally:
        await telegram.stop()
        await mail.stop()


async def _play(machine, telegram, mail):
    guests = [mail.person(f"Guest {number}", "en") for number in range(GUESTS)]

    def written():
        return [len(mail.seen(f"Guest {number}")) for number in range(GUESTS)]

    async with machine.running() as process:
        said = await machine.until(process, "channel.open")
        telegram.person("Amina")
        _, said = await machine.types("organizer-code")
        await telegram.say("Amina", re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", said)[0])
        await until(lambda: any("organizer of" in line.text for line in telegram.seen("Amina")), "Amina organizes")
        await telegram.say("Amina", "invite:\n" + "\n".join(guests))
        await until(lambda: machine.rows("SELECT 1 FROM code WHERE parcel_id IS NOT NULL"), "they are owed")
        process.kill()
        await process.wait()
    assert sum(written()) <= 20, "killed while the first were leaving"
    for left in (20, 40, 45):
        async with machine.running() as process:
            await until(lambda left=left: sum(map(bool, written())) >= left, f"{left} have left: {written()}")
            process.kill()  # in the middle of whatever follows
            await process.wait()
        assert sum(map(bool, written())) == left
        for statement in EARLIER:
            machine.change(statement)
    # What was under way at a kill is the one thing that may come twice (with the same Message-ID): at most one a connection.
    twice = [mail.seen(f"Guest {number}") for number, count in enumerate(written()) if count > 1]
    assert all(len({one.id for one in mails}) == 1 for mails in twice)
    assert len(twice) <= 16
    assert any("20 leave now, 25 later" in line.text for line in telegram.seen("Amina"))
