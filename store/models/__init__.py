"""The tables: all that the community's memory holds. One class is one word of the house (docs/reference/glossary.md).

Times are seconds since 1970 (UTC) as floats, so that both databases compute with them in the same statements;
what people read is made from them in the reader's zone. Ids that leave the program are derived or public, never these.
"""

from store.models.columns import metadata
from store.models.people import (
    Address,
    Audit,
    Chore,
    Code,
    Community,
    Erased,
    Member,
    Membership,
    Preference,
    Presence,
    Question,
    Removal,
    Silence,
    Try,
    Undo,
)
from store.models.post import Budget, ChannelState, Copy, Cursor, Delivery, Inbound, Lane, Parcel, Process
from store.models.talk import Attachment, Choice, File, Message, MessageVersion, Reaction, Report, Thread, Topic

__all__ = [
    "Address",
    "Attachment",
    "Audit",
    "Budget",
    "ChannelState",
    "Choice",
    "Chore",
    "Code",
    "Community",
    "Copy",
    "Cursor",
    "Delivery",
    "Erased",
    "File",
    "Inbound",
    "Lane",
    "Member",
    "Membership",
    "Message",
    "MessageVersion",
    "Parcel",
    "Preference",
    "Presence",
    "Process",
    "Question",
    "Reaction",
    "Removal",
    "Report",
    "Silence",
    "Thread",
    "Topic",
    "Try",
    "Undo",
    "metadata",
]
