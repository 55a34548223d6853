"""The demo: what it shows is true, what it counts is what the devices show, and it notices what is missing."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from bot.core.bridge import Seen
from bot.demo import play as playing
from bot.demo.cast import Spot, cast, found_channels
from bot.demo.play import Play
from bot.demo.show import counted, language_here, lived, together
from bot.demo.tally import Said, Tally, holds, readers
from bot.demo.town import Missing, Town
from tests import contracts_signal, contracts_telegram
from tests.wire.evidence import Evidence, played

ROOT = Path(__file__).resolve().parents[2]
wire = pytest.mark.wire

HERE, THERE = Spot("telegram", "Amina"), Spot("signal", "Chloé")


@pytest.fixture(scope="module")
def demo() -> Evidence:
    return played("fr")


def run_demo(tree: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "LC_", "LANG"))}
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", "demo", "--pace", "0"], cwd=tree, timeout=180, check=False, text=True,
        capture_output=True, env=kept | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"} | environment,
    )  # fmt: skip


# As a newcomer runs it


@wire
@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en_GB.UTF-8", "0 lost, 0 doubled, 0 in the wrong place"),
        ("fr_FR.UTF-8", "0 perdu(s), 0 en double, 0 au mauvais endroit"),
    ],
)
def test_without_a_terminal_it_tells_lines_and_ends_well_in_the_language_of_the_machine(language, sentence):
    ran = run_demo(ROOT, LANG=language)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert sentence in ran.stdout.replace("\u00a0", " ")
    assert ran.stderr == ""
    assert "Traceback" not in ran.stdout


@wire
def test_a_channel_nobody_thought_of_is_in_it_unchanged(tmp_path):
    for name in ("bot", "store", "bridges"):
        folder = ROOT / name
        if name == "bridges":
            (tmp_path / name).mkdir()
            for one in folder.iterdir():
                (tmp_path / name / one.name).symlink_to(one)
        else:
            (tmp_path / name).symlink_to(folder)
    (tmp_path / "bridges" / "postcard").symlink_to(ROOT / "tests" / "fixtures" / "postcard")
    ran = run_demo(tmp_path, LANG="en_GB.UTF-8")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Hello from postcard!" in ran.stdout
    told = [line.split("   (↳")[0] for line in ran.stdout.splitlines() if " s  Nadia " in line]
    assert sum("Shall we read it together?" in line for line in told) == 1
    assert sum("Qui apporte les verres ?" in line for line in told) == 1


# What it shows


@wire
def test_everybody_got_everything_once(demo):
    assert demo.missing == []
    assert (demo.figures.lost, demo.figures.doubled, demo.figures.strayed) == (0, 0, 0)
    assert demo.figures.messages >= 10
    assert demo.figures.deliveries == sum(len(said.readers) for said in demo.play.tally.said) >= 30
    assert len(demo.figures.times) == demo.figures.deliveries
    assert 0 < demo.figures.median <= demo.figures.slowest < 20


def line_with(lines: list[Seen], words: str) -> Seen:
    return next(line for line in lines if line.text.endswith(words))


@wire
def test_a_mailed_answer_stands_under_the_message_on_telegram_and_is_a_quote_on_signal(demo):
    words = "Oui, avec plaisir. Je l'ai déjà en poche."
    for lines in (demo.shown("telegram", "Amina"), demo.shown("telegram", "Inès", "le salon")):
        above = line_with(lines, "On le lit ensemble ?")
        answer = line_with(lines, words)
        assert answer.reply_to == above.id
        assert answer.raw["reply_parameters"]["message_id"] == int(above.id)
    lines = demo.shown("signal", "Chloé")
    answer = line_with(lines, words)
    assert answer.reply_to == line_with(lines, "On le lit ensemble ?").id
    assert answer.raw["quote_timestamp"] == int(answer.reply_to.partition("/")[0])


@wire
def test_the_newcomer_was_asked_before_anything_else_reached_her(demo):
    lines = [line for line in demo.shown("telegram", "Zoé") if not line.mine]
    assert [button.label for button in lines[0].buttons] == ["OUI", "NON"]
    assert "Bienvenue, Zoé" in lines[1].text
    assert any(said.who == "Zoé" and said.readers for said in demo.play.tally.said)


@wire
def test_one_command_moves_chloe_to_mail_and_her_thread_follows(demo):
    on_signal, by_mail = demo.shown("signal", "Chloé"), demo.shown("email", "Chloé")
    moved = max(line.at for line in on_signal)
    later = [said for said in demo.play.tally.said if said.at > moved]
    assert any(said.who == "Chloé" and said.spot.channel == "email" for said in later)
    answer = line_with(by_mail, "Celle de poche, la librairie en a trois.")
    assert answer.subject.endswith("Beloved en mars ?")
    assert "Moi aussi ! Quelle édition ?" in answer.text.replace("\u00a0", " "), "what it answers came to another place"
    assert not any(holds(line.text, said.words) for line in on_signal for said in later)


@wire
def test_every_request_follows_the_services_own_specifications(demo):
    contracts_telegram.required()
    contracts_signal.required()
    assert len(demo.calls["telegram"]) > 30
    assert len(demo.calls["signal"]) > 5
    assert contracts_telegram.check(demo.calls["telegram"]) == []
    assert contracts_signal.check(demo.calls["signal"]) == []


@wire
def test_every_member_has_a_column_at_every_width(demo):
    for name in ("Amina", "Karim", "Chloé", "Bruno", "Zoé"):
        assert demo.picture.count(name) >= 4


@wire
def test_kept_open_one_may_write_as_each_of_them(demo):
    assert "Une ligne à la main." in demo.kept
    assert "Commencez par un nom" in demo.kept
    for name in ("Amina", "Karim", "Inès", "Chloé", "Bruno", "Zoé"):
        assert f"  {name}: …" in demo.kept


# What it notices


@wire
async def test_a_message_that_does_not_arrive_is_told_by_name(monkeypatch):
    monkeypatch.setattr(playing, "PATIENCE", 1.5)
    channels = found_channels()
    with tempfile.TemporaryDirectory() as folder:
        town = Town(Path(folder), channels, "Reading Circle", "en")
        play = Play(town, cast(list(channels), "en"), 0.0)
        try:
            await together(play)
            town.sandboxes["signal"].fail("refused", 1, "Chloé")
            try:
                await lived(play)
            except Missing as missing:
                play.tally.missing.append(str(missing))
            figures = counted(play)
        finally:
            await town.close()
    assert figures.lost >= 1
    assert any(sentence.startswith("Chloé") and "arrived 0 times" in sentence for sentence in play.tally.missing)


def tally_of(*lines: Seen, words: str = "Shall we?", parent: Said | None = None) -> Tally:
    """One message from Amina, and what Chloé's device shows."""
    tally = Tally(lambda spot: list(lines) if spot == THERE else [])
    tally.said.append(Said("Amina", words, HERE, "1", 10.0, (THERE,), parent))
    return tally


