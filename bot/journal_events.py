"""Every event the house writes in the journal, with its meaning; a channel's own stand in `bridges/NAME/journal.py`.

A name is `noun.what_happened`. A test finds each name in the source here, and each name here in the source;
docs/reference/log.md is made from this.
"""

from __future__ import annotations

import importlib
import importlib.util

from bot.config import channels

EVENTS: dict[str, str] = {
    "app.started": "Every channel's work has begun; `channels` says how many there are.",
    "app.stopping": "The program was asked to stop; it ends what it has begun.",
    "app.stopped": "It has ended.",
    "backup.failed": "No backup could be made: `error`. It is tried again in an hour.",
    "backup.made": "A backup of `messages` messages was made; `missing` files were not in their folder.",
    "backup.not_copied": "The second copy of a backup could not be written; the first is there.",
    "backup.not_proved": "A backup could not be restored into a temporary folder: `error`.",
    "backup.proved": "A backup of `messages` messages was restored into a temporary folder, and thrown away.",
    "channel.back": "A channel that was away answers again.",
    "channel.closed_late": "A channel did not end what it had begun in time; it was cut off.",
    "channel.down": "A channel cannot be used: `reason`. It is tried again while the others work.",
    "channel.fault": "A channel's bridge broke: a fault of ours. It is opened again.",
    "channel.open": "A channel's account answered; its messages are read and sent from here on.",
    "delivery.bounced": "A message came back; `permanent` if it will never arrive at that address.",
    "gate.held": "An arrival was kept for an organizer to look at; `gate` says which question it did not pass.",
    "inbound.accepted": "Arrivals are stored; their channel may forget them.",
    "inbound.claimed": "Arrivals another process left behind are handled here.",
    "inbound.committed": "What arrivals meant is written down, with everything that is now owed.",
    "inbound.fault": "An arrival could not be read because of a fault of ours; it is kept as a dead letter.",
    "inbound.fetched": "A channel gave arrivals; they are not stored yet.",
    "inbound.handled": "An arrival is dealt with; `outcome` says how.",
    "inbound.not_filed": "An arrival was handled, but its channel could not put it where it belongs.",
    "intake.paused": "Nothing more is taken in: `why`. What channels keep for us waits there.",
    "invitation.bounced": "An invitation could not be delivered; whoever sent five of these sends no more for now.",
    "job.failed": "A job of the clock broke; the others go on, and it runs again when it is due.",
    "library.warning": "A library warns of something; its own words, without what it would fill in.",
    "library.error": "The same, and it failed.",
    "library.critical": "The same, and it cannot go on.",
    "outbox.held": "Nothing leaves since a restore, until `filcommun resume` is typed.",
    "outbox.resumed": "It was typed: what is owed leaves.",
    "address.suspended": "A person's device is another one than before: no powers from there until confirmed elsewhere.",
    "parcel.accepted": "The channel took a parcel; what it said is not yet written down.",
    "parcel.fault": "A parcel could not be sent because of a fault of ours; tried again, then listed.",
    "parcel.leaving": "A parcel is marked as being sent; its call comes next.",
    "parcel.not_sent": "A parcel was not taken; `kind` says why, and whether it is tried again.",
    "parcel.sent": "A parcel arrived at its channel.",
    "parcels.in_doubt": "The last process ended while it was sending: `count` parcels may have arrived or not.",
    "sweep.given_up": "A channel that is off was not asked to remove what it keeps of `count` erased people; look there.",
    "sweep.later": "Something erased here still lies elsewhere, which cannot be reached: `job`. It is tried again.",
    "store.committing": "What waited to be written is about to be, `pieces` together.",
    "store.connection_gone": "A connection to the database was lost while nothing was under way.",
    "store.waits": "The database does not take a write just now (busy, disk full, away); it is tried again.",
    "store.writes_again": "It does again.",
}


def every_event() -> dict[str, dict[str, str]]:
    """All meanings by name: the house's below "", each channel's below its name."""
    found = {"": EVENTS}
    for name in channels.names():
        if importlib.util.find_spec(f"bridges.{name}.journal"):
            found[name] = importlib.import_module(f"bridges.{name}.journal").EVENTS
    return found


def page() -> str:
    """Return docs/reference/log.md."""
    parts = [_HEAD]
    for channel, events in every_event().items():
        parts.append(
            f"## {f'The channel `{channel}`' if channel else 'The house'}\n\n| event | what happened |\n|---|---|"
        )
        parts += [f"| `{name}` | {meaning} |" for name, meaning in sorted(events.items())]
        parts.append("")
    return "\n".join(parts)


_HEAD = """\
# The journal

`filcommun run` writes one line for each thing that happens, to the standard error stream:

```
parcel.sent      parcel=812 message=301 channel=email attempt=1 took=0.41s
```

First the event, whose name never changes, then its fields. They are ids and counts: a number after `parcel=` can be
given to `filcommun retry out:812` or `drop`, one after `inbound=` as `in:44`. A member's words, name or address and the
bot's secrets are never written; what looks like one all the same is replaced by `[redacted]`. An error shows the class of
what broke and our lines it went through (`at=`), innermost first.

This page is made by `make docs` from what the program says of its events.
"""
