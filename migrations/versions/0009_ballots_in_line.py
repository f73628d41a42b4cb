"""PostgreSQL keeps a ballot in one row, not in pieces beside it: half the work, and no numbers of pieces.

Ballots of more than a page still go in pieces.
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WHOLE_PAGE = 8160  # the most that PostgreSQL takes


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE ballot SET (toast_tuple_target = {WHOLE_PAGE})")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE ballot RESET (toast_tuple_target)")
