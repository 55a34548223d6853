"""A new channel is one folder in bridges/: configuration, commands, contract, stories and the program know it unchanged."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "tests" / "fixtures" / "postcard"

#: What the program knows of the new channel, printed from within the tree that has it.
ASKING = """
import asyncio, tempfile
from pathlib import Path
from bot import reference
from bot.commands.catalogue import all_commands
from bot.commands.grammar import Call, parse
from bot.config import ConfigError, channels, example_text, load

print("known:", "postcard" in channels.names())
print("example:", 'office = "127.0.0.1:1840"' in example_text(on=["postcard"]))
file = Path(tempfile.mkdtemp()) / "config.toml"
file.write_text('[community]\\nname = "Circle"\\n[postcard]\\noffice = "127.0.0.1:1"\\n')
print("configured:", load(file, {}).channels["postcard"].box)
file.write_text('[community]\\nname = "Circle"\\n[postcard]\\nofice = "127.0.0.1:1"\\n')
try:
    load(file, {})
except ConfigError as error:
    print("checked:", "office" in str(error))
words = {name: channels.channel(name).can.words for name in channels.names()}
for said in ("receive postcard", "recevoir carte"):
    call = parse(said, commands=all_commands(), channels=words, members=[], room=False, bot_names=(), lang="en")
    print("command:", isinstance(call, Call) and call.argument)
print("documented:", "postcard" in reference.channels_page() and "[postcard]" in reference.PAGES["docs/reference/configuration.md"]())
"""

STORY = """# Josette has neither telephone nor mailbox: she writes postcards.

[Amina]    telegram, in the hall
[Josette]  postcard

Josette says:
    Greetings from the sea!
The hall receives from Josette:
    Greetings from the sea!

Amina replies in the hall:
    Bring some shells.
Josette receives from Amina, under Josette's message:
    Bring some shells.

Josette replies:
    receive postcard
Josette receives from the postman:
    From now on you receive everything by postcard. …
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A tree with everything there is, and one folder more."""
    house = tmp_path_factory.mktemp("house")
    for name in ("bot", "store", "pyproject.toml"):
        (house / name).symlink_to(ROOT / name)
    for name in ("bridges", "tests"):
        (house / name).mkdir()
        for one in (ROOT / name).iterdir():
            if one.name not in ("__pycache__", "stories"):
                (house / name / one.name).symlink_to(one)
    (house / "bridges" / "postcard").symlink_to(SOURCE)
    stories = house / "tests" / "stories"
    stories.mkdir()
    (stories / "test_stories.py").symlink_to(ROOT / "tests" / "stories" / "test_stories.py")
    (stories / "by_postcard.story").write_text(STORY, encoding="utf-8")
    return house


#: Types `filcommun` with the words given here, in a folder whose configuration points to a post office that is open.
TYPING = """
import asyncio, os, sys, tempfile
from pathlib import Path
from bot.config import channels

async def types(*words, config=None):
    more = ["--config", str(config)] if config else []
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cli", *more, *words, stdout=-1, stderr=-2, env=dict(os.environ, COLUMNS="200"))
    said, _ = await process.communicate()
    print(said.decode().replace(str(config), "config.toml"))
    print("exit code", process.returncode)

async def main():
    sandbox = channels.channel("postcard").sandbox()
    await sandbox.start()
    file = Path(tempfile.mkdtemp()) / "config.toml"
    office = sandbox.settings()["office"] if "open" in sys.argv else "127.0.0.1:1"
    file.write_text(f'[community]\\nname = "Circle"\\n[postcard]\\noffice = "{office}"\\n')
    if "mistaken" in sys.argv:
        file.write_text('[community]\\nname = "Circle"\\n[postcard]\\nofice = "127.0.0.1:1"\\n')
    if "nothing" in sys.argv:
        file.unlink()
    await types(*sys.argv[2:], config=file)
    if file.exists() and "init" in sys.argv:
        print(file.read_text())
    await sandbox.stop()

asyncio.run(main())
"""


def typed(house: Path, office: str, *words: str) -> str:
    """What `filcommun words` says in that tree; `office`: open, closed, mistaken (a wrong key) or nothing (no file)."""
    return within(house, "-c", TYPING, office, *words)


def within(house: Path, *words: str) -> str:
    """Run Python in that tree; what it said. Fails if it does."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    ran = subprocess.run(
        [sys.executable, *words], cwd=house, env=environment | {"PYTHONPATH": str(house), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    return ran.stdout


def test_configuration_commands_and_documents_know_it(house):
    told = within(house, "-c", ASKING).splitlines()
    assert told == [
        "known: True",
        "example: True",
        "configured: circle",
        "checked: True",
        "command: postcard",
        "command: postcard",
        "documented: True",
    ]


def test_it_keeps_the_contract(house):
    told = within(house, "-m", "pytest", "tests/bridges/test_contract.py", "-k", "postcard")
    assert "passed" in told
    assert "failed" not in told


def test_a_story_is_played_with_it_over_its_own_wire(house):
    play = (
        "import asyncio, pathlib, tempfile\n"
        "from tests import playing\n"
        "from bot.config import channels\n"
        "story = playing.read(pathlib.Path('tests/stories/by_postcard.story'))\n"
        "folder = pathlib.Path(tempfile.mkdtemp())\n"
        "known = {name: channels.channel(name) for name in story.channels}\n"
        "asyncio.run(playing.play(story, known, folder, f'sqlite:///{folder}/x.db'))\n"
        "print('true')"
    )
    assert within(house, "-c", play).splitlines()[-1] == "true"


def test_check_asks_it_whether_all_is_well(house):
    assert typed(house, "open", "check").splitlines() == ["[postcard] well.", "Everything is well.", "", "exit code 0"]
    assert "[postcard] well." in typed(house, "open", "check", "postcard")


def test_check_says_what_is_wrong_with_it_and_what_to_do(house):
    told = typed(house, "closed", "check")
    assert "[postcard] The post office is closed. Check office in [postcard]." in told
    assert "exit code 4" in told
    told = typed(house, "mistaken", "check")
    assert "config.toml, line 4, [postcard] ofice: " in told
    assert "exit code 3" in told


def test_help_names_it_and_init_writes_its_section(house):
    for words in (("init", "--help"), ("check", "--help"), ("help", "check")):
        assert "There are: email, postcard, signal, telegram." in typed(house, "nothing", *words), words
    told = typed(house, "nothing", "init", "postcard")
    assert "exit code 0" in told
    assert "[postcard]\n" in told
    assert '\noffice = "127.0.0.1:1840"\n' in told, "on: no # before it"


def test_nothing_outside_its_folder_names_it():
    for folder in ("bot", "store", "bridges"):
        for file in (ROOT / folder).rglob("*.py"):
            assert "postcard" not in file.read_text(encoding="utf-8").lower(), file
