"""`filcommun community`, `member` and `organizer-code`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection

from bot.cli import organizers
from bot.cli.running import CONFIGURATION, FAILURE, OK, USAGE, no_key
from bot.cli.standing import open_store
from bot.config import Settings
from bot.core import communities, members
from bot.core.bridge import Bridge
from bot.core.errors import BridgeError
from bot.core.tokens import BadKeyError
from bot.i18n import LANGUAGES
from bot.text.fold import fold
from store.statement import run, sql

#: How long a channel is asked who the bot is there.
PATIENCE = 10.0
LONGEST_NAME = 80

COUNTED = sql("""
    SELECT c.slug, c.name, c.language, COUNT(m.id) AS number FROM community c
    LEFT JOIN membership m ON m.community_id = c.id AND m.status = 'active' GROUP BY c.id, c.slug, c.name, c.language
    ORDER BY c.id
""")
BY_SLUG = sql("SELECT id, slug, name, language FROM community WHERE slug = :slug OR :slug = '' ORDER BY id LIMIT 1")
MEMBERS = sql("""
    SELECT m.name, m.role, m.status, m.pace, a.channel, a.status AS reach FROM membership m
    LEFT JOIN address a ON a.id = m.address_id WHERE m.community_id = :community ORDER BY m.folded
""")
ROLE = sql("UPDATE membership SET role = :role WHERE id = :id")
DECIDED = sql("""
    INSERT INTO audit (community_id, act, subject_type, subject_id, detail, created_at)
    VALUES (:community, 'role', 'membership', :id, :detail, :now)
""")
ORGANIZERS = sql(
    "SELECT COUNT(*) FROM membership WHERE community_id = :community AND role = 'organizer' AND status = 'active'"
)
ROLES = ("observer", "member", "organizer")


def with_store(settings: Settings, work: Callable[[Any], int]) -> int:
    """Do `work` with the open store; its exit code, or why it could not be opened."""
    store = open_store(settings)
    if isinstance(store, int):
        return store
    try:
        return work(store)
    except BadKeyError as error:
        print(no_key(settings, error), file=sys.stderr)
        return CONFIGURATION
    finally:
        store.engine.dispose()


def find_community(connection: Connection, slug: str) -> Any:
    """The community of this slug (the first one, if it is empty); None if there is none, and that was said."""
    found = run(connection, BY_SLUG, {"slug": slug}).first()
    if found is None:
        print(f"There is no community {slug!r}. See: filcommun community list", file=sys.stderr)
    return found


def list_communities(settings: Settings) -> int:
    """One line each."""

    def work(store: Any) -> int:
        with store.engine.connect() as connection:
            for row in run(connection, COUNTED):
                print(f"{row.slug:24} {row.name}  ({row.number}, {row.language})")
        return OK

    return with_store(settings, work)


def add_community(settings: Settings, name: str, slug: str, language: str, timezone: str) -> int:
    """Make it, and print a code for its first organizer."""
    if wrong := _wrong_name(name, slug):
        print(wrong, file=sys.stderr)
        return USAGE
    slug = slug or communities.slug_of(name)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) or len(slug) > 40:
        print(f"{slug!r} cannot be part of an address: small letters, digits and hyphens.", file=sys.stderr)
        return USAGE
    if language not in LANGUAGES:
        print(f"{language!r} is not one of: {', '.join(LANGUAGES)}.", file=sys.stderr)
        return USAGE
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        print(f"{timezone!r} is no time zone; write it like Europe/Paris.", file=sys.stderr)
        return USAGE

    def work(store: Any) -> int:
        house = house_of(settings)
        with store.engine.connect() as connection:
            if run(connection, BY_SLUG, {"slug": slug}).first():
                print(f"{slug} exists already.", file=sys.stderr)
                return FAILURE
        store.write_now(lambda connection: communities.found(connection, house, slug, name, language, timezone))
        return _print_code(settings, store, slug)

    return with_store(settings, work)


def _wrong_name(name: str, slug: str) -> str:
    """Why a community cannot be called so, in a sentence; empty if it can. The same rules as [community] name."""
    if not name.strip():
        return 'A community needs a name, such as "Chorale du quartier".'
    if not name.isprintable() or name != name.strip():
        return f"{name!r} is no name: it is one line, without blanks around it."
    if len(name) > LONGEST_NAME:
        return f"A name has at most {LONGEST_NAME} characters; this one has {len(name)}."
    if not slug and not re.search(r"[a-z0-9]", fold(name)):
        return f"Of {name!r} no part of an address can be made. Write one yourself: --slug reading-circle"
    return ""


def list_members(settings: Settings, slug: str) -> int:
    """One line each; no address."""

    def work(store: Any) -> int:
        with store.engine.connect() as connection:
            community = find_community(connection, slug)
            if community is None:
                return FAILURE
            for row in run(connection, MEMBERS, {"community": community.id}):
                reach = "" if row.reach in (None, "active") else f"  ({row.reach})"
                print(f"{row.name:32} {row.role:10} {row.status:8} {row.channel or '-':10} {row.pace}{reach}")
        return OK

    return with_store(settings, work)


def set_role(settings: Settings, name: str, role: str, slug: str) -> int:
    """Change a role; it is written in the journal of decisions."""
    if role not in ROLES:
        print(f"{role!r} is not one of: {', '.join(ROLES)}.", file=sys.stderr)
        return USAGE

    def change(connection: Connection) -> tuple[int, str]:
        community = find_community(connection, slug)
        if community is None:
            return FAILURE, ""
        found = members.called(connection, community.id, name)
        if len(found) > 1:
            return FAILURE, f"Several members are called {name!r}: write the whole name."
        if not found:
            return FAILURE, f"There is no member {name!r}."
        run(connection, ROLE, {"role": role, "id": found[0]})
        decided = {"community": community.id, "id": found[0], "detail": json.dumps({"role": role}), "now": time.time()}
        run(connection, DECIDED, decided)
        led = run(connection, ORGANIZERS, {"community": community.id}).scalar_one()
        return (
            OK,
            "" if led else f"Nobody organizes {community.slug} any more. filcommun organizer-code makes somebody.",
        )

    def work(store: Any) -> int:
        ended, said = store.write_now(change)
        if ended == OK:
            print(f"{name}: {role}.")
        if said:
            print(said, file=sys.stderr)
        return int(ended)

    return with_store(settings, work)


def new_organizer_code(settings: Settings, slug: str) -> int:
    """Make and print a code."""
    return with_store(settings, lambda store: _print_code(settings, store, slug))


def _print_code(settings: Settings, store: Any, slug: str) -> int:
    with store.engine.connect() as connection:
        community = find_community(connection, slug)
    if community is None:
        return FAILURE
    house = house_of(settings, named=True)  # before the code: without the key none is made
    code = store.write_now(lambda connection: organizers.make_code(connection, house.tokens, community.id))
    organizers.show(house, community, code, lacking=False)
    return OK


def house_of(settings: Settings, *, named: bool = False) -> Any:
    """What commands know of the channels. `named`: also how a link to the bot begins, which only the channel knows."""
    from bot.app import make_house, posts_of

    posts = posts_of(settings)
    if named:
        asyncio.run(_learn_names([post.bridge for post in posts if post.bridge.can.invites_by_link]))
    return make_house(settings, posts)


async def _learn_names(bridges: Sequence[Bridge]) -> None:
    """Let these bridges ask who they are; one that cannot gives no link."""
    for bridge in bridges:
        with contextlib.suppress(BridgeError, OSError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await bridge.check()
