"""Models and migrations are equal, and every migration goes up and down with data, on both databases."""

from __future__ import annotations

import random
import re
from datetime import UTC, date, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from nightly import NIGHTLY
from sqlalchemy import Engine, inspect, text

from survey.database.engine import Database
from survey.database.migrations import configuration, current, downgrade, head, upgrade
from survey.errors import Conflict
from survey.models import Base

REVISIONS = [s.revision for s in ScriptDirectory.from_config(configuration()).walk_revisions()][::-1]
# The newest, to which a new one is added, the oldest, and every sixth; all by night.
WALKED = REVISIONS if NIGHTLY else [*REVISIONS[:-2:6], *REVISIONS[-2:]]
DROPPED = {"department"}
"""Tables that went because nothing read them: going back brings them empty."""


def test_the_migrations_make_what_the_models_describe(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_checks_and_storage_are_equal_too(empty_url: str) -> None:
    """Alembic compares neither CHECK constraints nor WITHOUT ROWID, nor the conditions of indexes."""
    opened = Database(empty_url)
    Base.metadata.create_all(opened.engine)
    described = _details(opened.engine)
    Base.metadata.drop_all(opened.engine)
    upgrade(opened.engine)
    assert _details(opened.engine) == described
    opened.close()


def test_no_table_of_sqlite_has_a_hidden_row_number(sqlite_database: Database) -> None:
    with sqlite_database.engine.connect() as connection:
        tables = connection.execute(text("SELECT name, wr FROM pragma_table_list WHERE schema = 'main'"))
        rowid = {name for name, without_rowid in tables if not without_rowid}
    assert rowid - {"sqlite_schema", "sqlite_temp_schema"} == {"alembic_version"}


@pytest.mark.parametrize("revision", WALKED)
def test_up_and_down_with_data(empty_url: str, revision: str) -> None:
    opened = Database(empty_url)
    upgrade(opened.engine, revision)
    _fill(opened.engine)
    before = _rows(opened.engine)
    tables = _tables(opened.engine)
    dropped = DROPPED & tables.keys()
    assert all(before[name] for name in dropped)
    upgrade(opened.engine)
    assert current(opened.engine) == head()
    assert not DROPPED & _tables(opened.engine).keys()
    kept = {name: columns for name, columns in tables.items() if name not in DROPPED}
    assert _rows(opened.engine, kept) == {name: before[name] for name in kept}
    downgrade(opened.engine, revision)
    assert current(opened.engine) == revision
    assert _rows(opened.engine) == before | {name: [] for name in dropped}
    # Without data, all the way back to nothing.
    downgrade(opened.engine, "base")
    assert inspect(opened.engine).get_table_names() == ["alembic_version"]
    upgrade(opened.engine)
    assert current(opened.engine) == head()
    opened.close()


def test_the_schema_of_a_newer_program_is_left_alone(database: Database) -> None:
    """Without the refusal Alembic's own traceback reached whoever started the site."""
    database.write(lambda s: s.execute(text("UPDATE alembic_version SET version_num = '9999'")) and None)
    with pytest.raises(Conflict, match="9999"):
        upgrade(database.engine)
    assert current(database.engine) == "9999"
    database.write(
        lambda s: s.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head()}) and None
    )


def test_upgrading_twice_does_nothing(database: Database) -> None:
    upgrade(database.engine)
    assert current(database.engine) == head()


def _details(engine: Engine) -> dict[str, object]:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            query = (
                "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
                " AND name != 'alembic_version'"
            )
            return {name: _clauses(sql) for name, sql in connection.execute(text(query))}
        query = (
            "SELECT conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace AND contype != 't'"
            " AND conrelid::regclass::text != 'alembic_version'"
            " UNION SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
            " AND tablename != 'alembic_version'"
        )
        return dict(connection.execute(text(query)).all())


def _clauses(sql: str) -> list[str]:
    """The clauses of a CREATE TABLE in any order: constraints and added columns may stand elsewhere, and the
    check of an added column behind it."""
    sql = sql.replace('"', "")
    opening, closing = sql.index("("), sql.rindex(")")
    depth, clauses = 0, [""]
    for sign in sql[opening + 1 : closing]:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and not depth:
            clauses.append("")
        else:
            clauses[-1] += sign
    parted = [part for clause in clauses for part in re.split(r"(?<=\S) (?=CONSTRAINT ck_)", clause.strip())]
    return sorted(" ".join(clause.split()) for clause in [*parted, sql[:opening], sql[closing + 1 :]])


