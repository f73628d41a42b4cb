"""Rounds may name a witness; their ballots carry its stamp and come in numbered batches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

STAMP = (
    "(stamp IS NULL) = (stamp_message IS NULL) AND"
    " (stamp IS NULL OR (length(stamp) = 384 AND length(stamp_message) = 136))"
)
ERASED = "state IN ('draft', 'open') OR post_key_private IS NULL"
SAME = "spent = OLD.spent AND message = OLD.message AND signature = OLD.signature AND sealed = OLD.sealed"
SAME += " AND proof IS NOT DISTINCT FROM OLD.proof"
SAME_STAMP = SAME + (
    " AND stamp IS NOT DISTINCT FROM OLD.stamp AND stamp_message IS NOT DISTINCT FROM OLD.stamp_message"
)
COLUMNS = ("close_without_witness", "witness_statement", "witness")
# {differs} is IS NOT on SQLite and IS DISTINCT FROM on PostgreSQL.
WITNESS_CHANGED = (
    "OLD.frozen AND (NEW.witness {differs} OLD.witness OR NEW.post_key_public {differs} OLD.post_key_public"
    " OR (NEW.post_key_private IS NOT NULL AND NEW.post_key_private {differs} OLD.post_key_private))"
)
# (name, table, when it fires, condition, message)
GUARDS = (
    ("round_witness", "round", "UPDATE", WITNESS_CHANGED, "this was frozen"),
    ("batch_unchanged", "posted_batch", "UPDATE", "true", "a batch is kept as it came"),
    ("batch_kept", "posted_batch", "DELETE", "true", "a batch is kept as it came"),
    ("code_list_unchanged", "code_list", "UPDATE", "true", "a list of codes is kept as it came"),
    ("code_list_kept", "code_list", "DELETE", "true", "a list of codes is kept as it came"),
)


def upgrade() -> None:
    op.execute("ALTER TABLE round ADD COLUMN witness TEXT")
    op.add_column("round", sa.Column("witness_statement", sa.Text(), server_default="", nullable=False))
    gone = sa.Column("close_without_witness", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("round", gone)
    binary = "BYTEA" if _is_postgresql() else "BLOB"
    op.execute(f"ALTER TABLE round ADD COLUMN post_key_public {binary}")
    erased = f"CONSTRAINT ck_round_post_key CHECK ({ERASED})"
    op.execute(f"ALTER TABLE round ADD COLUMN post_key_private {binary} {erased}")
    op.execute(f"ALTER TABLE ballot ADD COLUMN stamp_message {binary}")
    op.execute(f"ALTER TABLE ballot ADD COLUMN stamp {binary} CONSTRAINT ck_ballot_stamp CHECK ({STAMP})")
    if _is_postgresql():
        _kept(SAME_STAMP)
    _make_tables()
    for guard in GUARDS:
        (_guard_postgresql if _is_postgresql() else _guard_sqlite)(*guard)


def downgrade() -> None:
    """Ballots lose their stamps; a round with a witness can then neither be closed nor verified."""
    for name, table, *_ in GUARDS:
        op.execute(f"DROP TRIGGER {name} ON {table}" if _is_postgresql() else f"DROP TRIGGER {name}")
        if _is_postgresql():
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("code_list")
    op.drop_table("posted_batch")
    if _is_postgresql():
        _kept(SAME)
    for column in ("stamp", "stamp_message"):
        op.execute(f"ALTER TABLE ballot DROP COLUMN {column}")
    for column in ("post_key_private", "post_key_public", *COLUMNS):
        op.execute(f"ALTER TABLE round DROP COLUMN {column}")


def _make_tables() -> None:
    op.create_table(
        "posted_batch",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        _of_round("posted_batch"),
        sa.PrimaryKeyConstraint("round_id", "number", name="pk_posted_batch"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "code_list",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("other", sa.LargeBinary(length=32), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("codes", sa.Integer(), nullable=False),
        sa.Column("replaced", sa.Integer(), nullable=False),
        _of_round("code_list"),
        sa.PrimaryKeyConstraint("round_id", "other", name="pk_code_list"),
        sqlite_with_rowid=False,
    )


def _of_round(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["round_id"], ["round.id"], name=f"fk_{table}_round_id", ondelete="CASCADE"
    )


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


def _guard_sqlite(name: str, table: str, event: str, condition: str, message: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW"
        f" WHEN {condition.format(differs='IS NOT')} BEGIN SELECT RAISE(ABORT, 'pingyi: {message}'); END"
    )


def _guard_postgresql(name: str, table: str, event: str, condition: str, message: str) -> None:
    kept = "OLD" if event == "DELETE" else "NEW"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {condition.format(differs='IS DISTINCT FROM')} THEN"
        f" RAISE EXCEPTION 'pingyi: {message}' USING ERRCODE = 'check_violation'; END IF;"
        f" RETURN {kept}; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
