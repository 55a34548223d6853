"""The HTTP under python-telegram-bot: its request class over aiohttp, nine times faster than its own over httpx.

What it adds to the promise of `BaseRequest`: a failure says whether the request may have been taken. `UnsentError` was never
written; any other failure of the network may have reached Telegram. No message of an exception holds an address of the
Bot API, for the token is part of it, and nothing is logged.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

os.environ.setdefault("PTB_TIMEDELTA", "1")  # before the import: RetryAfter tells a timedelta, without a warning

import aiohttp
from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import ODVInput
from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

for _name in ("httpx", "telegram"):  # httpx tells addresses (the token), telegram at DEBUG the words
    logging.getLogger(_name).setLevel(logging.WARNING)

_JSON = {"Content-Type": "application/json", "User-Agent": BaseRequest.USER_AGENT}
_PLAIN = {"User-Agent": BaseRequest.USER_AGENT}


class UnsentError(NetworkError):
    """No connection: the request was surely not written."""


class BrokenError(NetworkError):
    """The server answered that something is wrong with itself."""

    def __init__(self, code: int) -> None:
        super().__init__(f"HTTP {code}")
        self.code = code


class Payload:
    """The parameters of a call as they are; stands in for `RequestData` without a wrapper for each value."""

    __slots__ = ("multipart_data", "parameters")

    def __init__(self, parameters: dict[str, Any], files: Mapping[str, Any] | None = None) -> None:
        self.parameters = parameters
        self.multipart_data = files or {}

    @property
    def json_parameters(self) -> dict[str, str]:
        """As the fields of a form, which is what files go along in."""
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in self.parameters.items()}


class Wire(BaseRequest):
    """Requests to one Bot API server over a pool of kept connections."""

    def __init__(self, connections: int = 64, connect_timeout: float = 10.0, read_timeout: float = 20.0) -> None:
        self._connections = connections
        self._connect = connect_timeout
        self._read = read_timeout
        self._session: aiohttp.ClientSession | None = None
        self._urls: dict[str, URL] = {}
        self._timeouts: dict[float | None, aiohttp.ClientTimeout] = {}

    @property
    def read_timeout(self) -> float | None:
        """Seconds an answer may take, unless a call says otherwise."""
        return self._read

    async def initialize(self) -> None:
        """Open the pool; connections are made when needed."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=30)
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True, raise_for_status=False
            )

    async def shutdown(self) -> None:
        """Drop every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def call(
        self,
        url: str,
        parameters: dict[str, Any],
        read_timeout: float | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> Any:
        """POST `parameters` as JSON and return the result; raises the errors of `telegram.error`.

        `files` go along in a form: (name, content, type) by the name of their parameter.

        `Bot.send_message` takes a quarter more processor time over the same request class (and four times as much over
        httpx): it builds objects from our values, takes them apart again, and parses the answer into a Message of
        which we keep one number. The library's classification of errors (`BaseRequest.post`) is used as it is.
        """
        data = cast("RequestData", Payload(parameters, files))
        return await self.post(
            url, data, read_timeout=BaseRequest.DEFAULT_NONE if read_timeout is None else read_timeout
        )

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - the whole call has one limit
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - connecting too
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - and waiting for a connection
    ) -> tuple[int, bytes]:
        """Make one request; see `BaseRequest.do_request`."""
        session = self._session
        if session is None:
            raise UnsentError("closed")
        limit = self._limit(self._read if isinstance(read_timeout, DefaultValue) else read_timeout)
        failure: TelegramError
        try:
            body, headers = _body(request_data)
            async with session.request(method, self._url(url), data=body, headers=headers, timeout=limit) as answer:
                code, content = answer.status, await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            failure = UnsentError(type(error).__name__)
        except TimeoutError:
            failure = TimedOut("no answer in time")
        except (aiohttp.ClientError, OSError) as error:
            failure = NetworkError(type(error).__name__)
        else:
            return _told(code, content)
        # Raised here, not inside "except": the errors of aiohttp carry the address, and a traceback would show them.
        raise failure

    async def download(self, url: str) -> AsyncIterator[bytes]:
        """The bytes behind `url`, in pieces."""
        if self._session is None:
            raise UnsentError("closed")
        failure: TelegramError | None = None
        try:
            async with self._session.get(self._url(url), headers=_PLAIN, timeout=self._limit(60.0)) as answer:
                if answer.status != 200:
                    failure = BrokenError(answer.status) if answer.status >= 500 else BadRequest("file is not there")
                else:
                    async for piece in answer.content.iter_chunked(65_536):
                        yield piece
        except (aiohttp.ClientError, OSError) as error:
            failure = NetworkError(type(error).__name__)
        if failure is not None:
            raise failure

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Parse an answer; one that is no JSON is not logged, unlike in the library: it may hold words."""
        try:
            answer = json.loads(payload)
        except (ValueError, RecursionError):
            answer = _loads_long_numbers(payload)
        if not isinstance(answer, dict):
            raise TelegramError("Invalid server response")
        return answer

    def _url(self, url: str) -> URL:
        """The parsed address of a method, kept: there are a dozen of them (and files, which are not kept)."""
        found = self._urls.get(url)
        if found is None:
            found = URL(url)
            if len(self._urls) < 64:
                self._urls[url] = found
        return found

    def _limit(self, read: float | None) -> aiohttp.ClientTimeout:
        """Connecting and each read have their limit, and so has the whole: one byte a second is no answer."""
        found = self._timeouts.get(read)
        if found is None:
            total = None if read is None else read + self._connect
            found = aiohttp.ClientTimeout(total=total, connect=self._connect, sock_read=read)
            self._timeouts[read] = found
        return found


def _body(request: RequestData | None) -> tuple[Any, dict[str, str]]:
    """The body: JSON, or a form when files go along."""
    if request is None:
        return None, _PLAIN
    files = request.multipart_data
    if not files:
        return json.dumps(request.parameters).encode("ascii"), _JSON
    form = aiohttp.FormData(quote_fields=False)  # names as browsers send them: in percents, they would be shown so
    for name, value in request.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in files.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form, _PLAIN


def _told(code: int, content: bytes) -> tuple[int, bytes]:
    """The answer, unless its status says something that `BaseRequest` would not tell apart."""
    if code >= 500:
        raise BrokenError(code)
    if code == 413:
        raise BadRequest("Request Entity Too Large")
    if code == 429 and b'"retry_after"' not in content:  # from something in front of the Bot API
        raise RetryAfter(30)
    if code in {401, 404} and b'"ok"' not in content:
        raise InvalidToken("no Bot API answers at this address")
    return code, content


def _loads_long_numbers(payload: bytes) -> Any:
    """As JSON, with numbers of more digits than anybody counts as text; None if it is none.

    Python refuses to read one of thousands of digits: one in one update must not hide all the others for ever.
    """
    try:
        return json.loads(payload, parse_int=lambda digits: int(digits) if len(digits) < 20 else digits)
    except (ValueError, RecursionError):
        return None
