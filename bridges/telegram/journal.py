"""What this channel writes in the journal."""

EVENTS = {
    "telegram.open": "The bot's account answered; `account` is its id.",
    "telegram.cut": "The program ended while `calls` sends were under way; they are repeated or listed as uncertain.",
    "telegram.poll_later": "Telegram gave no updates (away, or too many questions); asked again after `next`.",
    "telegram.plainer": "Telegram refused a message's formatting; it was sent as plain text.",
}
