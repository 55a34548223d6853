"""The ground the tests of the command line stand on: a folder with a configuration, in which somebody types."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bridges.telegram.sandbox import TelegramSandbox
from store.database import Store
from store.statement import run, sql

ROOT = Path(__file__).resolve().parents[2]
OK, FAILURE, USAGE, CONFIGURATION, UNREACHABLE, PARTIAL = range(6)
TOKEN = "999999999:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def toml(sections: dict[str, Any], path: str = "") -> str:
    """A configuration as text."""
    plain = {name: value for name, value in sections.items() if not isinstance(value, dict)}
    lines = [f"[{path}]"] if path else []
    lines += [f"{name} = {json.dumps(value)}" for name, value in plain.items()]
    for name, value in sections.items():
        if isinstance(value, dict):
            lines.append(toml(value, f"{path}.{name}".lstrip(".")))
    return "\n".join(lines) + "\n"


class Machine:
    """A folder with a configuration, in which somebody types."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "config.toml"
        self.store = {"url": "sqlite:///data/filcommun.db"}

    def configure(self, **channels: Any) -> None:
        community = {"name": "Cercle de lecture", "slug": "cercle", "language": "en", "timezone": "Europe/Paris"}
        self.file.write_text(toml({"community": community, "store": self.store, **channels}), "utf-8")
        self.file.chmod(0o600)

    async def begin(self, *words: str, **environment: str) -> asyncio.subprocess.Process:
        """Start `filcommun words`."""
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.cli", *words, cwd=self.folder,
            env={**inherited, "PYTHONPATH": str(ROOT), "LANG": "en_US.UTF-8", "COLUMNS": "200", **environment},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def types(self, *words: str, **environment: str) -> tuple[int, str]:
        """The exit code, and all that was printed; never a traceback."""
        process = await self.begin(*words, **environment)
        try:
            out, err = await asyncio.wait_for(process.communicate(), 60)
        except TimeoutError:
            process.kill()
            raise
        said = (out + err).decode()
        assert "Traceback" not in said, said
        assert process.returncode is not None
        return process.returncode, said

    @contextlib.asynccontextmanager
    async def running(self, *words: str):
        """`filcommun run`, until it has said what is awaited; its lines are in `.said`."""
        process = await self.begin(*(words or ("run",)))
        said: list[str] = []

        async def listen() -> None:
            assert process.stderr is not None
            async for line in process.stderr:
                said.append(line.decode())  # noqa: PERF401 - it is read while it grows

        listening = asyncio.create_task(listen())
        process.said = said  # type: ignore[attr-defined]
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                await asyncio.wait_for(process.wait(), 20)
            await listening

    async def until(self, process: Any, words: str, seconds: float = 30.0) -> str:
        """Wait until a running program has said `words`; everything it said."""
        end = time.monotonic() + seconds
        while words not in (whole := "".join(process.said)):
            assert time.monotonic() < end, whole
            assert process.returncode is None, whole
            await asyncio.sleep(0.05)
        return whole

    @property
    def database(self) -> Path:
        """Where the memory is."""
        return self.folder / "data" / "filcommun.db"

    def damage(self) -> None:
        """Overwrite most of the memory, as a dying disk does; its head still says what it is."""
        for name in ("-wal", "-shm"):
            self.database.with_name(self.database.name + name).unlink(missing_ok=True)
        whole = self.database.read_bytes()
        self.database.write_bytes(whole[:100] + b"\xa5" * (len(whole) - 100))

    def rows(self, statement: str, **values: Any) -> list[Any]:
        store = Store(self.store["url"].replace("data/", f"{self.folder}/data/"))
        with store.engine.connect() as connection:
            found = list(run(connection, sql(statement), values))
        store.engine.dispose()
        return found

    def change(self, statement: str, **values: Any) -> None:
        store = Store(self.store["url"].replace("data/", f"{self.folder}/data/"))
        store.write_now(lambda connection: run(connection, sql(statement), values))
        store.engine.dispose()


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


@pytest.fixture
async def telegram():
    sandbox = TelegramSandbox()
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
def set_up(machine, telegram):
    """A configuration that works."""
    machine.configure(telegram=telegram.settings())
    return machine
