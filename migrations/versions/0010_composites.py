"""Composites: weights of several rounds, fixed before their opening, and what came of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "composite",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_composite"),
        sa.UniqueConstraint("name", name="uq_composite_name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "composite_file",
        sa.Column("composite_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["composite_id"],
            ["composite.id"],
            name="fk_composite_file_composite_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("composite_id", "name", name="pk_composite_file"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("composite_file")
    op.drop_table("composite")
