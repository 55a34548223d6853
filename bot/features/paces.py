"""PACE: how a member wants to be told at the address they are told at; each address remembers its own."""

from __future__ import annotations

from typing import Final

from bot.commands import notes
from bot.commands.arguments import pace_word
from bot.commands.desk import Hooks
from bot.commands.grammar import Call
from bot.core import preferring
from bot.core.scene import Scene

#: What this version does; the others are understood, and come later.
NOW: Final = ("each", "grouped")


def pace(hooks: Hooks, scene: Scene, call: Call) -> None:
    """PACE: how it is now; PACE grouped: how it is to be."""
    standing, t = scene.standing, scene.t
    if standing is None:
        return
    shown = [pace_word(one, scene.language) for one in NOW]
    if not call.argument and call.given:
        scene.answer(notes.how(scene.language, hooks.commands.get("pace"), options=shown))
    elif not call.argument:
        current = pace_word(standing.pace, scene.language)
        said = t.rich(
            "Your pace is **{pace}**. You can choose {paces}.", pace=current, paces=t.listing(shown, last="or")
        )
        scene.answer(said)
    elif call.argument not in NOW:
        wanted = pace_word(call.argument, scene.language)
        said = t.rich(
            "**{pace}** is not ready yet; I will tell everyone when it is. For now you can choose {paces}: PACE grouped "
            "brings one message a thread, after a silence.",
            pace=wanted,
            paces=t.listing(shown, last="or"),
        )
        scene.answer(said)
    else:
        preferring.set_pace(scene.connection, standing, call.argument, scene.now)
        scene.audit("pace", subject=("membership", standing.id))
        if call.argument == "each":
            scene.answer(t("From now on you receive each message at once."))
        else:
            scene.answer(
                t("From now on you receive one message a thread: after 15 minutes of silence in it, or after 2 hours.")
            )


def plug(into: Hooks) -> None:
    """Attach what happens."""
    into.commands.handle("pace", lambda scene, call: pace(into, scene, call))
