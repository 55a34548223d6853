"""The picture: one column a member, with what that person's device shows; people of one room share a column.

Without a terminal (a build machine, a pipe) the same is told as plain lines, one as each thing appears.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.core.bridge import Seen
from bot.demo.cast import Spot
from bot.demo.tally import plain
from bot.i18n import Translator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from rich.console import Console, RenderableType
    from rich.text import Text

    from bot.demo.play import Play

NARROW = 24  # characters; where columns would be narrower they stand in two rows
LONG = 6  # rows of one message; the bot's longer explanations are cut
FRESH = 1.5  # seconds a new message is bright
COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red", "bright_cyan", "bright_magenta")

#: A chat shows which thread a line belongs to above it; a mail shows quoted lines behind ">".
_HEAD, _QUOTES = re.compile(r"— (.+) —\n"), re.compile(r"^(> .*\n)+")


@dataclass(slots=True)
class Column:
    """A member's device, or a room with everybody in it."""

    who: list[str]
    spots: list[Spot]
    lines: list[tuple[Spot, Seen]] = field(default_factory=list)


class Screen:
    """Draws a play."""

    def __init__(self, play: Play, console: Console, t: Translator) -> None:
        self.play = play
        self.console = console
        self.t = t
        self._told: set[tuple[tuple[str, str], str, float]] = set()

    @asynccontextmanager
    async def showing(self) -> AsyncIterator[None]:
        """Show what happens until the block ends."""
        if not self.console.is_terminal:
            task = asyncio.create_task(self._tell())
            try:
                yield
            finally:
                await _ended(task)
                self._tell_new()
            return
        from rich.live import Live

        with Live(self.frame(), console=self.console, auto_refresh=False, transient=False) as live:
            task = asyncio.create_task(self._draw(live))
            try:
                yield
            finally:
                await _ended(task)
                live.update(self.frame(bright=False), refresh=True)

    async def _draw(self, live: Any) -> None:
        while True:
            live.update(self.frame(), refresh=True)
            await asyncio.sleep(0.12)

    # The picture

    def frame(self, *, bright: bool = True, height: int = 0) -> RenderableType:
        """Everything as it is now, in the width there is."""
        from rich.console import Group
        from rich.table import Table

        columns = self.columns()
        width = self.console.width
        across = max(1, min(len(columns), width // NARROW))
        rows = -(-len(columns) // across)
        across = -(-len(columns) // rows)
        tall = max(6, ((height or self.console.height) - 2) // rows)
        grids = []
        for start in range(0, len(columns), across):
            grid = Table.grid(expand=True, padding=0)
            for _ in range(across):
                grid.add_column(ratio=1)
            grid.add_row(
                *(self._panel(column, start + number, width // across, tall, bright=bright)
                  for number, column in enumerate(columns[start : start + across]))
            )  # fmt: skip
            grids.append(grid)
        return Group(*grids)

    def columns(self) -> list[Column]:
        """Who has a column, and what is in it since the curtain rose."""
        found: dict[tuple[str, str], Column] = {}
        for person in self.play.people.values():
            column = found.setdefault(person.home.key, Column([], []))
            column.who.append(person.name)
            column.spots += [
                spot for spot in self.play.places(person.name) if spot.key not in {s.key for s in column.spots}
            ]
        for column in found.values():
            lines = [(spot, line) for spot in column.spots for line in self.play.town.seen(spot)]
            column.lines = sorted(
                ((spot, line) for spot, line in lines if line.at >= self.play.curtain), key=lambda one: one[1].at
            )
        return list(found.values())

    def _panel(self, column: Column, number: int, width: int, tall: int, *, bright: bool) -> RenderableType:
        from rich.console import Group
        from rich.panel import Panel
        from rich.text import Text

        rows: list[Text] = []
        previous = ""
        for spot, line in column.lines:
            if rows:
                rows.append(Text(""))
            rows += self._message(column, spot, line, width - 4, previous, bright=bright)
            previous = line.subject or previous
        room = tall - 2
        shown = rows[-room:]
        shown += [Text("")] * (room - len(shown))
        colour = COLOURS[number % len(COLOURS)]
        where = " → ".join(dict.fromkeys(self.play.town.label(spot.channel) for spot in column.spots))
        if column.spots[0].room:
            where = f"{column.spots[0].room} ({where})"
        return Panel(
            Group(*shown), title=f"[bold]{', '.join(column.who)}[/bold]", subtitle=where, border_style=colour,
            padding=(0, 1), height=tall,
        )  # fmt: skip

    def _message(self, column: Column, spot: Spot, line: Seen, width: int, subject: str, *, bright: bool) -> list[Text]:
        """One message as rows: what it answers, who says it, the words, its buttons."""
        from rich.text import Text

        fresh = bright and time.monotonic() - line.at < FRESH
        rows: list[Text] = []
        if line.subject and line.subject != subject:
            rows.append(_cut(Text(f"✉ {line.subject}", style="bold underline"), width))
        above = self._answered(spot, line)
        if above:
            rows.append(_cut(Text(f"↳ {above}", style="dim italic"), width))
        own = line.mine or (bool(spot.room) and line.author in column.who)
        words = plain(line.text)
        if not own and (head := _HEAD.match(words)):
            rows.append(_cut(Text(head[1], style="bold underline"), width))
            words = words[head.end() :]
        while not own and words.startswith("> "):
            quote, _, words = words.partition("\n")
            rows.append(_cut(Text(quote, style="dim italic"), width))
        text = Text()
        if own:
            text.append(f"{line.author} ▸ " if spot.room else "▸ ", style="bold green")
            text.append(words, style="green")
        else:
            if line.subject and " · " in line.author:
                text.append(f"{line.author.split(' · ')[0]}: ", style="bold")
            text.append(words)
            text.highlight_words([f"{name}{colon}" for name in self.play.people for colon in (": ", " : ")], "bold")
        if fresh:
            text.stylize("bold bright_white" if not own else "bold bright_green")
        wrapped = [row for part in text.split("\n") for row in part.wrap(self.console, width)] or [Text("")]
        if len(wrapped) > LONG:
            wrapped = wrapped[:LONG]
            wrapped[-1] = Text("…", style="dim")
        rows += wrapped
        if line.buttons:
            rows.append(Text(" ").join(Text(f" {button.label} ", style="reverse") for button in line.buttons))
        return rows

    def _answered(self, spot: Spot, line: Seen) -> str:
        """The beginning of what it answers, where that is not a command."""
        if not line.reply_to:
            return ""
        above = next((one for one in self.play.town.seen(spot) if one.id == line.reply_to), None)
        if above is None or (above.at < self.play.curtain and not above.mine) or above.text.startswith("/start "):
            return ""
        words = _QUOTES.sub("", _HEAD.sub("", plain(above.text)))
        return " ".join(words.split())

    # The same as lines

    async def _tell(self) -> None:
        while True:
            self._tell_new()
            await asyncio.sleep(0.05)

    def _tell_new(self) -> None:
        for told in self.news():
            self.console.print(told, markup=False, highlight=False, soft_wrap=True)

    def news(self) -> Iterator[str]:
        """What appeared since this was last asked, a line each."""
        fresh = []
        for column in self.columns():
            for spot, line in column.lines:
                key = (spot.key, line.id, line.at)
                if key not in self._told:
                    self._told.add(key)
                    fresh.append((line.at, column, spot, line))
        for at, column, spot, line in sorted(fresh, key=lambda one: one[0]):
            own = line.mine or line.author in column.who
            who = spot.room or spot.who
            name = f"{line.author} ▸ " if own else "← "
            if not own and line.subject:
                name += f"[{line.subject}] {line.author.split(' · ')[0]}: "
            above = self._answered(spot, line)
            words = " / ".join(filter(None, plain(line.text).split("\n")))
            answered = f"   (↳ {above[:40]})" if above else ""
            label = self.play.town.label(spot.channel)
            yield f"{at - self.play.curtain:6.2f} s  {who:<8} {label:<9} {name}{words[:160]}{answered}"


def _cut(text: Text, width: int) -> Text:
    """One row of it."""
    text.truncate(width, overflow="ellipsis")
    return text


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
