"""Who is forgotten leaves nothing in the mailbox either: over real sockets, to the folders of a real IMAP server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.config import channels
from store.database import Store
from store.migrate import migrate
from tests import playing

STORY = Path(__file__).parents[1] / "stories" / "forgotten_by_mail.story"
#: Up to where she is erased.
BEFORE = "3 days later:"


async def folders(tmp_path: Path, text: str) -> tuple[dict[str, list[bytes]], Path]:
    """What lies in the mailbox when the story has been played."""
    file = tmp_path / "played.story"
    file.write_text(text, encoding="utf-8")
    story = playing.read(file)
    url = f"sqlite:///{tmp_path}/filcommun.db"
    migrate(Store(url))
    boxes: list[Any] = []
    await playing.play(
        story,
        {name: channels.channel(name) for name in story.channels},
        tmp_path,
        url,
        lambda name, sandbox: boxes.append(sandbox) if name == "email" else None,
    )
    found = {}
    for folder in ("INBOX", "Processed", "Held", "Failed"):
        try:
            found[folder] = [raw for raw, _ in (await boxes[0].mailbox.mails(folder)).values()]
        except KeyError:
            found[folder] = []
    return found, tmp_path


@pytest.mark.wire
async def test_her_mails_are_removed_from_every_folder(tmp_path):
    words = STORY.read_text(encoding="utf-8")
    (tmp_path / "before").mkdir()
    before, _ = await folders(tmp_path / "before", words[: words.index(BEFORE)])
    assert len(before["Processed"]) == 4, "the search would find her"
    assert all(b"josette@" in raw.lower() for raw in before["Processed"])
    (tmp_path / "after").mkdir()
    after, place = await folders(tmp_path / "after", words)
    assert after == {"INBOX": [], "Processed": [], "Held": [], "Failed": []}
    for path in place.rglob("*"):
        if path.is_file() and path.suffix != ".story":
            content = path.read_bytes().lower()
            for needle in (b"josette", b"douze pots", b"confitures", b"tout le monde va bien"):
                assert needle not in content, f"{path.name} has {needle!r}"
