"""Rounds for practice: marked for good, and the only ones with invitations that may be deleted.

What is kept of a real round may go with a trial round. Triggers hold it against plain SQL: a round is real or
a trial from its first row on, and its title and address say which.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

REAL = "EXISTS (SELECT 1 FROM round WHERE id = OLD.round_id AND NOT trial)"
# {differs} is IS NOT on SQLite and IS DISTINCT FROM on PostgreSQL.
MARKED = (
    "NEW.trial {differs} (NEW.title LIKE '（练习，不计入）%')"
    " OR (NEW.trial AND (NEW.slug NOT LIKE 'practice-%' OR NEW.witness IS NOT NULL))"
)
CHANGED = "NEW.trial {differs} OLD.trial"
# (name, table, event, condition, message)
MARKS = (
    ("round_marked", "round", "INSERT", MARKED, "a trial round is marked"),
    ("round_stays_marked", "round", "UPDATE", MARKED, "a trial round is marked"),
    ("round_trial", "round", "UPDATE", CHANGED, "a trial stays a trial"),
)
PUBLISHED = "OLD.state = 'published'"
# (name, table, condition before, condition now, message) of what is refused to be deleted.
KEPT = (
    ("round_kept", "round", "OLD.frozen", "OLD.frozen AND NOT OLD.trial", "a round with invitations is kept"),
    ("opened_box_kept", "opened_box", "1 = 1", REAL, "opened scores are kept"),
    ("publication_kept", "publication", PUBLISHED, f"{PUBLISHED} AND {REAL}", "what was published is kept"),
    ("problem_kept", "problem", "1 = 1", REAL, "a problem is withdrawn, not deleted"),
    ("problem_event_kept", "problem_event", "1 = 1", REAL, "the history only grows"),
)
# What PostgreSQL wants back, unchanged, at the commit (migrations 0003 and 0017).
BALLOT = (
    "spent = OLD.spent AND message = OLD.message AND signature = OLD.signature AND sealed = OLD.sealed"
    " AND proof IS NOT DISTINCT FROM OLD.proof AND stamp IS NOT DISTINCT FROM OLD.stamp"
    " AND stamp_message IS NOT DISTINCT FROM OLD.stamp_message"
)
INVITATION = (
    "code_hash = OLD.code_hash AND enterprise_id IS NOT DISTINCT FROM OLD.enterprise_id"
    " AND collected >= OLD.collected AND replaced >= OLD.replaced"
)
ISSUED = (("ballot", BALLOT), ("invitation", INVITATION))
ISSUED_KEPT = "what was issued or cast is kept"


def upgrade() -> None:
    op.add_column("round", sa.Column("trial", sa.Boolean(), server_default=sa.false(), nullable=False))
    for guard in MARKS:
        _trigger(*guard)
    for name, table, _before, now, message in KEPT:
        _replace(name, table, now, message)
    for table, same in ISSUED:
        _keep_issued(table, same, REAL)


def downgrade() -> None:
    """A round for practice would look like a real one: delete those first."""
    for table, same in ISSUED:
        _keep_issued(table, same, "1 = 1")
    for name, table, before, _now, message in KEPT:
        _replace(name, table, before, message)
    for name, table, *_ in MARKS:
        op.execute(f"DROP TRIGGER {name} ON {table}" if _is_postgresql() else f"DROP TRIGGER {name}")
        if _is_postgresql():
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_column("round", "trial")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _replace(name: str, table: str, condition: str, message: str) -> None:
    op.execute(f"DROP TRIGGER {name} ON {table}" if _is_postgresql() else f"DROP TRIGGER {name}")
    _trigger(name, table, "DELETE", condition, message)


def _keep_issued(table: str, same: str, real: str) -> None:
    """Refuse the deletion of ballots and invitations; PostgreSQL asks whether they are back at the commit."""
    if _is_postgresql():
        gone = f"NOT EXISTS (SELECT 1 FROM {table} WHERE round_id = OLD.round_id AND {same})"  # noqa: S608
        _function(f"{table}_kept", f"{real} AND {gone}", ISSUED_KEPT, "DELETE")
    else:
        _replace(f"{table}_kept", table, real, ISSUED_KEPT)


def _trigger(name: str, table: str, event: str, condition: str, message: str) -> None:
    if _is_postgresql():
        _function(name, condition.format(differs="IS DISTINCT FROM"), message, event)
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
        return
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW"
        f" WHEN {condition.format(differs='IS NOT')} BEGIN SELECT RAISE(ABORT, 'pingyi: {message}'); END"
    )


def _function(name: str, condition: str, message: str, event: str) -> None:
    kept = "OLD" if event == "DELETE" else "NEW"
    op.execute(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {condition} THEN"
        f" RAISE EXCEPTION 'pingyi: {message}' USING ERRCODE = 'check_violation'; END IF;"
        f" RETURN {kept}; END $$"
    )