def seen(number: str, text: str, **more: object) -> Seen:
    return Seen(number, text, 10.5, "the postman", **more)


def test_a_message_that_is_lost_doubled_or_elsewhere_is_counted():
    assert tally_of(seen("7", "Amina: Shall we?")).figures([HERE, THERE]).deliveries == 1
    lost = tally_of(seen("7", "Amina: something else"))
    assert lost.figures([HERE, THERE]).lost == 1
    assert len(lost.missing) == 1
    doubled = tally_of(seen("7", "Amina: Shall we?"), seen("8", "Amina: Shall we?"))
    assert doubled.figures([HERE, THERE]).doubled == 1
    assert len(doubled.missing) == 1
    elsewhere = Tally(lambda spot: [seen("7", "Amina: Shall we?")])
    elsewhere.said.append(Said("Amina", "Shall we?", HERE, "1", 10.0, (), None))
    assert elsewhere.figures([THERE]).strayed == 1
    assert len(elsewhere.missing) == 1


def test_an_answer_in_the_wrong_place_is_counted():
    above = Said("Bruno", "Who comes?", Spot("email", "Bruno"), "b", 9.0, (THERE,), None)
    for wrong in ("", "99"):
        tally = tally_of(
            seen("5", "Bruno: Who comes?"), seen("7", "Amina: I do", reply_to=wrong), words="I do", parent=above
        )
        tally.figures([HERE, THERE])
        assert "does not stand under" in tally.missing[0]
    right = tally_of(seen("5", "Bruno: Who comes?"), seen("7", "Amina: I do", reply_to="5"), words="I do", parent=above)
    right.figures([HERE, THERE])
    assert right.missing == []
    unquoted = tally_of(seen("7", "Amina: I do"), words="I do", parent=above)
    unquoted.figures([HERE, THERE])
    assert "does not say what it answers" in unquoted.missing[0]
    quoted = tally_of(seen("7", "Bruno: Who comes?\nAmina: I do"), words="I do", parent=above)
    quoted.figures([HERE, THERE])
    assert quoted.missing == []


def test_a_quote_is_no_second_copy_and_a_line_among_several_counts():
    assert not holds("Amina: Shall we?\nBruno: Yes", "Shall we?")
    assert holds("#3 Amina: Shall we?\n#4 Bruno: Yes", "Shall we?")
    assert holds("#3  18 h 05  Amina\nShall we?\n\n#4  18 h 06  Bruno\nYes", "Shall we?")


def test_people_of_one_room_are_one_place():
    hall = [Spot("telegram", name, "le salon") for name in ("Karim", "Inès")]
    assert readers([HERE, *hall, THERE], but=hall[1]) == (HERE, THERE)
    assert readers([HERE, *hall, THERE], but=HERE) == (hall[1], THERE)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
        ({"LC_ALL": "fr_BE", "LANG": "en"}, "fr"),
    ],
)
def test_the_language_is_the_machines(environment, language):
    assert language_here(environment) == language


def test_nobody_in_the_cast_is_told_twice():
    people = cast([*found_channels(), "postcard", "pigeon"], "en")
    assert len({person.name for person in people}) == len(people)
    assert {person.home.channel for person in people} >= {"telegram", "signal", "email", "postcard", "pigeon"}


def children() -> list[str]:
    """The processes this one has started and not buried."""
    return Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()


def test_the_demo_can_be_interrupted_while_it_opens():
    """Nothing of it stays behind: no process, no socket."""

    async def interrupted() -> None:
        with tempfile.TemporaryDirectory() as folder:
            town = Town(Path(folder), found_channels(), "Reading Circle", "en")
            task = asyncio.create_task(town.open())
            await asyncio.sleep(0.2)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await town.close()
            await asyncio.sleep(0.1)  # a server's last connections end a moment after it
            assert asyncio.all_tasks() == {asyncio.current_task()}

    before = children()
    asyncio.run(interrupted())
    assert children() == before
