"""The pages that are made from the program itself: `make docs` writes them, a test compares them.

What a setting, an event, a command or a channel says of itself in the source is what people read; it is written once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from bot import journal_events
from bot.commands import sheet
from bot.commands.reference import reference as commands_page
from bot.config import all_models, channels, example_text
from bot.config.page import settings_page
from bot.config.sections import CORE
from bot.core.bridge import Capabilities
from bot.text import page

ROOT = Path(__file__).resolve().parent.parent

#: What each capability means to people.
CAPABILITIES: dict[str, str] = {
    "words": "what people call it in a command",
    "label": "its name in a sentence",
    "styles": "the styles of text it shows; others become plain text",
    "max_text": "the length of one message, in UTF-16 units; longer ones continue in a second",
    "connections": "sends under way at once, at most",
    "default_pace": "how often its members are told, until they choose",
    "waits_grace": "a message waits a few minutes, because an edit would need a second one",
    "titles": "it shows a thread's title by itself",
    "rooms": "it has chats shared by many",
    "reply": "an answer shows what it answers",
    "buttons": "choices are buttons; elsewhere they are numbers or words",
    "edit_within": "how long after sending a message can be changed; elsewhere a short correction follows",
    "delete_within": "how long after sending it can be taken back",
    "react": "reactions",
    "silent": "a message may arrive without a sound",
    "encrypted": "it is encrypted end to end, which ends at the bot: members are told",
    "invites_by_link": "an invitation is a link to open",
    "writes_first": "the bot may write to somebody who never wrote to it",
    "keeps_our_ids": "what it sends keeps the id we gave it, so that an answer is placed without a note of ours",
    "rereads": "what it gave can be had again: after a restore nothing of it is missing",
    "waits_for_us": "how long the service keeps what nobody has fetched",
    "slow_to_read": "what arrives takes time to read: it is stored first",
    "raw_kept": "how long what it gave us is kept as it came, after it was handled, unless the configuration says otherwise",
    "bundles": "lines of one thread that wait for one address leave as one message",
    "max_file": "the bytes of a file the bot sends along with a few words",
}


def channels_page() -> str:
    """Return docs/reference/channels.md: what each channel can do, as its bridge says."""
    shown = [channels.channel(name) for name, model in all_models().items() if name not in CORE and model.model_fields]
    lines = [
        _CHANNELS,
        f"| | {' | '.join(f'`{one.name}`' for one in shown)} | meaning |",
        "|---" * (len(shown) + 2) + "|",
    ]
    for field in fields(Capabilities):
        cells = (_cell(field.name, getattr(one.can, field.name)) for one in shown)
        lines.append(f"| `{field.name}` | {' | '.join(cells)} | {CAPABILITIES[field.name]} |")
    return "\n".join(lines) + "\n"


def _cell(name: str, value: Any) -> str:
    """One capability of one channel, for people."""
    if isinstance(value, bool):
        return "yes" if value else "–"
    if name.endswith(("_within", "_kept", "_for_us")):
        return "–" if value is None else "always" if value == float("inf") else f"{value / 3600:g} h"
    if isinstance(value, (int, float)):
        return f"{value:,}"
    if hasattr(value, "values"):
        return ", ".join(value.values())
    return value if isinstance(value, str) else ", ".join(sorted(map(str, value))) or "–"


def sheet_page() -> str:
    """Return docs/how-to/invite-sheet.svg: the page to print, of a community that is not."""
    ways = []
    for name, model in all_models().items():
        if name not in CORE and model.model_fields:
            can = channels.channel(name).can
            place = "circle@example.org" if can.titles else ""
            opens = f"https://example.org/{name}/an-invitation-of-no-community"
            ways.append(sheet.Way(can.label["en"], opens, can.invites_by_link or can.titles, place, can.titles))
    day = "Tuesday 3 March 2026"
    shown = sheet.page("en", community="Reading Circle", inviter="Amina", code="7K2F-9MPD", ways=ways, day=day)
    return page.svg(shown).decode()


_CHANNELS = """\
# What each channel can do

The core never asks which channel it speaks to; it asks what the channel can do. What one cannot is shown as text: a choice
becomes numbers, a link a footnote, an edit a short correction. The contract test tries every claim against the channel's
sandbox.

This page is made by `make docs` from `CHANNEL.can` of every bridge.
"""

#: Where each page lies, and what makes its text.
PAGES: dict[str, Callable[[], str]] = {
    "config.example.toml": example_text,
    "docs/how-to/invite-sheet.svg": sheet_page,
    "docs/reference/channels.md": channels_page,
    "docs/reference/commands.md": commands_page,
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
