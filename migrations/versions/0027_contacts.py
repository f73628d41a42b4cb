"""Contact of the office, for a round or for all; persons and telephones of key holders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "office_contact",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("telephone", sa.String(length=40), nullable=False),
        sa.Column("hours", sa.String(length=40), nullable=False),
        sa.CheckConstraint("name != '' AND telephone != ''", name=op.f("ck_office_contact_given")),
        sa.CheckConstraint("round_id IS NULL OR round_id = id", name=op.f("ck_office_contact_own")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name="fk_office_contact_round_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_office_contact"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "holder_contact",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("user_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("person", sa.String(length=30), nullable=False),
        sa.Column("telephone", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name="fk_holder_contact_round_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_holder_contact_user_id"),
        sa.PrimaryKeyConstraint("round_id", "user_id", name="pk_holder_contact"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("holder_contact")
    op.drop_table("office_contact")
