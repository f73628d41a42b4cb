"""Triggers: frozen means frozen, a round only moves on, and the audit log only grows.

They hold against plain SQL, not only against the interface.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FROZEN = (
    *("id", "slug", "title", "body", "period", "mode", "opens_on"),
    *("threshold", "quorum", "questionnaire", "blind_key_public"),
)
COUNTED = ("merkle_root", "invited_count", "collected_count", "cast_count")
# {differs} is IS NOT on SQLite and IS DISTINCT FROM on PostgreSQL.
FROZEN_CHANGED = "OLD.frozen AND (NOT NEW.frozen OR (NEW.state IN ('draft', 'open') AND " + (
    "NEW.closes_on < OLD.closes_on)"
    " OR (NEW.blind_key_private IS NOT NULL AND NEW.blind_key_private {differs} OLD.blind_key_private) OR "
    + " OR ".join(f"NEW.{name} {{differs}} OLD.{name}" for name in FROZEN)
    + ")"
)
COUNTED_CHANGED = "OLD.state IN ('closed', 'opened') AND (" + (
    " OR ".join(f"NEW.{name} {{differs}} OLD.{name}" for name in COUNTED) + ")"
)
WENT_BACK = (
    "NOT (NEW.state = OLD.state"
    " OR (OLD.state = 'draft' AND NEW.state IN ('open', 'cancelled'))"
    " OR (OLD.state = 'open' AND NEW.state IN ('closed', 'cancelled'))"
    " OR (OLD.state = 'closed' AND NEW.state = 'opened'))"
)
ROUND_OF = "EXISTS (SELECT 1 FROM round WHERE id = {row}.round_id AND frozen)"
# (name, table, when it fires, condition, message)
GUARDS = (
    ("round_frozen", "round", "UPDATE", FROZEN_CHANGED, "this was frozen by the first invitation"),
    ("round_counted", "round", "UPDATE", COUNTED_CHANGED, "counts and root were fixed by closing"),
    ("round_moves_on", "round", "UPDATE", WENT_BACK, "a round cannot go back to this state"),
    ("round_kept", "round", "DELETE", "OLD.frozen", "a round with invitations is kept"),
    ("holder_added", "key_holder", "INSERT", ROUND_OF.format(row="NEW"), "keys are frozen"),
    ("holder_changed", "key_holder", "UPDATE", ROUND_OF.format(row="OLD"), "keys are frozen"),
    ("holder_removed", "key_holder", "DELETE", ROUND_OF.format(row="OLD"), "keys are frozen"),
    (
        "invitation_freezes",
        "invitation",
        "INSERT",
        "NOT " + ROUND_OF.format(row="NEW"),
        "freeze the round first",
    ),
    ("ballot_unchanged", "ballot", "UPDATE", "true", "a ballot cannot be changed"),
    ("audit_unchanged", "audit_event", "UPDATE", "true", "the audit log only grows"),
    ("audit_kept", "audit_event", "DELETE", "true", "the audit log only grows"),
)


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for name, table, event, condition, message in GUARDS:
        if postgresql:
            _guard_postgresql(name, table, event, condition.format(differs="IS DISTINCT FROM"), message)
        else:
            _guard_sqlite(name, table, event, condition.format(differs="IS NOT"), message)
    if postgresql:
        op.execute(
            "CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit_event"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_kept()"
        )


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute("DROP TRIGGER audit_not_emptied ON audit_event")
    for name, table, *_ in GUARDS:
        op.execute(f"DROP TRIGGER {name} ON {table}" if postgresql else f"DROP TRIGGER {name}")
        if postgresql:
            op.execute(f"DROP FUNCTION {name}()")


def _guard_sqlite(name: str, table: str, event: str, condition: str, message: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN {condition}"
        f" BEGIN SELECT RAISE(ABORT, 'pingyi: {message}'); END"
    )


def _guard_postgresql(name: str, table: str, event: str, condition: str, message: str) -> None:
    # A condition with a subquery cannot stand in WHEN, so it stands in the function.
    checked = f"IF {condition} THEN" if "SELECT" in condition else "IF true THEN"
    kept = "OLD" if event == "DELETE" else "NEW"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {checked}"
        f" RAISE EXCEPTION 'pingyi: {message}' USING ERRCODE = 'check_violation'; END IF;"
        f" RETURN {kept}; END $$"
    )
    when = "" if "SELECT" in condition else f"WHEN ({condition}) "
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when}EXECUTE FUNCTION {name}()"
    )
