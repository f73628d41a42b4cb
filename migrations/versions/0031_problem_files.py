"""Files that departments attach to their answers; one that was sent is kept as it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

TABLE = "problem_file"
KINDS = "kind IN ('pdf', 'jpg', 'png', 'docx', 'xlsx')"
FIXED = ("round_id", "problem", "number", "name", "kind", "size", "digest", "content")
# {differs} is IS NOT on SQLite and IS DISTINCT FROM on PostgreSQL.
CHANGED = "OLD.event IS NOT NULL OR " + " OR ".join(f"NEW.{name} {{differs}} OLD.{name}" for name in FIXED)
SENT = "OLD.event IS NOT NULL AND EXISTS (SELECT 1 FROM round WHERE id = OLD.round_id AND NOT trial)"
# (name, when it fires, condition, message)
GUARDS = (
    ("problem_file_unchanged", "UPDATE", CHANGED, "a file is sent as it is"),
    ("problem_file_kept", "DELETE", SENT, "a file that was sent is kept"),
)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("problem", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_problem_file_kind")),
        sa.ForeignKeyConstraint(
            ["round_id", "problem"], ["problem.round_id", "problem.number"], name="fk_problem_file_problem"
        ),
        sa.ForeignKeyConstraint(
            ["round_id", "problem", "event"],
            ["problem_event.round_id", "problem_event.problem", "problem_event.number"],
            name="fk_problem_file_event",
        ),
        sa.PrimaryKeyConstraint("round_id", "problem", "number", name="pk_problem_file"),
        sqlite_with_rowid=False,
    )
    for guard in GUARDS:
        (_guard_postgresql if _is_postgresql() else _guard_sqlite)(*guard)
    if _is_postgresql():
        op.execute(
            f"CREATE TRIGGER {TABLE}_not_emptied BEFORE TRUNCATE ON {TABLE}"
            " FOR EACH STATEMENT EXECUTE FUNCTION not_emptied()"
        )


def downgrade() -> None:
    op.drop_table(TABLE)
    for name, *_ in GUARDS if _is_postgresql() else ():
        op.execute(f"DROP FUNCTION {name}()")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _guard_sqlite(name: str, event: str, condition: str, message: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {TABLE} FOR EACH ROW"
        f" WHEN {condition.format(differs='IS NOT')} BEGIN SELECT RAISE(ABORT, 'pingyi: {message}'); END"
    )


def _guard_postgresql(name: str, event: str, condition: str, message: str) -> None:
    kept = "OLD" if event == "DELETE" else "NEW"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {condition.format(differs='IS DISTINCT FROM')} THEN"
        f" RAISE EXCEPTION 'pingyi: {message}' USING ERRCODE = 'check_violation'; END IF;"
        f" RETURN {kept}; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {name}()")
