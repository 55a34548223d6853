"""`filcommun demo --keep`: everything goes on running, and whoever sits here writes as each of the people."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
import threading
from typing import TYPE_CHECKING

from bot.core.bridge import Seen
from bot.demo.cast import Spot
from bot.i18n import Translator

if TYPE_CHECKING:
    from bot.demo.play import Play
    from bot.demo.screen import Screen

LOOK = 0.1


class Kept:
    """The people go on living, by hand. Every line has a number, to be answered by."""

    def __init__(self, play: Play, screen: Screen, t: Translator) -> None:
        self.play = play
        self.screen = screen
        self.t = t
        self.lines: list[tuple[Spot, Seen]] = []
        self._known: set[tuple[tuple[str, str], str, float]] = set()

    def explain(self) -> None:
        """How to write as each of them."""
        t, say = self.t, self._say
        say("")
        say(t("Everything goes on running. To write as one of them, type a name and what they write:"))
        for name, spot in self.play.homes.items():
            where = spot.room or self.play.town.label(spot.channel)
            say(f"  {name}: …    ({where})")
        say(t("To answer line 12: “Bruno 12: Yes”. To press a button, answer with its label. To end: Ctrl-C."))
        for name, sandbox in self.play.town.sandboxes.items():
            shown = ", ".join(f"{key} = {value}" for key, value in _plainly(sandbox.settings()))
            say(f"  [{name}] {shown}")
        say("  " + t("configuration and journal: {folder}", folder=str(self.play.town.folder)))

    def look(self) -> None:
        """Tell what is new on the devices, each line with its number."""
        fresh = []
        for spot in self.play.spots():
            for line in self.play.town.seen(spot):
                key = (spot.key, line.id, line.at)
                if key not in self._known:
                    self._known.add(key)
                    fresh.append((spot, line))
        for spot, line in sorted(fresh, key=lambda one: one[1].at):
            self.lines.append((spot, line))
            if line.at < self.play.curtain:
                continue
            subject = f"[{line.subject}] " if line.subject else ""
            words = line.text.replace("\n", "\n        ")
            buttons = "".join(f" [{button.label}]" for button in line.buttons)
            mark = "▸" if line.mine else "←"
            self._say(f"{len(self.lines):4}  {spot.room or spot.who} {mark} {line.author}: {subject}{words}{buttons}")

    async def write(self, typed: str) -> None:
        """Do what one typed line says."""
        found = re.fullmatch(r"\s*(\w[\w -]*?)\s*(\d+)?\s*[:>]\s*(.+)", typed.strip())
        name = next((one for one in self.play.homes if found and one.casefold() == found[1].casefold()), None)
        if found is None or name is None:
            names = self.t.listing(list(self.play.homes), last="or")
            self._say(self.t("Begin with a name and a colon: {names}", names=names))
            return
        spot = self.play.homes[name]
        more = {}
        if found[2]:
            number = int(found[2])
            answered = self.lines[number - 1] if 0 < number <= len(self.lines) else None
            if answered is None or (answered[0].key != spot.key and answered[0].who != name):
                self._say(self.t("{name} sees no line {number}.", name=name, number=number))
                return
            spot, line = answered
            button = next((one for one in line.buttons if one.label.casefold() == found[3].strip().casefold()), None)
            if button is not None:
                await self.play.town.press(Spot(spot.channel, name, spot.room), line, button)
                return
            more = {"reply_to": line.id}
        await self.play.town.say(Spot(spot.channel, name, spot.room), found[3], **more)

    @staticmethod
    def _say(words: str) -> None:
        print(words, flush=True)


async def kept_open(play: Play, screen: Screen, t: Translator) -> None:
    """Until Ctrl-C, SIGTERM, or the end of what is typed."""
    kept = Kept(play, screen, t)
    kept.look()
    kept.explain()
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    typed: asyncio.Queue[str] = asyncio.Queue()
    if sys.stdin is not None and not sys.stdin.closed:
        threading.Thread(target=_read, args=(loop, typed), daemon=True).start()
    while not ended.is_set():
        kept.look()
        try:
            await kept.write(await asyncio.wait_for(typed.get(), LOOK))
        except TimeoutError:
            continue
        except (KeyError, ValueError) as error:
            print(error, flush=True)


def _read(loop: asyncio.AbstractEventLoop, typed: asyncio.Queue[str]) -> None:
    """Hand over what is typed. The end of it is no reason to end: Ctrl-C or SIGTERM is."""
    for line in sys.stdin:
        if line.strip():
            loop.call_soon_threadsafe(typed.put_nowait, line)


def _plainly(settings: dict[str, object], path: str = "") -> list[tuple[str, object]]:
    """Settings of a section and those within it; they point to servers on this machine, and protect nothing."""
    found: list[tuple[str, object]] = []
    for name, value in settings.items():
        if isinstance(value, dict):
            found += _plainly(value, f"{path}{name}.")
        else:
            found.append((f"{path}{name}", value))
    return found
