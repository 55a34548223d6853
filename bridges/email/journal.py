"""What this channel writes in the journal."""

EVENTS = {
    "mail.reconnect": "The connection to the mailbox was lost or silent; a new one is made.",
    "mail.rescan": "The server numbered the mailbox anew: everything since `since` is read again, doubles are dropped.",
    "mail.read_again": "After a restore, the `mails` filed in `folder` since the backup are read; those known are dropped.",
    "mail.not_filed": "The server refused to move handled mails to their folder; they stay in INBOX, known and read.",
    "mail.removed": "From `folder`, `mails` mails were removed: their sender was forgotten, or they were kept long enough.",
    "mail.parser_died": "A mail of `bytes` bytes ended the parser process; it is kept as a dead letter, the next is read.",
}
