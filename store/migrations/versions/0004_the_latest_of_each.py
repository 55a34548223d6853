"""The latest of each: a member's and a speaker's messages in the order they were said, for the flood rule"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for who in ("author", "speaker"):
        op.drop_index(f"message_{who}", table_name="message")
        op.create_index(f"message_{who}", "message", [f"{who}_id", "id"], unique=False)
