"""Changing the roster, the threshold or the box in the middle, with plain SQL, past all our code."""

from __future__ import annotations

import contextlib

import pytest
from county import County, roster, without_guards
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from survey.database.engine import Database
from survey.services.opening import opening_job


def attempt(database: Database, *statements: str) -> None:
    with database.engine.execution_options(pingyi_write=True).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def refused(database: Database, *statements: str) -> None:
    """Our database refuses, and it is the guard that does: without guards the same statements work."""
    with pytest.raises(IntegrityError, match="pingyi:"):
        attempt(database, *statements)
    with contextlib.suppress(_Undo), without_guards(database) as naive:
        assert sum(naive.execute(text(statement)).rowcount for statement in statements)
        raise _Undo


class _Undo(Exception):
    pass


ONE = "(SELECT {key} FROM {table} LIMIT 1)"
FIRST_BALLOT = f"spent = {ONE.format(key='spent', table='ballot')}"
NO_ANSWER = "blinded_hash = NULL, blind_signature = NULL"
SOMEBODYS = "code_hash = (SELECT code_hash FROM invitation WHERE collected LIMIT 1)"
NOT_YET = "code_hash = (SELECT code_hash FROM invitation WHERE NOT collected LIMIT 1)"
INSERT = "INSERT INTO ballot (round_id, spent, message, signature, sealed, proof)"
COPY = INSERT + " SELECT round_id, {key}, message, signature, sealed, proof FROM ballot LIMIT 1"


@pytest.fixture
def collecting(place: County) -> County:
    """Five enterprises invited, two of them have answered."""
    place.populate(enterprises=5).draft().issue_attributed().start()
    for _ in range(2):
        place.phone().answer()
    return place


@pytest.mark.parametrize(
    "statement",
    [
        # a second ballot for a friend: let the invitation be collected again
        f"UPDATE invitation SET collected = false, {NO_ANSWER} WHERE {SOMEBODYS}",
        # give an invitation of a critic to somebody else, or to nobody
        f"UPDATE invitation SET enterprise_id = NULL WHERE {NOT_YET}",
        # uninvite
        f"DELETE FROM invitation WHERE {NOT_YET}",
        f"DELETE FROM invitation WHERE {SOMEBODYS}",
        "DELETE FROM invitation",
        # put another signature under what somebody collected
        f"UPDATE invitation SET blind_signature = (SELECT signature FROM ballot LIMIT 1) WHERE {SOMEBODYS}",
        # the box
        f"DELETE FROM ballot WHERE {FIRST_BALLOT}",
        "DELETE FROM ballot",
        "UPDATE ballot SET message = message, sealed = signature",
        # the rules
        "UPDATE round SET threshold = threshold + 1",
        "UPDATE round SET quorum = 1",
        "UPDATE round SET mode = 'slip'",
        "UPDATE round SET format_version = 1",
        "UPDATE round SET questionnaire = '{}'",
        "UPDATE round SET blind_key_public = merkle_root",
        "UPDATE key_holder SET public_key = NULL, proven = false",
        "UPDATE key_holder SET user_id = user_id, name = 'other' WHERE position = 0",
        "DELETE FROM key_holder WHERE position = 0",
        "DELETE FROM round",
    ],
)
def test_while_collecting(collecting: County, statement: str) -> None:
    if "blind_key_public = merkle_root" in statement:
        blob = "CAST('x' AS BLOB)" if collecting.database.kind.NAME == "sqlite" else "'x'::bytea"
        statement = statement.replace("merkle_root", blob)
    refused(collecting.database, statement)


def test_a_ballot_replaced_in_one_transaction(collecting: County) -> None:
    """PostgreSQL lets rows be put back, for mixing; another one in their place is noticed at the commit."""
    altered = INSERT + " SELECT round_id, spent, message, signature, signature, proof FROM kept"
    statements = (
        "CREATE TEMPORARY TABLE kept AS SELECT * FROM ballot LIMIT 1",
        "DELETE FROM ballot WHERE spent = (SELECT spent FROM kept)",
        altered,
    )
    with pytest.raises(IntegrityError, match="kept"):
        attempt(collecting.database, *statements)
    assert collecting.database.kind.NAME == "sqlite" or _puts_back(collecting)


def _puts_back(place: County) -> bool:
    attempt(
        place.database,
        "CREATE TEMPORARY TABLE kept2 AS SELECT * FROM ballot",
        "DELETE FROM ballot",
        "INSERT INTO ballot SELECT * FROM kept2",
    )
    return True


@pytest.mark.parametrize(
    "statement",
    [
        COPY.format(key="signature"),  # one more ballot; its key is checked by its length elsewhere
        f"DELETE FROM ballot WHERE {FIRST_BALLOT}",
        "DELETE FROM ballot",
        "UPDATE ballot SET sealed = signature",
        "UPDATE round SET closes_on = '2099-01-01', state = 'open'",
        "UPDATE round SET invited_count = invited_count + 1",
        "UPDATE round SET cast_count = cast_count - 1",
        "UPDATE round SET merkle_root = NULL",
        "UPDATE round SET threshold = threshold + 1",
        "INSERT INTO invitation SELECT id, {other}, NULL, false, false, false, NULL, NULL FROM round",
        f"DELETE FROM invitation WHERE {NOT_YET}",
    ],
)
def test_after_closing(collecting: County, statement: str) -> None:
    collecting.close()
    other = (
        f"CAST('{'c' * 32}' AS BLOB)" if collecting.database.kind.NAME == "sqlite" else f"'{'c' * 32}'::bytea"
    )
    statement = statement.replace("{other}", other).replace("round_id, signature,", f"round_id, {other},")
    if "merkle_root = NULL" in statement:  # a constraint says so too
        with pytest.raises(IntegrityError):
            attempt(collecting.database, statement)
        return
    refused(collecting.database, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE opened_box SET valid = valid - 1",
        "UPDATE opened_box SET rows = digest",
        "UPDATE opened_box SET digest = (SELECT merkle_root FROM round)",
        "DELETE FROM opened_box",
        "UPDATE round SET state = 'closed'",
        "UPDATE round SET threshold = threshold + 1",
    ],
)
def test_after_opening(collecting: County, statement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening_job, "analyse_round", lambda *_: None)
    collecting.close()
    opening_job.open_round(collecting.database, collecting.slug, collecting.key_files, "人大")
    refused(collecting.database, statement)


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("table", ["ballot", "invitation", "opened_box", "key_holder", "round CASCADE"])
def test_emptying_a_table_at_once(collecting: County, table: str) -> None:
    with pytest.raises(IntegrityError, match="never emptied"):
        attempt(collecting.database, f"TRUNCATE {table}")


def test_a_roster_imported_in_the_middle_moves_no_invitation(collecting: County) -> None:
    """Through the interface a new roster adds enterprises; who was invited stays invited."""
    from survey.services.roster import enterprises as rosters

    def owners() -> set[tuple[bytes, bytes]]:
        with collecting.database.read() as session:
            rows = session.execute(text("SELECT code_hash, enterprise_id FROM invitation"))
            return {(bytes(code), bytes(owner)) for code, owner in rows}

    before = owners()
    collecting.database.write(lambda s: rosters.import_roster(s, roster(9)[3:], actor="管理员"))
    assert owners() == before
