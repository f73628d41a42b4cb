"""Frozen means frozen: plain SQL against the database, without any of our code in between."""

from __future__ import annotations

import pytest
from county import County
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from survey.database.engine import Database

FROZEN = {
    "id": "'0123456789abcdef'",
    "slug": "'other'",
    "title": "'另一个标题'",
    "body": "'别的单位'",
    "period": "'year'",
    "mode": "'slip'",
    "opens_on": "'2020-01-01'",
    "closes_on": "'2020-01-02'",
    "threshold": "3",
    "quorum": "1",
    "at_least": "9",
    "questionnaire": "'{}'",
    "blind_key_public": "'n'",
    "blind_key_private": "'k'",
    "frozen": "false",
}
ADD_HOLDER = (
    "INSERT INTO key_holder (round_id, position, user_id, name, proven)"
    " SELECT round_id, 3, user_id, name, false FROM key_holder WHERE position = 0"
)
BYTES = {"id", "blind_key_public", "blind_key_private"}


def attempt(database: Database, statement: str) -> None:
    with database.engine.execution_options(pingyi_write=True).begin() as connection:
        connection.execute(text(statement))


def refused(database: Database, statement: str) -> None:
    with pytest.raises(IntegrityError):
        attempt(database, statement)


def value_of(database: Database, column: str, sql: str) -> str:
    if column not in BYTES:
        return sql
    return f"CAST({sql} AS {'BLOB' if database.kind.NAME == 'sqlite' else 'bytea'})"


pytestmark = pytest.mark.usefixtures("_cheap_keys")


@pytest.fixture
def place(database: Database) -> County:
    return County(database)


@pytest.mark.parametrize("column", FROZEN)
def test_what_the_first_invitation_froze(place: County, column: str) -> None:
    place.populate().draft(threshold=5)
    database = place.database
    change = f"UPDATE round SET {column} = {value_of(database, column, FROZEN[column])}"
    if column not in ("id", "opens_on", "closes_on", "blind_key_private"):
        attempt(database, change)  # the same statement works on a draft, so it is the freezing that stops it
        place = County(database, slug="second").populate_again(place).draft(threshold=5)
    place.issue()
    before = place.round()
    refused(database, change + f" WHERE slug = '{place.slug}'")
    after = place.round()
    assert all(getattr(before, name) == getattr(after, name) for name in FROZEN)


def test_keys_of_a_frozen_round(place: County) -> None:
    place.populate().draft()
    attempt(place.database, "UPDATE key_holder SET name = '甲'")
    place.issue()
    for statement in (
        "UPDATE key_holder SET name = '乙'",
        "UPDATE key_holder SET proven = false",
        "UPDATE key_holder SET public_key = NULL, proven = false",
        "DELETE FROM key_holder",
        ADD_HOLDER,
    ):
        refused(place.database, statement)


def test_a_round_only_moves_on(place: County) -> None:
    place.collecting()
    refused(place.database, "UPDATE round SET state = 'draft'")
    refused(place.database, "UPDATE round SET state = 'opened', blind_key_private = NULL")
    refused(place.database, "DELETE FROM round")
    place.close()
    for state in ("open", "draft", "cancelled"):
        refused(place.database, f"UPDATE round SET state = '{state}'")
    for column in ("invited_count", "collected_count", "cast_count"):
        refused(place.database, f"UPDATE round SET {column} = 0 + {column} - 1")
    refused(place.database, "UPDATE round SET merkle_root = NULL")
    refused(place.database, "UPDATE round SET invited_count = 1000")


def test_closing_erases_the_signing_key(place: County) -> None:
    place.collecting()
    refused(place.database, "UPDATE round SET state = 'cancelled'")  # while the key is there
    place.close()
    assert place.round().blind_key_private is None
    refused(
        place.database, f"UPDATE round SET blind_key_private = {value_of(place.database, 'id', chr(39) * 2)}"
    )


def test_an_invitation_needs_a_frozen_round(place: County) -> None:
    place.populate().draft()
    code_hash = value_of(place.database, "id", f"'{'c' * 32}'")
    insert = (
        "INSERT INTO invitation (round_id, code_hash, collected, collected_reported, replaced)"
        f" SELECT id, {code_hash}, false, false, false FROM round"
    )
    refused(place.database, insert)
    place.issue()
    attempt(place.database, insert)


def test_a_ballot_is_never_changed(place: County) -> None:
    place.collecting().phone().answer()
    refused(place.database, "UPDATE ballot SET sealed = signature")


def test_the_audit_log_only_grows(place: County) -> None:
    place.populate().draft()
    refused(place.database, "UPDATE audit_event SET actor = '别人'")
    refused(place.database, "DELETE FROM audit_event")
    if place.database.kind.NAME != "sqlite":
        refused(place.database, "TRUNCATE audit_event")


def test_constraints_on_rows(place: County) -> None:
    """Each statement is what a slip of the hand or of the code would do."""
    place.collecting()
    signature = value_of(place.database, "id", "'s'")
    for statement in (
        f"UPDATE invitation SET blind_signature = {signature}",
        "UPDATE invitation SET replaced = true",  # slips cannot be replaced
        "UPDATE round SET closes_on = '2020-01-01'",
        "UPDATE user_account SET role = 'god'",
    ):
        refused(place.database, statement)
