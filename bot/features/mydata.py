"""MYDATA: a file with everything that is kept of a person, to an address of theirs that is surely theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.commands.desk import Hooks
from bot.commands.grammar import Call
from bot.core import belongings, enclosed, erasing, members, notices
from bot.core.erasing import Person
from bot.core.members import Place
from bot.core.scene import Scene
from bot.i18n import language_of
from bot.text.rich import Rich

HOUR: Final = 3600.0
SENT = "SELECT 1 FROM delivery WHERE key = :key"


@dataclass(frozen=True, slots=True)
class Target:
    """Where it goes."""

    place: Place
    most: int  # bytes


def mydata(scene: Scene, call: Call) -> None:  # noqa: ARG001 - a command's shape
    """The file, at most once an hour."""
    who = _who(scene)
    targets = _targets(scene)
    if who is None or not targets:
        scene.answer(_nowhere(scene))
        return
    key = f"mydata:{scene.person.member_id or 0}:{scene.person.id if scene.person.member_id is None else 0}"
    key = f"{key}:{int(scene.now // HOUR)}"
    if scene.rows(SENT, key=key):
        scene.answer(scene.t("I have sent it to you a moment ago. In an hour I can make a new one."))
        return
    data = belongings.gathered(scene.connection, who)
    zone = next((one.timezone for one in scene.standings if one.timezone), "UTC")
    most = max(target.most for target in targets)
    content = belongings.packed(data, scene.language, zone, most // 2, scene.house.read_file)
    target = next((one for one in targets if one.most >= len(content)), None)
    if target is None:
        scene.answer(
            scene.t.rich(
                "It is too large to be sent to any address of yours. CONTACT: your question, and an organizer has whoever "
                "runs the server hand it to you."
            )
        )
        return
    _send(scene, target.place, content, key)


def _who(scene: Scene) -> Person | None:
    if scene.person.member_id is not None:
        return erasing.member(scene.connection, scene.person.member_id)
    return erasing.person(scene.connection, (), (scene.person.id,))


def _targets(scene: Scene) -> list[Target]:
    """Where a file can be sent, and only its owner reads: here if possible, else where they are told, else elsewhere."""
    told = {one.address_id for one in scene.standings}
    own = (
        members.owned(scene.connection, scene.person.member_id)
        if scene.person.member_id is not None
        else [scene.person]
    )
    places = sorted(own, key=lambda one: (one.id != scene.person.id, one.id not in told))
    found = []
    for place in places:
        can = scene.house.channels.get(place.channel)
        if can is not None and can.max_file and place.status == "active" and place.sleeps_until <= scene.now:
            found.append(Target(place, can.max_file))
    return found


def _nowhere(scene: Scene) -> Rich:
    able = [can.label.get(scene.language, can.label["en"]) for can in scene.house.channels.values() if can.max_file]
    if scene.person.sleeps_until > scene.now:
        return scene.t.rich(
            "This address is new, or its device is: what I keep of you is sent to nobody before it is surely you. A day "
            "after you joined it, or once you have confirmed it elsewhere, MYDATA works here."
        )
    if not able:
        return scene.t.rich("I cannot send files. CONTACT: your question, and an organizer sees to it.")
    return scene.t.rich(
        "I cannot send a file here. Join an address of yours on {channels} to this one (LINK); a day later MYDATA sends it "
        "there.",
        channels=scene.t.listing(able, last="or"),
    )


def _send(scene: Scene, place: Place, content: bytes, key: str) -> None:
    name = scene.t("what-the-postman-keeps.zip")
    file = enclosed.keep(scene.house.tokens, scene.house.keep_file, name, "application/zip", content)
    words = scene.t.rich(
        "Here is everything I keep of you: to read, and for programs (data.json). Keep it safe: your addresses are in it."
    )
    parcel = notices.owe(
        scene.connection, place.id, words, language=language_of(scene.language), subject=scene.t("What I keep of you"),
        key=key, file=file,
    )  # fmt: skip
    scene.audit("mydata", subject=("address", place.id))
    if parcel and place.id != scene.here.id:
        can = scene.house.channels[place.channel]
        label = can.label.get(scene.language, can.label["en"])
        scene.answer(scene.t("I have sent it to you by {channel}.", channel=label))


def plug(into: Hooks) -> None:
    """MYDATA."""
    into.commands.handle("mydata", mydata)
