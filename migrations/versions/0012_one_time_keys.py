"""Rounds know their format's version; ballots from version 2 on carry the proof of their one-time key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None

BEFORE = "length(message) = 104"
SINCE = (
    "(length(message) = 104 AND proof IS NULL) OR (length(message) = 137 AND proof IS NOT NULL"
    " AND length(proof) = 64)"
)
CHECK = "ck_ballot_message"
# {differs} is IS NOT on SQLite and IS DISTINCT FROM on PostgreSQL.
VERSION_CHANGED = "OLD.frozen AND NEW.format_version {differs} OLD.format_version"
FROZEN = "this was frozen by the first invitation"
SAME = "spent = OLD.spent AND message = OLD.message AND signature = OLD.signature AND sealed = OLD.sealed"
SAME_PROOF = SAME + " AND proof IS NOT DISTINCT FROM OLD.proof"
COLUMNS = "round_id, spent, message, signature, sealed"


def upgrade() -> None:
    op.execute("ALTER TABLE round ADD COLUMN format_version INTEGER DEFAULT 2 NOT NULL")
    op.execute("UPDATE round SET format_version = 1 WHERE frozen")
    if _is_postgresql():
        op.drop_constraint(op.f(CHECK), "ballot", type_="check")
        op.add_column("ballot", sa.Column("proof", sa.LargeBinary(length=64), nullable=True))
        op.create_check_constraint(op.f(CHECK), "ballot", SINCE)
        _kept(SAME_PROOF)
        changed = VERSION_CHANGED.format(differs="IS DISTINCT FROM")
        op.execute(
            "CREATE FUNCTION round_format() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" RAISE EXCEPTION 'pingyi: {FROZEN}' USING ERRCODE = 'check_violation'; END $$"
        )
        op.execute(
            "CREATE TRIGGER round_format BEFORE UPDATE ON round FOR EACH ROW"
            f" WHEN ({changed}) EXECUTE FUNCTION round_format()"
        )
        return
    _rebuild(SINCE, proof=True)
    op.execute(
        "CREATE TRIGGER round_format BEFORE UPDATE ON round FOR EACH ROW"
        f" WHEN {VERSION_CHANGED.format(differs='IS NOT')}"
        f" BEGIN SELECT RAISE(ABORT, 'pingyi: {FROZEN}'); END"
    )


def downgrade() -> None:
    """Fails at the constraint where ballots of version 2 were cast: they cannot be without their proof."""
    if _is_postgresql():
        op.execute("DROP TRIGGER round_format ON round")
        op.execute("DROP FUNCTION round_format()")
        _kept(SAME)
        op.drop_constraint(op.f(CHECK), "ballot", type_="check")
        op.drop_column("ballot", "proof")
        op.create_check_constraint(op.f(CHECK), "ballot", BEFORE)
    else:
        op.execute("DROP TRIGGER round_format")
        _rebuild(BEFORE, proof=False)
    op.execute("ALTER TABLE round DROP COLUMN format_version")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _kept(same: str) -> None:
    """PostgreSQL: what was deleted must be back, unchanged, at the commit."""
    gone = f"NOT EXISTS (SELECT 1 FROM ballot WHERE round_id = OLD.round_id AND {same})"  # noqa: S608
    op.execute(
        "CREATE OR REPLACE FUNCTION ballot_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {gone} THEN RAISE EXCEPTION 'pingyi: what was issued or cast is kept'"
        " USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$"
    )


def _rebuild(check: str, *, proof: bool) -> None:
    """SQLite changes a CHECK only with the table; its triggers are kept as they are."""
    listed = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ballot'"
    triggers = [sql for (sql,) in op.get_bind().exec_driver_sql(listed).fetchall()]
    op.create_table(
        "ballot_new",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("spent", sa.LargeBinary(length=32), nullable=False),
        sa.Column("message", sa.LargeBinary(length=137 if proof else 104), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=384), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        *([sa.Column("proof", sa.LargeBinary(length=64), nullable=True)] if proof else []),
        sa.CheckConstraint(check, name=op.f(CHECK)),
        sa.CheckConstraint("length(signature) = 384", name=op.f("ck_ballot_signature")),
        sa.CheckConstraint("length(spent) = 32", name=op.f("ck_ballot_spent")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_ballot_round_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("round_id", "spent", name="pk_ballot"),
        sqlite_with_rowid=False,
    )
    op.execute(f"INSERT INTO ballot_new ({COLUMNS}) SELECT {COLUMNS} FROM ballot")  # noqa: S608
    op.execute("DROP TABLE ballot")
    op.execute("ALTER TABLE ballot_new RENAME TO ballot")
    for trigger in triggers:
        op.execute(trigger)
