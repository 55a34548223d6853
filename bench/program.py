"""`filcommun run` for a bench: one person says three thousand things at once, and none of it waits for being a flood.

    python -m bench.program --config FILE run

The question whether it is one is asked for every message all the same; only its answer is always no.
"""

from __future__ import annotations

from bot.cli import main
from bot.core import audience

audience.BURST = 0.0

if __name__ == "__main__":
    main()
