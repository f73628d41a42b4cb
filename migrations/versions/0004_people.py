"""People: a liaison's department, second factors, enrolment links, throttling, a list of sign-ins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    _recovery_code()
    _enrolment()
    _throttle()


def downgrade() -> None:
    for table in ("throttle", "enrolment", "recovery_code"):
        op.drop_table(table)
    for table, columns in _columns().items():
        for column in reversed(columns):
            op.drop_column(table, column.name)


def _columns() -> dict[str, tuple[sa.Column[object], ...]]:
    return {
        "user_account": (
            sa.Column("totp_pending", sa.LargeBinary(), nullable=True),
            sa.Column("totp_step", sa.Integer(), nullable=True),
            sa.Column("department", sa.String(length=60), server_default="", nullable=False),
        ),
        "login_session": (
            sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
            sa.Column("pending", sa.Boolean(), server_default=sa.false(), nullable=False),
            sa.Column("browser", sa.String(length=40), server_default="", nullable=False),
        ),
    }


def _recovery_code() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("user_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_recovery_code_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name="pk_recovery_code"),
        sqlite_with_rowid=False,
    )


def _enrolment() -> None:
    op.create_table(
        "enrolment",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_enrolment_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_enrolment"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_enrolment_user_id", "enrolment", ["user_id"], unique=False)


def _throttle() -> None:
    op.create_table(
        "throttle",
        sa.Column("bucket", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name="pk_throttle"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_throttle_failed_at", "throttle", ["failed_at"], unique=False)
