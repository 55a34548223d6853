"""The pages that are made from the program itself: `make docs` writes them, a test compares them.

What a setting, an event or a command says of itself in the source is what people read; it is written once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from bot import journal_events
from bot.config import example_text
from bot.config.page import settings_page

ROOT = Path(__file__).resolve().parent.parent

#: Where each page lies, and what makes its text.
PAGES: dict[str, Callable[[], str]] = {
    "config.example.toml": example_text,
    "docs/reference/configuration.md": settings_page,
    "docs/reference/log.md": journal_events.page,
}


def main() -> None:
    """Write what is not as it should be; say which."""
    for name, text in PAGES.items():
        file, new = ROOT / name, text()
        if not file.exists() or file.read_text(encoding="utf-8") != new:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(new, encoding="utf-8")
            print(f"{name}: written", file=sys.stderr)


if __name__ == "__main__":
    main()
