"""What this channel writes in the journal."""

EVENTS = {
    "signal.listening": "The listener's connection to the service stands: from now on nothing is missed.",
    "signal.away": "The service cannot be reached; it is tried again.",
    "signal.unplugged": "The service said nothing for `silent` seconds and did not answer: connected anew.",
    "signal.spool_full": "What arrived cannot be written down (disk full?): it is kept in memory and tried again.",
}
