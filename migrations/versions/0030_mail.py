"""Mail addresses of enterprises, and what became of invitations sent by mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

STATES = "state IN ('sending', 'accepted', 'refused', 'unsure')"


def upgrade() -> None:
    op.add_column("enterprise", sa.Column("email", sa.String(length=254), server_default="", nullable=False))
    op.create_table(
        "mail_delivery",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("answer", sa.String(length=200), nullable=False),
        sa.CheckConstraint(STATES, name=op.f("ck_mail_delivery_state")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name="fk_mail_delivery_round_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", "code_hash", name="pk_mail_delivery"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("mail_delivery")
    op.drop_column("enterprise", "email")
