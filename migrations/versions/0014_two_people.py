"""Changes of people take two, a round belongs to whom it was frozen with, and the log is witnessed.

An installation that runs already keeps working: its bodies are those that its people and rounds name, every
reviewer that it has belongs to every round that is frozen.
"""

from __future__ import annotations

import re
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

FROZEN = "EXISTS (SELECT 1 FROM round WHERE id = {row}.round_id AND frozen)"
WITNESSED = (
    "OLD.log_hash IS NOT NULL AND"
    " (NEW.log_hash {differs} OLD.log_hash OR NEW.log_number {differs} OLD.log_number)"
)
PROPOSAL_CHANGED = (
    "OLD.confirmed_by IS NOT NULL OR NEW.proposed_by {differs} OLD.proposed_by"
    " OR NEW.kind {differs} OLD.kind OR NEW.subject {differs} OLD.subject"
    " OR CAST(NEW.detail AS TEXT) {differs} CAST(OLD.detail AS TEXT)"
)
# (name, table, when it fires, condition, message); {differs} is IS NOT or IS DISTINCT FROM.
GUARDS = (
    ("reviewer_added", "round_reviewer", "INSERT", FROZEN.format(row="NEW"), "its reviewers are frozen"),
    ("reviewer_changed", "round_reviewer", "UPDATE", FROZEN.format(row="OLD"), "its reviewers are frozen"),
    ("reviewer_removed", "round_reviewer", "DELETE", FROZEN.format(row="OLD"), "its reviewers are frozen"),
    ("round_witnessed", "round", "UPDATE", WITNESSED, "the log was witnessed by closing"),
    ("publication_witnessed", "publication", "UPDATE", WITNESSED, "the log was witnessed by the edition"),
    ("proposal_alone", "proposal", "INSERT", "NEW.confirmed_by IS NOT NULL", "this takes two people"),
    (
        "proposal_unchanged",
        "proposal",
        "UPDATE",
        PROPOSAL_CHANGED,
        "confirm a proposal as it is, or take it back",
    ),
)
WITNESSES = ("round", "publication")
LONGEST_BODY = 80


def upgrade() -> None:
    _make_tables()
    _keep_what_there_is()
    postgresql = op.get_bind().dialect.name == "postgresql"
    for guard in GUARDS:
        (_guard_postgresql if postgresql else _guard_sqlite)(*guard)


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for name, table, *_ in GUARDS:
        op.execute(f"DROP TRIGGER {name} ON {table}" if postgresql else f"DROP TRIGGER {name}")
        if postgresql:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_index("ix_audit_event_action_subject", "audit_event")
    for table in WITNESSES:
        op.drop_column(table, "log_hash")
        op.drop_column(table, "log_number")
    op.drop_column("enrolment", "code_hash")
    op.drop_column("user_account", "enrolment")
    for table in ("proposal", "round_reviewer", "body"):
        op.drop_table(table)


def _make_tables() -> None:
    op.create_table(
        "body",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_body"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "round_reviewer",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("user_id", sa.LargeBinary(length=16), nullable=False),
        _key("round_reviewer", "round_id", "round", ondelete="CASCADE"),
        _key("round_reviewer", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("round_id", "user_id", name="pk_round_reviewer"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("proposed_by", sa.LargeBinary(length=16), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.LargeBinary(length=16), nullable=True),
        sa.CheckConstraint("confirmed_by != proposed_by", name=op.f("ck_proposal_two_people")),
        *(_key("proposal", name, "user_account") for name in ("user_id", "proposed_by", "confirmed_by")),
        _key("proposal", "round_id", "round", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_proposal"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_proposal_round_id", "proposal", ["round_id"])
    op.create_index("ix_audit_event_action_subject", "audit_event", ["action", "subject"])
    op.add_column("user_account", sa.Column("enrolment", sa.LargeBinary(length=32), nullable=True))
    op.add_column("enrolment", sa.Column("code_hash", sa.LargeBinary(length=32), nullable=True))
    for table in WITNESSES:
        op.add_column(table, sa.Column("log_number", sa.Integer(), nullable=True))
        op.add_column(table, sa.Column("log_hash", sa.LargeBinary(length=32), nullable=True))


def _keep_what_there_is() -> None:
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "INSERT INTO round_reviewer (round_id, user_id) SELECT round.id, user_account.id"
            " FROM round, user_account WHERE round.frozen AND (user_account.role = 'reviewer' OR EXISTS"
            " (SELECT 1 FROM key_holder WHERE round_id = round.id AND user_id = user_account.id))"
        )
    )
    people = connection.execute(sa.text("SELECT id, body FROM user_account WHERE role != 'liaison'")).all()
    held = connection.execute(sa.text("SELECT body FROM round")).scalars()
    names = {body for _, body in people} | {part for text in held for part in re.split("[、，,；;]", text)}
    listed = sorted({name.strip()[:LONGEST_BODY] for name in names} - {""})
    if listed:
        connection.execute(sa.text("INSERT INTO body (name) VALUES (:name)"), [{"name": n} for n in listed])
    for user_id, _ in people:
        values = {"enrolment": secrets.token_bytes(32), "id": user_id}
        connection.execute(sa.text("UPDATE user_account SET enrolment = :enrolment WHERE id = :id"), values)


def _key(table: str, column: str, target: str, **options: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}", **options)


def _guard_sqlite(name: str, table: str, event: str, condition: str, message: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW"
        f" WHEN {condition.format(differs='IS NOT')} BEGIN SELECT RAISE(ABORT, 'pingyi: {message}'); END"
    )


def _guard_postgresql(name: str, table: str, event: str, condition: str, message: str) -> None:
    # A condition with a subquery cannot stand in WHEN, so all stand in the function.
    kept = "OLD" if event == "DELETE" else "NEW"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {condition.format(differs='IS DISTINCT FROM')} THEN"
        f" RAISE EXCEPTION 'pingyi: {message}' USING ERRCODE = 'check_violation'; END IF;"
        f" RETURN {kept}; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
