"""Departments are joined across rounds by what became of them; each step of a problem says what was done, and
from which department it was taken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "department_succession",
        sa.Column("predecessor", sa.String(length=60), nullable=False),
        sa.Column("successor", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "kind IN ('renamed', 'merged', 'split')", name=op.f("ck_department_succession_kind")
        ),
        sa.CheckConstraint("predecessor != successor", name=op.f("ck_department_succession_two_names")),
        sa.PrimaryKeyConstraint("predecessor", "successor", name="pk_department_succession"),
        sqlite_with_rowid=False,
    )
    op.add_column("problem", sa.Column("found_at", sa.String(length=60), server_default="", nullable=False))
    for name, length in (("step", 16), ("taken_from", 60)):
        op.add_column(
            "problem_event", sa.Column(name, sa.String(length=length), server_default="", nullable=False)
        )


def downgrade() -> None:
    op.drop_column("problem_event", "taken_from")
    op.drop_column("problem_event", "step")
    op.drop_column("problem", "found_at")
    op.drop_table("department_succession")
