"""How many firms must say the same of themselves for it to be kept: frozen with the round, 5 for drafts."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# {differs} is IS NOT on SQLite and IS DISTINCT FROM on PostgreSQL.
CHANGED = "OLD.frozen AND NEW.at_least {differs} OLD.at_least"
FROZEN = "this was frozen by the first invitation"


def upgrade() -> None:
    """A round that an older program froze keeps everything, as it was told."""
    op.execute("ALTER TABLE round ADD COLUMN at_least INTEGER DEFAULT 1 NOT NULL")
    op.execute("UPDATE round SET at_least = 5 WHERE NOT frozen")
    if _is_postgresql():
        op.execute(
            "CREATE FUNCTION round_at_least() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" RAISE EXCEPTION 'pingyi: {FROZEN}' USING ERRCODE = 'check_violation'; END $$"
        )
        op.execute(
            "CREATE TRIGGER round_at_least BEFORE UPDATE ON round FOR EACH ROW"
            f" WHEN ({CHANGED.format(differs='IS DISTINCT FROM')}) EXECUTE FUNCTION round_at_least()"
        )
        return
    op.execute(
        "CREATE TRIGGER round_at_least BEFORE UPDATE ON round FOR EACH ROW"
        f" WHEN {CHANGED.format(differs='IS NOT')} BEGIN SELECT RAISE(ABORT, 'pingyi: {FROZEN}'); END"
    )


def downgrade() -> None:
    if _is_postgresql():
        op.execute("DROP TRIGGER round_at_least ON round")
        op.execute("DROP FUNCTION round_at_least()")
    else:
        op.execute("DROP TRIGGER round_at_least")
    op.execute("ALTER TABLE round DROP COLUMN at_least")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
