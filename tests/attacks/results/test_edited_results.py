"""The result of an offline opening, edited on its way back to the site, or taken into a changed database."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from county import County, plain_answers, without_guards
from sqlalchemy import select

from survey.errors import PingyiError
from survey.models import Ballot, State
from survey.protocol.box.export import read_box
from survey.protocol.box.opened import BoxContents
from survey.protocol.box.opening import open_ballots
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.holders.keys import unlock_keys
from survey.services.opening import box_files

PHONES = 5
TABLE = Ballot.__table__


@pytest.fixture
def closed(place: County, tmp_path: Path) -> County:
    """Five ballots, opened offline; `result` is what came of it."""
    place.collecting(slips=PHONES)
    questionnaire = place.description().questionnaire
    answers = plain_answers(questionnaire, comments={0: "等了很久"})
    place.receipts = place.cast_all([answers] + [plain_answers(questionnaire)] * (PHONES - 1))
    place.close()
    path = tmp_path / "box.jsonl"
    box_files.export_box(place.database, place.slug, path)
    with path.open("rb") as file:
        box = read_box(file)
        keys = unlock_keys(box.description, place.key_files)
        place.result = open_ballots(box.description, box.ballots, keys, merkle_root=box.merkle_root)
    return place


def taken_in(place: County, text: str, folder: Path) -> bool:
    path = folder / "opened.json"
    path.write_text(text, encoding="utf-8")
    try:
        box_files.import_opened(place.database, place.slug, path, "人大")
    except PingyiError:
        assert place.round().state == State.CLOSED
        return False
    return True


def without_a_row(place: County, reason: str) -> BoxContents:
    """A valid ballot left out as if it were invalid."""
    rows = [place.result.scores.rows[: place.result.scores.row_bytes]] * (PHONES - 1)
    scores = ScoreTable.build(place.description(), rows, invalid=1)
    return replace(place.result, scores=scores, invalid=[(place.receipts[0], reason)], comments={})


EDITED: dict[str, Callable[[County], str]] = {
    "a field more": lambda p: p.result.to_json().replace('"format"', '"mark": 1, "format"', 1),
    "a name twice": lambda p: p.result.to_json().replace('"round_id"', '"round_id": "x", "round_id"', 1),
    "another comment": lambda p: replace(p.result, comments={0: [" 等了很久"]}).to_json(),
    "a comment decomposed": lambda p: replace(
        p.result, comments={0: [unicodedata.normalize("NFD", "é")]}
    ).to_json(),
    "more comments than ballots": lambda p: replace(p.result, comments={0: ["好"] * (PHONES + 1)}).to_json(),
    "too long": lambda p: without_a_row(p, "length").to_json(),
    "a copy": lambda p: without_a_row(p, "repeated").to_json(),
}


@pytest.mark.parametrize("how", EDITED)
def test_an_edited_result_is_not_taken_in(closed: County, how: str, tmp_path: Path) -> None:
    assert not taken_in(closed, EDITED[how](closed), tmp_path)


def test_a_ballot_deleted_after_closing(closed: County, tmp_path: Path) -> None:
    """Attack: the result is of the true box; the database has a ballot less, and would never tell."""
    with without_guards(closed.database) as owner:
        spent = owner.execute(select(TABLE.c.spent).limit(1)).scalar_one()
        owner.execute(TABLE.delete().where(TABLE.c.spent == spent))
    assert not taken_in(closed, closed.result.to_json(), tmp_path)


def test_the_true_result_is_taken_in(closed: County, tmp_path: Path) -> None:
    assert taken_in(closed, closed.result.to_json(), tmp_path)
