"""`filcommun`: what the person who runs the program types.

`main` starts what people wait for (`run`, `listen`) without the libraries that only a terminal needs.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    """The command line; ends with an exit code (docs/reference/command-line.md)."""
    arguments = _help_last(_config_first(sys.argv[1:]))
    plain = _plain_run(arguments)
    if plain is not None:
        from bot.cli.running import run

        sys.exit(run(plain[0]))
    from bot.cli.typed import app

    app(arguments, prog_name="filcommun")


def _config_first(arguments: list[str]) -> list[str]:
    """`--config FILE` may stand anywhere; the parser wants it before the command."""
    for position, one in enumerate(arguments):
        if one == "--config" and position + 1 < len(arguments):
            return [one, arguments[position + 1], *arguments[:position], *arguments[position + 2 :]]
        if one.startswith("--config="):
            return ["--config", one.partition("=")[2], *arguments[:position], *arguments[position + 1 :]]
        if one == "--":
            break
    return arguments


def _help_last(arguments: list[str]) -> list[str]:
    """`help check` is what many type for `check --help`."""
    at = 2 if arguments[:1] == ["--config"] else 0
    if arguments[at : at + 1] != ["help"]:
        return arguments
    return [*arguments[:at], *arguments[at + 1 :], "--help"]


def _plain_run(arguments: list[str]) -> tuple[Path | None] | None:
    """The configuration file of `[--config FILE] run`, the one form that must start fast; None for anything else."""
    match arguments:
        case ["run"]:
            return (None,)
        case ["--config", path, "run"]:
            return (Path(path),)
    return None


if __name__ == "__main__":
    main()
