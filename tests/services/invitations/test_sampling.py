"""Drawing: reproducible by anybody from the printed seed, archived with its digest, frozen by issuing."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter

import pytest
from county import BASE_URL, County, roster
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from survey.clock import today
from survey.database.engine import Database
from survey.errors import Conflict, Frozen, InvalidInput
from survey.services.invitations import issuing as invitations
from survey.services.invitations import planning, sampling
from survey.services.invitations.sampling import SampleDesign
from survey.services.roster import enterprises as rosters

SIZES = ("大",) * 5 + ("小",) * 35 + ("",) * 20


@pytest.fixture
def drawn_from(database: Database) -> County:
    """Sixty enterprises: 5 large, 35 small, 20 unknown."""
    place = County(database).populate()
    rows = roster(60)
    for row, size in zip(rows, SIZES, strict=True):
        row.strata = {"规模": size} if size else {}
    rows[0].name = '=HYPERLINK("x")'
    database.write(lambda s: rosters.import_roster(s, rows, actor="管理员"))
    return place.draft()


def draw(place: County, **changes) -> None:
    values = {"strata": ("规模",), "method": "proportional", "size": 24, "seed": "2026-摇号-17"} | changes
    place.act(lambda s, r: sampling.draw(s, r, SampleDesign(**values), "管理员", today()) and None)


def sample(place: County):
    return place.look(sampling.sample_of)


def test_anybody_draws_the_same_from_the_seed(drawn_from: County) -> None:
    draw(drawn_from, minimum=4)
    table = sampling.table_of(sample(drawn_from))
    # A second implementation, from the explanation that is printed on the page alone.
    rows = list(csv.DictReader(io.StringIO(table.decode())))
    again: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        key = hashlib.sha256(f"2026-摇号-17:{row['统一社会信用代码']}".encode()).hexdigest()
        again.setdefault(row["层"], []).append((key, row["统一社会信用代码"]))
    wanted = {"大": 4, "小": 13, "未填": 7}
    expected = {code for cell, keys in again.items() for _, code in sorted(keys)[: wanted[cell]]}
    assert {row["统一社会信用代码"] for row in rows if row["抽中"] == "1"} == expected
    assert set(sampling.drawn_codes(sample(drawn_from))) == expected
    assert hashlib.sha256(table).digest() == sample(drawn_from).digest


def test_the_same_seed_the_same_draw_another_another(drawn_from: County) -> None:
    draw(drawn_from)
    first = sampling.drawn_codes(sample(drawn_from))
    draw(drawn_from)
    assert sampling.drawn_codes(sample(drawn_from)) == first
    draw(drawn_from, seed="another")
    assert sampling.drawn_codes(sample(drawn_from)) != first


def test_every_enterprise_has_the_same_chance() -> None:
    # 400 draws of 5 from 20 by the published rule: each is drawn 100 times on average, sd 8.7.
    codes = [row.credit_code for row in roster(20)]
    counts: Counter[str] = Counter()
    for seed in range(400):
        counts.update(sorted(codes, key=lambda code, s=str(seed): sampling.random_key(s, code))[:5])
    assert all(60 < counts[code] < 140 for code in codes)


def test_strata_are_those_of_the_roster(drawn_from: County) -> None:
    counts = drawn_from.look(lambda s, _r: sampling.strata_of_roster(s))
    assert counts == {"规模": {"大": 5, "小": 35, "未填": 20}}


def test_only_those_drawn_are_invited(drawn_from: County) -> None:
    draw(drawn_from)
    chosen = set(sampling.drawn_codes(sample(drawn_from)))
    issued = drawn_from.act(
        lambda s, r: invitations.issue_attributed(s, r, BASE_URL, "管理员", sampling.drawn_enterprises(s, r))
    )
    assert {invitation.credit_code for invitation in issued} == chosen
    with pytest.raises(Frozen):
        draw(drawn_from, seed="after the fact")
    with pytest.raises(Frozen):
        drawn_from.act(lambda s, r: sampling.drop(s, r))


@pytest.mark.parametrize("attack", ["UPDATE sample SET seed = 'x'", "DELETE FROM sample"])
def test_the_database_keeps_the_sample_too(drawn_from: County, attack: str) -> None:
    draw(drawn_from)
    drawn_from.issue(2)
    with pytest.raises(DatabaseError, match="frozen"):
        drawn_from.database.write(lambda s: s.execute(text(attack)))


def test_names_in_the_table_are_no_formulas(drawn_from: County) -> None:
    draw(drawn_from)
    assert "'=HYPERLINK" in sampling.table_of(sample(drawn_from)).decode()


@pytest.mark.parametrize("changes", [{"size": 0}, {"size": 61}, {"minimum": 20}, {"seed": ""}])
def test_impossible_designs_are_refused(drawn_from: County, changes) -> None:
    with pytest.raises(InvalidInput):
        draw(drawn_from, **changes)
    assert sample(drawn_from) is None


def test_without_a_sample_nobody_is_drawn(drawn_from: County) -> None:
    with pytest.raises(Conflict):
        drawn_from.look(sampling.drawn_enterprises)


def test_a_plan_presumes_the_usual_until_there_is_a_ranking(drawn_from: County) -> None:
    assert drawn_from.look(lambda s, _r: planning.presumed(s)) == (0.6, 6.0, "")
    assert planning.expected(400, 20, 6, 0.5).raters == 200
    with pytest.raises(InvalidInput):
        planning.expected(400, 20, 30, 0.5)
