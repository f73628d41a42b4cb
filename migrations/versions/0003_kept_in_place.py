"""Invitations of one size, which SQLite overwrites in place; guards for what closing and issuing fixed.

PostgreSQL mixes by inserting rows again: there a deleted row must be back, unchanged, at the commit.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROOM = ("ck_invitation_room", "length(blinded_hash) = 32 AND length(blind_signature) = 384")
COLLECTED = ("ck_invitation_collected", "blinded_hash IS NULL OR collected")
COLUMNS = (
    "round_id, code_hash, enterprise_id, collected, collected_reported, replaced,"
    " blinded_hash, blind_signature"
)
LIVE, REPLACED = "enterprise_id IS NOT NULL AND NOT replaced", "enterprise_id IS NOT NULL AND replaced"
ROUND_IN = "EXISTS (SELECT 1 FROM round WHERE id = NEW.round_id AND state IN ({states}))"
# {differs} is IS NOT on SQLite and IS DISTINCT FROM on PostgreSQL.
OWNER_CHANGED = (
    "NEW.round_id {differs} OLD.round_id OR NEW.code_hash {differs} OLD.code_hash"
    " OR NEW.enterprise_id {differs} OLD.enterprise_id"
)
MARK_CHANGED = (
    "(OLD.collected AND NOT NEW.collected) OR (OLD.replaced AND NOT NEW.replaced)"
    " OR (OLD.collected AND NEW.blinded_hash IS NOT NULL AND"
    " (NEW.blinded_hash {differs} OLD.blinded_hash OR NEW.blind_signature {differs} OLD.blind_signature))"
)
SCORES_CHANGED = (
    "NEW.rows {differs} OLD.rows OR NEW.digest {differs} OLD.digest OR NEW.valid {differs} OLD.valid"
    " OR NEW.round_id {differs} OLD.round_id"
)
# (name, table, when it fires, condition, message)
GUARDS = (
    (
        "ballot_in_time",
        "ballot",
        "INSERT",
        "NOT " + ROUND_IN.format(states="'open'"),
        "ballots are taken while the round is open",
    ),
    (
        "invitation_in_time",
        "invitation",
        "INSERT",
        "NOT " + ROUND_IN.format(states="'draft', 'open'"),
        "invitations are issued before closing",
    ),
    ("invitation_owner", "invitation", "UPDATE", OWNER_CHANGED, "an invitation keeps its owner"),
    ("invitation_mark", "invitation", "UPDATE", MARK_CHANGED, "what was collected stays collected"),
    ("opened_box_unchanged", "opened_box", "UPDATE", SCORES_CHANGED, "opened scores cannot be changed"),
    ("opened_box_kept", "opened_box", "DELETE", "true", "opened scores are kept"),
)
# What must be there again at PostgreSQL's commit.
SAME = {
    "ballot": (
        "spent = OLD.spent AND message = OLD.message AND signature = OLD.signature AND sealed = OLD.sealed"
    ),
    "invitation": (
        "code_hash = OLD.code_hash AND enterprise_id IS NOT DISTINCT FROM OLD.enterprise_id"
        " AND collected >= OLD.collected AND replaced >= OLD.replaced"
    ),
}
NEVER_EMPTIED = ("round", "key_holder", "invitation", "ballot", "opened_box")


def upgrade() -> None:
    if _is_postgresql():
        op.drop_constraint(op.f(COLLECTED[0]), "invitation", type_="check")
        op.create_check_constraint(op.f(ROOM[0]), "invitation", ROOM[1])
        _guard_postgresql()
        return
    _rebuild(ROOM)
    for guard in GUARDS:
        _sqlite_trigger(*guard)
    for table in SAME:
        _sqlite_trigger(f"{table}_kept", table, "DELETE", "true", "what was issued or cast is kept")


def downgrade() -> None:
    names = [(name, table) for name, table, *_ in GUARDS] + [(f"{table}_kept", table) for table in SAME]
    if not _is_postgresql():
        for name, _table in names:
            op.execute(f"DROP TRIGGER {name}")
        op.execute("UPDATE invitation SET blinded_hash = NULL, blind_signature = NULL WHERE NOT collected")
        _rebuild(COLLECTED)
        return
    for name, table in [*names, *((f"{table}_not_emptied", table) for table in NEVER_EMPTIED)]:
        op.execute(f"DROP TRIGGER {name} ON {table}")
    for name in [name for name, _table in names] + ["not_emptied"]:
        op.execute(f"DROP FUNCTION {name}()")
    op.execute("UPDATE invitation SET blinded_hash = NULL, blind_signature = NULL WHERE NOT collected")
    op.drop_constraint(op.f(ROOM[0]), "invitation", type_="check")
    op.create_check_constraint(op.f(COLLECTED[0]), "invitation", COLLECTED[1])


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _guard_postgresql() -> None:
    for name, table, event, condition, message in GUARDS:
        _function(name, condition.format(differs="IS DISTINCT FROM"), message, event)
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    for table, same in SAME.items():
        gone = f"NOT EXISTS (SELECT 1 FROM {table} WHERE round_id = OLD.round_id AND {same})"  # noqa: S608
        _function(f"{table}_kept", gone, "what was issued or cast is kept", "DELETE")
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {table}_kept AFTER DELETE ON {table} DEFERRABLE INITIALLY DEFERRED"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_kept()"
        )
    _function("not_emptied", "true", "this table is never emptied", "DELETE")
    for table in NEVER_EMPTIED:
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION not_emptied()"
        )


def _function(name: str, condition: str, message: str, event: str) -> None:
    kept = "OLD" if event == "DELETE" else "NEW"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN"
        f" RAISE EXCEPTION 'pingyi: {message}' USING ERRCODE = 'check_violation'; END IF;"
        f" RETURN {kept}; END $$"
    )


def _sqlite_trigger(name: str, table: str, event: str, condition: str, message: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW"
        f" WHEN {condition.format(differs='IS NOT')} BEGIN SELECT RAISE(ABORT, 'pingyi: {message}'); END"
    )


def _rebuild(check: tuple[str, str]) -> None:
    """SQLite changes a CHECK only with the table; the triggers of 0002 on it are kept as they are."""
    listed = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'invitation'"
    triggers = [sql for (sql,) in op.get_bind().exec_driver_sql(listed).fetchall()]
    _table(check)
    op.execute(f"INSERT INTO invitation_new ({COLUMNS}) SELECT {COLUMNS} FROM invitation")  # noqa: S608
    op.execute("DROP TABLE invitation")
    op.execute("ALTER TABLE invitation_new RENAME TO invitation")
    op.create_index("ix_invitation_enterprise_id", "invitation", ["enterprise_id"], unique=False)
    for name, where in (("uq_invitation_live", LIVE), ("uq_invitation_replaced", REPLACED)):
        op.create_index(
            name, "invitation", ["round_id", "enterprise_id"], unique=True, sqlite_where=sa.text(where)
        )
    for trigger in triggers:
        op.execute(trigger)


def _table(check: tuple[str, str]) -> None:
    op.create_table(
        "invitation_new",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enterprise_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("collected", sa.Boolean(), nullable=False),
        sa.Column("collected_reported", sa.Boolean(), nullable=False),
        sa.Column("replaced", sa.Boolean(), nullable=False),
        sa.Column("blinded_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("blind_signature", sa.LargeBinary(length=384), nullable=True),
        sa.CheckConstraint(
            "(blinded_hash IS NULL) = (blind_signature IS NULL)", name=op.f("ck_invitation_answer")
        ),
        sa.CheckConstraint("NOT replaced OR enterprise_id IS NOT NULL", name=op.f("ck_invitation_slip")),
        sa.CheckConstraint(check[1], name=op.f(check[0])),
        sa.CheckConstraint("length(code_hash) = 32", name=op.f("ck_invitation_code_hash")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_invitation_enterprise_id"),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name="fk_invitation_round_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", "code_hash", name="pk_invitation"),
        sqlite_with_rowid=False,
    )
