"""The drill: everything is destroyed under load but a backup and a copy of the key; it is restored, and goes on (facts F25)."""

from __future__ import annotations

import asyncio
import email
import email.message
import email.policy
import json
import random
import shutil
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.torture.town import LINE, PATIENCE, ROOT, Person, Town

AMINA, BRUNO = Person("amina", "telegram"), Person("bruno", "email")
PEOPLE = (AMINA, Person("bilal", "telegram"), BRUNO, Person("emma", "email"))


async def types(town: Town, *words: str) -> tuple[int, str]:
    """What the operator types, in the town's folder: the exit code, and what was printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cli", *words, cwd=town.folder, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    said = out.decode()
    assert "Traceback" not in said, said
    assert process.returncode is not None
    return process.returncode, said


async def until(holds, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, what
        await asyncio.sleep(0.05)


def destroy(town: Town) -> None:
    """The machine is gone: its folder, and its database."""
    town.engine.dispose()
    for path in town.folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if town.engine.dialect.name == "sqlite":
        for path in town.folder.parent.glob("filcommun.db*"):
            path.unlink()
    else:
        with town.engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")


def shown(town: Town) -> Counter[tuple[str, str]]:
    """How often each line stands on each device; what an answer quotes does not count."""
    found: Counter[tuple[str, str]] = Counter()
    for reader, one in town.readers():
        for seen in town.device(one):
            lines = ["answer-1"] if "answer-1" in seen.text else [line[0] for line in LINE.finditer(seen.text)]
            found.update((reader, line) for line in lines)
    return found


async def in_folder(town: Town, name: str) -> set[str]:
    """The lines whose mails lie in this folder of the bot's mailbox."""
    found = await town.sandboxes["email"].mailbox.mails(name)
    return {line[0] for raw, _ in found.values() for line in LINE.finditer(raw.decode())}


@pytest.mark.wire
async def test_everything_is_destroyed_under_load_and_goes_on_from_a_backup(url, tmp_path):
    (tmp_path / "town").mkdir()
    (elsewhere := tmp_path / "elsewhere").mkdir()
    async with Town(tmp_path / "town", url, PEOPLE) as town:
        await town.first_sight()
        program = await town.start()
        await program.ready(2)
        town.talk(2.0, random.Random(5))
        await until(lambda: any(one.author.startswith("amina") for one in town.device(BRUNO)), "Bruno hears nothing")
        code, said = await types(town, "backup", str(elsewhere / "one.tar.gz"))
        assert code == 0, said
        assert program.process.returncode is None, "a backup stops nobody"
        shutil.copy(town.folder / "secret.key", elsewhere / "secret.key")
        old = next(one for one in town.device(BRUNO) if one.author.startswith("amina"))
        parent = LINE.search(old.text)[0]
        await asyncio.sleep(3.0)
        await program.kill()
        lying, filed = await in_folder(town, "INBOX"), await in_folder(town, "Processed")
        assert len(filed) > 3, "nothing was handled since the backup"
        await town.quiet()
        destroy(town)

        missed = [await town.say(BRUNO), await town.say(PEOPLE[3])]
        await _restore(town, elsewhere)
        before = _sends(town)
        seen = shown(town)

        program = await town.start()
        await program.ready(2)
        await town.sandboxes["email"].say("bruno", "This is my answer-1 to you.", reply_to=old.id)
        mails = [line for one in PEOPLE if one.channel == "email" for line in town.said[one.name]]
        await until(lambda: not _unread(town, [*mails, "answer-1"]), "mails are missing")
        await until(
            lambda: not town.rows("SELECT 1 FROM cursor WHERE name = 'again' AND value <> ''"), "still reading again"
        )
        await asyncio.sleep(3.0)
        assert _sends(town) == before, "something left while everything is held back"
        _lands(town, parent)
        kept = Counter(line[0] for (words,) in town.rows("SELECT text FROM message") for line in LINE.finditer(words))
        assert all(kept[line] == 1 for line in mails), "a mail was read twice into the conversation"

        code, said = await types(town, "status")
        assert code == 5
        assert "may have been sent already" in said
        code, said = await types(town, "resume", "--drop")
        assert code == 0, said
        await until(
            lambda: not town.rows("SELECT 1 FROM parcel WHERE state IN ('due', 'sending')"), "something still waits"
        )
        await asyncio.sleep(0.5)
        after = shown(town)
        told = [person.name for person in PEOPLE if person.name != "bruno"]
        assert [after[name, "answer-1"] for name in told] == [1, 1, 1]
        for author, line in zip(("bruno", "emma"), missed, strict=True):
            assert [after[one.name, line] for one in PEOPLE if one.name != author] == [1, 1, 1]
        # What was just being handled lay in INBOX still, and nobody can know that it had left.
        twice = {line for (_, line), number in after.items() if number > max(1, seen[_, line])}
        assert twice <= lying, "what was given up, or had been read before, left a second time"
        assert await program.stop() < 10


