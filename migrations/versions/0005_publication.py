"""Publications, released comments and their themes, problems with their history, outside indicators."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STAGES = "stage IN ('recorded', 'assigned', 'working', 'answered', 'verified', 'withdrawn')"
# In the order of making; taken away in reverse.
TABLES = ("publication", "comment_release", "theme", "problem", "problem_event", "indicator")
FIXED = ("round_id", "edition", "content", "digest", "correction", "proposed_by")
PUBLICATION_CHANGED = "OLD.state = 'published' OR " + " OR ".join(
    f"NEW.{name} {{differs}} OLD.{name}" for name in FIXED
)
# (name, table, when it fires, condition, message); {differs} is IS NOT or IS DISTINCT FROM.
GUARDS = (
    ("publication_proposed", "publication", "INSERT", "NEW.state != 'proposed'", "publishing takes two"),
    ("publication_unchanged", "publication", "UPDATE", PUBLICATION_CHANGED, "an edition cannot be changed"),
    (
        "publication_kept",
        "publication",
        "DELETE",
        "OLD.state = 'published'",
        "what was published is kept",
    ),
    (
        "release_proposed",
        "comment_release",
        "INSERT",
        "NEW.confirmed_by IS NOT NULL",
        "releasing takes two",
    ),
    (
        "release_unchanged",
        "comment_release",
        "UPDATE",
        (
            "NEW.text {differs} OLD.text OR NEW.decision {differs} OLD.decision"
            " OR NEW.proposed_by {differs} OLD.proposed_by OR NEW.comment_id {differs} OLD.comment_id"
        ),
        "confirm a decision as it is, or take it back",
    ),
    ("problem_kept", "problem", "DELETE", "1 = 1", "a problem is withdrawn, not deleted"),
    ("problem_event_unchanged", "problem_event", "UPDATE", "1 = 1", "the history only grows"),
    ("problem_event_kept", "problem_event", "DELETE", "1 = 1", "the history only grows"),
)
NEVER_EMPTIED = ("publication", "problem", "problem_event")


def upgrade() -> None:
    _publication()
    _comments()
    _problems()
    _indicator()
    postgresql = op.get_bind().dialect.name == "postgresql"
    for guard in GUARDS:
        (_guard_postgresql if postgresql else _guard_sqlite)(*guard)
    for table in NEVER_EMPTIED if postgresql else ():
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION not_emptied()"
        )


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for name, table, *_ in GUARDS:
        op.execute(f"DROP TRIGGER {name} ON {table}" if postgresql else f"DROP TRIGGER {name}")
        if postgresql:
            op.execute(f"DROP FUNCTION {name}()")
    for table in reversed(TABLES):
        op.drop_table(table)


def _guard_sqlite(name: str, table: str, event: str, condition: str, message: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW"
        f" WHEN {condition.format(differs='IS NOT')} BEGIN SELECT RAISE(ABORT, 'pingyi: {message}'); END"
    )


def _guard_postgresql(name: str, table: str, event: str, condition: str, message: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE EXCEPTION 'pingyi: {message}' USING ERRCODE = 'check_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW"
        f" WHEN ({condition.format(differs='IS DISTINCT FROM')}) EXECUTE FUNCTION {name}()"
    )


def _publication() -> None:
    op.create_table(
        "publication",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("correction", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.LargeBinary(length=16), nullable=False),
        sa.Column("confirmed_by", sa.LargeBinary(length=16), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(state = 'published') = (confirmed_by IS NOT NULL)"
            " AND (state = 'published') = (published_on IS NOT NULL)",
            name=op.f("ck_publication_published"),
        ),
        sa.CheckConstraint(
            "edition >= 1 AND (edition = 1 OR correction != '')", name=op.f("ck_publication_edition")
        ),
        sa.CheckConstraint("state IN ('proposed', 'published')", name=op.f("ck_publication_state")),
        sa.CheckConstraint("confirmed_by != proposed_by", name=op.f("ck_publication_two_people")),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_publication_digest")),
        _user("publication", "confirmed_by"),
        _user("publication", "proposed_by"),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_publication_round_id"),
        sa.PrimaryKeyConstraint("id", name="pk_publication"),
        sa.UniqueConstraint("round_id", "edition", name="uq_publication_round_id_edition"),
        sqlite_with_rowid=False,
    )


def _comments() -> None:
    op.create_table(
        "comment_release",
        sa.Column("comment_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.LargeBinary(length=16), nullable=False),
        sa.Column("confirmed_by", sa.LargeBinary(length=16), nullable=True),
        sa.CheckConstraint("(decision = 'release') = (text != '')", name=op.f("ck_comment_release_text")),
        sa.CheckConstraint("decision IN ('release', 'withhold')", name=op.f("ck_comment_release_decision")),
        sa.CheckConstraint("confirmed_by != proposed_by", name=op.f("ck_comment_release_two_people")),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name="fk_comment_release_comment_id", ondelete="CASCADE"
        ),
        _user("comment_release", "confirmed_by"),
        _user("comment_release", "proposed_by"),
        sa.PrimaryKeyConstraint("comment_id", name="pk_comment_release"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "theme",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_theme"),
        sqlite_with_rowid=False,
    )


def _problems() -> None:
    op.create_table(
        "problem",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("department", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("task", sa.String(length=200), nullable=False),
        sa.Column("responsible", sa.String(length=80), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "source IN ('line', 'gap', 'comments', 'indicator', 'other')", name=op.f("ck_problem_source")
        ),
        sa.CheckConstraint(STAGES, name=op.f("ck_problem_stage")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_problem_number")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_problem_round_id"),
        sa.PrimaryKeyConstraint("round_id", "number", name="pk_problem"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "problem_event",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("problem", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint(STAGES, name=op.f("ck_problem_event_stage")),
        sa.ForeignKeyConstraint(
            ["round_id", "problem"], ["problem.round_id", "problem.number"], name="fk_problem_event_problem"
        ),
        sa.PrimaryKeyConstraint("round_id", "problem", "number", name="pk_problem_event"),
        sqlite_with_rowid=False,
    )


def _indicator() -> None:
    op.create_table(
        "indicator",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("department", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("province", sa.Double(), nullable=True),
        sa.Column("city", sa.Double(), nullable=True),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.CheckConstraint("kind IN ('assessment', 'hotline')", name=op.f("ck_indicator_kind")),
        sa.PrimaryKeyConstraint("kind", "period", "department", "name", name="pk_indicator"),
        sqlite_with_rowid=False,
    )


def _user(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["user_account.id"], name=f"fk_{table}_{column}")
