"""Files of the bot's own: each belongs to the parcel it leaves with"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("file", sa.Column("parcel_id", ID, nullable=True))
    op.create_index(
        "file_parcel",
        "file",
        ["parcel_id"],
        unique=False,
        sqlite_where=sa.text("parcel_id IS NOT NULL"),
        postgresql_where=sa.text("parcel_id IS NOT NULL"),
    )
