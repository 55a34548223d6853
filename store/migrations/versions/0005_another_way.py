"""Another way: which address a member wants while another serves, and what a channel's absence has led to"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.Float(precision=53)
NEW_COLUMNS: dict[str, tuple[sa.Column[Any], ...]] = {
    "membership": (
        sa.Column("wanted_id", ID, nullable=True),
        sa.Column("wanted_why", sa.String(length=16), server_default="", nullable=False),
    ),
    "address": (sa.Column("stands_in", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),),
    "channel_state": (
        sa.Column("found_at", MOMENT, nullable=True),
        sa.Column("away_since", MOMENT, nullable=True),
        sa.Column("back_at", MOMENT, nullable=True),
        sa.Column("told_at", MOMENT, nullable=True),
    ),
}


def upgrade() -> None:
    for table, columns in NEW_COLUMNS.items():
        for column in columns:
            op.add_column(table, column)
    op.create_index(
        "membership_wanted",
        "membership",
        ["wanted_id"],
        unique=False,
        sqlite_where=sa.text("wanted_id IS NOT NULL"),
        postgresql_where=sa.text("wanted_id IS NOT NULL"),
    )
