"""Doors and manners: what is held, reported, suspended, and done from time to time"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.Float(precision=53)
NEW_COLUMNS: dict[str, tuple[sa.Column[Any], ...]] = {
    "membership": (
        sa.Column("confirmed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("powers_at", MOMENT, nullable=True),
        sa.Column("held_until", MOMENT, nullable=True),
    ),
    "address": (
        sa.Column("greeted_at", MOMENT, nullable=True),
        sa.Column("identity", sa.String(length=128), server_default="", nullable=False),
        sa.Column("suspended_at", MOMENT, nullable=True),
        sa.Column("people", ID, nullable=True),
        sa.Column("founded", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("powers_at", MOMENT, nullable=True),
    ),
    "code": (
        sa.Column("outcome", sa.String(length=16), server_default="", nullable=False),
        sa.Column("origin_id", ID, nullable=True),
    ),
    "inbound": (sa.Column("again", sa.Boolean(), server_default=sa.text("false"), nullable=False),),
    "message": (sa.Column("hidden_until", MOMENT, nullable=True),),
}

# What was decided is added to, never changed, whoever asks the database.
APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER audit_no_{what} BEFORE {what} ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
        for what in ("update", "delete")
    ],
    "postgresql": [
        (
            "CREATE FUNCTION audit_only_added_to() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$"
        ),
        (
            "CREATE TRIGGER audit_only_added_to BEFORE UPDATE OR DELETE ON audit"
            " FOR EACH ROW EXECUTE FUNCTION audit_only_added_to()"
        ),
    ],
}


def upgrade() -> None:
    for table, columns in NEW_COLUMNS.items():
        for column in columns:
            op.add_column(table, column)
    op.create_table(
        "chore",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("data", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chore")),
    )
    op.create_table(
        "report",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("membership_id", ID, nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.text("0.0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_report_message_id_message"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_report_membership_id_membership"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("message_id", "membership_id", name=op.f("uq_report_message_id_membership_id")),
    )
    op.create_table(
        "silence",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("address_id", ID, nullable=False),
        sa.Column("since", MOMENT, server_default=sa.text("0.0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_id"], ["address.id"], name=op.f("fk_silence_address_id_address"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["address.id"], name=op.f("fk_silence_room_id_address"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silence")),
        sa.UniqueConstraint("room_id", "address_id", name=op.f("uq_silence_room_id_address_id")),
    )
    op.create_index("silence_address", "silence", ["address_id"], unique=False)
    op.create_index("message_speaker", "message", ["speaker_id"], unique=False)
    op.create_index(
        "message_waiting",
        "message",
        ["community_id", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('held', 'hidden')"),
        postgresql_where=sa.text("state IN ('held', 'hidden')"),
    )
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)
