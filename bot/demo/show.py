"""The demo from beginning to end: the town is built, the play is shown and counted; then it ends, or is kept open."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bot import journal
from bot.demo import script
from bot.demo.cast import KNOWN, cast, found_channels
from bot.demo.play import Play
from bot.demo.screen import Screen
from bot.demo.tally import Figures
from bot.demo.town import Missing, Town
from bot.i18n import Translator, language_of, translator

if TYPE_CHECKING:
    from rich.console import Console

#: A second copy might still be on its way when the last word has been heard everywhere.
CALM = 0.5


def language_here(environ: Mapping[str, str]) -> str:
    """The language of this machine, as LANG and its elders say it."""
    given = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return language_of(given)


async def show(pace: float, *, keep: bool) -> int:
    """Play it on this screen; the exit status."""
    from rich.console import Console

    console = Console(highlight=False)
    t = translator(language_here(os.environ))
    try:
        channels = found_channels()
    except ImportError as lack:
        console.print(_lacks(t, lack), markup=False)
        return 1
    with tempfile.TemporaryDirectory(prefix="fil-commun-demo-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with (folder / "journal.log").open("w", encoding="utf-8", buffering=1) as log:
            journal.setup(stream=log)
            town = Town(folder, channels, t("Reading Circle"), t.language)
            play = Play(town, cast(list(channels), t.language), pace)
            try:
                return await _played(play, console, t, keep=keep)
            except ImportError as lack:
                console.print(_lacks(t, lack), markup=False)
                return 1
            finally:
                await town.close()
                journal.setup()


async def _played(play: Play, console: Console, t: Translator, *, keep: bool) -> int:
    console.print(t("Fil commun, a demonstration: local servers for {channels}, the real program, invented people.",
                    channels=t.listing([play.town.label(name) for name in play.town.channels])), markup=False)  # fmt: skip
    screen = Screen(play, console, t)
    try:
        await together(play)
        async with screen.showing():
            await lived(play)
    except Missing as missing:
        play.tally.missing.append(str(missing))
    figures = counted(play)
    _tell(console, t, figures, play.tally.missing)
    if play.tally.missing:
        _tell_journal(console, play.town.folder)
    if keep and not play.tally.missing:
        from bot.demo.keep import kept_open

        await kept_open(play, screen, t)
    return 1 if play.tally.missing else 0


async def together(play: Play) -> None:
    """Everything up to the curtain. Raises Missing."""
    missing = [name for name in KNOWN if name not in play.town.channels]
    if missing:
        raise Missing(f"no bridge for {', '.join(missing)}")
    await play.town.open()
    await script.comes_together(play)


async def lived(play: Play) -> None:
    """What the picture shows, and a moment of calm. Raises Missing."""
    await script.lives(play)
    await asyncio.sleep(CALM)


def counted(play: Play) -> Figures:
    """The figures; whatever is not as it should be stands in `play.tally.missing`."""
    figures = play.tally.figures(play.spots() if play.curtain else [])
    for name, sandbox in play.town.sandboxes.items():
        play.tally.missing += [f"{name}: {sentence}" for sentence in sandbox.violations()]
    if not figures.messages and not play.tally.missing:
        play.tally.missing.append("nobody said anything")
    return figures


def _tell(console: Console, t: Translator, figures: Figures, missing: list[str]) -> None:
    """The figures as people read them, and what is missing."""
    for row in told(t, figures):
        console.print(row, markup=False)
    for sentence in missing:
        console.print(f"✗ {sentence}", markup=False, style="red")


def told(t: Translator, figures: Figures) -> list[str]:
    """The figures in two lines."""
    return [
        t(
            "{messages} messages, handed over {times} times; {lost} lost, {doubled} doubled, {strayed} in the wrong place.",
            messages=figures.messages,
            times=figures.deliveries,
            lost=figures.lost,
            doubled=figures.doubled,
            strayed=figures.strayed,
        ),
        t(
            "From being written to being there: {median} ms in the middle, {slowest} ms at most. "
            "Counted by the local servers, not by the program.",
            median=round(figures.median * 1000),
            slowest=round(figures.slowest * 1000),
        ),
    ]


def _tell_journal(console: Console, folder: Path) -> None:
    """What the program says of trouble."""
    lines = (folder / "journal.log").read_text(encoding="utf-8").splitlines()
    trouble = [line for line in lines if " level=" in line or "channel.down" in line or "not_sent" in line]
    for line in trouble[-12:]:
        console.print(line, markup=False, style="dim")


def _lacks(t: Translator, lack: ImportError) -> str:
    return t("The demo needs {name}, which is not installed. Type: make demo", name=lack.name or str(lack))
