"""Who one is here: the name others see, language, time zone, whether one is on the list; and the list: WHO."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from bot.commands import words
from bot.commands.desk import Hooks
from bot.commands.grammar import Call
from bot.core import members
from bot.core.members import Standing
from bot.core.scene import Scene
from bot.i18n import LANGUAGES, translator
from bot.text.fold import display_name, fold
from bot.text.rich import Rich, bold, join

#: A list of members shows this many names.
MOST_NAMES: Final = 300


def name(scene: Scene, call: Call) -> None:
    """NAME: Karim B."""
    standing = _standing(scene)
    wanted = display_name(call.argument or call.given)
    if not wanted:
        scene.answer(
            scene.t("That is no name others could read. Write it like this: {example}", example=_example(scene))
        )
        return
    free = members.free_name(scene.connection, standing.community_id, wanted, but=standing.id)
    scene.execute(
        "UPDATE membership SET name = :name, folded = :folded WHERE id = :id",
        name=free,
        folded=fold(free),
        id=standing.id,
    )
    scene.audit("named", subject=("membership", standing.id))
    scene.standing = replace(standing, name=free)
    if free == wanted:
        scene.answer(scene.t.rich("From now on others see you as **{name}**.", name=free))
    else:
        scene.answer(
            scene.t.rich(
                "Somebody is called {taken} already, so others see you as **{name}**. Another one? NAME: …",
                taken=wanted,
                name=free,
            )
        )


def _example(scene: Scene) -> str:
    return scene.t("NAME: Karim B.")


def language(scene: Scene, call: Call) -> None:
    """LANG fr: what the bot speaks with this person."""
    if not call.argument:
        now = LANGUAGES[scene.language][0]
        options = scene.t.listing([scene.t("LANG {code}", code=code) for code in LANGUAGES], last="or")
        scene.answer(scene.t("I speak {language} with you. To change it: {options}", language=now, options=options))
        return
    for standing in _concerned(scene):
        scene.execute("UPDATE membership SET language = :to WHERE id = :id", to=call.argument, id=standing.id)
    scene.execute("UPDATE address SET language = :to WHERE id = :id", to=call.argument, id=scene.person.id)
    scene.person = replace(scene.person, language=call.argument)
    if scene.here.id == scene.person.id:
        scene.here = scene.person
    if scene.standing is not None:
        scene.standing = replace(scene.standing, language=call.argument)
    scene.standings = [replace(one, language=call.argument) for one in scene.standings]
    t = translator(call.argument)
    scene.answer(t("From now on I speak {language} with you.", language=LANGUAGES[call.argument][0]))


def _concerned(scene: Scene) -> list[Standing]:
    """The memberships a wish concerns: this community's; before joining, those that are not active yet."""
    if scene.standing is not None:
        return [scene.standing]
    return [one for one in scene.standings if one.status in ("invited", "left")]


def zone(scene: Scene, call: Call) -> None:
    """ZONE Europe/Paris: whose clock the dates this person reads follow."""
    standing = _standing(scene)
    if call.given and not call.argument:
        scene.answer(
            scene.t(
                "I do not know the time zone “{zone}”. It is named after a large city: ZONE Europe/Paris",
                zone=call.given[:40],
            )
        )
        return
    if call.argument:
        scene.execute("UPDATE membership SET timezone = :zone WHERE id = :id", zone=call.argument, id=standing.id)
        scene.standing = standing = replace(standing, timezone=call.argument)
    hour = scene.t.hour(scene.now, standing.timezone)
    scene.answer(
        scene.t(
            "Your time zone is {zone}: it is {hour} there. To change it: ZONE Europe/Paris",
            zone=standing.timezone,
            hour=hour,
        )
    )


def visible(scene: Scene, call: Call) -> None:
    """VISIBLE yes or no: be named in WHO."""
    standing = _standing(scene)
    if call.argument:
        scene.execute(
            "UPDATE membership SET visible = :visible WHERE id = :id", visible=call.argument == "yes", id=standing.id
        )
    shown = standing.visible if not call.argument else call.argument == "yes"
    if shown:
        scene.answer(scene.t("You are named in the list of members. To be left out: VISIBLE NO"))
    else:
        scene.answer(scene.t("You are counted in the list of members, not named. To be named: VISIBLE YES"))


def who(scene: Scene, into: Hooks) -> None:
    """WHO: names, never addresses nor channels."""
    if scene.private is None:  # a room hears one short line at most
        scene.answer(words.elsewhere(scene.language, into.commands.get("who")))
        return
    found = scene.rows(
        "SELECT name, role, visible FROM membership WHERE community_id = :community AND status = 'active' ORDER BY folded",
        community=scene.community_id,
    )
    scene.answer(_listed(scene, found, members.onlookers(scene.connection, scene.community_id or 0)))


def _listed(scene: Scene, found: list[Any], onlookers: int) -> Rich:
    t = scene.t
    head = t.rich_n(
        "**{community}**: {count} member", "**{community}**: {count} members", len(found), community=scene.community[0]
    )
    lines = [head]
    named = [row.name for row in found if row.visible]
    if named:
        lines.append(Rich(t.listing(named, most=MOST_NAMES)))
    if hidden := len(found) - len(named):
        lines.append(Rich(t.n("{count} who is not named", "{count} who are not named", hidden)))
    if onlookers:
        lines.append(
            Rich(
                t.n(
                    "{count} person in a group of ours, who has not joined",
                    "{count} people in our groups, who have not joined",
                    onlookers,
                )
            )
        )
    organizers = [row.name for row in found if row.visible and row.role == "organizer"]
    if organizers:
        lines.append(Rich(t.n("Organizer: ", "Organizers: ", len(organizers))) + bold(t.listing(organizers)))
    return join(lines, "\n")


def _standing(scene: Scene) -> Standing:
    """The sender's membership: the desk let nobody else through."""
    if scene.standing is None:
        raise LookupError("a command of members was let through to somebody else")
    return scene.standing


def plug(into: Hooks) -> None:
    """NAME, LANG, ZONE, VISIBLE, WHO."""
    into.commands.handle("name", name)
    into.commands.handle("lang", language)
    into.commands.handle("zone", zone)
    into.commands.handle("visible", visible)
    into.commands.handle("who", lambda scene, _call: who(scene, into))
