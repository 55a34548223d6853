"""INVITE SHEET: a page to print, with a code that serves many until it is taken back (UNINVITE)."""

from __future__ import annotations

from bot.commands import inviting as words
from bot.commands import sheet
from bot.commands.desk import Hooks
from bot.commands.grammar import Call
from bot.core import enclosed
from bot.core.scene import Scene
from bot.i18n import language_of
from bot.text import page


def invite_sheet(scene: Scene, call: Call) -> None:  # noqa: ARG001 - a command's shape
    """Make the code, and send the page to whoever asked for it, where files go."""
    standing, house = scene.standing, scene.house
    if standing is None:
        return
    code, made = sheet.new(
        scene.connection, house, community=standing.community_id, name=standing.community,
        language=language_of(standing.community_language), zone=standing.community_timezone, membership=standing.id,
        inviter=standing.name, origin=scene.here.id,
    )  # fmt: skip
    scene.audit("invited", sheet=True)
    kind, content = page.drawn(made)
    kept = None
    if scene.can.max_file >= len(content):
        name = f"invitation-{standing.slug}.{kind}"
        kept = enclosed.keep(house.tokens, house.keep_file, name, page.TYPES[kind], content)
    said = words.sheet_made(scene.language, community=standing.community, code=code, carried=kept is not None)
    scene.answer(said, secret=True, file=kept)


def plug(into: Hooks) -> None:
    """Attach what happens."""
    into.commands.handle("invite_sheet", invite_sheet)
