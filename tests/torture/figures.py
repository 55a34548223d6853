"""What is counted at the networks, and held against what was promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.torture.town import LINE, Town, sending

#: The lines an address is owed, with the parcels that brought or may have brought them.
OWED = """
    SELECT d.address_id, m.text, p.id, p.state FROM delivery d
    JOIN message m ON m.id = d.message_id JOIN parcel p ON p.id = d.parcel_id
"""


@dataclass
class Kills:
    """What was being sent at each kill."""

    parcels: set[int] = field(default_factory=set)
    per_kill: list[int] = field(default_factory=list)

    def note(self, town: Town) -> None:
        """Look at the database of a program that has just been killed: at most one send a lane was under way."""
        with town.engine.connect() as connection:
            found = sending(connection)
        lanes = Counter(address for _, address, _ in found)
        assert not found or max(lanes.values()) == 1, f"two sends of one lane were under way at a kill: {found}"
        self.parcels |= {parcel for parcel, _, _ in found}
        self.per_kill.append(len(found))


@dataclass
class Figures:
    """A town's deliveries, by (reader, line)."""

    said: int = 0
    deliveries: int = 0
    lost: list[tuple[str, str]] = field(default_factory=list)
    uncertain: set[tuple[str, str]] = field(default_factory=set)
    doubled: set[tuple[str, str]] = field(default_factory=set)
    thrice: list[tuple[str, str]] = field(default_factory=list)
    disorder: list[tuple[str, str, str]] = field(default_factory=list)
    doubled_sends: int = 0
    wrong: list[str] = field(default_factory=list)
    channels: dict[str, str] = field(default_factory=dict)  # of each reader
    owed: Counter[str] = field(default_factory=Counter)  # deliveries by channel

    def by_channel(self) -> str:
        """The same for each channel."""

        def of(channel: str, which: Iterable[tuple[str, ...]]) -> int:
            return sum(1 for one in which if self.channels[one[0]] == channel)

        return "; ".join(
            f"{name}: {self.owed[name]} deliveries, {of(name, self.lost)} lost, {of(name, self.doubled)} doubled,"
            f" {of(name, self.uncertain)} uncertain, {of(name, self.disorder)} out of order"
            for name in sorted(self.owed)
        )

    def __str__(self) -> str:
        return (
            f"{self.said} lines, {self.deliveries} deliveries: {len(self.lost)} lost, {len(self.doubled)} lines doubled in "
            f"{self.doubled_sends} sends, {len(self.uncertain)} uncertain, {len(self.disorder)} out of order"
        )


def count(town: Town) -> Figures:
    """Hold every device against what was said."""
    found = Figures()
    order = _stored(town, found)
    places = {row[1]: row[0] for row in town.rows(PLACES)}
    owed: dict[int, list[Any]] = {}
    for row in town.rows(OWED):
        owed.setdefault(row[0], []).append(row)
    for reader, person in town.readers():
        channel = town.sandboxes[person.channel]
        remote = channel.room(reader, []) if person.room else channel.person(person.name)
        mine = {one.name for one in town.people if (one.room and person.room) or one.name == person.name}
        expected = {line for name, lines in town.said.items() if name not in mine for line in lines if line in order}
        found.channels[reader] = person.channel
        found.owed[person.channel] += len(expected)
        doubtful = {_line(row[1]) for row in owed.get(places[remote], ()) if row[3] == "uncertain"}
        _one(found, reader, town.device(person), expected, doubtful, order)
    return found


PLACES = "SELECT id, remote FROM address"


def _stored(town: Town, found: Figures) -> dict[str, int]:
    """Each line said is one message; its place in the order of the community."""
    stored = Counter[str]()
    order: dict[str, int] = {}
    for number, words in town.rows("SELECT id, text FROM message ORDER BY id"):
        stored[_line(words)] += 1
        order.setdefault(_line(words), number)
    for name, lines in town.said.items():
        found.said += len(lines)
        missing = [line for line in lines if not stored[line]]
        if missing:
            found.wrong.append(f"{len(missing)} lines of {name} had no effect: {missing[:5]}")
        if [order[line] for line in lines if line in order] != sorted(order[line] for line in lines if line in order):
            found.wrong.append(f"the lines of {name} were stored in another order")
    twice = [line for line, number in stored.items() if number > 1]
    if twice:
        found.wrong.append(f"{len(twice)} lines had their effect twice: {twice[:5]}")
    return order


def _line(words: str) -> str:
    match = LINE.search(words)
    return match[0] if match else words


def _one(
    found: Figures, reader: str, shown: list[Any], expected: set[str], doubtful: set[str], order: dict[str, int]
) -> None:
    copies = Counter[str]()
    first: list[str] = []
    sends = Counter[tuple[str, ...]]()
    for one in shown:
        lines = [f"{name}-{number}" for name, number in LINE.findall(one.text) if f"{name}-{number}" in order]
        sends[tuple(lines)] += bool(lines)
        for line in lines:
            if not copies[line]:
                first.append(line)
            copies[line] += 1
    found.deliveries += len(expected)
    found.lost += [(reader, line) for line in sorted(expected - set(copies) - doubtful)]
    found.uncertain |= {(reader, line) for line in doubtful}
    found.doubled |= {(reader, line) for line, number in copies.items() if number == 2}
    found.thrice += [(reader, line) for line, number in copies.items() if number > 2]
    found.doubled_sends += sum(number - 1 for number in sends.values() if number > 1)
    strangers = set(copies) - expected
    if strangers:
        found.wrong.append(f"{reader} was sent what was not owed there: {sorted(strangers)[:5]}")
    for before, after in pairwise(first):
        if order[before] > order[after]:
            found.disorder.append((reader, before, after))


def hold(found: Figures, kills: Kills, town: Town) -> None:
    """The promises of `kill -9`, each with what broke it."""
    print(f"{found}; {found.by_channel()}; {len(kills.per_kill)} kills, sends under way at each: {kills.per_kill}")
    assert not found.wrong, found.wrong
    assert not found.lost, f"lost: {found.lost[:10]}"
    assert not found.thrice, f"more than two copies: {found.thrice[:10]}"
    assert not found.disorder, f"out of order: {found.disorder[:10]}"
    allowed = {(row[0], _line(row[1])) for row in town.rows(OWED) if row[2] in kills.parcels}
    places = {row[0]: row[1] for row in town.rows(PLACES)}
    names = {}
    for reader, person in town.readers():
        channel = town.sandboxes[person.channel]
        names[channel.room(reader, []) if person.room else channel.person(person.name)] = reader
    allowed = {(names.get(places[address], ""), line) for address, line in allowed}
    assert found.doubled <= allowed, f"doubled, and not being sent at a kill: {sorted(found.doubled - allowed)[:10]}"
    assert found.uncertain <= allowed, f"uncertain without a kill: {sorted(found.uncertain - allowed)[:10]}"
    uncertain = town.rows("SELECT COUNT(*) FROM parcel WHERE state = 'uncertain'")[0][0]
    assert found.doubled_sends + uncertain <= sum(kills.per_kill), "more doubles than sends under way at the kills"
    for name, box in town.sandboxes.items():
        assert not box.violations(), (name, box.violations()[:5])
