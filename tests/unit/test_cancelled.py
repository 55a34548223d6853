"""Told to stop just when what was waited for comes: it stops all the same.

Before Python 3.12 `asyncio.wait_for` may answer a cancellation with the result that came at that moment. A loop that waits
so goes round once more, and nobody tells it to stop a second time.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bridges.email.incoming import Reader
from bridges.email.sandbox import MailSandbox
from bridges.email.session import Lost, Session
from bridges.signal.listener import _beat
from tests.bridges.email_ground import SETTINGS, settings_for
from tests.unit.commands_ground import circle, migrated

__all__ = ["circle", "migrated"]

#: How many turns of the event loop lie between what comes and the order to stop.
MOMENTS = range(6)


async def stopped(task: asyncio.Task[Any], moment: int) -> None:
    """Cancel `task` so many turns of the loop later; it must end by that and by nothing else."""
    for _ in range(moment):
        await asyncio.sleep(0)
    if task.done():
        return
    task.cancel()
    await asyncio.wait([task], timeout=2)
    assert task.done(), "it goes on"
    assert task.cancelled(), "the order was lost"


@pytest.mark.parametrize("moment", MOMENTS)
async def test_the_rounds_of_the_bus_end_when_told_in_the_moment_a_message_begins_to_spread(circle, moment):
    bus = circle.app.bus
    task = asyncio.create_task(bus._rounds())
    await asyncio.sleep(0.1)
    bus._look_spreading.set()
    try:
        await stopped(task, moment)
    finally:
        task.cancel()


async def test_a_program_told_to_stop_while_messages_spread_is_gone_in_time(circle):
    async def speak() -> None:
        while True:
            circle.app.bus._look_spreading.set()
            await asyncio.sleep(0)

    speaking = asyncio.create_task(speak())
    try:
        async with asyncio.timeout(8):
            await circle.app.bus.stop()
    finally:
        speaking.cancel()
    assert all(task.done() for task in circle.app.bus._tasks)


class Answering(Reader):
    """A reader whose parser answers when the test says so."""

    def __init__(self) -> None:
        super().__init__(SETTINGS)
        self.answers = asyncio.Event()

    async def _exchange(self, raw: bytes) -> dict[str, Any]:
        await self.answers.wait()
        return {"kind": "ignored", "why": "test"}


@pytest.mark.parametrize("moment", MOMENTS)
async def test_reading_a_mail_ends_when_told_in_the_moment_the_parser_answers(moment):
    reader = Answering()
    task = asyncio.create_task(reader.read(b"mail"))
    await asyncio.sleep(0.01)
    reader.answers.set()
    await stopped(task, moment)


@pytest.mark.parametrize("moment", MOMENTS)
async def test_waiting_for_mail_ends_when_told_in_the_moment_the_line_is_cut(moment):
    server = MailSandbox()
    await server.start()
    session = await Session.open(settings_for(server).imap)
    try:
        task = asyncio.create_task(session._sleep(30))
        await asyncio.sleep(0.01)
        session._lost.set()
        await stopped(task, moment)
        assert task.cancelled() or isinstance(task.exception(), Lost)
    finally:
        session.abort()
        await server.stop()


class Line:
    """A connection whose signs of life come when the test says so."""

    def __init__(self) -> None:
        self.signs: list[asyncio.Future[float]] = []

    async def ping(self) -> asyncio.Future[float]:
        self.signs.append(asyncio.get_running_loop().create_future())
        return self.signs[-1]


class Noted:
    """Where signs of life are noted."""

    def alive(self) -> None:
        """Noted."""


@pytest.mark.parametrize("moment", MOMENTS)
async def test_listening_to_signal_ends_when_told_in_the_moment_a_sign_of_life_comes(moment):
    line: Any = Line()
    watch: Any = Noted()
    task = asyncio.create_task(_beat(line, watch))
    await asyncio.sleep(0.01)
    line.signs[0].set_result(0.0)
    await stopped(task, moment)
