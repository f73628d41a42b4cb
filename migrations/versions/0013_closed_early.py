"""The announced last day of a round that was closed before it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("round", sa.Column("planned_closes_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("round", "planned_closes_on")
