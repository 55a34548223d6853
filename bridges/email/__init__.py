"""The mail channel: IMAP in, SMTP out, one mailbox of the bot's own."""
