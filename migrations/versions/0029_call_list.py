"""What the office noted of enterprises that it called while a round collects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

OUTCOMES = "outcome IN ('waits', 'will', 'no_answer', 'declines', 'new_link')"


def upgrade() -> None:
    op.create_table(
        "call_note",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("enterprise_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.CheckConstraint(OUTCOMES, name=op.f("ck_call_note_outcome")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_call_note_round_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_call_note_enterprise_id"),
        sa.PrimaryKeyConstraint("round_id", "enterprise_id", name="pk_call_note"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("call_note")
