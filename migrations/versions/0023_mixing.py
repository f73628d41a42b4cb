"""What was mixed when is known to the database, so that no process and no restart repeats it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("round", sa.Column("mixing", sa.String(length=8), server_default="", nullable=False))
    op.add_column("round", sa.Column("mixed_cast", sa.Integer(), server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    op.drop_column("round", "mixed_cast")
    op.drop_column("round", "mixing")
