"""A story as it is written: who is in it, then what they do and what their devices show, step by step."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Paris")
LANGUAGES = {"English": "en", "French": "fr"}
PACES = frozenset({"each", "grouped", "daily", "weekly", "mine"})


class ScriptError(Exception):
    """A line nobody can play."""


@dataclass
class Someone:
    """A person of the cast."""

    name: str
    channels: list[str] = field(default_factory=list)  # the first is where they are told
    room: str = ""
    language: str = ""
    pace: str = "each"
    role: str = "member"  # observer | member | organizer; "" for somebody who is not a member
    communities: list[str] = field(default_factory=list)  # empty: the first
    linked: list[str] = field(default_factory=list)  # of the channels, those known to be theirs beside the first
    new: bool = False  # has not written yet: what they say first is shown back


@dataclass
class Room:
    """A room of the cast."""

    title: str
    channel: str = ""
    bound: bool = True
    founded: bool = False  # made with the postman in it
    community: str = ""


@dataclass
class Expected:
    """What a device must show next."""

    author: str = ""  # "" is anybody; "the postman" is the bot
    under: str = ""  # whose message, or "…" words of it
    thread: str = ""
    quote: str = ""
    channel: str = ""
    words: str | None = None  # None: whatever they are


@dataclass
class Step:
    """Something somebody does, or something a device shows."""

    line: int
    sentence: str
    kind: str  # the name of a method of the player: says, receives, later …
    who: list[str] = field(default_factory=list)
    words: str = ""
    room: str = ""
    channel: str = ""
    subject: str = ""
    target: str = ""
    seconds: float = 0.0
    clock: str = ""
    expected: Expected = field(default_factory=Expected)


@dataclass
class Story:
    """One file."""

    path: Path
    about: str = ""
    begins: datetime = datetime(2026, 3, 3, 18, 0, tzinfo=ZONE)
    communities: list[tuple[str, str]] = field(default_factory=list)  # name, language
    people: dict[str, Someone] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    wire: bool = False

    @property
    def channels(self) -> list[str]:
        """The channels anybody in it uses."""
        return sorted({channel for one in self.people.values() for channel in one.channels})


_QUOTED = r'"(?P<{}>[^"]*)"'
_CAST = re.compile(r"\[(?P<names>[^\]]+)\]\s+(?P<rest>.+)")
_COMMUNITY = re.compile(r"(?:The|Another) community is (?P<name>.+), in (?P<language>\w+)\.")
_BEGINS = re.compile(r"It is (?:\w+day )?(?P<day>\d+ \w+ \d{4}), (?P<hour>\d+:\d\d)\.")
_SAYS = re.compile(
    r"(?P<who>.+?) (?:says|writes)(?: in (?P<room>.+?))?(?: by (?P<channel>\w+))?"
    f"(?:, with the subject {_QUOTED.format('subject')})?"
)
_WORDLESS = re.compile(f"(?P<who>.+?) sends a mail with nothing but the subject {_QUOTED.format('subject')}")
_REPLIES = re.compile(
    r"(?P<who>.+?) replies(?: to (?P<target>.+?))?(?: in (?P<room>the .+?|le .+?|la .+?))?(?: by (?P<channel>\w+))?"
    f"(?:, with the subject {_QUOTED.format('subject')})?"
)
_PRESSES = re.compile(f"(?P<who>.+?) presses {_QUOTED.format('label')}")
_OPENS = re.compile(r"(?P<who>.+?) opens the invitation (?P<code>\S+?)(?: by (?P<channel>\w+))?")
_MOVES = re.compile(r"(?P<who>.+?) (?P<way>comes into|leaves) (?P<room>(?:the|le|la) .+)")
_REMOVES = re.compile(r"(?P<by>.+?) removes (?P<who>.+?) from (?P<room>(?:the|le|la) .+)")
_GONE = re.compile(f"(?P<who>.+?) no longer shows? {_QUOTED.format('words')}")
_READS = re.compile(f"(?P<who>.+?) now reads? {_QUOTED.format('words')} in place of {_QUOTED.format('before')}")
_RECEIVES = re.compile(r"(?P<who>.+?) receives? (?P<what>.+)")
_AWAY = re.compile(r"(?P<channel>\w+) is (?P<way>away|back)")
_UNREACHED = re.compile(r"(?P<who>.+?) can no longer be reached by (?P<channel>\w+)")
_BLOCKS = re.compile(r"(?P<who>.+?) blocks the postman")
#: What happens to the machine the program runs on.
_MACHINE = {
    "The program starts again": "start_program",
    "The machine is backed up": "back_up",
    "The machine is backed up, here and elsewhere": "back_up_twice",
    "The backup is proved": "prove",
    "The machine is lost, and starts again from its backup": "start_again",
    "Whoever runs it lets leave what is new": "drop",
    "Whoever runs it lets everything leave": "send",
}
_LATER = re.compile(r"(?P<count>\d+|An|One) (?P<unit>second|minute|hour|day)s? later")
_AT = re.compile(r"(?:The next (?:day|morning) at|At) (?P<hour>\d+:\d\d)")
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_CLAUSES = (
    ("under", re.compile(r"under (?P<value>.+?'s message|.+?'s \"[^\"]+\"|\"[^\"]+\")(?=,|$)")),
    ("thread", re.compile(r"in thread \"(?P<value>[^\"]+)\"(?=,|$)")),
    ("quote", re.compile(r"with the quote \"(?P<value>[^\"]+)\"(?=,|$)")),
    ("channel", re.compile(r"by (?P<value>\w+)(?=,|$)")),
    ("author", re.compile(r"from (?P<value>[^,]+?)(?=,|$)")),
)


def read(path: Path) -> Story:
    """The story in this file. Raises ScriptError with the line nobody can play."""
    story = Story(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    comments = [line[1:].strip() for line in lines if line.startswith("#")]
    story.about = comments[0] if comments else path.stem
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line.strip() or line.startswith("#"):
            continue
        if line[0].isspace():
            raise ScriptError(f"{path.name}:{at}: words nobody says: {line.strip()}")
        if not story.steps and _heading(story, line.strip()):
            continue
        first = at
        block: list[str] = []
        if line.rstrip().endswith(":"):
            while at < len(lines) and (not lines[at].strip() or lines[at][0].isspace()):
                block.append(lines[at].strip())
                at += 1
        sentence = re.sub(r"[:.]\Z", "", line.strip())
        step = _step(sentence, "\n".join(block).strip())
        if step is None:
            raise ScriptError(f"{path.name}:{first}: nobody knows how to play this: {line.strip()}")
        step.line = first
        story.steps.append(step)
    story.communities = story.communities or [("Reading Circle", "en")]
    return story


def _heading(story: Story, line: str) -> bool:
    """Take a line that says who and where; False if the story has begun."""
    if line == "Played over the wire too.":
        story.wire = True
    elif found := _COMMUNITY.fullmatch(line):
        story.communities.append((found["name"], LANGUAGES[found["language"]]))
    elif found := _BEGINS.fullmatch(line):
        story.begins = datetime.strptime(f"{found['day']} {found['hour']}", "%d %B %Y %H:%M").replace(tzinfo=ZONE)
    elif found := _CAST.fullmatch(line):
        _cast(
            story, [name.strip() for name in found["names"].split(",")], [a.strip() for a in found["rest"].split(",")]
        )
    else:
        return False
    return True


def _cast(story: Story, names: list[str], told: list[str]) -> None:
    if told[0].startswith("room on "):
        room = story.rooms.setdefault(names[0], Room(names[0]))
        room.channel = told[0].removeprefix("room on ")
        room.bound = "not bound" not in told
        room.founded = "made with the postman" in told
        room.community = next((one[3:] for one in told if one.startswith("of ")), "")
        return
    crowds = [(int(name.split()[0]), name) for name in names if re.fullmatch(r"\d+ others", name)]
    names = [name for name in names if not any(name == crowd for _, crowd in crowds)]
    names += [f"Other {number + 1}" for count, _ in crowds for number in range(count)]
    for name in names:
        one = story.people.setdefault(name, Someone(name))
        for part in told:
            _attribute(story, one, part)


def _attribute(story: Story, one: Someone, part: str) -> None:
    """One thing that is said of a person."""
    where = part.removeprefix("in ")
    if where != part and where in LANGUAGES:
        one.language = LANGUAGES[where]
    elif where != part:
        one.room = where
        room = story.rooms.setdefault(where, Room(where))
        room.channel = room.channel or one.channels[0]
    elif part in PACES:
        one.pace = part
    elif part in ("organizer", "observer"):
        one.role = part
    elif part == "new here":
        one.new = True
    elif part == "not a member":
        one.role = ""
    elif part.startswith("of "):
        one.communities = part[3:].split(" and ")
    elif part.startswith("linked to "):
        one.channels.append(part[10:])
        one.linked.append(part[10:])
    elif part.startswith("also "):
        one.channels.append(part[5:])
    elif re.fullmatch(r"[a-z]+", part):
        one.channels.append(part)
    else:
        raise ScriptError(f"{story.path.name}: nobody knows what this says of {one.name}: {part}")


def _step(sentence: str, words: str) -> Step | None:
    """What a sentence asks to be played."""
    if found := _LATER.fullmatch(sentence):
        count = int(found["count"]) if found["count"].isdigit() else 1
        return Step(0, sentence, "later", seconds=count * _UNITS[found["unit"]])
    if found := _AT.fullmatch(sentence):
        return Step(0, sentence, "later", clock=found["hour"])
    if sentence == "Everyone else receives the same":
        return Step(0, sentence, "others")
    if sentence in _MACHINE:
        return Step(0, sentence, "machine", words=_MACHINE[sentence])
    if sentence == "Nobody receives anything":
        return Step(0, sentence, "silence")
    if found := _AWAY.fullmatch(sentence):
        return Step(0, sentence, "away", channel=found["channel"].lower(), words=found["way"])
    if found := _UNREACHED.fullmatch(sentence):
        return Step(0, sentence, "unreached", [found["who"]], channel=found["channel"])
    if found := _BLOCKS.fullmatch(sentence):
        return Step(0, sentence, "blocks", [found["who"]])
    for kind, form in (("opens", _OPENS), ("presses", _PRESSES), ("moves", _MOVES)):
        if found := form.fullmatch(sentence):
            given = found.groupdict()
            return Step(
                0, sentence, kind, [given["who"]], given.get("label") or given.get("code") or given.get("way") or "",
                room=given.get("room") or "", channel=given.get("channel") or "",
            )  # fmt: skip
    if found := _REMOVES.fullmatch(sentence):
        return Step(0, sentence, "removes", [found["who"], found["by"]], room=found["room"])
    if found := _READS.fullmatch(sentence):
        return Step(0, sentence, "changed", re.split(r", | and ", found["who"]), found["words"], target=found["before"])
    if found := _GONE.fullmatch(sentence):
        return Step(0, sentence, "gone", [found["who"]], found["words"])
    if found := _RECEIVES.fullmatch(sentence):
        return _receiving(sentence, found["who"], found["what"], words)
    if found := _WORDLESS.fullmatch(sentence):
        return Step(0, sentence, "says", [found["who"]], subject=found["subject"])
    for kind, form in (("replies", _REPLIES), ("says", _SAYS)):
        if words and (found := form.fullmatch(sentence)):
            given = found.groupdict()
            return Step(
                0, sentence, kind, [given["who"]], words, given["room"] or "", given["channel"] or "",
                given["subject"] or "", given.get("target") or "",
            )  # fmt: skip
    return None


def _receiving(sentence: str, who: str, what: str, words: str) -> Step | None:
    names = re.split(r", | and ", who)
    if what in ("nothing", "nothing more"):
        return Step(0, sentence, "silence", names)
    expected = Expected(words=words or None)
    rest = what
    for name, form in _CLAUSES:
        if found := form.search(rest):
            setattr(expected, name, found["value"].strip())
            rest = rest[: found.start()] + rest[found.end() :]
    if rest.strip(" ,"):
        return None
    return Step(0, sentence, "receives", names, words, expected=expected)
