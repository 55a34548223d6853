"""The desk: where words that ask something of the bot are understood and served, the same on every channel.

Commands come only from direct text, and the role is read in the transaction that acts. What is neither a command nor
an answer is left for people.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.commands import first, notes, parting, strangers, which, wordless
from bot.commands.arguments import find_code
from bot.commands.authorise import authorise, is_direct, is_to_the_bot, rank
from bot.commands.command import Command, Commands
from bot.commands.command import Standing as Rank
from bot.commands.grammar import Answer, Call, Doubtful, Suggestion, Talk, parse, slashed_word
from bot.core import clock, kept, notices, threads
from bot.core.codes import Code
from bot.core.events import ChoiceMade, MessageReceived
from bot.core.members import Standing
from bot.core.reception import Listener
from bot.core.scene import House, Scene
from bot.text.rich import Rich

BY_PARCEL = "SELECT id, kind, data, membership_id, community_id, parcel_id FROM question WHERE parcel_id = :parcel AND expires_at > :now"
LATEST = """
    SELECT id, kind, data, membership_id, community_id, parcel_id FROM question
    WHERE address_id = :address AND created_at > :since AND expires_at > :now ORDER BY id DESC LIMIT 1
"""
INVITED = """
    SELECT community_id FROM question
    WHERE address_id = :address AND kind = 'invitation' AND expires_at > :now ORDER BY id DESC LIMIT 1
