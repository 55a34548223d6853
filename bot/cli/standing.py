"""`filcommun status`, `retry` and `drop`: how things stand, while the bot runs or not."""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime

from bot.cli.held import print_held
from bot.cli.running import (
    CONFIGURATION,
    FAILURE,
    OK,
    PARTIAL,
    UNREACHABLE,
    is_connection_trouble,
    no_database,
    where,
)
from bot.config import Settings
from bot.config.channels import channel as find_channel
from bot.core import dead_letters, resuming
from bot.core.allowance import Paced
from bot.core.dead_letters import Letter, NoSuchLetter, Overview
from bot.i18n import Translator, language_of, translator
from store.database import Store
from store.migrate import HEAD, current


def spoken() -> Translator:
    """The translator into the language of the terminal."""
    return translator(language_of(os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")))


def open_store(settings: Settings) -> Store | int:
    """The database as it is, or the exit code that says why not (and a sentence was printed)."""
    store = Store(settings.store.url)
    if store.path is not None and not store.path.exists():
        print(f"There is no database at {where(settings)} yet: filcommun run makes it.", file=sys.stderr)
        return FAILURE
    try:
        with store.engine.connect() as connection:
            version = current(connection)
    except Exception as error:
        if not is_connection_trouble(error):
            raise
        print(no_database(settings, error), file=sys.stderr)
        return UNREACHABLE
    if version is None:
        print(f"There is no memory in {where(settings)} yet: filcommun run makes it.", file=sys.stderr)
        return FAILURE
    if version != HEAD:
        print(f"{where(settings)} has another schema ({version}) than this version ({HEAD}).", file=sys.stderr)
        return CONFIGURATION
    return store


def show_status(settings: Settings, *, quiet: bool) -> int:
    """Print how things stand; 5 if something needs a person."""
    store = open_store(settings)
    if isinstance(store, int):
        return store
    budgets = {name: find_channel(name).budgets(section) for name, section in settings.channels.items()}
    with store.engine.connect() as connection:
        found = dead_letters.overview(connection, budgets=budgets)
        held = resuming.held(connection)
    store.engine.dispose()
    if not quiet and held is not None:
        print_held(held, settings, spoken())
    if not quiet:
        _print(found, settings, spoken(), quiet=held is not None)
    return OK if found.well and held is None else PARTIAL


def _print(found: Overview, settings: Settings, t: Translator, *, quiet: bool) -> None:
    now = time.time()
    if found.well and not quiet:
        print(t("All is well."))
    print(t.n("{count} message is on its way.", "{count} messages are on their way.", found.waiting))
    if found.oldest is not None and found.waiting:
        print("  " + t("The oldest has waited for {duration}.", duration=t.duration(max(0.0, now - found.oldest))))
    for paced in found.paced:
        print("  " + _paced(paced, settings, t))
    if found.later:
        print(t.n("{count} waits for its hour.", "{count} wait for their hour.", found.later))
    if found.unhandled:
        print(
            t.n(
                "{count} has come in and is not handled yet.",
                "{count} have come in and are not handled yet.",
                found.unhandled,
            )
        )
    if found.held:
        print(
            t.n(
                "{count} is held: its sender is not proved.",
                "{count} are held: their senders are not proved.",
                found.held,
            )
        )
    if found.strangers:
        print(
            t.n(
                "{count} of somebody unknown is held.",
                "{count} of people unknown are held.",
                found.strangers,
            )
        )
    for away in found.away:
        since = t.duration(max(0.0, now - away.since))
        print(
            t(
                "{channel} has been away for {duration}: {reason}",
                channel=away.channel,
                duration=since,
                reason=away.reason,
            )
        )
        if away.cure:
            print("  " + away.cure)
    for letter in found.letters:
        print(_line(letter, t))
    if found.count:
        print(t("To try one again: filcommun retry {id}; to give it up: filcommun drop {id}", id=found.letters[0].id))


def _paced(paced: Paced, settings: Settings, t: Translator) -> str:
    """What waits for the provider's limit, until when, and where the limit is written."""
    zone = datetime.now().astimezone().tzinfo or "UTC"  # the terminal's
    said = t.n(
        "{channel}: {count} of them waits for the provider's limit, and leaves by {moment}.",
        "{channel}: {count} of them wait for the provider's limit; the last leaves by {moment}.",
        paced.waiting,
        channel=paced.channel,
        moment=t.moment(paced.until, zone),
    )
    if not hasattr(settings.channels[paced.channel], paced.budget):
        return said
    return f"{said} {t('The limit is {setting} in [{channel}].', setting=paced.budget, channel=paced.channel)}"


def _line(letter: Letter, t: Translator) -> str:
    to = f" → {letter.to}" if letter.to else ""
    detail = f" ({letter.detail})" if letter.detail else ""
    return f"{letter.id:12} {letter.channel}{to}: {t(letter.why)}{detail}"


def decide(settings: Settings, what: str, letter: str) -> int:
    """Retry or drop one dead letter."""
    store = open_store(settings)
    if isinstance(store, int):
        return store
    act = {"retry": dead_letters.retry, "drop": dead_letters.drop}[what]
    t = spoken()
    try:
        store.write_now(lambda connection: act(connection, letter))
    except NoSuchLetter as error:
        print(t(error.why, id=letter), file=sys.stderr)
        return FAILURE
    finally:
        store.engine.dispose()
    print(t("{id}: it is tried again.", id=letter) if what == "retry" else t("{id}: it is given up.", id=letter))
    return OK
