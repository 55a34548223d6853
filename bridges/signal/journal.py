"""What this channel and its listener write in the journal."""

EVENTS = {
    "signal.away": "The listener cannot reach the Signal service; it tries again, at most five seconds apart.",
    "signal.ear_closed": "The bot listens to Signal itself no longer.",
    "signal.ear_opened": "No separate listener is at work, so the bot listens to Signal itself.",
    "signal.gap": "Nobody listened for `took`; what was written then may be lost. `told` if it was long enough to tell people.",
    "signal.listening": "The listener is connected to the Signal service.",
    "signal.not_private": "The service did not hide the number or give it a username; `status` is what it answered, 0 nothing.",
    "signal.other_device": "The bot's number was used on another device. It should have none.",
    "signal.private": "The number was made private: not shown, not found, and reached by a username's link.",
    "signal.spool_full": "The listener cannot write what arrives to the disk; it holds it and tries again.",
    "signal.unplugged": "The listener's connection to the Signal service ended; `silent` if no sign of life came.",
    "signal.webhook_closed": "The port of the second way in cannot be opened; it is tried again every second.",
}
