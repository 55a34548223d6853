"""Compiles the translations (.po, text) into what gettext reads (.mo) whenever the package is installed or built."""

from __future__ import annotations

from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand: `make locale`
    BuildHookInterface = object  # type: ignore[assignment, misc]


def compile_translations(root: Path) -> None:
    """Write a .mo beside every .po below bot/locale."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in sorted((root / "bot" / "locale").glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as text, source.with_suffix(".mo").open("wb") as binary:
            write_mo(binary, read_po(text))


class TranslationsHook(BuildHookInterface):  # type: ignore[type-arg, misc]
    """The hook hatchling calls."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile before the files are collected; .mo files are ours although git ignores them."""
        compile_translations(Path(self.root))
        build_data["artifacts"].append("bot/locale/**/*.mo")


if __name__ == "__main__":
    compile_translations(Path(__file__).parent)
