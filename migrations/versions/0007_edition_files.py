"""The finished documents of a published edition."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "edition_file",
        sa.Column("publication_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publication.id"], name="fk_edition_file_publication_id"
        ),
        sa.PrimaryKeyConstraint("publication_id", name="pk_edition_file"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("edition_file")
