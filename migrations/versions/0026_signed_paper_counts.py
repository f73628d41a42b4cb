"""Keys and signatures of the two people who confirmed a count of paper forms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("paper_count", sa.Column("keys", sa.LargeBinary(length=130), nullable=True))
    op.add_column("paper_count", sa.Column("signatures", sa.LargeBinary(length=128), nullable=True))


def downgrade() -> None:
    op.drop_column("paper_count", "signatures")
    op.drop_column("paper_count", "keys")