async def _restore(town: Town, elsewhere: Path) -> None:
    """What docs/how-to/start-again.md says, in an empty folder."""
    words = ("restore", str(elsewhere / "one.tar.gz"), "--key", str(elsewhere / "secret.key"))
    code, said = await types(town, *words)
    assert code == 3
    assert "[email.imap] password" in said
    written = (town.folder / "config.toml").read_text()
    assert town.sandboxes["telegram"].settings()["token"] not in written
    for name, box in town.sandboxes.items():
        for secret in (box.settings().get("token"), box.settings().get("smtp", {}).get("password")):
            assert secret is None or f'"{secret}"' not in written, name
    # The operator fills them in.
    mailbox = town.sandboxes["email"].settings()
    written = written.replace('password = ""', f"password = {json.dumps(mailbox['smtp']['password'])}")
    written = written.replace('token = ""', f"token = {json.dumps(town.sandboxes['telegram'].settings()['token'])}")
    if town.engine.dialect.name != "sqlite":
        assert town.url.partition("@")[2] in written
    (town.folder / "config.toml").write_text(written)
    code, said = await types(town, *words)
    assert code == 0, said
    assert "nothing leaves" in said
    assert (town.folder / "secret.key").read_bytes() == (elsewhere / "secret.key").read_bytes()


def _sends(town: Town) -> int:
    """Everything that ever reached a device or the relay from the bot."""
    return town.sandboxes["email"].taken + sum(len(town.device(one)) for _, one in town.readers())


def _unread(town: Town, lines: list[str]) -> list[str]:
    known = " ".join(words for (words,) in town.rows("SELECT text FROM message"))
    return [line for line in lines if f"{line} " not in known]


def _lands(town: Town, parent: str) -> None:
    """The answer stands in the thread of what it answers, under it."""
    ((reply, answered, its_thread, thread),) = town.rows(
        "SELECT r.id, m.text, r.thread_id, m.thread_id FROM message r JOIN message m ON m.id = r.reply_to"
        " WHERE r.text LIKE '%answer-1%'"
    )
    assert f"{parent} " in answered
    assert its_thread == thread
    assert reply > 1_000_000


@pytest.mark.wire
async def test_without_the_key_an_answer_to_an_old_mail_still_finds_its_place(tmp_path):
    (tmp_path / "town").mkdir()
    (elsewhere := tmp_path / "elsewhere").mkdir()
    async with Town(tmp_path / "town", f"sqlite:///{tmp_path}/filcommun.db", PEOPLE) as town:
        await town.first_sight()
        program = await town.start()
        await program.ready(2)
        line = await town.say(AMINA)
        await until(lambda: any(line in one.text for one in town.device(BRUNO)), "Bruno hears nothing")
        await town.settled()
        code, said = await types(town, "backup", str(elsewhere / "one.tar.gz"))
        assert code == 0, said
        await program.stop()
        old = next(one for one in town.device(BRUNO) if line in one.text)
        destroy(town)
        town.configure()
        code, said = await types(town, "restore", str(elsewhere / "one.tar.gz"), "--key", "none")
        assert code == 0, said
        program = await town.start()
        await program.ready(2)
        box = town.sandboxes["email"]
        # Somebody who says they are Bruno, and whom nobody vouches for.
        await box.deliver(
            _answer(old.raw, box.person("bruno"), "Not by me-1 at all."), sender="x@evil.example", dmarc="fail"
        )
        await until(
            lambda: town.rows("SELECT 1 FROM inbound WHERE outcome = 'held_sender'"), "the forged mail is not held"
        )
        await box.say("bruno", "This is my answer-1 to you.", reply_to=old.id)
        await until(lambda: not _unread(town, ["answer-1"]), "the answer is missing")
        _lands(town, line)
        assert _unread(town, ["me-1"]) == ["me-1"]
        code, said = await types(town, "resume", "--send")
        assert code == 0, said
        await until(lambda: any("answer-1" in one.text for one in town.device(AMINA)), "Amina hears nothing")
        # What the new key made works like before.
        newer = next(one for one in reversed(town.device(Person("emma", "email"))) if "answer-1" in one.text)
        await box.say("emma", "And another-1 of mine.", reply_to=newer.id)
        await until(lambda: not _unread(town, ["another-1"]), "an answer with a token of the new key is missing")
        assert await program.stop() < 10


def _answer(raw: bytes, sender: str, words: str) -> bytes:
    """A mail that answers this one, as anybody could write it."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    answer = email.message.EmailMessage()
    answer["From"], answer["To"], answer["Subject"] = sender, mail["Reply-To"] or mail["From"], f"Re: {mail['Subject']}"
    answer["Message-ID"] = "<forged.1@evil.example>"
    answer["In-Reply-To"] = answer["References"] = mail["Message-ID"]
    answer.set_content(words)
    return answer.as_bytes()
