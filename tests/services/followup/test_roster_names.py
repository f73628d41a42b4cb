"""Names of the roster, for which comments are searched: kept in the process, never older than the roster."""

from __future__ import annotations

import random
import time

import pytest
from county import County
from credit_codes import invent
from sqlalchemy import update
from sqlalchemy.orm import Session

from survey.database.engine import Database
from survey.models import Enterprise
from survey.models.base import random_id
from survey.services.followup import comment_lists
from survey.services.followup.redaction import known_names, redacted, suggest

TEXT = "我们清河恒达机械制造办证，Tom Wang跑了三趟"


@pytest.fixture
def place(sqlite_database: Database) -> County:
    return County(sqlite_database)


def blackened(place: County) -> str:
    def read(session: Session) -> str:
        return redacted(TEXT, suggest(TEXT, comment_lists.names_of_roster(session)))

    with place.database.read() as session:
        return read(session)


def test_names_are_made_once_for_a_roster(place: County) -> None:
    with place.database.read() as session:
        first = comment_lists.names_of_roster(session)
    with place.database.read() as session:
        assert comment_lists.names_of_roster(session) is first


def test_names_are_forgotten_when_nobody_looks_any_more(
    place: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attack: a contact that was erased from the database is read from the server's memory weeks later."""
    monkeypatch.setattr(comment_lists, "FORGET_SECONDS", 0.1)
    comment_lists._KNOWN.clear()
    blackened(place)
    assert len(comment_lists._KNOWN) == 1
    deadline = time.monotonic() + 20
    while comment_lists._KNOWN and time.monotonic() < deadline:
        time.sleep(0.05)
    assert comment_lists._KNOWN == {}


def test_a_change_of_the_roster_counts_at_once(place: County) -> None:
    """Attack: names kept as they were would let a firm that was added stand in what is released."""
    assert "清河恒达" in blackened(place)
    firm = Enterprise(
        id=random_id(), credit_code=invent(random.Random(7)), name="清河恒达机械制造有限公司", contact=""
    )
    place.database.write(lambda s: s.add(firm))
    assert blackened(place) == "我们〔企业名〕办证，Tom Wang跑了三趟"
    place.database.write(lambda s: s.execute(update(Enterprise).values(contact="Tom Wang")) and None)
    assert blackened(place) == "我们〔企业名〕办证，〔人名〕跑了三趟"


def test_a_contact_in_latin_letters_is_found_in_any_case() -> None:
    known = known_names([("天安", "Tom Wang")])
    assert redacted("找tom wang，TOM WANG", suggest("找tom wang，TOM WANG", known)) == "找〔人名〕，〔人名〕"
