"""The administrators' desk: jobs that can be cancelled or belong to no round, and archived samples."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COLUMNS = "id, kind, round_id, state, step, done, total, error, parameters, created_at, beat_at"
STATES = "state IN ('waiting', 'running', 'done', 'failed', 'cancelled')"
STATES_BEFORE = "state IN ('waiting', 'running', 'done', 'failed')"
FROZEN = "EXISTS (SELECT 1 FROM round WHERE id = OLD.round_id AND frozen)"
MESSAGE = "the sample was frozen by the first invitation"


def upgrade() -> None:
    if _is_postgresql():
        op.add_column("job", _cancel())
        op.alter_column("job", "round_id", nullable=True)
        _check(STATES)
    else:
        _rebuild(STATES, any_round=True)
    _sample()
    for name, event in (("sample_changed", "UPDATE"), ("sample_removed", "DELETE")):
        _guard(name, event)


def downgrade() -> None:
    for name in ("sample_changed", "sample_removed"):
        op.execute(f"DROP TRIGGER {name} ON sample" if _is_postgresql() else f"DROP TRIGGER {name}")
        if _is_postgresql():
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("sample")
    op.execute("DELETE FROM job WHERE round_id IS NULL OR state = 'cancelled'")
    if _is_postgresql():
        _check(STATES_BEFORE)
        op.alter_column("job", "round_id", nullable=False)
        op.drop_column("job", "cancel_requested")
    else:
        _rebuild(STATES_BEFORE, any_round=False)


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _cancel() -> sa.Column[object]:
    return sa.Column("cancel_requested", sa.Boolean(), server_default=sa.false(), nullable=False)


def _check(states: str) -> None:
    op.drop_constraint(op.f("ck_job_state"), "job", type_="check")
    op.create_check_constraint(op.f("ck_job_state"), "job", states)


def _rebuild(states: str, *, any_round: bool) -> None:
    """SQLite changes a CHECK only with the table."""
    op.create_table(
        "job_new",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=any_round),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("step", sa.String(length=80), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        *([_cancel()] if any_round else []),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(states, name=op.f("ck_job_state")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_job_round_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sqlite_with_rowid=False,
    )
    op.execute(f"INSERT INTO job_new ({COLUMNS}) SELECT {COLUMNS} FROM job")  # noqa: S608
    op.execute("DROP TABLE job")
    op.execute("ALTER TABLE job_new RENAME TO job")
    op.create_index("ix_job_round_id", "job", ["round_id"], unique=False)


def _sample() -> None:
    op.create_table(
        "sample",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("design", sa.JSON(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("drawn_on", sa.Date(), nullable=False),
        sa.Column("frame_size", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("frame", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("0 < drawn AND drawn <= frame_size", name=op.f("ck_sample_drawn")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_sample_round_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("round_id", name="pk_sample"),
        sqlite_with_rowid=False,
    )


def _guard(name: str, event: str) -> None:
    if not _is_postgresql():
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON sample FOR EACH ROW WHEN {FROZEN}"
            f" BEGIN SELECT RAISE(ABORT, 'pingyi: {MESSAGE}'); END"
        )
        return
    kept = "OLD" if event == "DELETE" else "NEW"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {FROZEN} THEN"
        f" RAISE EXCEPTION 'pingyi: {MESSAGE}' USING ERRCODE = 'check_violation'; END IF;"
        f" RETURN {kept}; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON sample FOR EACH ROW EXECUTE FUNCTION {name}()")
