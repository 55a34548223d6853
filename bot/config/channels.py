"""Which channels there are: the folders in `bridges/`. Nothing else keeps a list of them."""

from __future__ import annotations

import importlib
import pkgutil

import bridges
from bot.core.bridge import Channel

#: It has no server and no network: it is for tests.
WITHOUT_NETWORK = frozenset({"memory"})


def offered() -> list[str]:
    """The channels somebody would connect a community to."""
    return [name for name in names() if name not in WITHOUT_NETWORK]


def names() -> list[str]:
    """The channels' names, as their sections are called."""
    return sorted(found.name for found in pkgutil.iter_modules(bridges.__path__) if found.ispkg)


def channel(name: str) -> Channel:
    """What `bridges/NAME/bridge.py` says of itself. Raises ImportError when something it needs is not installed."""
    found: Channel = importlib.import_module(f"bridges.{name}.bridge").CHANNEL
    return found
