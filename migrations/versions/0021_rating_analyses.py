"""Rankings of uploaded files of ratings, without a round: how each was read, what may be said, its files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rating_analysis",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=60), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("understood", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("question", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("said", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_rating_analysis"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rating_analysis_file",
        sa.Column("analysis_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"],
            ["rating_analysis.id"],
            name="fk_rating_analysis_file_analysis_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("analysis_id", "name", name="pk_rating_analysis_file"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("rating_analysis_file")
    op.drop_table("rating_analysis")
