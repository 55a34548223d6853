"""PRIVACY: what is kept and how long, who reads, where encryption ends. From what the channels say of themselves."""

from __future__ import annotations

from bot.commands import words
from bot.commands.desk import Hooks
from bot.commands.grammar import Call
from bot.core.scene import Scene
from bot.i18n import translator
from bot.text.rich import Rich
from store.statement import run, sql

ORGANIZERS = sql("""
    SELECT name FROM membership
    WHERE community_id = :community AND role = 'organizer' AND status = 'active' AND visible ORDER BY folded
""")


def privacy(scene: Scene, call: Call) -> None:  # noqa: ARG001 - every command is called so
    """The whole notice in private; one line in a room where the person has no private chat with us."""
    if scene.community_id is None and scene.standings:
        scene.community_id = scene.standings[-1].community_id
    if scene.private is None:
        scene.answer(short(scene))
        return
    house = scene.house
    scene.answer(
        words.privacy(
            scene.language,
            # A stranger learns what happens to words, not whose group this is.
            community=scene.community[0] or scene.t("a private group"),
            channels=labels(scene),
            encrypted=labels(scene, encrypted=True),
            organizers=organizers(scene),
            years=house.keep_years,
        )
    )


def labels(scene: Scene, *, encrypted: bool = False) -> list[str]:
    """The channels of this house, as sentences name them; `encrypted`: those whose encryption ends at the bot."""
    channels = scene.house.channels.values()
    return [can.label.get(scene.language, can.label["en"]) for can in channels if can.encrypted or not encrypted]


def organizers(scene: Scene) -> list[str]:
    """Their display names, for those who know the community anyway."""
    if scene.community_id is None:
        return []
    return [row.name for row in run(scene.connection, ORGANIZERS, {"community": scene.community_id})]


def short(scene: Scene) -> Rich:
    """One line, in the room's language."""
    t = translator(scene.language)
    line = t.rich_n(
        "I am a program: what is written here I read, carry to the members of **{community}**, and keep for {count} year.",
        "I am a program: what is written here I read, carry to the members of **{community}**, and keep for {count} years.",
        scene.house.keep_years,
        community=scene.community[0],
    )
    ends = labels(scene, encrypted=True) if scene.can.encrypted else []
    if ends:
        line = line + " " + t("The encryption of {channel} ends with me.", channel=t.listing(ends))
    line = line + " " + t("A line that begins with // stays here, and /notme keeps everything of yours here.")
    return line + " " + t("Nobody is shown your number or address. Write PRIVACY to me in private for the rest.")


def plug(into: Hooks) -> None:
    """PRIVACY."""
    into.commands.handle("privacy", privacy)
