"""`Outgoing` → the parameters of a Bot API call.

Entities, never MarkdownV2: a star or an underscore in somebody's words must not become a mistake (T13).
"""

from __future__ import annotations

from typing import Any

from bot.core.bridge import Address, Outgoing, Shared

from .words import entities, sendable, without_nul


def encoded(shared: Shared) -> dict[str, Any]:
    """The part that is the same for every reader."""
    content = without_nul(shared.content) if "\0" in shared.content.text else shared.content
    part: dict[str, Any] = {"text": sendable(content.text)}
    if content.spans and (marks := entities(content)):
        part["entities"] = marks
    if shared.automatic:  # a notice of ours shall not unfold a page; a link somebody shares may
        part["link_preview_options"] = {"is_disabled": True}
    if shared.buttons:
        rows = [[{"text": sendable(b.label), "callback_data": b.data} for b in row] for row in shared.buttons]
        part["reply_markup"] = {"inline_keyboard": rows}
    return part


def beside_a_file(encoded: dict[str, Any]) -> dict[str, Any]:
    """What `encoded` returned, as the words under a file; none but the first of several has them."""
    named = {"text": "caption", "entities": "caption_entities"}
    return {named.get(name, name): value for name, value in encoded.items() if name != "link_preview_options"}


def file_name(name: str) -> str:
    """A file's name as it may stand in a form."""
    return "".join("_" if char in '"\\' or not char.isprintable() else char for char in name)


def message(to: Address, what: Outgoing, shared: dict[str, Any]) -> dict[str, Any]:
    """The parameters of sendMessage or sendDocument; `shared` is what `encoded` or `beside_a_file` returned."""
    parameters: dict[str, Any] = {"chat_id": chat(to), **shared}
    personal = what.personal
    if personal.reply_to.isascii() and personal.reply_to.isdigit():
        # The answered message may be gone: then the answer still goes, without its arrow (T20).
        parameters["reply_parameters"] = {"message_id": int(personal.reply_to), "allow_sending_without_reply": True}
    if to.sub.isascii() and to.sub.isdigit():
        parameters["message_thread_id"] = int(to.sub)
    if personal.silent:
        parameters["disable_notification"] = True
    return parameters


def edit(to: Address, remote_id: str, shared: dict[str, Any]) -> dict[str, Any]:
    """The parameters of editMessageText."""
    return {"chat_id": chat(to), "message_id": number(remote_id), **shared}


def chat(to: Address) -> int | str:
    """The chat id as the service wants it: a number."""
    return number(to.id)


def number(text: str) -> int | str:
    """An id as a number; one that is none goes as it is, and the service says what it thinks of it."""
    return int(text) if text.removeprefix("-").isdecimal() and text.isascii() else text


#: What to leave out, once, when the service says 400 for this reason; the words stay (T13, T19).
_SPARE = (
    ("entit", "entities"),
    ("entit", "caption_entities"),
    ("message thread not found", "message_thread_id"),
    ("topic_closed", "message_thread_id"),
    ("replied", "reply_parameters"),
    ("reply message", "reply_parameters"),
)


def without_the_fault(parameters: dict[str, Any], description: str) -> dict[str, Any] | None:
    """The same message without what the service could not take, or None if that was not decoration."""
    low = description.casefold()
    for needle, name in _SPARE:
        if needle in low and name in parameters:
            return {key: value for key, value in parameters.items() if key != name}
    return None
