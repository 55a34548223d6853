"""INVITED shows what became of the invitations, UNINVITE takes one back; members see their own, organizers all.

An address that was left alone, because its owner is here or was invited before, stands there like one that does not
answer: who is a member is nobody's to find out in this way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from bot.commands import inviting as words
from bot.commands.desk import Hooks
from bot.commands.grammar import Call
from bot.commands.inviting import State
from bot.core import codes, inviting
from bot.core.members import Standing
from bot.core.scene import Scene
from bot.text.fold import fold
from bot.text.masked import masked

# What is typed and what stands in the link of one invitation were made in one moment by one person.
INVITATIONS = """
    SELECT MIN(c.id) AS id, c.membership_id, c.address_id, c.created_at, MAX(c.name) AS name, MAX(c.outcome) AS outcome,
           MAX(c.leaves_at) AS leaves_at, MAX(c.expires_at) AS expires_at, MAX(c.uses_left) AS uses_left,
           MAX(c.used_at) AS used_at, MAX(c.parcel_id) AS parcel_id, MAX(CASE WHEN c.shared THEN 1 ELSE 0 END) AS shared,
           MAX(a.remote) AS remote, MAX(m.name) AS inviter
    FROM code c LEFT JOIN address a ON a.id = c.address_id LEFT JOIN membership m ON m.id = c.membership_id
    WHERE c.purpose = 'invite' AND c.community_id = :community AND (:membership = 0 OR c.membership_id = :membership)
      AND (c.created_at > :since OR c.leaves_at > :since OR c.shared)
    GROUP BY c.membership_id, c.address_id, c.created_at ORDER BY MIN(c.id)
"""
#: What is over and says nothing any more.
UNSHOWN: Final = frozenset({"withdrawn"})


@dataclass(frozen=True, slots=True)
class Invitation:
    """One of them, with its number in the list."""

    row: Any
    number: int
    state: State
    everybody: bool

    @property
    def who(self) -> str:
        """As its inviter knows them."""
        return self.row.name or masked(self.row.remote or "")

    @property
    def line(self) -> words.Line:
        """As it is listed."""
        row = self.row
        joined = codes.SERVES - row.uses_left if row.shared else 0
        return words.Line(
            self.number, self.who, self.state, row.leaves_at, joined, (row.inviter or "") if self.everybody else ""
        )


def invitations(scene: Scene, standing: Standing) -> list[Invitation]:
    """Those this member may see, in the order they were made; a number stays what it is while the list grows."""
    everybody = standing.organizes
    rows = scene.rows(
        INVITATIONS, community=standing.community_id, membership=0 if everybody else standing.id,
        since=scene.now - inviting.MONTH,
    )  # fmt: skip
    return [Invitation(row, number, _state(row, scene.now), everybody) for number, row in enumerate(rows, 1)]


def _state(row: Any, now: float) -> State:
    if row.outcome == "withdrawn" or (not row.uses_left and not row.outcome and row.address_id is None):
        return "withdrawn"
    if row.shared:
        return "sheet" if row.expires_at > now else "withdrawn"
    if row.outcome in ("refused", "bounced"):
        return "refused" if row.outcome == "refused" else "bounced"
    if row.outcome == "accepted":
        return "joined"
    if row.expires_at <= now:
        return "expired"
    return "queued" if row.leaves_at > now else "waiting"


def invited(scene: Scene, call: Call) -> None:  # noqa: ARG001 - a command's shape
    """INVITED."""
    standing = scene.standing
    if standing is None:
        return
    found = [one for one in invitations(scene, standing) if one.state not in UNSHOWN]
    said = words.listed(
        scene.language, community=standing.community, lines=[one.line for one in found], everybody=standing.organizes,
        zone=standing.timezone,
    )  # fmt: skip
    scene.answer(said)


def uninvite(scene: Scene, call: Call) -> None:
    """UNINVITE 3, UNINVITE Karim, UNINVITE karim@example.org, UNINVITE 7K2F-9MPD."""
    standing = scene.standing
    if standing is None:
        return
    found = _meant(scene, standing, call)
    open_ = [one for one in found if one.state in ("queued", "waiting", "sheet")] or found
    if not open_:
        scene.answer(words.none_such(scene.language, asked=call.given))
    elif len(open_) > 1:
        scene.answer(words.several_such(scene.language, numbers=[one.number for one in open_]))
    else:
        _end(scene, open_[0])


def _end(scene: Scene, one: Invitation) -> None:
    if one.state not in ("joined", "expired", "withdrawn"):
        inviting.take_back(scene.connection, one.row, scene.now)
        scene.audit("uninvited", subject=("code", one.row.id))
    scene.answer(words.taken_back(scene.language, who=one.who, state=one.state))


def _meant(scene: Scene, standing: Standing, call: Call) -> list[Invitation]:
    """The invitations this may be about: by number, code, address or name."""
    known = invitations(scene, standing)
    if call.kind == "number":
        return [one for one in known if one.number == int(call.argument)]
    if call.kind == "code":
        scene.forget = True
        code = codes.find(scene.connection, scene.house.tokens, call.argument)
        if code is None or code.purpose != "invite":
            return []
        made = (code.membership_id, code.address_id, code.created_at)
        return [one for one in known if (one.row.membership_id, one.row.address_id, one.row.created_at) == made]
    if call.kind == "addresses":
        return [one for one in known if one.row.remote and one.row.remote == call.argument.lower()]
    wanted = fold(call.argument or call.given).rstrip(".")
    exact = [one for one in known if fold(one.row.name).rstrip(".") == wanted]
    return exact or [one for one in known if wanted and fold(one.row.name).split(" ")[0] == wanted]


def plug(into: Hooks) -> None:
    """Attach what happens."""
    into.commands.handle("invited", invited)
    into.commands.handle("uninvite", uninvite)
    into.clock.every(inviting.EVERY, inviting.look, name="invitations")
