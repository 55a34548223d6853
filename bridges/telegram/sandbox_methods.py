"""The methods of the Bot API that the sandbox knows. Each takes the parameters and returns the result as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .sandbox_rules import MAX_CAPTION, RefusedCallError, check_buttons, check_text, wrong
from .sandbox_world import Chat, World, buttons

Parameters = dict[str, Any]
SENDING = frozenset({"sendMessage", "sendDocument", "sendPhoto"})
_FILE_LIMITS = {"sendPhoto": 10_000_000, "sendDocument": 50_000_000}


class Methods:
    """What each method does to the world; refuses by raising RefusedCallError."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.privacy = False
        self.webhook = ""
        self.menus: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.files: dict[str, bytes] = {}
        self.known: dict[str, Callable[[Parameters], Any]] = {
            "getMe": self.me,
            "getWebhookInfo": lambda _: {
                "url": self.webhook,
                "has_custom_certificate": False,
                "pending_update_count": 0,
            },
            "sendMessage": self.send,
            "sendDocument": lambda p: self.send_file("sendDocument", p),
            "sendPhoto": lambda p: self.send_file("sendPhoto", p),
            "editMessageText": self.edit,
            "deleteMessage": self.delete,
            "setMessageReaction": self.react,
            "answerCallbackQuery": self.answer,
            "setMyCommands": self.set_menu,
            "getMyCommands": lambda p: self.menus.get(_menu(p), []),
            "getFile": self.file,
            "getChatMember": self.member,
            "getChatMemberCount": lambda p: len(self._group(p).people) + 1,
        }

    def me(self, _: Parameters) -> Any:
        """Who the bot is."""
        return self.world.bot | {
            "can_join_groups": True,
            "can_read_all_group_messages": not self.privacy,
            "supports_inline_queries": False,
        }

    def chat(self, parameters: Parameters) -> Chat:
        """The chat a message may go to; refuses like the service: unknown, blocked, moved, never met."""
        number = parameters.get("chat_id")
        chat = self.world.chats.get(number) if isinstance(number, int) else None
        if chat is None:
            raise RefusedCallError(400, "Bad Request: chat not found")
        if chat.moved_to is not None:
            sentence = "Bad Request: group chat was upgraded to a supergroup chat"
            raise RefusedCallError(400, sentence, migrate_to_chat_id=chat.moved_to)
        if chat.kind == "private":
            if chat.people[0].blocked:
                raise RefusedCallError(403, "Forbidden: bot was blocked by the user")
            if not chat.people[0].started:
                raise RefusedCallError(403, "Forbidden: bot can't initiate conversation with a user")
        elif not chat.bot_is_in:
            raise RefusedCallError(403, "Forbidden: bot was kicked from the group chat")
        return chat

    def send(self, parameters: Parameters) -> Any:
        """Take a message: sendMessage."""
        chat = self.chat(parameters)
        check_text(parameters.get("text"), parameters.get("entities"))
        content = {"text": parameters["text"].strip()}
        if parameters.get("entities"):
            content["entities"] = parameters["entities"]
        return self._add(chat, parameters, content)

    def send_file(self, method: str, parameters: Parameters) -> Any:
        """Take a file: sendDocument and sendPhoto, uploaded with the request."""
        chat = self.chat(parameters)
        content = parameters.get("document") or parameters.get("photo")
        if not isinstance(content, bytes):
            raise wrong("there is no document in the request")
        if len(content) > _FILE_LIMITS[method]:
            raise RefusedCallError(413, "Request Entity Too Large", ours=True)
        check_text(parameters.get("caption", ""), parameters.get("caption_entities"), MAX_CAPTION)
        file = {"file_id": self.keep(content), "file_unique_id": f"u{len(self.files)}", "file_size": len(content)}
        said: dict[str, Any] = {"caption": parameters["caption"]} if parameters.get("caption") else {}
        name = str(getattr(content, "name", ""))
        if method == "sendPhoto":
            said["photo"] = [file | {"width": 1, "height": 1}]
        else:
            said["document"] = file | ({"file_name": name} if name else {})
        said["files"] = ((name, bytes(content)),)
        return self._add(chat, {k: v for k, v in parameters.items() if v is not content}, said)

    def _add(self, chat: Chat, parameters: Parameters, content: dict[str, Any]) -> Any:
        """The message, as an answer to what it answers, with its buttons."""
        check_buttons(parameters.get("reply_markup"))
        thread = parameters.get("message_thread_id")
        if thread is not None:
            if thread not in chat.topics:
                raise RefusedCallError(400, "Bad Request: message thread not found")
            content |= {"message_thread_id": thread, "is_topic_message": True}
        if parameters.get("reply_markup"):
            content["reply_markup"] = parameters["reply_markup"]
        return self.world.add(chat, None, content, self._parent(chat, parameters.get("reply_parameters")), parameters)

    @staticmethod
    def _parent(chat: Chat, reply: Any) -> int:
        """The message it answers, in this chat; ids of other chats mean nothing here."""
        if reply is None:
            return 0
        number = reply.get("message_id")
        if not isinstance(number, int) or reply.get("chat_id", chat.id) != chat.id:
            raise wrong("MESSAGE_ID_INVALID")
        line = chat.lines.get(number)
        if line is not None and not line[0].deleted:
            return number
        if reply.get("allow_sending_without_reply") is True:
            return 0
        raise wrong("message to be replied not found")

    def edit(self, parameters: Parameters) -> Any:
        """Change a text: editMessageText, of the bot's own messages."""
        chat = self.chat(parameters)
        number = self._own(chat, parameters, "message to edit not found", "message can't be edited")
        check_text(parameters.get("text"), parameters.get("entities"))
        check_buttons(parameters.get("reply_markup"))
        message, text = chat.messages[number], parameters["text"].strip()
        now = (text, parameters.get("entities") or None, parameters.get("reply_markup"))
        if now == (message.get("text"), message.get("entities"), message.get("reply_markup")):
            sentence = "message is not modified: specified new message content and reply markup are exactly the same"
            raise RefusedCallError(400, f"Bad Request: {sentence} as a current content and reply markup of the message")
        kept = {k: v for k, v in message.items() if k not in {"entities", "reply_markup"}}
        message = kept | {"text": text, "edit_date": message["date"]}
        message |= {k: v for k, v in zip(("entities", "reply_markup"), now[1:], strict=True) if v}
        chat.messages[number] = message
        line, author = chat.lines[number]
        shown = buttons(parameters.get("reply_markup"))
        chat.lines[number] = (replace(line, text=text, buttons=shown, edited=True, raw=parameters), author)
        return message

    def delete(self, parameters: Parameters) -> Any:
        """Take a message away: deleteMessage."""
        chat = self.chat(parameters)
        number = self._own(chat, parameters, "message to delete not found", "message can't be deleted")
        line, author = chat.lines[number]
        chat.lines[number] = (replace(line, deleted=True), author)
        return True

    def react(self, parameters: Parameters) -> Any:
        """React: setMessageReaction, emoji of the service's list only."""
        from telegram.constants import ReactionEmoji

        chat = self.chat(parameters)
        if parameters.get("message_id") not in chat.messages:
            raise RefusedCallError(400, "Bad Request: message to react not found")
        reaction = parameters.get("reaction") or []
        allowed = {str(emoji.value) for emoji in ReactionEmoji}
        if len(reaction) > 1 or any(r.get("emoji") not in allowed for r in reaction):
            raise RefusedCallError(400, "Bad Request: REACTION_INVALID")
        return True

    def answer(self, parameters: Parameters) -> Any:
        """End the waiting of a button: answerCallbackQuery, once."""
        if len(str(parameters.get("text", ""))) > 200:
            raise wrong("MESSAGE_TOO_LONG")
        if self.world.callbacks.pop(str(parameters.get("callback_query_id")), None) is None:
            sentence = "query is too old and response timeout expired or query ID is invalid"
            raise RefusedCallError(400, f"Bad Request: {sentence}")
        return True

    def set_menu(self, parameters: Parameters) -> Any:
        """Set a list of commands: setMyCommands."""
        for command in parameters["commands"]:
            if not 1 <= len(command["command"]) <= 32 or not command["command"].replace("_", "").isalnum():
                raise wrong("BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise wrong("BOT_COMMAND_DESCRIPTION_INVALID")
        self.menus[_menu(parameters)] = parameters["commands"]
        return True

    def _group(self, parameters: Parameters) -> Chat:
        """A group the bot is in."""
        chat = self.chat(parameters)
        if chat.kind == "private":
            raise RefusedCallError(400, "Bad Request: there is no member list in the private chat")
        return chat

    def member(self, parameters: Parameters) -> Any:
        """What somebody is in a group: getChatMember."""
        chat, number = self._group(parameters), parameters.get("user_id")
        human = next((one for one in self.world.humans.values() if one.id == number), None)
        if human is None:
            raise RefusedCallError(400, "Bad Request: user not found")
        if chat.hides_members:
            raise RefusedCallError(400, "Bad Request: member list is inaccessible")
        here = human in chat.people
        return {"status": "member" if here else "left", "user": human.user()}

    def keep(self, content: bytes) -> str:
        """Put a file on the server; returns its id."""
        number = f"file{len(self.files) + 1}"
        self.files[number] = content
        return number

    def file(self, parameters: Parameters) -> Any:
        """Tell where a file is: getFile, up to 20 MB."""
        number = str(parameters.get("file_id"))
        if number not in self.files:
            raise RefusedCallError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(self.files[number]) > 20_000_000:
            raise RefusedCallError(400, "Bad Request: file is too big")
        return {
            "file_id": number,
            "file_unique_id": number,
            "file_size": len(self.files[number]),
            "file_path": f"documents/{number}",
        }

    def _own(self, chat: Chat, parameters: Parameters, missing: str, foreign: str) -> int:
        """The number of a message of the bot's own that still stands."""
        line = chat.lines.get(parameters.get("message_id", 0))
        if line is None or line[0].deleted:
            raise RefusedCallError(400, f"Bad Request: {missing}")
        if line[1] != self.world.bot["id"]:
            raise wrong(foreign)
        return int(line[0].id)


def _menu(parameters: Parameters) -> tuple[str, str]:
    """What a list of commands is for: scope and language."""
    return json.dumps(parameters.get("scope")), str(parameters.get("language_code") or "")
