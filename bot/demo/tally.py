"""The count: what was said, against what the devices show. Nothing of it comes from the program's own memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from bot.core.bridge import Seen
from bot.demo.cast import Spot

#: Of a quote in a later message people see the beginning.
QUOTED = 40


@dataclass(frozen=True, slots=True)
class Said:
    """Something the script let somebody say, and where it must be shown."""

    who: str
    words: str
    spot: Spot
    id: str
    at: float
    readers: tuple[Spot, ...]
    parent: Said | None = None


@dataclass(slots=True)
class Figures:
    """What is told at the end."""

    messages: int = 0
    deliveries: int = 0
    lost: int = 0
    doubled: int = 0
    strayed: int = 0
    times: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Seconds from saying to showing, as half of the deliveries were faster."""
        return median(self.times) if self.times else 0.0

    @property
    def slowest(self) -> float:
        """The longest of these times."""
        return max(self.times, default=0.0)


class Tally:
    """Holds devices against the script."""

    def __init__(self, seen: Callable[[Spot], list[Seen]]) -> None:
        self._seen = seen
        self.said: list[Said] = []
        self.missing: list[str] = []

    def line(self, said: Said, spot: Spot) -> Seen | None:
        """What the device at `spot` shows of it: the writer's own line, or what arrived."""
        if spot.key == said.spot.key:
            return next((line for line in self._seen(spot) if line.id == said.id), None)
        return next(iter(self._arrived(said, spot)), None)

    def waits_for(self, said: Said) -> list[Spot]:
        """Where it must still appear."""
        return [spot for spot in said.readers if not self._arrived(said, spot)]

    def figures(self, everywhere: Iterable[Spot]) -> Figures:
        """Count; what is not as the script has it is added to `missing`."""
        spots = {spot.key: spot for spot in everywhere}.values()
        found = Figures(messages=len(self.said))
        for said in self.said:
            for spot in said.readers:
                lines = self._arrived(said, spot)
                found.deliveries += bool(lines)
                found.lost += not lines
                found.doubled += max(0, len(lines) - 1)
                found.times += [max(0.0, line.at - said.at) for line in lines[:1]]
                if len(lines) != 1:
                    self._note(f"{_place(spot)}: “{said.words}” ({said.who}) arrived {len(lines)} times")
                else:
                    self._placed(said, spot, lines[0])
            expected = {spot.key for spot in said.readers}
            for spot in spots:
                if spot.key not in expected and (lines := self._arrived(said, spot)):
                    found.strayed += len(lines)
                    self._note(f"{_place(spot)}: “{said.words}” ({said.who}) is not meant to be here")
        return found

    def _arrived(self, said: Said, spot: Spot) -> list[Seen]:
        return [
            line
            for line in self._seen(spot)
            if line.at >= said.at
            and not line.mine
            and holds(line.text, said.words)
            # Ids are a network's own: the same number elsewhere is another message.
            and (spot.key != said.spot.key or line.id != said.id)
        ]

    def _placed(self, said: Said, spot: Spot, line: Seen) -> None:
        """An answer stands under what it answers; where that never was, its words come along."""
        if said.parent is None:
            return
        above = self.line(said.parent, spot)
        if above is None and said.parent.words[:QUOTED] not in line.text:
            self._note(f"{_place(spot)}: “{said.words}” does not say what it answers")
        elif above is not None and line.reply_to != above.id:
            self._note(f"{_place(spot)}: “{said.words}” does not stand under “{said.parent.words}”")

    def _note(self, sentence: str) -> None:
        if sentence not in self.missing:
            self.missing.append(sentence)


def plain(text: str) -> str:
    """As people type it, and as it is drawn: no-break blanks are blanks."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def holds(text: str, words: str) -> bool:
    """Whether a message, or one numbered line of several sent as one, says these words itself (a quote does not count)."""
    rows = text.rstrip().split("\n")
    return rows[-1].endswith(words) or any(
        row.startswith("#") and (row.endswith(words) or below == words)
        for row, below in zip(rows, [*rows[1:], ""], strict=True)
    )


def _place(spot: Spot) -> str:
    return spot.room or f"{spot.who} ({spot.channel})"


def readers(homes: Sequence[Spot], but: Spot) -> tuple[Spot, ...]:
    """Everybody's place once (a room is one place), without the one it was said in."""
    found = {spot.key: spot for spot in homes}
    found.pop(but.key, None)
    return tuple(found.values())
