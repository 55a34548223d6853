"""What this channel writes in the journal."""

EVENTS = {
    "signal.away": "The service cannot be reached; it is tried again.",
    "signal.ear_closed": "The bot itself no longer listens: it stops, or the listener has taken over.",
    "signal.ear_opened": "No listener is running: the bot listens itself, and misses what comes while it is away.",
    "signal.gap": "Nobody listened for the time `took`; `told` if people are told because it was long.",
    "signal.listening": "The connection to the service stands: from now on nothing is missed.",
    "signal.other_device": "Another device uses the bot's number: what it sends is nobody's.",
    "signal.spool_full": "What arrived cannot be written down (disk full?): it is kept in memory and tried again.",
    "signal.unplugged": "The connection to the service ended; `silent` if it had stopped answering.",
    "signal.webhook_closed": "The webhook's port cannot be opened; the websocket goes on alone.",
}
