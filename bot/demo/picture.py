"""Makes docs/demo.svg from what the demo really shows: `python -m bot.demo.picture docs/demo.svg`."""

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
from bot.demo.town import Town
from bot.i18n import translator

WIDTH, HEIGHT = 140, 44


async def draw(file: Path) -> int:
    """Play unseen, at full speed; its last moment and the figures become the picture. The exit status."""
    from rich.console import Console

    t = translator(language_here(os.environ))
    channels = found_channels()
    with tempfile.TemporaryDirectory() as folder:
        town = Town(Path(folder), channels, t("Reading Circle"), t.language)
        play = Play(town, cast(list(channels), t.language), 0.0)
        try:
            await together(play)
            await lived(play)
            figures = counted(play)
            console = Console(
                width=WIDTH,
                height=HEIGHT,
                record=True,
                file=io.StringIO(),
                force_terminal=True,
                color_system="truecolor",
            )
            console.print(Screen(play, console, t).frame(bright=False))
            for row in told(t, figures):
                console.print(row, markup=False, highlight=False)
        finally:
            await town.close()
    # The font is the reader's own: a picture that fetches something tells somebody who looks at it.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", console.export_svg(title="filcommun demo"), flags=re.DOTALL)
    file.write_text(  # noqa: ASYNC240 - everything else has ended
        svg.replace("Fira Code", "ui-monospace, Menlo, Consolas, DejaVu Sans Mono"), encoding="utf-8"
    )
    for sentence in play.tally.missing:
        print(sentence, file=sys.stderr)
    return 1 if play.tally.missing else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(draw(Path(sys.argv[1]))))
