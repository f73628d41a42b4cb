"""Counts of paper forms, of each reading station of a round."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NUMBERS = ("handed_out", "returned", "cast", "refused", "empty", "not_counted")
ADDS_UP = 'handed_out >= returned AND returned = "cast" + refused + empty + not_counted'


def upgrade() -> None:
    op.create_table(
        "paper_count",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("station", sa.String(length=64), nullable=False),
        sa.Column("first", sa.String(length=64), nullable=False),
        sa.Column("second", sa.String(length=64), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in NUMBERS),
        sa.CheckConstraint(ADDS_UP, name="sums"),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name="fk_paper_count_round_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", "station", name="pk_paper_count"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("paper_count")