"""
# Its handler may have asked again, and ids are given anew.
ANSWERED = "DELETE FROM question WHERE id = :id AND parcel_id = :parcel"


@dataclass(frozen=True, slots=True)
class Question:
    """Something the bot asked here."""

    id: int
    kind: str
    data: Mapping[str, Any]
    membership_id: int | None
    community_id: int | None
    parcel_id: int | None  # that asked it


#: (scene, question, answer) → was it an answer? An `Answer`, or the words themselves when they are none.
Answered = Callable[[Scene, Question, Answer | Rich], bool]


#: (scene, code) → was it good? Says what follows, or returns False: then it is answered like a wrong one.
Taken = Callable[[Scene, Code], bool]

#: What is asked before a command that needs a second word; None if there is nothing to do (and it was said).
Asking = Callable[[Scene, Call], Rich | None]


@dataclass(slots=True)
class Hooks:
    """What a feature plugs into, in the last lines of its file."""

    commands: Commands
    clock: clock.Clock
    house: House | None = None
    questions: dict[str, Answered] = field(default_factory=dict)
    listeners: dict[type, list[Listener]] = field(default_factory=dict)
    asking: dict[str, Asking] = field(default_factory=dict)
    takers: dict[str, Taken] = field(default_factory=dict)

    def on(self, event: type, listener: Listener) -> None:
        """Call `listener(connection, house, channel, account, event)` for every event of this kind."""
        self.listeners.setdefault(event, []).append(listener)

    def asks(self, key: str, asking: Asking) -> None:
        """What is asked before the command `key` happens."""
        self.asking[key] = asking

    def answers(self, kind: str, handler: Answered) -> None:
        """Who takes the answers to questions of this kind."""
        if kind in self.questions:
            raise ValueError(f"two features ask {kind!r}")
        self.questions[kind] = handler

    def takes(self, purpose: str, taker: Taken) -> None:
        """Who takes the codes of this purpose, wherever they are typed (`bot.commands.entry`)."""
        if purpose in self.takers:
            raise ValueError(f"two features take codes for {purpose!r}")
        self.takers[purpose] = taker


class Desk:
    """Serves what is asked."""

    def __init__(self, hooks: Hooks) -> None:
        self.hooks = hooks
        hooks.answers("which_for", self.which_for)

    def serve(self, scene: Scene) -> bool:
        """Do what the words ask; False if they are for people."""
        event = scene.event
        if not isinstance(event, MessageReceived):
            return False
        newcomer = not scene.in_room and not any(one.status == "active" for one in scene.standings)
        if newcomer:
            self._welcome_back(scene)
        if not is_direct(scene):
            return self._is_command(scene)
        if event.start:
            return self._call(scene, Call("join", event.start, "code"))
        if wordless.is_all(scene):
            return True
        said = self._understood(scene)
        if (
            newcomer
            and isinstance(said, Talk)
            and (code := find_code(scene.words.text) or find_code(event.subject or ""))
        ):
            said = Call("join", code, "code")  # whatever stands around it
        question = self._asked(scene, newcomer=newcomer)
        if question is not None and self._answer(scene, question, said):
            return True
        match said:
            case Call():
                return self._call(scene, said)
            case Suggestion(key=key, word=word, slash=slash):
                if scene.in_room:
                    return slash
                if self._rank(scene) == "stranger":
                    return False  # told how one comes in, like whatever else strangers write
                return self._suggest(scene, key, word)
            case Doubtful(key=key) if scene.standing is not None:
                return self._not_for_all(scene, self.hooks.commands.get(key))
            case Talk() if (unknown := slashed_word(scene.words.text)) and (
                scene.in_room or self._rank(scene) != "stranger"
            ):
                if not scene.in_room:
                    scene.answer(notes.nearest(scene.language, unknown))
                return True  # for another bot, or for none: no words for people
        # A reply to the bot is not for the others unless its writer says so, be it no answer to what was asked.
        if scene.standing is not None and is_to_the_bot(scene, said):
            return self._not_for_all(scene)
        return False

    def _is_command(self, scene: Scene) -> bool:
        """A command that was not typed to us (under a picture, forwarded) is neither served nor, unasked, for people."""
        said = self._understood(scene)
        if not isinstance(said, Call | Suggestion):
            return False
        if scene.in_room:
            return said.slash
        if scene.standing is None or not (said.slash or isinstance(said, Call)):
            return False
        return self._not_for_all(scene, self.hooks.commands.get(said.key) if said.key else None)

    @staticmethod
    def _welcome_back(scene: Scene) -> None:
        """Somebody who is in no community: it is about the one they are invited to, or have left."""
        found = scene.rows(INVITED, address=scene.here.id, now=scene.now)
        left = [one for one in scene.standings if one.status == "left"]
        scene.invited = bool(found)
        if found:
            scene.community_id = found[0].community_id
        elif left and scene.community_id is None:
            scene.community_id = left[-1].community_id

    def _understood(self, scene: Scene) -> Call | Answer | Suggestion | Talk:
        content = scene.words.text
        names: list[str] = []
        if scene.community_id is not None and self.hooks.commands.takes("member") and len(content) < 120:
            found = scene.rows(
                "SELECT name FROM membership WHERE community_id = :community AND status = 'active' LIMIT 2000",
                community=scene.community_id,
            )
            names = [row.name for row in found]
        channels = {name: can.words for name, can in scene.house.channels.items()}
        subject = scene.event.subject if isinstance(scene.event, MessageReceived) else ""
        return parse(
            content, commands=self.hooks.commands, channels=channels, members=names, room=scene.in_room,
            bot_names=scene.house.bot_names(scene.here.channel), lang=scene.language, subject=subject or "",
        )  # fmt: skip

    # Commands

    def _call(self, scene: Scene, call: Call) -> bool:
        """Serve a command, if this person may say it. Without a slash what they may not say is talk."""
        if parting.is_shut(scene, call.key):
            return True
        several = which.undecided(scene)
        if several and self.hooks.commands.get(call.key).who != "anyone":
            return self._in_one(scene, call, several)
        command = authorise(scene, self.hooks.commands, call.key)
        if command is None or command.run is None:
            return self._refuse(scene, call)
        if command.where not in ("both", "room" if scene.in_room else "private"):
            if call.slash and (scene.private is not None or self._rank(scene) != "stranger"):
                scene.answer(notes.elsewhere(scene.language, command))
            return call.slash
        if command.needs and not call.argument:
            scene.answer(notes.how(scene.language, command, room=scene.in_room))
        elif command.needs_reply and scene.parent is None:
            scene.answer(notes.needs_a_reply(scene.language, command))
        elif command.second_word:
            self._second_word(scene, command, call)
        else:
            # A feature that finds the words are not for it says False.
            return command.run(scene, call) is not False or (bool(several) and self._in_one(scene, call, several))
        return True

    def _in_one(self, scene: Scene, call: Call, several: Sequence[Standing]) -> bool:
        """A command of a member of several communities: in the one where they may give it, or the one they say."""
        may = which.who_may(self.hooks.commands, call.key, several)
        if not may:
            return self._refuse(scene, call)
        if len(may) > 1:
            self.ask_community(scene, may, then="which_for")
            return True
        scene.standing, scene.community_id = may[0], may[0].community_id
        return self._call(scene, call)

    @staticmethod
    def _rank(scene: Scene) -> Rank:
        """What the sender is; a member, whichever of several communities they mean."""
        return "member" if which.undecided(scene) else rank(scene)

    def _refuse(self, scene: Scene, call: Call) -> bool:
        """Without a slash, what somebody may not say is talk; with one, it is answered (never to a stranger in a room)."""
        if not call.slash:
            return False
        standing = self._rank(scene)
        if standing == "stranger":
            return scene.in_room
        command = self.hooks.commands.get(call.key)
        if command.run is None:
            scene.answer(notes.nearest(scene.language, call.given or command.word(scene.language)))
        elif standing == "invited":
            scene.answer(notes.join_first(scene.language))
        else:
            scene.answer(notes.not_allowed(scene.language))
        return True

    def _second_word(self, scene: Scene, command: Command, call: Call) -> None:
        """Ask before anything that removes, leaves or reaches many."""
        asks = self.hooks.asking.get(command.key)
        asking = asks(scene, call) if asks else notes.sure(scene.language, command, call.given)
        data = {"key": command.key, "argument": call.argument, "given": call.given, "meant": scene.meant}
        if scene.parent is not None:
            data["message"] = str(scene.parent.id)  # what it is about is not what the second word answers
        if asking is not None:
            scene.answer(asking, buttons=yes_no(scene), ask="second_word", data=data)

    def second_word(self, scene: Scene, question: Question, answer: Answer | Rich) -> bool:
        """The second word was said: the same command again, with the role as it is now."""
        if not isinstance(answer, Answer) or answer.value not in ("yes", "no"):
            return False
        if answer.value == "no":
            scene.answer(notes.nothing_done(scene.language))
            return True
        data, scene.meant = question.data, question.data.get("meant")
        command = authorise(scene, self.hooks.commands, str(data["key"]))
        if data.get("message"):
            scene.parent = threads.message(scene.connection, int(data["message"]))
        if command is None or command.run is None:
            scene.answer(scene.t("That is not possible any more."))
        else:
            command.run(scene, Call(command.key, str(data["argument"]), given=str(data["given"])))
        return True

    def _suggest(self, scene: Scene, key: str, word: str) -> bool:
        command = self.hooks.commands.get(key) if key else None
        if command is not None and not command.for_whom(self._rank(scene)):
            command = None
        if command is None:
            scene.answer(notes.nearest(scene.language, word))
        elif command.needs:
            scene.answer(notes.how(scene.language, command))
        else:
            scene.answer(notes.nearest(scene.language, word, command))
        return True

    # Questions

    def _asked(self, scene: Scene, *, newcomer: bool = False) -> Question | None:
        """The question these words may answer: the one replied to, or the latest here in private.

        A newcomer has nobody else to talk to: their question stays open, and a mail need not be a reply.
        """
        if scene.answers_parcel is not None:
            found = scene.rows(BY_PARCEL, parcel=scene.answers_parcel, now=scene.now)
            return _question(found[0]) if found else None
        if newcomer:
            found = scene.rows(LATEST, address=scene.here.id, since=0.0, now=scene.now)
            return _question(found[0]) if found else None
        event = scene.event
        if scene.in_room or scene.parent is not None or (isinstance(event, MessageReceived) and event.reply_to):
            return None
        if scene.can.titles:
            return None  # a mail that answers nothing answers nothing
        found = scene.rows(LATEST, address=scene.here.id, since=scene.now - notices.ANSWERABLE, now=scene.now)
        return _question(found[0]) if found else None

    def _answer(self, scene: Scene, question: Question, said: Call | Answer | Suggestion | Talk) -> bool:
        handler = self.hooks.questions.get(question.kind)
        if handler is None or isinstance(said, Call):
            return False
        answer: Answer | Rich = said if isinstance(said, Answer) else scene.words
        before = scene.standing, scene.community_id
        if not self._theirs(scene, question):
            return False
        if not handler(scene, question, answer):
            scene.standing, scene.community_id = before
            return False
        scene.execute(ANSWERED, id=question.id, parcel=question.parcel_id)
        return True

    @staticmethod
    def _theirs(scene: Scene, question: Question) -> bool:
        """Tell whether it is the sender who was asked (facts T22); then the scene is about what the question is about."""
        if question.membership_id is not None:
            owner = next((s for s in scene.standings if s.id == question.membership_id), None)
            if owner is None:
                return False
            scene.standing = owner if owner.status == "active" else None
        if question.community_id is not None:
            scene.community_id = question.community_id
        return True

    def choose(self, scene: Scene) -> None:
        """A button was pressed: the same as answering its question with its word."""
        event = scene.event
        if not isinstance(event, ChoiceMade):
            return
        found = scene.rows(
            "SELECT id, kind, data, membership_id, community_id, parcel_id FROM question"
            " WHERE address_id = :address AND remote = :remote AND expires_at > :now",
            address=scene.here.id, remote=event.remote_id, now=scene.now,
        )  # fmt: skip
        if not found:
            return
        question = _question(found[0])
        if not self._theirs(scene, question):
            return
        answers: dict[str, Answer] = {"yes": Answer("yes"), "no": Answer("no"), "team": Answer("team")}
        answer = answers.get(event.data) or (Answer(int(event.data)) if event.data.isdigit() else None)
        handler = self.hooks.questions.get(question.kind)
        if handler is not None and answer is not None and handler(scene, question, answer):
            scene.execute(ANSWERED, id=question.id, parcel=question.parcel_id)

    def _not_for_all(self, scene: Scene, meant: Command | None = None) -> bool:
        """Words in reply to the bot, or a command gone wrong: kept with a question, posted if their writer says yes."""
        asking = notes.post_this(scene.language, scene.words.text)
        if meant is not None and meant.for_whom(self._rank(scene)):
            asking = notes.how(scene.language, meant) + "\n" + asking
        scene.answer(asking, buttons=yes_no(scene), ask="post_this", data=kept.keep(scene), several=True)
        return True

    def ask_community(self, scene: Scene, among: Sequence[Standing], then: str = "which_community") -> None:
        """Ask for which of their communities it is; the words are kept with the question."""
        which.ask(scene, among, then)

    def which_for(self, scene: Scene, question: Question, answer: Answer | Rich) -> bool:
        """Serve a command that was given before we knew in which community it was meant."""
        meant = which.chosen(scene, question.data, answer, "which_for")
        if isinstance(meant, bool):
            return meant
        scene.standing = meant
        scene.community_id = scene.standing.community_id
        scene.event = kept.said(scene, question.data, scene.here)
        said = self._understood(scene)
        if isinstance(said, Call):
            self._call(scene, said)
        return True

    def shows_back(self, scene: Scene) -> bool:
        """Ask before somebody's first words in private leave; False: they may."""
        return first.shown_back(scene)

    def stranger(self, scene: Scene) -> None:
        """Somebody unknown wrote in private."""
        strangers.greet(scene)


def _question(row: Any) -> Question:
    data = json.loads(row.data) if isinstance(row.data, str) else row.data or {}
    return Question(row.id, row.kind, data, row.membership_id, row.community_id, row.parcel_id)


def yes_no(scene: Scene) -> list[list[tuple[str, str]]]:
    """The two buttons, where there are buttons; the words are understood everywhere."""
    return [[(scene.t("YES"), "yes"), (scene.t("NO"), "no")]] if scene.can.buttons else []
