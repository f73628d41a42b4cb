"""An unused invitation may get another code, in place of a lost list: its owner and its marks stay."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

OWNER = "NEW.round_id {differs} OLD.round_id OR NEW.enterprise_id {differs} OLD.enterprise_id"
OLD_CODE = "NEW.code_hash {differs} OLD.code_hash"
RUNNING = "EXISTS (SELECT 1 FROM round WHERE id = OLD.round_id AND state IN ('draft', 'open'))"
# A code changes only while the round runs, and only where nobody was told that it was used or replaced.
NEW_CODE = OLD_CODE + " AND (OLD.collected_reported OR OLD.replaced OR NOT " + RUNNING + ")"
MESSAGE = "an invitation keeps its owner"


def upgrade() -> None:
    _guard(f"{OWNER} OR ({NEW_CODE})")


def downgrade() -> None:
    _guard(f"{OWNER} OR {OLD_CODE}")


def _guard(condition: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        said = condition.format(differs="IS DISTINCT FROM")
        op.execute(
            "CREATE OR REPLACE FUNCTION invitation_owner() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {said} THEN RAISE EXCEPTION 'pingyi: {MESSAGE}' USING ERRCODE = 'check_violation'; END IF;"
            " RETURN NEW; END $$"
        )
        return
    op.execute("DROP TRIGGER invitation_owner")
    op.execute(
        "CREATE TRIGGER invitation_owner BEFORE UPDATE ON invitation FOR EACH ROW"
        f" WHEN {condition.format(differs='IS NOT')} BEGIN SELECT RAISE(ABORT, 'pingyi: {MESSAGE}'); END"
    )
