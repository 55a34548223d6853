"""Makes docs/demo.svg from what the demo really shows: `make picture`. A test holds that it is still the demo's."""

from __future__ import annotations

import asyncio
import io
import os
import re
import sys
import tempfile
from pathlib import Path

from bot.demo.cast import cast, found_channels
from bot.demo.play import Play
from bot.demo.screen import Screen
from bot.demo.show import counted, language_here, lived, together, told
from bot.demo.tally import Figures
from bot.demo.town import Town
from bot.i18n import Translator, translator

WIDTH, HEIGHT = 140, 44


async def draw(file: Path) -> int:
    """Play unseen, at full speed; its last moment and the figures become the picture. The exit status."""
    t = translator(language_here(os.environ))
    channels = found_channels()
    with tempfile.TemporaryDirectory() as folder:
        town = Town(Path(folder), channels, t("Reading Circle"), t.language)
        play = Play(town, cast(list(channels), t.language), 0.0)
        try:
            await together(play)
            await lived(play)
            svg = drawn(play, counted(play), t)
        finally:
            await town.close()
    for sentence in play.tally.missing:
        print(sentence, file=sys.stderr)
    if play.tally.missing:
        return 1  # the picture there is stays: it is of a demo that went well
    file.write_text(svg, encoding="utf-8")  # noqa: ASYNC240 - everything else has ended
    return 0


def drawn(play: Play, figures: Figures, t: Translator, height: int = HEIGHT) -> str:
    """The last moment of a play, and its figures, as SVG; `height` in rows."""
    from rich.console import Console

    console = Console(
        width=WIDTH, height=height, record=True, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(Screen(play, console, t).frame(bright=False))
    for row in told(t, figures):
        console.print(row, markup=False, highlight=False)
    # The font is the reader's own: a picture that fetches something tells somebody who looks at it.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", console.export_svg(title="filcommun demo"), flags=re.DOTALL)
    return svg.replace("Fira Code", "ui-monospace, Menlo, Consolas, DejaVu Sans Mono")


if __name__ == "__main__":
    sys.exit(asyncio.run(draw(Path(sys.argv[1]))))