def _fill(engine: Engine) -> None:
    tables = Base.metadata.tables
    with engine.execution_options(pingyi_write=True).begin() as connection:
        round_id = b"r" * 16
        connection.execute(
            tables["user_account"].insert(),
            {
                "id": b"u" * 16,
                "name": "人大",
                "body": "",
                "role": "reviewer",
                "password_hash": "",
                "active": True,
            },
        )
        connection.execute(tables["enterprise"].insert(), _enterprise())
        connection.execute(tables["round"].insert(), _round(round_id))
        holder = {"round_id": round_id, "position": 0, "user_id": b"u" * 16, "name": "人大", "proven": False}
        connection.execute(tables["key_holder"].insert(), holder)
        connection.execute(tables["round"].update().values(frozen=True, state="open"))
        invitation = {"round_id": round_id, "code_hash": b"c" * 32, "enterprise_id": b"e" * 16}
        flags = {"collected": False, "collected_reported": False, "replaced": False}
        connection.execute(tables["invitation"].insert(), invitation | flags)
        ballot = {"round_id": round_id, "spent": b"s" * 32, "message": b"m" * 104, "signature": b"g" * 384}
        connection.execute(tables["ballot"].insert(), ballot | {"sealed": b"sealed"})
        event = {
            "number": 1,
            "at": datetime(2026, 1, 1, tzinfo=UTC),
            "actor": "x",
            "action": "y",
            "subject": "",
        }
        hashes = {"previous_hash": bytes(32), "hash": bytes(32)}
        connection.execute(tables["audit_event"].insert(), event | {"detail": {"件": 1}} | hashes)
        if inspect(connection).has_table("department"):
            columns = "id, name, department_group, position, common"
            connection.execute(
                text(f"INSERT INTO department ({columns}) VALUES (:id, '税务局', '经济', 1, :common)"),
                {"id": b"d" * 16, "common": True},
            )


def _enterprise() -> dict[str, object]:
    return {"id": b"e" * 16, "credit_code": "9" * 18, "name": "甲", "contact": "", "phone": "", "strata": {}}


def _round(round_id: bytes) -> dict[str, object]:
    return {
        "id": round_id,
        "slug": "2026-q1",
        "title": "一季度",
        "body": "人大",
        "period": "quarter",
        "mode": "both",
        "state": "draft",
        "opens_on": date(2026, 1, 1),
        "closes_on": date(2026, 3, 1),
        "threshold": 10,
        "quorum": 1,
        "frozen": False,
        "questionnaire": "{}",
        "blind_key_public": b"n",
        "reported_collected": 0,
        "reported_cast": 0,
        "reordered": False,
        "notice": "",
    }


def _tables(engine: Engine) -> dict[str, list[str]]:
    """The columns of every table as it now stands."""
    looking = inspect(engine)
    return {
        name: [column["name"] for column in looking.get_columns(name)]
        for name in looking.get_table_names()
        if name != "alembic_version"
    }


def _rows(engine: Engine, tables: dict[str, list[str]] | None = None) -> dict[str, list[tuple[object, ...]]]:
    """What stands in these columns of these tables; in all that there are when none are named."""
    with engine.connect() as connection:
        return {
            name: sorted(connection.execute(text(f"SELECT {_quoted(columns)} FROM {name}")).all(), key=repr)
            for name, columns in (tables or _tables(engine)).items()
        }


def _quoted(columns: list[str]) -> str:
    """Names of columns for a statement; one may be a word of SQL, such as "cast"."""
    return ", ".join(f'"{column}"' for column in columns)


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_ballot_lies_in_its_row_and_one_of_more_than_a_page_beside_it(database: Database) -> None:
    def pieces(revision: str, size: int) -> int:
        downgrade(database.engine, "base")
        upgrade(database.engine, revision)
        with database.engine.begin() as connection:
            (table,) = connection.execute(
                text("SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname = 'ballot'")
            ).scalars()
            connection.execute(text("ALTER TABLE ballot DISABLE TRIGGER ALL"))
            connection.execute(
                text("INSERT INTO ballot VALUES (:r, :spent, :message, :signature, :sealed)"),
                {"r": b"r", "spent": bytes(32), "message": bytes(104)}
                | {"signature": random.randbytes(384), "sealed": random.randbytes(size)},
            )
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    assert [pieces("0008", 4500), pieces("0009", 4500), pieces("0009", 9000)] == [3, 0, 5]
    downgrade(database.engine, "base")
    upgrade(database.engine)
