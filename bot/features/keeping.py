"""Nothing is kept longer than [keep] says: raw items, records, messages, files, in batches, by a job of the clock.

A raw item is emptied a day after it was handled (a mail after a month). What failed or is held waits for somebody to
deal with it, a month at most. Codes, tries and questions that are over: `bot.core.codes.tidy`. What lies elsewhere than
in the database is `bot.core.sweeping`'s.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Final

from sqlalchemy import Connection

from bot.commands.desk import Hooks
from bot.core import aging, dropping, enclosed, forgetting
from bot.core.scene import House
from store.statement import run, sql

EVERY: Final = 600.0
#: Failed and held items, whatever the channel.
LETTERS_KEPT: Final = 30 * 86400.0
#: In one turn of the clock; the next one goes on.
MOST: Final = 2000
#: So long after it has left, what the bot said may still be tried again by hand.
SPOKEN: Final = 3600.0
DAY: Final = 86400.0

EMPTY = sql("""
    UPDATE inbound SET raw = NULL, emptied_at = :now
    WHERE state = 'done' AND emptied_at IS NULL AND channel = :channel AND handled_at < :before
""")
# Of channels that are off now, nobody says how long: as long as anything at most.
EMPTY_OFF = sql("""
    UPDATE inbound SET raw = NULL, emptied_at = :now
    WHERE state = 'done' AND emptied_at IS NULL AND channel NOT IN :on AND handled_at < :before
""")
EMPTY_LETTERS = sql("""
    UPDATE inbound SET raw = NULL, emptied_at = :now
    WHERE state IN ('failed', 'held') AND emptied_at IS NULL AND handled_at < :before
""")
# Files of emptied items that no other item and no message needs: the same bytes are one file.
FILES = sql("""
    SELECT DISTINCT i.raw_file FROM inbound i
    WHERE i.emptied_at IS NOT NULL AND i.raw_file <> ''
      AND NOT EXISTS (SELECT 1 FROM inbound o WHERE o.raw_file = i.raw_file AND o.emptied_at IS NULL)
      AND NOT EXISTS (SELECT 1 FROM file f WHERE f.sha256 = i.raw_file)
    LIMIT :most
""")
FORGET_FILE = sql("UPDATE inbound SET raw_file = '' WHERE raw_file = :name AND emptied_at IS NOT NULL")
# The same item again is known by its row for as long as channels repeat themselves.
OLD_ITEMS = sql("""
    DELETE FROM inbound WHERE id IN (
        SELECT id FROM (SELECT id, state, raw_file, emptied_at, handled_at FROM inbound ORDER BY id LIMIT :most) AS oldest
        WHERE state IN ('done', 'held', 'failed') AND emptied_at IS NOT NULL AND raw_file = '' AND handled_at < :before)
""")
# The oldest records have the smallest ids: nothing else is looked at.
OLD_PARCELS = sql("""
    SELECT id FROM (SELECT id, state, created_at FROM parcel ORDER BY id LIMIT :most) AS oldest
    WHERE created_at < :before AND state NOT IN ('due', 'sending')
""")
OF_PARCELS = [
    sql("DELETE FROM question WHERE parcel_id IN :parcels"),
    sql("DELETE FROM delivery WHERE parcel_id IN :parcels"),
    sql("DELETE FROM parcel WHERE id IN :parcels"),
]


def keep(connection: Connection, house: House, now: float | None = None) -> None:
    """Erase what has been kept long enough."""
    now = time.time() if now is None else now
    for channel, kept in house.raw_kept.items():
        run(connection, EMPTY, {"channel": channel, "before": now - kept, "now": now})
    run(connection, EMPTY_OFF, {"on": list(house.raw_kept), "before": now - LETTERS_KEPT, "now": now})
    run(connection, EMPTY_LETTERS, {"before": now - LETTERS_KEPT, "now": now})
    for row in run(connection, FILES, {"most": MOST}):
        house.drop_file(row.raw_file)
        run(connection, FORGET_FILE, {"name": row.raw_file})
    enclosed.drop_left(connection, house.drop_file)
    run(connection, OLD_ITEMS, {"before": now - house.parcels_kept, "most": MOST})
    old = [row.id for row in run(connection, OLD_PARCELS, {"before": now - house.parcels_kept, "most": MOST})]
    for start in range(0, len(old), 500):
        for statement in OF_PARCELS:
            run(connection, statement, {"parcels": old[start : start + 500]})
    dropping.spoken(connection, now - SPOKEN, MOST)
    number, files = aging.messages(connection, now - house.messages_kept, now)
    files += aging.files(connection, now - house.files_kept)
    for name in files:
        house.drop_file(name)
    number += aging.strangers(connection, now - house.parcels_kept)
    if number:
        forgetting.erased_something(connection, now, at_most_every=DAY)


def plug(into: Hooks) -> None:
    """Every ten minutes."""
    if into.house is not None:
        into.clock.every(EVERY, partial(keep, house=into.house), name="keeping")
