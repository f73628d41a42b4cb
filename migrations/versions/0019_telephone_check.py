"""A sample of those who collected is drawn once after closing, to be called and asked whether they did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

SAID = "said IN ('waits', 'took_part', 'did_not', 'not_reached')"
DRAWN_ONCE = "the draw is kept as it was made"


def upgrade() -> None:
    op.create_table(
        "telephone_check",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("word", sa.String(length=80), nullable=False),
        sa.Column("seed", sa.String(length=220), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("drawn_on", sa.Date(), nullable=False),
        sa.CheckConstraint("0 < size AND size <= population", name="size"),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name="fk_telephone_check_round_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", name="pk_telephone_check"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "telephone_call",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("enterprise_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(length=16), nullable=False),
        sa.CheckConstraint(SAID, name="said"),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["telephone_check.round_id"],
            name="fk_telephone_call_round_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_telephone_call_enterprise_id"),
        sa.PrimaryKeyConstraint("round_id", "enterprise_id", name="pk_telephone_call"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION telephone_check_unchanged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" RAISE EXCEPTION 'pingyi: {DRAWN_ONCE}' USING ERRCODE = 'check_violation'; END $$"
        )
        op.execute(
            "CREATE TRIGGER telephone_check_unchanged BEFORE UPDATE ON telephone_check FOR EACH ROW"
            " EXECUTE FUNCTION telephone_check_unchanged()"
        )
        return
    op.execute(
        "CREATE TRIGGER telephone_check_unchanged BEFORE UPDATE ON telephone_check FOR EACH ROW"
        f" BEGIN SELECT RAISE(ABORT, 'pingyi: {DRAWN_ONCE}'); END"
    )


def downgrade() -> None:
    op.drop_table("telephone_call")
    op.drop_table("telephone_check")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION telephone_check_unchanged()")
