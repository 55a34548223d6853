"""The calls to signal-cli-rest-api, through one session, under our own deadline, with every error's body read.

signalbot's own client throws the bodies away (the reason of a 400, the challenge of a 429) and waits five minutes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp

from bot.core.errors import Down, TryLater, Uncertain, Unreadable
from bridges.signal.answers import decoded, failure
from bridges.signal.ours import CURE, whose
from bridges.signal.settings import SignalSettings

_OLDEST = (0, 101)
_MOST_ANSWER = 8 * 2**20


class Api:
    """One service, one number."""

    def __init__(self, settings: SignalSettings) -> None:
        self._base = settings.service
        self._number = settings.number
        self._shared = settings.shared_account
        self._within = settings.answer_within
        self._path = quote(settings.number, safe="+")
        self._under_way: set[asyncio.Task[Any]] = set()
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._within, sock_connect=10),
            # A connection for each call: on one kept open over a restart of the service, a call that never left looks
            # like one that may have arrived, and the message would be sent twice. On one machine it costs 0.3 ms.
            connector=aiohttp.TCPConnector(limit=32, force_close=True),
            # The service reads only this type; what it answers is JSON whatever it says.
            headers={"Content-Type": "application/json"},
        )

    @property
    def place(self) -> str:
        """Where the service is, for people: without a password that may stand in the address."""
        parts = urlsplit(self._base)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)

    async def close(self, deadline: float) -> None:
        """Let calls under way end, then hang up."""
        if self._under_way and deadline > 0:
            await asyncio.wait(self._under_way, timeout=deadline)
        await self._session.close()

    async def call(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        """Carry something out; the status and the body, whatever they are. Raises Down (nothing happened) or Uncertain."""
        task = asyncio.current_task()
        if task:
            self._under_way.add(task)
        try:
            async with self._session.request(method, self._base + path, json=body, allow_redirects=False) as answer:
                return answer.status, await answer.content.read(_MOST_ANSWER)
        except aiohttp.ClientConnectorError:
            raise self._nobody() from None
        except aiohttp.ConnectionTimeoutError:
            raise self._nobody() from None
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Uncertain(f"no answer from the Signal service ({type(error).__name__})") from None
        finally:
            if task:
                self._under_way.discard(task)

    def _nobody(self) -> Down:
        return Down(
            f"nothing answers at {self.place}, where [signal] service points",
            "Start signal-cli-rest-api (compose.yaml has it), then run: filcommun check signal",
        )

    async def _get(self, path: str) -> Any:
        """The JSON at `path`. Raises Down."""
        try:
            async with self._session.get(self._base + path, allow_redirects=False) as answer:
                body = await answer.content.read(_MOST_ANSWER)
                status = answer.status
        except (aiohttp.ClientError, OSError, TimeoutError):
            raise self._nobody() from None
        if status != 200:
            error = failure(status, body, number=self._number)
            if isinstance(error, Down):
                raise error
            raise Down(
                f"the Signal service at {self.place} answers {status} to GET {path.partition('/+')[0]}",
                "Look into its log",
            )
        found = decoded(body)
        if found is None:
            raise Down(f"what answers at {self.place} is not signal-cli-rest-api", "Check [signal] service")
        return found

    async def about(self) -> None:
        """Make sure that it is the service we can use. Raises Down."""
        found = await self._get("/v1/about")
        if not isinstance(found, dict) or "mode" not in found:
            raise Down(f"what answers at {self.place} is not signal-cli-rest-api", "Check [signal] service")
        version = str(found.get("version") or "")
        if (number := re.match(r"v?(\d+)\.(\d+)", version)) and (int(number[1]), int(number[2])) < _OLDEST:
            raise Down(
                f"the Signal service at {self.place} is version {version[:20]}; 0.101 or newer is needed",
                "Use the image of compose.yaml: bbernhard/signal-cli-rest-api",
            )
        if found.get("mode") != "json-rpc":
            raise Down(
                f"the Signal service at {self.place} runs in mode {str(found.get('mode'))[:20]!r}; json-rpc is needed",
                "Start it with the environment variable MODE=json-rpc",
            )

    async def contacts(self) -> list[dict[str, Any]]:
        """Everybody the account knows, itself included. Raises Down."""
        found = await self._get(f"/v1/contacts/{self._path}?all_recipients=true")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    async def groups(self) -> list[dict[str, Any]]:
        """The groups the account is in. Raises Down."""
        found = await self._get(f"/v1/groups/{self._path}?expand=false")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    async def identities(self) -> list[dict[str, Any]]:
        """The key of everybody the account has met. Raises Down."""
        found = await self._get(f"/v1/identities/{self._path}")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    async def trust(self, aci: str, safety_number: str) -> bool:
        """Trust the device that shows this safety number; False if the service does not."""
        path = f"/v1/identities/{self._path}/trust/{quote(aci)}"
        status, _ = await self.call("PUT", path, {"verified_safety_number": safety_number})
        return status in (200, 204)

    async def complaints(self) -> list[str]:
        """What is wrong though it answers."""
        accounts = await self._get("/v1/accounts")
        if isinstance(accounts, list) and self._number not in accounts:
            return ["The Signal service does not know the number of [signal]: register or link it there first."]
        if self._shared:
            return []
        found = whose(await self.contacts(), [], self._number)
        return [f"The number looks like somebody's own: it has {found}. {CURE}."] if found else []

    async def attachment(self, name: str, most: int) -> bytes:
        """A small attachment, whole. Raises Down or Unreadable."""
        pieces = []
        async for piece in self.stream(name):
            pieces.append(piece)
            if sum(map(len, pieces)) > most:
                raise Unreadable("an attachment larger than announced")
        return b"".join(pieces)

    async def stream(self, name: str) -> AsyncIterator[bytes]:
        """An attachment, in pieces. Raises Unreadable when there is none, TryLater when it broke off, Down."""
        if not name or "/" in name or name.startswith("sticker:"):
            raise Unreadable("the service keeps no such file")
        try:
            async with self._session.get(f"{self._base}/v1/attachments/{quote(name)}") as answer:
                if answer.status != 200:
                    raise Unreadable("the service keeps no such file any more")
                async for piece in answer.content.iter_chunked(64 * 1024):
                    yield piece
        except aiohttp.ClientConnectorError:
            raise self._nobody() from None
        except (aiohttp.ClientError, OSError, TimeoutError):
            raise TryLater("the file broke off") from None
