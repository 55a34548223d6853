"""Invitations: which mail each is, when it may leave, and whether its code serves many"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.Float(precision=53)
WRITTEN = "purpose = 'invite' AND parcel_id IS NOT NULL"
# What was sent before: its mail may be forgotten (0), that it was written is not. Of two to one mailbox the first counts.
SENT = """
    UPDATE code SET parcel_id = COALESCE((
        SELECT d.parcel_id FROM delivery d
        WHERE d.key = 'invitation:' || CAST(code.community_id AS TEXT) || ':' || CAST(code.address_id AS TEXT)), 0)
    WHERE purpose = 'invite' AND address_id IS NOT NULL AND id IN (
        SELECT MIN(id) FROM code WHERE purpose = 'invite' AND address_id IS NOT NULL GROUP BY community_id, address_id)
"""
OUTCOMES = (
    "UPDATE code SET leaves_at = created_at",
    "UPDATE code SET outcome = 'accepted' WHERE purpose = 'invite' AND used_at IS NOT NULL AND outcome = ''",
    (
        "UPDATE code SET outcome = 'refused' WHERE purpose = 'invite' AND address_id IS NOT NULL AND uses_left = 0"
        " AND used_at IS NULL AND outcome = ''"
    ),
)


def upgrade() -> None:
    op.add_column("code", sa.Column("shared", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("code", sa.Column("parcel_id", ID, nullable=True))
    op.add_column("code", sa.Column("leaves_at", MOMENT, server_default=sa.text("0.0"), nullable=False))
    op.execute(SENT)
    for statement in OUTCOMES:
        op.execute(statement)
    op.create_index("code_inviter", "code", ["membership_id", "leaves_at"], unique=False)
    op.create_index(
        "code_parcel",
        "code",
        ["parcel_id"],
        unique=False,
        sqlite_where=sa.text("parcel_id IS NOT NULL"),
        postgresql_where=sa.text("parcel_id IS NOT NULL"),
    )
    op.create_index(
        "code_written",
        "code",
        ["community_id", "address_id"],
        unique=True,
        sqlite_where=sa.text(WRITTEN),
        postgresql_where=sa.text(WRITTEN),
    )
