"""What remains of one demo, played in this process: what every device shows, what was sent to whom, every log line."""

from __future__ import annotations

import asyncio
import io
import logging
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bot import journal
from bot.core.bridge import Seen
from bot.demo.cast import ROOM, Spot, cast, found_channels
from bot.demo.keep import Kept
from bot.demo.picture import drawn
from bot.demo.play import Play
from bot.demo.screen import Screen
from bot.demo.show import counted, lived, together
from bot.demo.tally import Figures
from bot.demo.town import Town
from bot.i18n import translator


@dataclass(frozen=True)
class Sent:
    """One thing that left for a person or a room: `whole` is the request's parameters, or a mail's bytes."""

    channel: str
    to: str  # the network's own id
    whole: Any
    envelope: str = ""


@dataclass
class Evidence:
    """One demo."""

    play: Play
    figures: Figures
    missing: list[str]
    seen: dict[tuple[str, str], list[Seen]] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    to_nobody: list[Any] = field(default_factory=list)  # what was told to a service, and to no person
    calls: dict[str, list[Any]] = field(default_factory=dict)  # by channel, as its sandbox keeps them
    log: str = ""
    ids: dict[str, dict[str, str]] = field(default_factory=dict)  # by name: what of theirs nobody may see
    rooms: dict[str, list[str]] = field(default_factory=dict)  # by a room's id: who is in it
    secrets: dict[str, str] = field(default_factory=dict)
    picture: str = ""
    svg: str = ""  # the picture of the README, but so high that nothing has left it
    kept: str = ""

    def shown(self, channel: str, who: str, room: str = "") -> list[Seen]:
        """What one device shows."""
        return self.seen[Spot(channel, who, room).key]


@cache
def played(language: str) -> Evidence:
    """Play the whole demo at full speed, once in this process."""
    log = io.StringIO()
    journal.setup(level=journal.DEBUG, stream=log)
    try:
        return asyncio.run(_play(language, log))
    finally:
        logging.getLogger().removeHandler(journal._handler)
        journal._handler = None
        journal._settle()


async def _play(language: str, log: io.StringIO) -> Evidence:
    channels, t = found_channels(), translator(language)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        town = Town(folder, channels, t("Reading Circle"), language)
        play = Play(town, cast(list(channels), language), 0.0)
        envelopes: list[Any] = []
        try:
            await together(play)
            _overhear(town, envelopes)
            await lived(play)
            found = Evidence(play, counted(play), list(play.tally.missing))
            found.picture = _drawn(play, t)
            found.svg = drawn(play, found.figures, t, height=200)
            found.kept = await _by_hand(play, t)
            _gather(found, town, envelopes)
        finally:
            await town.close()
        found.secrets["key"] = (folder / "data" / "secret.key").read_bytes().hex()
        found.log = log.getvalue() + "".join(path.read_text() for path in folder.glob("*-listener.log"))
    return found


def _overhear(town: Town, envelopes: list[Any]) -> None:
    """Keep the envelopes of mails too: nobody's device shows them, but their provider reads them."""
    relay = town.sandboxes["email"].relay
    take = relay._take

    def taking(mail: Any) -> None:
        envelopes.append(mail)
        take(mail)

    relay._take = taking


def _drawn(play: Play, t: Any) -> str:
    """The picture at several widths, as one text."""
    from rich.console import Console

    drawn = []
    for width in (200, 132, 80, 40, 20):
        console = Console(width=width, height=50, file=io.StringIO(), record=True)
        console.print(Screen(play, console, t).frame())
        drawn.append(console.export_text())
    return "\n".join(drawn)


async def _by_hand(play: Play, t: Any) -> str:
    """Write as somebody, as `--keep` lets people do."""
    said: list[str] = []
    kept = Kept(play, Screen(play, None, t), t)
    kept._say = said.append
    kept.look()
    kept.explain()
    await kept.write("nobody: hello")
    mine = next(
        number for number, (spot, line) in enumerate(kept.lines, 1) if spot.who == "Bruno" and "Zoé" in line.author
    )
    await kept.write(f"bruno {mine}: Une ligne à la main.")
    amina = play.people["Amina"].home
    await play.arrives(amina, lambda line: line.text.endswith("Une ligne à la main."), "a line by hand")
    kept.look()
    return "\n".join(said)


def _gather(found: Evidence, town: Town, envelopes: list[Any]) -> None:
    play, sandboxes = found.play, town.sandboxes
    for spot in [*play.spots(), Spot("telegram", "Karim")]:
        found.seen[spot.key] = list(town.seen(spot))
    for name in play.people:
        telegram, signal, mail = sandboxes["telegram"], sandboxes["signal"], sandboxes["email"]
        own = found.ids[name] = {}
        if name in telegram.world.humans:
            own["telegram id"] = telegram.person(name)
        if name in signal.world.people:
            own["ACI"], own["number"] = signal.person(name), signal.world.human(name).number
        if name in mail._people:
            own["address"] = mail.person(name)
    found.rooms[sandboxes["telegram"].room(ROOM, [])] = [p.name for p in play.people.values() if p.home.room]
    found.calls = {"telegram": sandboxes["telegram"].requests, "signal": sandboxes["signal"].requests}
    for method, parameters in sandboxes["telegram"].requests:
        if method.startswith("get"):
            continue  # asked of the service ("is this person in that room?"): no device shows it
        chat = str(parameters.get("chat_id", ""))
        (found.sent if chat else found.to_nobody).append(
            Sent("telegram", chat, parameters) if chat else [method, parameters]
        )
    for method, path, body in sandboxes["signal"].requests:
        for recipient in (body or {}).get("recipients", []):
            found.sent.append(Sent("signal", recipient, body))
        if not (body or {}).get("recipients"):
            found.to_nobody.append([method, path, body])
    mails = {mail.data: mail for mail in envelopes}
    for who in sandboxes["email"]._people:
        for line in sandboxes["email"].seen(who):
            if not line.mine:
                envelope = mails.get(line.raw)
                found.sent.append(
                    Sent("email", sandboxes["email"].person(who), line.raw, envelope.sender if envelope else "")
                )
    telegram, mail = sandboxes["telegram"].settings(), sandboxes["email"].settings()
    found.secrets |= {"bot token": telegram["token"], "mail password": mail["smtp"]["password"]}
