"""The program, put together: configuration, store, bridges, bus. What `filcommun run` runs, and the demo, and the tests."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import signal
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bot import journal
from bot.commands.catalogue import all_commands
from bot.commands.desk import Desk, Hooks
from bot.config import Settings
from bot.config.channels import channel as find_channel
from bot.core.bridge import Bridge, Capabilities
from bot.core.bus import Bus, Post
from bot.core.clock import Clock
from bot.core.inbox import Inbox
from bot.core.lookout import Lookout
from bot.core.outbox import Outbox
from bot.core.reception import Reception
from bot.core.render import Render
from bot.core.scene import House
from bot.core.sweeping import Sweeper
from bot.core.tokens import Tokens, secret_key
from store.database import Store
from store.files import Files
from store.migrate import migrate
from store.owners import AlreadyRunning, Owners


def plug_features(hooks: Hooks) -> None:
    """Plug in every file of `bot/features`."""
    import bot.features

    for found in pkgutil.iter_modules(bot.features.__path__):
        importlib.import_module(f"bot.features.{found.name}").plug(hooks)


def posts_of(settings: Settings) -> list[Post]:
    """The bridges that are on, with what the configuration says of each."""
    posts = []
    for name, section in settings.channels.items():
        channel = find_channel(name)
        posts.append(
            Post(
                channel.make(section),
                channel.budgets(section),
                float(getattr(section, "grace", 0.0)) if channel.can.waits_grace else 0.0,
                float(getattr(section, "give_up_after", 86400.0)),
            )
        )
    return posts


@dataclass(slots=True)
class App:
    """A running program."""

    settings: Settings
    store: Store
    owners: Owners
    bus: Bus
    clock: Clock
    house: House
    hooks: Hooks
    lookout: Lookout
    sweeper: Sweeper
    _tasks: list[asyncio.Task[Any]]

    def background(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do `work` beside everything else, until it ends or the program does."""
        self._tasks.append(asyncio.create_task(work))

    async def stop(self) -> None:
        """End well within 8 seconds."""
        for task in self._tasks:
            task.cancel()
        await self.bus.stop()
        await self.store.close()
        self.owners.close()


def raw_kept(settings: Settings, can: Capabilities) -> float:
    """How long a handled raw item of a channel is kept: as [keep] says of mails where the channel asks for weeks."""
    setting = "raw_mail" if can.raw_kept > 86400.0 else "raw_chat"
    return float(getattr(settings.keep, setting, can.raw_kept))


class _Accounts(Mapping[str, str]):
    """Which account of ours each channel has; some know it only once they are open."""

    def __init__(self, bridges: Mapping[str, Bridge]) -> None:
        self._bridges = bridges

    def __getitem__(self, channel: str) -> str:
        return self._bridges[channel].account

    def __iter__(self) -> Iterator[str]:
        return iter(self._bridges)

    def __len__(self) -> int:
        return len(self._bridges)


def make_house(settings: Settings, posts: Sequence[Post]) -> House:
    """What every scene shares."""
    bridges = [post.bridge for post in posts]
    by_name: Mapping[str, Any] = {bridge.name: bridge for bridge in bridges}

    files = Files(Path(settings.store.files))

    def invite_link(channel: str, code: str) -> str:
        link: Callable[[str], str] | None = getattr(by_name.get(channel), "invite_link", None)
        return link(code) if link else ""

    def invite_qr(channel: str, code: str, subject: str) -> str:
        opens: Callable[[str, str], str] | None = getattr(by_name.get(channel), "invite_qr", None)
        return opens(code, subject) if opens else invite_link(channel, code)

    def address_of(channel: str) -> str:
        return str(getattr(by_name.get(channel), "public_address", "") or "")

    return House(
        tokens=Tokens(secret_key(Path(settings.store.key))),
        channels={bridge.name: bridge.can for bridge in bridges},
        accounts=_Accounts(by_name),
        invite_link=invite_link,
        invite_qr=invite_qr,
        address_of=address_of,
        shared=lambda channel: bool(getattr(by_name.get(channel), "shared", False)),
        keep_years=max(1, round(float(settings.keep.messages) / (365 * 86400))),
        raw_kept={bridge.name: raw_kept(settings, bridge.can) for bridge in bridges},
        parcels_kept=float(settings.keep.parcels),
        messages_kept=float(settings.keep.messages),
        files_kept=float(settings.keep.files),
        keep_file=files.keep_raw,
        read_file=files.raw,
        drop_file=files.drop,
        bot_names=lambda channel: tuple(getattr(by_name.get(channel), "names", ())),
        budgets={post.bridge.name: post.budgets for post in posts},
    )


async def start(settings: Settings, *, posts: Sequence[Post] | None = None) -> App:
    """Start everything; returns when the bus runs (channels open by themselves). Raises AlreadyRunning, NewerSchema."""
    store = Store(settings.store.url)
    if store.path is not None:
        store.path.parent.mkdir(parents=True, exist_ok=True)
    owners = Owners(store)
    if store.sqlite:
        owners.open()
        migrate(store, partial(_back_up, settings))
    else:
        migrate(store, partial(_back_up, settings))
        owners.open()
    store.start()
    posts = list(posts_of(settings) if posts is None else posts)
    house = make_house(settings, posts)
    hooks = Hooks(all_commands(), Clock(), house)
    desk = Desk(hooks)
    hooks.answers("second_word", desk.second_word)
    plug_features(hooks)
    reception = Reception(house, desk)
    reception.listeners = hooks.listeners
    inbox = Inbox(store, owners.id, reception)
    files = Files(Path(settings.store.files))
    inbox.spool, inbox.unspool = files.keep_raw, files.raw
    render = Render(house.tokens, files.raw)
    house.forgot = render.forget
    outbox = Outbox(store, owners.id, render)
    lookout = Lookout(store, inbox.bridges)
    sweeper = Sweeper(store, inbox.bridges, files, float(settings.keep.processed))
    inbox.ahead = lookout.ahead
    bus = Bus(store, owners, inbox, outbox, posts)
    await store.write(lambda connection: found_community(connection, settings, house))
    bus.start()
    tasks = [asyncio.create_task(hooks.clock.run(store, outbox.wake, lambda: owners.lead("clock")))]
    tasks.append(asyncio.create_task(lookout.run(lambda: owners.lead("clock"))))
    tasks.append(asyncio.create_task(sweeper.run(lambda: owners.lead("clock"))))
    return App(settings, store, owners, bus, hooks.clock, house, hooks, lookout, sweeper, tasks)


def _back_up(settings: Settings, store: Store) -> None:
    """A backup before the database's form changes. Raises BackupFailed."""
    from bot import backups

    backups.make(settings, store)


async def _back_up_daily(settings: Settings, app: App) -> None:
    """Backups at their hour. A start does not wait for what they need."""
    await asyncio.sleep(5.0)
    from bot import backups

    await backups.daily(settings, app.store, lambda: app.owners.lead("backup"))


def found_community(connection: Any, settings: Settings, house: House) -> None:
    """Make the first community at first start, and the memberships of the organizers the configuration names."""
    from bot.core.communities import found

    section = settings.community
    found(connection, house, section.slug, section.name, section.language, section.timezone, section.organizers)


async def run(settings: Settings, started: Callable[[App], Any] = lambda app: None) -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    app = await start(settings)
    app.background(_back_up_daily(settings, app))
    journal.event("app.started", channels=len(app.bus.posts))
    started(app)
    await stopped.wait()
    journal.event("app.stopping")
    await app.stop()
    journal.event("app.stopped")
    return 0


__all__ = ["AlreadyRunning", "App", "run", "start"]
