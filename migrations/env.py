"""Run migrations on the connection that `database.migrations` hands over, or on the configured database."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from survey.models import Base


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        compare_server_default=True,
        render_as_batch=False,
        transactional_ddl=False,  # the transaction is the caller's
    )
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is None:
    from survey.config import load_settings
    from survey.database.engine import Database

    with Database(load_settings().database_url).engine.begin() as opened:
        migrate(opened)
else:
    migrate(given)
