"""What this channel writes in the journal."""

EVENTS = {
    "telegram.open": "The bot's account answered; `account` is its id.",
    "telegram.cut": "The program ended while `calls` sends were under way; they are repeated or listed as uncertain.",
    "telegram.poll_later": "Telegram wants to be asked for updates less often; asked again after `next` seconds.",
    "telegram.plainer": "Telegram refused a message's formatting, topic or parent; it was sent without.",
}
