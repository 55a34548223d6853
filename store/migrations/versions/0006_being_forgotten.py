"""Being forgotten: what a member asked for, what a channel has still to remove, and what was kept long enough"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.Float(precision=53)
NEW_COLUMNS: tuple[sa.Column[Any], ...] = (
    sa.Column("forget_at", MOMENT, nullable=True),
    sa.Column("forget_step", sa.String(length=16), server_default="", nullable=False),
    sa.Column("forget_words", sa.String(length=8), server_default="", nullable=False),
    sa.Column("forget_note", sa.JSON(), nullable=True),
)


def upgrade() -> None:
    for column in NEW_COLUMNS:
        op.add_column("member", column)
    op.create_table(
        "removal",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("channel", sa.String(length=32), server_default="", nullable=False),
        sa.Column("account", sa.String(length=255), server_default="", nullable=False),
        sa.Column("remote", sa.String(length=320), server_default="", nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.text("0.0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removal")),
        sa.UniqueConstraint("channel", "account", "remote", name=op.f("uq_removal_channel_account_remote")),
    )
    for table, name, columns, where in (
        ("member", "member_forget", ["forget_at"], "forget_at IS NOT NULL"),
        ("delivery", "delivery_words", ["parcel_id"], "body IS NOT NULL"),
        ("message", "message_age", ["created_at"], ""),
        ("attachment", "ix_attachment_file_id", ["file_id"], ""),
    ):
        condition = sa.text(where) if where else None
        op.create_index(name, table, columns, unique=False, sqlite_where=condition, postgresql_where=condition)
