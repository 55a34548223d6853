"""`filcommun`: what the person who runs the program types.

`main` starts what people wait for (`run`, `listen`) without the libraries that only a terminal needs.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    """The command line; ends with an exit code (docs/reference/command-line.md)."""
    arguments = sys.argv[1:]
    plain = _plain_run(arguments)
    if plain is not None:
        from bot.cli.running import run

        sys.exit(run(plain[0]))
    from bot.cli.typed import app

    app(prog_name="filcommun")


def _plain_run(arguments: list[str]) -> tuple[Path | None] | None:
    """The configuration file of `[--config FILE] run`, the one form that must start fast; None for anything else."""
    match arguments:
        case ["run"]:
            return (None,)
        case ["--config", path, "run"] | ["run", "--config", path]:
            return (Path(path),)
    return None


if __name__ == "__main__":
    main()
