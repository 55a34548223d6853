"""What `restore`, `status` and `resume` say while everything is held back after a restore."""

from __future__ import annotations

from datetime import datetime

from bot.config import Settings
from bot.config.channels import channel as find_channel
from bot.core.resuming import Held
from bot.i18n import Translator


def print_held(held: Held, settings: Settings, t: Translator, *, at: float | None = None) -> None:
    """What would leave, what may be missing on each channel (with `at`, right after the restore), and what to type."""
    zone = datetime.now().astimezone().tzinfo or "UTC"  # the terminal's
    made = t.moment(held.made_at, zone)
    print(t("Everything is held back since a restore: what comes in is read, and nothing leaves."))
    for one in held.owed:
        if one.before:
            print(
                "  "
                + t.n(
                    "{channel}: {count} message would leave that may have been sent already.",
                    "{channel}: {count} messages would leave that may have been sent already.",
                    one.before,
                    channel=one.channel,
                )
            )
        if one.since:
            print(
                "  "
                + t.n(
                    "{channel}: {count} new message would leave.",
                    "{channel}: {count} new messages would leave.",
                    one.since,
                    channel=one.channel,
                )
            )
    if not held.owed:
        print("  " + t("At the moment nothing waits to leave."))
    print(t("What may be missing since {moment}, when the backup was made:", moment=made))
    for name in settings.channels:
        print("  " + _missing(name, name in held.reading, t))
    print("  " + t("Who joined, left or changed their wishes in a chat since then is as they were."))
    if at is not None:
        print(t("Now type: filcommun run. When filcommun status shows that mails are read, decide:"))
    else:
        print(t("Decide:"))
    print("  filcommun resume --drop   " + t("gives up what may have been sent already, and sends what is new"))
    print("  filcommun resume --send   " + t("sends everything; some will read a message twice"))


def _missing(name: str, reading: bool, t: Translator) -> str:
    can = find_channel(name).can
    if can.rereads and reading:
        return t("{channel}: nothing, once the mails since then are read again.", channel=name)
    if can.rereads:
        return t("{channel}: nothing, the mails since then were read again.", channel=name)
    if can.waits_for_us:
        waits = t.duration(can.waits_for_us)
        return t(
            "{channel}: what was read before the loss. What nobody had fetched comes by itself for {duration}.",
            channel=name,
            duration=waits,
        )
    return t(
        "{channel}: everything said from then until the program runs again. Ask people to repeat it.", channel=name
    )
