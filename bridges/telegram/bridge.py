"""The Telegram bridge: python-telegram-bot's `Bot`, with a getUpdates loop of our own.

The library's Updater acknowledges updates before anybody has handled them and loses what it holds at a crash; here an
update is acknowledged by the call after the bus has committed it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from bot.core.bridge import Address, Bridge, Budget, Capabilities, Census, Channel, Outgoing, Sent, Shared
from bot.core.errors import Down, Refused, TryLater, Uncertain
from bot.core.events import Arrival, Event, RemoteFile

from . import incoming, outgoing
from .messages import Us
from .settings import TelegramSettings
from .words import STYLES

if TYPE_CHECKING:
    from telegram import Bot

    from .wire import Wire

log = logging.getLogger("filcommun.telegram")

POLL = 25  # seconds a getUpdates may wait for news
QUIET = 1.5  # seconds after which an album is complete (T11)
KEPT = 256  # encoded messages kept for their next reader

CAN = Capabilities(
    words=("telegram", "tg"),
    label={"en": "Telegram", "fr": "Telegram"},
    styles=STYLES,
    max_text=4096,
    connections=48,
    rooms=True,
    reply=True,
    buttons=True,
    edit_within=float("inf"),  # a bot may edit its own messages as long as they stand
    delete_within=48 * 3600.0,
    react=True,
    silent=True,
    invites_by_link=True,
    waits_for_us=86400.0,
    max_file=50_000_000,
)


class TelegramBridge:
    """One bot account."""

    name: ClassVar[str] = "telegram"
    can: Capabilities = CAN

    def __init__(self, settings: TelegramSettings) -> None:
        self._settings = settings
        self._us = Us(0, "")
        self._bot: Bot | None = None
        self._wire: Wire | None = None
        self._base = f"{settings.api}/bot{settings.token.get_secret_value()}/"
        self._encoded: OrderedDict[Hashable, dict[str, Any]] = OrderedDict()
        self._under_way = 0
        self._idle = asyncio.Event()
        self._paused: dict[str, float] = {}  # chats that were told to wait, and until when
        self.account = settings.token.get_secret_value().partition(":")[0]  # the bot's id is the token's first half
        self.names: tuple[str, ...] = ()  # how people call us in a group
        self.public_address = ""  # where people write to us, as people spell it

    async def open(self, cursor: Mapping[str, str]) -> None:  # noqa: ARG002 - Telegram itself knows what it has given
        """Ask who we are. Raises Down: a wrong token, no way to the server."""
        from telegram import Bot
        from telegram.error import TelegramError

        from .refusals import meaning
        from .wire import Wire

        token, api = self._settings.token.get_secret_value(), self._settings.api
        wire = self._wire or Wire(read_timeout=self._settings.answer_within)
        bot = self._bot or Bot(
            token, base_url=f"{api}/bot", base_file_url=f"{api}/file/bot", request=wire, get_updates_request=wire
        )
        down: Down | None = None
        try:
            await wire.initialize()
            await bot.get_me()  # not Bot.initialize: its complaint about a wrong token repeats the token
        except TelegramError as error:
            found = meaning(error)
            down = found if isinstance(found, Down) else Down(f"Telegram does not answer: {found}.", _away(api))
        if down is not None:
            self._bot = self._wire = None
            await wire.shutdown()
            raise down
        self._bot, self._wire = bot, wire
        self._us = Us(bot.id, bot.username)
        self.account, self.public_address = str(bot.id), f"@{bot.username}"
        self.names = (self.public_address, bot.username, bot.first_name)
        self._idle.set()
        log.info("telegram.open", extra={"fields": {"account": self.account}})

    async def close(self, deadline: float) -> None:
        """Let sends under way end, then drop the connections; the poll that waits for news is not waited for."""
        if self._wire is None:
            return
        try:
            async with asyncio.timeout(max(deadline, 0)):
                await self._idle.wait()
        except TimeoutError:
            log.warning("telegram.cut", extra={"fields": {"calls": self._under_way}})
        wire, self._bot, self._wire = self._wire, None, None
        if wire is not None:
            await wire.shutdown()

    async def arrivals(self) -> AsyncGenerator[Sequence[Arrival], None]:
        """Updates in batches of up to a hundred.

        The offset is said in the one call after a batch and then forgotten: Telegram keeps count itself, and numbers
        start anew somewhere else after a week without updates: an old offset would throw away the new ones (T2).
        """
        offset: int | None = None
        while True:
            updates = await self._updates(offset)
            offset = None
            if not updates:
                continue
            yield [_arrival(update) for update in updates]
            numbers = [u["update_id"] for u in updates if isinstance(u, dict) and isinstance(u.get("update_id"), int)]
            if not numbers:
                raise ConnectionError("the Bot API answered updates without numbers")
            offset = max(numbers) + 1

    async def _updates(self, offset: int | None) -> list[Any]:
        """One getUpdates. Raises Down, or OSError when the channel is away; waits out a 429 itself."""
        from telegram.error import RetryAfter, TelegramError

        from .refusals import meaning, seconds

        parameters: dict[str, Any] = {"timeout": POLL, "allowed_updates": incoming.KINDS}
        if offset is not None:
            parameters["offset"] = offset
        while True:
            try:
                # Raw, not Bot.get_updates: that parses all or nothing, and one bad update would sink its hundred (T3).
                answer = await self._open_wire().call(f"{self._base}getUpdates", parameters, read_timeout=POLL + 10.0)
                return answer if isinstance(answer, list) else []
            except RetryAfter as error:
                wait = seconds(error.retry_after)
            except TelegramError as error:
                found = meaning(error)
                raise found if isinstance(found, Down) else ConnectionError(str(found)) from None
            log.warning("telegram.poll_later", extra={"fields": {"next": wait}})
            await asyncio.sleep(wait)

    async def read(self, raw: bytes) -> Sequence[Event]:
        """Return what one update means; empty never, Ignored with a word instead. Raises Unreadable."""
        return incoming.events(raw, self._us)

    async def send(self, to: Address, what: Outgoing) -> Sent:
        """Send one message; what Telegram cannot take of its decoration is left out, once each (T13, T19)."""
        shared = self._encoded.get(what.shared.cache_key)
        if shared is None:
            shared = self._keep(what.shared)
        if not what.shared.files:
            return Sent((await self._sent("sendMessage", outgoing.message(to, what, shared), to),))
        ids, words = [], outgoing.beside_a_file(shared)
        for file in what.shared.files:
            content = await asyncio.to_thread(file.read)
            parameters = outgoing.message(to, what, words)
            ids.append(
                await self._sent(
                    "sendDocument", parameters, to, {"document": (outgoing.file_name(file.name), content, file.type)}
                )
            )
            words = {}
        return Sent(tuple(ids))

    async def _sent(
        self, method: str, parameters: dict[str, Any], to: Address, files: Mapping[str, Any] | None = None
    ) -> str:
        """The id of the message a call has made."""
        result = await self._call(method, parameters, to.id, files)
        number = result.get("message_id") if isinstance(result, dict) else None
        if not isinstance(number, int):
            raise Uncertain("an answer without a message")
        return str(number)

    def _keep(self, shared: Shared) -> dict[str, Any]:
        """Encode what all readers share, and keep it for the next if it has a name."""
        encoded = outgoing.encoded(shared)
        if shared.cache_key is not None:
            self._encoded[shared.cache_key] = encoded
        if len(self._encoded) > KEPT:
            self._encoded.popitem(last=False)
        return encoded

    async def edit(self, to: Address, remote_id: str, what: Outgoing) -> Sent:
        """Change the words of a message of ours; that they are already so is success (T9)."""
        parameters = outgoing.edit(to, remote_id, outgoing.encoded(what.shared))
        try:
            await self._call("editMessageText", parameters, to.id)
        except Refused as refusal:
            if "message is not modified" not in str(refusal).casefold():
                raise
        return Sent((remote_id,))

    async def delete(self, to: Address, remote_id: str) -> None:
        """Take a message of ours away; that it is gone already is success."""
        parameters = {"chat_id": outgoing.chat(to), "message_id": outgoing.number(remote_id)}
        try:
            await self._call("deleteMessage", parameters, to.id)
        except Refused as refusal:
            if "message to delete not found" not in str(refusal).casefold():
                raise

    async def census(self, room: Address, people: Sequence[str]) -> Census:
        """Who of these is in a group, and how many there are. Telegram tells an administrator everything, others most."""
        from .presence import census

        return await census(self._open_wire(), self._base, room, people)

    async def react(self, to: Address, remote_id: str, emoji: str) -> None:
        """React to a message with one emoji of Telegram's list; an empty one takes ours back."""
        reaction = [{"type": "emoji", "emoji": emoji}] if emoji else []
        message = outgoing.number(remote_id)
        parameters = {"chat_id": outgoing.chat(to), "message_id": message, "reaction": reaction}
        await self._call("setMessageReaction", parameters, to.id)

    async def answer(self, callback_id: str, text: str = "") -> None:
        """End the waiting sign on a pressed button, with a short line if there is one; too late is no matter (T22)."""
        parameters = {"callback_query_id": callback_id} | ({"text": text[:200]} if text else {})
        try:
            await self._call("answerCallbackQuery", parameters, "")
        except Refused as refusal:
            if "query is too old" not in str(refusal).casefold():
                raise

    async def _call(
        self, method: str, parameters: dict[str, Any], chat: str, files: Mapping[str, Any] | None = None
    ) -> Any:
        """One call that changes something; what may be left out of it is left out, once each. Raises our errors."""
        from telegram.error import BadRequest, TelegramError

        wire = self._open_wire()
        self._under_way += 1
        self._idle.clear()
        try:
            while True:
                try:
                    return await wire.call(self._base + method, parameters, files=files)
                except TelegramError as error:
                    plainer = (
                        outgoing.without_the_fault(parameters, error.message) if isinstance(error, BadRequest) else None
                    )
                    if plainer is None:
                        raise self._meaning(error, chat) from None
                    parameters = plainer
                    log.info("telegram.plainer", extra={"fields": {"method": method}})
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    def _meaning(self, error: Any, chat: str) -> Exception:
        """The error in our words. A 429 is the chat's own, unless another chat is waiting one out: then it is ours (T5)."""
        from .refusals import meaning

        found = meaning(error)
        if isinstance(found, TryLater) and found.scope == "chat" and found.after is not None:
            now = time.monotonic()
            self._paused = {c: until for c, until in self._paused.items() if until > now}
            if self._paused.keys() - {chat}:
                found.scope = "budget"
            self._paused[chat] = now + found.after
        return found

    def _open_wire(self) -> Wire:
        if self._wire is None:
            raise Down("The Telegram bridge is closed.", "")
        return self._wire

    def invite_link(self, code: str) -> str:
        """Return the link that opens a chat with us and says `code`; empty while we do not know our own name."""
        if not self._us.username:
            return ""
        from telegram.helpers import create_deep_linked_url

        return create_deep_linked_url(self._us.username, code) if self._us.username else ""

    async def menu(self, commands: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        """Set the list of commands people see, by language: `{"en": [("help", "What you can do here")], "fr": …}`.

        The first language is also what everybody else sees.
        """
        from .menus import set_menus

        await set_menus(self._open_bot(), commands)

    async def fetch(self, file: RemoteFile) -> AsyncIterator[bytes]:
        """The bytes of a file, at most 20 MB. Raises Refused for a larger one, TryLater when there is no way to it."""
        from telegram.error import TelegramError

        from .refusals import meaning

        trouble: Exception | None = None
        try:
            path = (await self._open_bot().get_file(file.id)).file_path or ""  # holds the token: for our eyes only
            async for piece in self._open_wire().download(path):
                yield piece
        except TelegramError as error:
            found = meaning(error)
            trouble = found if not isinstance(found, Uncertain) else TryLater(str(found))
        if trouble is not None:
            raise trouble

    async def check(self) -> list[str]:
        """Return what is wrong with the set-up; raises Down when Telegram cannot be asked. Opens itself for it if need be."""
        from .menus import faults

        if self._bot is not None:
            return await faults(self._bot)
        await self.open({})
        try:
            return await faults(self._open_bot())
        finally:
            await self.close(0)

    def _open_bot(self) -> Bot:
        if self._bot is None:
            raise Down("The Telegram bridge is closed.", "")
        return self._bot


def _arrival(update: Any) -> Arrival:
    """One update as the bus stores it; ASCII, so that half a surrogate pair travels unharmed."""
    known = incoming.key(update)
    raw = json.dumps(update, separators=(",", ":")).encode("ascii")
    return Arrival(known.key, raw, known.lane, known.group, QUIET if known.group else 0.0)


def _away(api: str) -> str:
    """What to do when the server cannot be reached."""
    if api == "https://api.telegram.org":
        return "Check this machine's way to the internet; some networks block Telegram."
    return f"Check [telegram] api: is a Bot API server running at {api}?"


def budgets(settings: TelegramSettings) -> Sequence[Budget]:
    """The rates Telegram allows (T5), as it counts them: in any sliding second or minute, at its own door.

    A burst and what follows it must stay within the limit for every window: 20 at once and then one every three
    seconds are 40 in a minute. So nothing leaves in bursts. Two messages spaced exactly on the limit arrive too close
    when the first met a slow network: hence five per cent of air, which the 28 of 30 in all already has.
    """
    return (
        Budget("all", settings.per_second),
        Budget("chat", settings.per_chat / 1.05, lane=True, rooms=False),
        Budget("group", settings.per_group / 60 / 1.05, lane=True, rooms=True),
    )


def _make(settings: TelegramSettings) -> Bridge:
    return TelegramBridge(settings)


def _sandbox() -> Any:
    from .sandbox import TelegramSandbox

    return TelegramSandbox()


CHANNEL = Channel("telegram", TelegramSettings, CAN, _make, _sandbox, budgets)
