"""A photograph of the database at every request, joined with what opening publishes.

Such a thief knows which sealed ballot came from whom: only a quorum of keys stands between. What is
opened must therefore not be joinable with the sealed ballots: not by key, by place, or by order.
"""

from __future__ import annotations

import itertools
import random

import pytest
from county import County, small_questionnaire
from sqlalchemy import select, text

from survey.models import Ballot, Comment, OpenedBox
from survey.protocol.answers import Answers, encode_answers
from survey.services.followup import comments
from survey.services.opening import opening_job as openings
from survey.services.results import ranking

PHONES = 12


@pytest.fixture(autouse=True)
def _no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openings, "analyse_round", lambda *_: None)


def different_answers() -> list[Answers]:
    """Everybody says something else; the first three bytes of a row tell who."""
    chance = random.Random(3)
    return [
        Answers(
            ratings=tuple(tuple(1 + (n >> (2 * d + i)) % 2 for i in range(2)) for d in range(4)),
            strata=(chance.randrange(3),),
            comments={0: f"甲{n:02d}", 1: f"乙{n:02d}", 2: f"丙{n:02d}"},
        )
        for n in range(PHONES)
    ]


class Thief:
    """Sees what is new in the database after each request."""

    def __init__(self, place: County) -> None:
        self.place = place
        self.seen: set[bytes] = set()
        self.in_order: list[bytes] = []

    def look(self) -> None:
        with self.place.database.read() as session:
            new = {bytes(key) for key in session.scalars(select(Ballot.spent))} - self.seen
        self.seen |= new
        self.in_order += new


def watched(place: County, order: list[int]) -> Thief:
    """Enterprises answer in `order`, each its own answers, while the thief looks; then the box is opened."""
    place.collecting(slips=PHONES)
    answers, thief = different_answers(), Thief(place)
    for number in order:
        place.phone().answer(answers[number])
        thief.look()
    place.close()
    openings.open_round(place.database, place.slug, place.key_files, "人大")
    return thief


def rows_of(place: County) -> list[bytes]:
    table = place.look(ranking.score_table)
    size = len(table.rows) // PHONES
    return [table.rows[n * size : (n + 1) * size] for n in range(PHONES)]


def expected_rows() -> list[bytes]:
    questionnaire = small_questionnaire()
    size = len(questionnaire.departments) * len(questionnaire.items) + len(questionnaire.strata)
    return [encode_answers(questionnaire, entry)[1 : 1 + size] for entry in different_answers()]


def test_scores_kept_in_the_order_of_ballots_are_joined(place: County) -> None:
    """Naive: a score table in the order of the ballots' keys names everybody's answers."""
    thief = watched(place, list(range(PHONES)))
    truth = dict(zip(thief.in_order, expected_rows(), strict=True))
    naive_table = [truth[key] for key in sorted(truth)]
    guessed = dict(zip(sorted(thief.seen), naive_table, strict=True))
    assert guessed == truth


def test_what_is_opened_is_the_same_whoever_answered_what(place: County) -> None:
    """Ours: the thief would see the same scores if any two enterprises had changed places."""
    watched(place, list(range(PHONES)))
    mine = rows_of(place)
    assert mine == sorted(expected_rows())
    other = County(place.database, slug="second").populate_again(place)
    answers = different_answers()
    other.draft().issue(PHONES).start()
    for number in reversed(range(PHONES)):
        other.phone().answer(answers[number])
    other.close()
    openings.open_round(other.database, other.slug, other.key_files, "人大")
    assert rows_of(other) == mine


def test_comments_in_the_order_of_ballots_are_joined_across_departments() -> None:
    """Naive: the n-th comment about one department and the n-th about another are of one hand."""
    lists = [[entry.comments[d] for entry in different_answers()] for d in range(3)]
    assert all(len({text_[1:] for text_ in row}) == 1 for row in zip(*lists, strict=True))


def test_comments_share_no_order(place: County) -> None:
    """Ours: by random keys. All three lists in the same order would happen once in (12!)² openings."""
    thief = watched(place, list(range(PHONES)))
    lists = [place.look(lambda s, r, d=d: comments.comments_of(s, r, d)) for d in range(3)]
    hands = [[text_[1:] for text_ in entry] for entry in lists]
    assert hands[0] != hands[1]
    assert hands[1] != hands[2]
    assert all(sorted(entry) == sorted(hands[0]) for entry in hands)
    assert hands[0] != [f"{n:02d}" for n in range(PHONES)], "nor the order of time"
    by_key = sorted(range(PHONES), key=lambda n: thief.in_order[n])
    assert hands[0] != [f"{n:02d}" for n in by_key], "nor the order of the ballots' keys"


def test_nothing_opened_shares_a_value_with_a_ballot_or_an_invitation(place: County) -> None:
    """No column of scores and comments holds anything that stands on a ballot or an invitation."""
    watched(place, list(range(PHONES)))
    with place.database.read() as session:
        sealed = {bytes(value) for row in session.execute(select(Ballot.__table__)) for value in row if value}
        sealed |= {
            bytes(value) for row in session.execute(text("SELECT code_hash FROM invitation")) for value in row
        }
        kept = [session.execute(select(m.__table__)).all() for m in (OpenedBox, Comment)]
    round_id = place.round().id
    found = {bytes(v) for rows in kept for row in rows for v in row if isinstance(v, bytes)}
    assert found & sealed == {round_id}


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_comments_were_written_at_once_and_lie_in_no_order(place: County) -> None:
    thief = watched(place, list(range(PHONES)))
    assert len(thief.seen) == PHONES
    with place.database.read() as session:
        assert len(session.execute(text("SELECT DISTINCT xmin::text FROM comment")).all()) == 1
        lying = [t for (t,) in session.execute(text("SELECT text FROM comment ORDER BY ctid"))]
    neighbours = sum(a[1:] == b[1:] for a, b in itertools.pairwise(lying))
    assert neighbours < PHONES, "those of one hand do not lie together"
