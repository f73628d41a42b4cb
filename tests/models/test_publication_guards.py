"""What was published, decided and done stays: plain SQL against the database, none of our code in between."""

from __future__ import annotations

import pytest
from county import County
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from survey.database.engine import Database

CONTENT = (
    "INSERT INTO publication (id, round_id, edition, state, content, digest, correction, proposed_by{more})"
)
FIRST = (
    CONTENT + " SELECT {id}, r.id, 1, '{state}', '{{}}', {digest}, '', u.id{values}"
    " FROM round r, user_account u WHERE u.name = '评议员0'"
)
PUBLISH = (
    "UPDATE publication SET state = 'published', published_on = '2026-01-01',"
    " confirmed_by = (SELECT id FROM user_account WHERE name = '{who}')"
)
RELEASE = (
    "INSERT INTO comment_release (comment_id, decision, text, proposed_by{more})"
    " SELECT c.id, 'release', '文字', u.id{values} FROM comment c, user_account u WHERE u.name = '评议员0'"
)
PROBLEM = (
    "INSERT INTO problem (round_id, number, department, source, item, evidence, task, responsible, measures,"
    " deadline, stage)"
    " SELECT id, 1, '税务局', 'other', '', '{}', '改', '', '', '2026-12-31', 'recorded' FROM round"
)
EVENT = (
    "INSERT INTO problem_event (round_id, problem, number, happened_on, actor, stage, text)"
    " SELECT round_id, number, 1, '2026-01-01', '甲', 'recorded', '改' FROM problem"
)
FILE = (
    "INSERT INTO problem_file (round_id, problem, number, event, name, kind, size, digest, content)"
    " SELECT round_id, number, 1, NULL, '一.pdf', 'pdf', 1, {digest}, {content} FROM problem"
)

pytestmark = pytest.mark.usefixtures("_cheap_keys")


@pytest.fixture
def place(database: Database) -> County:
    return County(database).populate().draft()


def attempt(database: Database, statement: str) -> None:
    with database.engine.execution_options(pingyi_write=True).begin() as connection:
        connection.execute(text(statement.replace(":", r"\:")))


def refused(database: Database, statement: str) -> None:
    with pytest.raises(IntegrityError):
        attempt(database, statement)


def blob(database: Database, sign: str, size: int) -> str:
    return f"CAST('{sign * size}' AS {'BLOB' if database.kind.NAME == 'sqlite' else 'bytea'})"


def proposal(database: Database, state: str = "proposed", more: str = "", values: str = "") -> str:
    parts = {"id": blob(database, "p", 16), "digest": blob(database, "d", 32)}
    return FIRST.format(state=state, more=more, values=values, **parts)


def test_nothing_is_published_in_one_step(place: County) -> None:
    extra = {"more": ", confirmed_by, published_on", "values": ", v.id, '2026-01-01'"}
    direct = proposal(place.database, "published", **extra).replace(
        "user_account u", "user_account u, user_account v"
    )
    refused(place.database, direct + " AND v.name = '评议员1'")
    attempt(place.database, proposal(place.database))
    refused(place.database, PUBLISH.format(who="评议员0"))  # the proposer himself
    refused(place.database, "UPDATE publication SET state = 'published'")  # nobody
    attempt(place.database, PUBLISH.format(who="评议员1"))


@pytest.mark.parametrize(
    "change",
    [
        "content = '{1}'",
        "edition = 2, correction = 'x'",
        "correction = 'x'",
        "state = 'proposed', confirmed_by = NULL, published_on = NULL",
        "published_on = '2026-01-02'",
        "confirmed_by = NULL",
    ],
)
def test_an_edition_never_changes(place: County, change: str) -> None:
    attempt(place.database, proposal(place.database))
    if change.startswith(("content", "edition", "correction")):
        refused(place.database, f"UPDATE publication SET {change}")  # not even while it waits
    attempt(place.database, PUBLISH.format(who="评议员1"))
    refused(place.database, f"UPDATE publication SET {change}")


def test_only_a_proposal_can_be_taken_away(place: County) -> None:
    attempt(place.database, proposal(place.database))
    attempt(place.database, "DELETE FROM publication")
    attempt(place.database, proposal(place.database))
    attempt(place.database, PUBLISH.format(who="评议员1"))
    refused(place.database, "DELETE FROM publication")
    refused(place.database, "DELETE FROM round")
    if place.database.kind.NAME != "sqlite":
        refused(place.database, "TRUNCATE publication CASCADE")


def test_a_comment_is_not_released_by_one(place: County) -> None:
    name = blob(place.database, "c", 16)
    attempt(
        place.database,
        f"INSERT INTO comment (id, round_id, department, text) SELECT {name}, id, 0, '原话' FROM round",
    )
    refused(place.database, RELEASE.format(more=", confirmed_by", values=", u.id"))
    attempt(place.database, RELEASE.format(more="", values=""))
    refused(place.database, "UPDATE comment_release SET confirmed_by = proposed_by")
    refused(place.database, "UPDATE comment_release SET text = '别的文字'")
    refused(place.database, "UPDATE comment_release SET decision = 'withhold'")
    other = "(SELECT id FROM user_account WHERE name = '评议员1')"
    attempt(place.database, f"UPDATE comment_release SET confirmed_by = {other}")
    refused(place.database, "UPDATE comment_release SET text = '别的文字'")


def test_problems_and_their_history_only_grow(place: County) -> None:
    attempt(place.database, PROBLEM)
    attempt(place.database, EVENT)
    for statement in (
        "DELETE FROM problem",
        "DELETE FROM problem_event",
        "UPDATE problem_event SET text = '别的'",
        "UPDATE problem SET stage = 'forgotten'",
    ):
        refused(place.database, statement)
    attempt(place.database, "UPDATE problem SET stage = 'assigned'")


def test_a_file_that_was_sent_stays_as_it_is(place: County) -> None:
    parts = {"digest": blob(place.database, "d", 32), "content": blob(place.database, "c", 9)}
    for statement in (PROBLEM, EVENT, FILE.format(**parts), "DELETE FROM problem_file", FILE.format(**parts)):
        attempt(place.database, statement)
    other = blob(place.database, "x", 9)
    refused(place.database, f"UPDATE problem_file SET content = {other}")  # not even while it waits
    refused(place.database, "UPDATE problem_file SET event = 7")  # no such step
    attempt(place.database, "UPDATE problem_file SET event = 1")
    for statement in (
        "DELETE FROM problem_file",
        "UPDATE problem_file SET event = NULL",
        "UPDATE problem_file SET name = '二.pdf'",
        f"UPDATE problem_file SET content = {other}",
    ):
        refused(place.database, statement)
    if place.database.kind.NAME != "sqlite":
        refused(place.database, "TRUNCATE problem_file CASCADE")
