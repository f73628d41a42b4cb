"""The tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _audit_event()
    _department()
    _enterprise()
    _user_account()
    _login_session()
    _round()
    _artifact()
    _ballot()
    _comment()
    _invitation()
    _job()
    _key_holder()
    _opened_box()


def downgrade() -> None:
    op.drop_table("opened_box")
    op.drop_table("key_holder")
    op.drop_table("job")
    op.drop_table("invitation")
    op.drop_table("comment")
    op.drop_table("ballot")
    op.drop_table("artifact")
    op.drop_table("round")
    op.drop_table("login_session")
    op.drop_table("user_account")
    op.drop_table("enterprise")
    op.drop_table("department")
    op.drop_table("audit_event")


def _audit_event() -> None:
    op.create_table(
        "audit_event",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_event"),
        sqlite_with_rowid=False,
    )


def _department() -> None:
    op.create_table(
        "department",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("department_group", sa.String(length=30), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("common", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_department"),
        sa.UniqueConstraint("name", name="uq_department_name"),
        sqlite_with_rowid=False,
    )


def _enterprise() -> None:
    op.create_table(
        "enterprise",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("contact", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("strata", sa.JSON(), nullable=False),
        sa.CheckConstraint("length(credit_code) = 18", name=op.f("ck_enterprise_credit_code")),
        sa.PrimaryKeyConstraint("id", name="pk_enterprise"),
        sa.UniqueConstraint("credit_code", name="uq_enterprise_credit_code"),
        sqlite_with_rowid=False,
    )


def _user_account() -> None:
    op.create_table(
        "user_account",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("body", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "role IN ('administrator', 'reviewer', 'liaison')", name=op.f("ck_user_account_role")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_user_account"),
        sa.UniqueConstraint("name", name="uq_user_account_name"),
        sqlite_with_rowid=False,
    )


def _login_session() -> None:
    op.create_table(
        "login_session",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_login_session_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_login_session"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_login_session_user_id", "login_session", ["user_id"], unique=False)


def _round() -> None:
    op.create_table(
        "round",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("body", sa.String(length=120), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("questionnaire", sa.Text(), nullable=False),
        sa.Column("blind_key_public", sa.LargeBinary(), nullable=False),
        sa.Column("blind_key_private", sa.LargeBinary(), nullable=True),
        sa.Column("close_proposed_by", sa.LargeBinary(length=16), nullable=True),
        sa.Column("merkle_root", sa.LargeBinary(length=32), nullable=True),
        sa.Column("invited_count", sa.Integer(), nullable=True),
        sa.Column("collected_count", sa.Integer(), nullable=True),
        sa.Column("cast_count", sa.Integer(), nullable=True),
        sa.Column("participation_on", sa.Date(), nullable=True),
        sa.Column("reported_collected", sa.Integer(), nullable=False),
        sa.Column("reported_cast", sa.Integer(), nullable=False),
        sa.Column("reordered", sa.Boolean(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.CheckConstraint("mode IN ('attributed', 'slip', 'both')", name=op.f("ck_round_mode")),
        sa.CheckConstraint(
            "period IN ('month', 'quarter', 'half_year', 'year')", name=op.f("ck_round_period")
        ),
        sa.CheckConstraint("state IN ('draft', 'cancelled') OR frozen", name=op.f("ck_round_frozen")),
        sa.CheckConstraint(
            "state IN ('draft', 'open') OR blind_key_private IS NULL", name=op.f("ck_round_key_erased")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'open', 'closed', 'opened', 'cancelled')", name=op.f("ck_round_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('closed', 'opened') OR (merkle_root IS NOT NULL AND invited_count IS NOT NULL"
            " AND collected_count IS NOT NULL AND cast_count IS NOT NULL)",
            name=op.f("ck_round_closed"),
        ),
        sa.CheckConstraint(
            "invited_count >= collected_count AND collected_count >= cast_count", name=op.f("ck_round_counts")
        ),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("ck_round_dates")),
        sa.CheckConstraint("quorum BETWEEN 1 AND 4", name=op.f("ck_round_quorum")),
        sa.CheckConstraint("threshold >= 3", name=op.f("ck_round_threshold")),
        sa.ForeignKeyConstraint(
            ["close_proposed_by"], ["user_account.id"], name="fk_round_close_proposed_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_round"),
        sa.UniqueConstraint("slug", name="uq_round_slug"),
        sqlite_with_rowid=False,
    )


def _artifact() -> None:
    op.create_table(
        "artifact",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_artifact_round_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("round_id", "name", name="pk_artifact"),
        sqlite_with_rowid=False,
    )


def _ballot() -> None:
    op.create_table(
        "ballot",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("spent", sa.LargeBinary(length=32), nullable=False),
        sa.Column("message", sa.LargeBinary(length=104), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=384), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(message) = 104", name=op.f("ck_ballot_message")),
        sa.CheckConstraint("length(signature) = 384", name=op.f("ck_ballot_signature")),
        sa.CheckConstraint("length(spent) = 32", name=op.f("ck_ballot_spent")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_ballot_round_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("round_id", "spent", name="pk_ballot"),
        sqlite_with_rowid=False,
    )


def _comment() -> None:
    op.create_table(
        "comment",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("department", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_comment_round_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_comment"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_comment_round_id", "comment", ["round_id"], unique=False)


def _invitation() -> None:
    op.create_table(
        "invitation",
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
        sa.CheckConstraint("blinded_hash IS NULL OR collected", name=op.f("ck_invitation_collected")),
        sa.CheckConstraint("length(code_hash) = 32", name=op.f("ck_invitation_code_hash")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_invitation_enterprise_id"),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name="fk_invitation_round_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", "code_hash", name="pk_invitation"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_invitation_enterprise_id", "invitation", ["enterprise_id"], unique=False)
    op.create_index(
        "uq_invitation_live",
        "invitation",
        ["round_id", "enterprise_id"],
        unique=True,
        sqlite_where=sa.text("enterprise_id IS NOT NULL AND NOT replaced"),
        postgresql_where=sa.text("enterprise_id IS NOT NULL AND NOT replaced"),
    )
    op.create_index(
        "uq_invitation_replaced",
        "invitation",
        ["round_id", "enterprise_id"],
        unique=True,
        sqlite_where=sa.text("enterprise_id IS NOT NULL AND replaced"),
        postgresql_where=sa.text("enterprise_id IS NOT NULL AND replaced"),
    )


def _job() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("step", sa.String(length=80), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name=op.f("ck_job_state")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_job_round_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_job_round_id", "job", ["round_id"], unique=False)


def _key_holder() -> None:
    op.create_table(
        "key_holder",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=65), nullable=True),
        sa.Column("challenge_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.CheckConstraint("NOT proven OR public_key IS NOT NULL", name=op.f("ck_key_holder_proven")),
        sa.CheckConstraint("position BETWEEN 0 AND 3", name=op.f("ck_key_holder_position")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name="fk_key_holder_round_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_key_holder_user_id"),
        sa.PrimaryKeyConstraint("round_id", "position", name="pk_key_holder"),
        sa.UniqueConstraint("round_id", "user_id", name="uq_key_holder_round_id_user_id"),
        sqlite_with_rowid=False,
    )


def _opened_box() -> None:
    op.create_table(
        "opened_box",
        sa.Column("round_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.Column("valid", sa.Integer(), nullable=False),
        sa.Column("invalid", sa.JSON(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("ranking", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name="fk_opened_box_round_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", name="pk_opened_box"),
        sqlite_with_rowid=False,
    )
