"""How many ballots carry a statement: against deleting raters one by one, and all subsets."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest
from nightly import NIGHTLY
from numpy.typing import NDArray

from analysis import Ranking, Ratings, cells_of, fit, rank
from analysis.errors import InputError
from analysis.influence import onestep
from analysis.influence.ballots import Influence, carried
from analysis.influence.onestep import rater_influence
from analysis.influence.refits import Refits, Statement
from analysis.influence.removal import Removal
from analysis.model.bridges import bridge

Floats = NDArray[np.float64]
Said = tuple[str, str, str]
LINE = 70.0


def marks(g: np.random.Generator, raters: int, effects: list[float], missing: float = 0.0) -> Floats:
    """(R, D) marks of 20 to 100."""
    latent = g.normal(0, 1, (raters, 1)) + np.array(effects) + g.normal(0, 1, (raters, len(effects)))
    scores = 20.0 * np.clip(np.round(latent + 3), 1, 5)
    scores[g.random(scores.shape) < missing] = np.nan
    return np.asarray(scores)


def test_influence_is_the_estimate_less_that_without_the_rater() -> None:
    ratings = Ratings.from_array(marks(np.random.default_rng(1), 14, [0, 0.5, 1, 0], missing=0.2))
    fitted, ranking = fit(cells_of(ratings)), rank(ratings, threshold=2, draws=1000)
    found, on_scores = rater_influence(fitted)
    for r in range(ratings.n_raters):
        without = ratings.take(np.arange(ratings.n_raters) != r)
        np.testing.assert_allclose(found[r], fitted.theta - fit(cells_of(without)).theta, atol=1e-10)
        again = {d.name: d.adjusted for d in rank(without, threshold=2, draws=1000).departments}
        moved = [d.adjusted - again[d.name] for d in ranking.departments]
        codes = ratings.places([d.name for d in ranking.departments])
        np.testing.assert_allclose(on_scores[r][codes], moved, atol=1e-10)


def declared(ranking: Ranking) -> set[Said]:
    """What a ranking says, read from its public results."""
    found: set[Said] = set()
    for d in ranking.departments:
        found |= {(d.vs_average, d.name, "")} if d.vs_average != "same" else set()
        found |= {("above_line", d.name, "")} if d.ci[0] > LINE else set()
        found |= {("below_line", d.name, "")} if d.ci[1] < LINE else set()
    for p in ranking.pairs:
        if p.significant:
            found.add(("pair", p.a, p.b) if p.difference > 0 else ("pair", p.b, p.a))
    return found


def without(ratings: Ratings, out: tuple[int, ...], threshold: int) -> set[Said]:
    keep = [r for r in range(ratings.n_raters) if r not in out]
    try:
        return declared(rank(ratings.take(keep), threshold=threshold, draws=2000))
    except InputError:
        return set()


def fewest(ratings: Ratings, threshold: int, most: int) -> dict[Said, int]:
    """Statement → fewest ballots that undo it, by ranking without every set of at most ``most``."""
    remaining = declared(rank(ratings, threshold=threshold, draws=2000))
    found = dict.fromkeys(remaining, most + 1)
    for k in range(1, most + 1):
        for out in combinations(range(ratings.n_raters), k) if remaining else ():
            for statement in remaining - without(ratings, out, threshold):
                found[statement] = k
                remaining = remaining - {statement}
    return found


def small(seed: int) -> Ratings:
    """12 ballots on 4 departments, in every third data set with gaps."""
    g = np.random.default_rng(seed)
    return Ratings.from_array(marks(g, 12, [0, 0, 0.8, 1.6], missing=0.2 * (seed % 3 == 0)))


@pytest.mark.filterwarnings("ignore:invalid value")  # of the two or three raters that some subsets leave
def test_small_numbers_are_those_of_all_subsets() -> None:
    """Exact numbers are the fewest, lower bounds are none too high, and what was certified was not undone."""
    compared = exact = 0
    for seed in range(12) if NIGHTLY else (1,):
        ratings = small(seed)
        ranking = rank(ratings, threshold=4, draws=2000)
        found, truth = carried(ratings, ranking, line=LINE), fewest(ratings, 4, 2)
        assert {(s.kind, s.a, s.b) for s in found.statements} == set(truth)
        for s in found.statements:
            least = truth[s.kind, s.a, s.b]
            assert s.verified
            assert s.removed is not None
            assert min(s.removed, 3) == least, (seed, s)
            assert min(s.at_least, 3) == least, (seed, s)
            assert s.fragile == (least < 3)
            compared, exact = compared + 1, exact + s.exact
    assert compared >= (20 if NIGHTLY else 4)
    assert exact >= (10 if NIGHTLY else 4)


@pytest.mark.filterwarnings("ignore:invalid value")
def test_the_search_alone_finds_nearly_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where not all sets can be tried: never too few, nearly always the fewest, never certified."""
    monkeypatch.setattr(Removal, "exhaust", lambda *_: None)
    known = met = 0
    for seed in range(12, 24 if NIGHTLY else 14):
        ratings = small(seed)
        found = carried(ratings, rank(ratings, threshold=4, draws=2000), refits=300, line=LINE)
        truth = fewest(ratings, 4, 2)
        for s in found.statements:
            assert s.at_least == 1
            assert s.removed is not None
            assert s.removed >= truth[s.kind, s.a, s.b] or not s.verified
            if truth[s.kind, s.a, s.b] < 3:
                known, met = known + 1, met + (s.removed == truth[s.kind, s.a, s.b])
    assert known >= (10 if NIGHTLY else 2)
    assert met >= 0.9 * known


def chain() -> Ratings:
    """Two sets of three departments with 20 raters each, linked by five raters: four could not show, by any
    marks, that the sets differ."""
    g = np.random.default_rng(11)
    scores = np.full((45, 6), np.nan)
    for rows, columns, middle in ((range(20), range(3), 50.0), (range(20, 40), range(3, 6), 80.0)):
        for r in rows:
            scores[r, list(columns)] = middle + 5 * g.normal(size=3)
    for r in range(40, 45):
        scores[r, [0, 3]] = [50 + g.normal(), 80 + g.normal()]
    return Ratings.from_array(scores)


def test_raters_who_link_departments_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The link between two sets falls with one of its raters, whose one-step influence does not say so."""
    ratings = chain()
    assert set(bridge(cells_of(ratings), 0, 3).tolist()) == {40, 41, 42, 43, 44}
    ranking = rank(ratings, threshold=3, draws=2000)
    assert ("pair", "4", "1") in declared(ranking)
    assert ("pair", "4", "1") not in without(ratings, (40,), 3)
    monkeypatch.setattr(Removal, "exhaust", lambda *_: None)
    statement = carried(ratings, ranking, refits=400).of("4", "pair", "1")
    assert statement is not None
    assert statement.removed == 1


def test_a_cut_is_smallest_and_parts_the_departments() -> None:
    g = np.random.default_rng(3)
    for _ in range(10):
        scores = np.where(g.random((12, 5)) < 0.35, 60.0, np.nan)
        scores[np.isnan(scores).all(axis=1), 0] = 60.0
        ratings = Ratings.from_array(np.hstack([scores, np.full((12, 1), np.nan)])[:, :5])
        cells = cells_of(ratings)
        found = bridge(cells, 0, 1)
        linked = [k for k in range(13) if any(_parted(cells, out) for out in combinations(range(12), k))]
        assert found.size == min(linked)
        assert _parted(cells, tuple(found.tolist()))


def _parted(cells: object, out: tuple[int, ...]) -> bool:
    """Whether no chain of raters leads from department 0 to 1."""
    rows = [
        (r, d)
        for r, d in zip(cells.rater.tolist(), cells.department.tolist(), strict=True)  # type: ignore[attr-defined]
        if r not in out
    ]
    reached, grown = {0}, True
    while grown:
        raters = {r for r, d in rows if d in reached}
        more = {d for r, d in rows if r in raters} | reached
        grown, reached = more != reached, more
    return 1 not in reached


FRAGILE = 4


def colluding(seed: int) -> tuple[Floats, NDArray[np.intp]]:
    """100 ballots on 8 of 20 equal departments, 12 of them: the fourth gets 100, all others 20."""
    g = np.random.default_rng(seed)
    rated = np.argsort(g.random((100, 20)), axis=1)[:, :8]
    scores = np.full((100, 20), np.nan)
    np.put_along_axis(scores, rated, 20.0 * g.integers(4, 6, rated.shape), axis=1)
    firms = g.choice(100, 12, replace=False)
    for firm in firms:
        scores[firm, rated[firm]] = 20
        scores[firm, 3] = 100
    return scores, firms


def test_colluders_are_the_ballots_that_carry_the_statement() -> None:
    above_average = 0
    for seed in (2, 3, 4) if NIGHTLY else (2,):
        scores, firms = colluding(seed)
        ratings = Ratings.from_array(scores)
        influence, _ = rater_influence(fit(cells_of(ratings)))
        assert set(np.argsort(-influence[:, 3])[:12].tolist()) == set(firms.tolist())
        ranking = rank(ratings)
        found = carried(ratings, ranking, refits=60 if NIGHTLY else 20)
        above = found.of("4", "above")
        above_average += above is not None
        for statement in [s for s in found.statements if s.a == "4" and s.falsified_verified]:
            assert statement.removed is not None
            assert 1 <= statement.removed <= 12
            assert statement.falsified is not None
            assert statement.falsified <= statement.removed
    assert above_average >= (2 if NIGHTLY else 1)


def test_fragile_statement_is_noted_and_cost_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    scores, _ = colluding(FRAGILE)
    ratings = Ratings.from_array(scores)
    ranking = rank(ratings)
    found = carried(ratings, ranking, refits=7)
    assert found.refits <= 7
    assert found.least == 3
    fragile = [s for s in found.statements if s.removed is not None and s.removed < 3]
    assert found.fragile == tuple(fragile)
    assert fragile
    assert "易变" in found.summary("zh")
    assert "fragile" in found.summary("en").lower()
    monkeypatch.setattr("analysis.influence.ballots.MOST_WORK", 10)
    skipped = carried(ratings, ranking)
    assert not skipped.statements
    assert skipped.refits == 0
    assert skipped.omitted == len(found.statements)
    assert skipped.summary("zh") == "数据太多，没有检查结论靠几张选票支撑。"


@pytest.mark.parametrize(("raters", "refits"), [(26, 450), *([(40, 3000)] if NIGHTLY else [])])
def test_what_is_not_certified_is_not_promised(raters: int, refits: int) -> None:
    """无论 and whichever stand only where all choices were ranked."""
    ratings = Ratings.from_array(marks(np.random.default_rng(8), raters, [0, 0, 3.0]))
    ranking = rank(ratings, threshold=2, draws=1000)
    every, some = carried(ratings, ranking, refits=refits), carried(ratings, ranking, refits=30)
    for found, certified in ((every, True), (some, False)):
        assert not found.fragile
        assert ("无论" in found.summary("zh")) == certified
        assert ("whichever" in found.summary("en")) == certified
        assert ("不能保证" in found.summary("zh")) != certified
        assert (min(s.at_least for s in found.statements) >= found.least) == certified


def test_nothing_declared_nothing_carried() -> None:
    scores = marks(np.random.default_rng(5), 30, [0, 0, 0])
    ratings = Ratings.from_array(scores)
    found = carried(ratings, rank(ratings))
    assert found.statements == ()


def summaries(*statements: tuple[int, int]) -> Iterator[str]:
    """Of statements with (at_least, removed), of which fewer than three are fragile."""
    from analysis.influence.ballots import Carried

    made = tuple(
        Carried("above", f"部门{i}", "", k, low, 9, True, True, k < 3)
        for i, (low, k) in enumerate(statements)
    )
    found = Influence(60, 3, made, 10, 0)
    yield from (found.summary(language) for language in ("zh", "en"))


@pytest.mark.parametrize(
    ("statements", "zh"),
    [
        (
            [(2, 2)],
            (
                "有 1 条结论易变：去掉不到 3 张选票就不再成立，涉及部门0高于平均。"
                "无论去掉哪 1 张选票，每一条都仍然成立。"
            ),
        ),
        (
            [(1, 1), (3, 7)],
            (
                "有 1 条结论易变：去掉不到 3 张选票就不再成立，涉及部门0高于平均。"
                "其余 1 条结论：无论去掉哪 2 张选票都仍然成立，所有选法都重算过。"
            ),
        ),
        (
            [(2, 5), (2, 7)],
            (
                "看过的 2 条结论没有找到去掉不到 3 张就不成立的选法；但没有试遍所有选法，不能保证没有。"
                "无论去掉哪 1 张选票，每一条都仍然成立。"
            ),
        ),
        ([(3, 4), (3, 3)], "看过的 2 条结论：无论去掉哪 2 张选票都仍然成立，所有选法都重算过。"),
        (
            [(3, 4), (1, 5)],
            "看过的 2 条结论没有找到去掉不到 3 张就不成立的选法；其中 1 条所有选法都试过，其他的没有试遍。",
        ),
    ],
)
def test_summaries_count_only_what_there_is(statements: list[tuple[int, int]], zh: str) -> None:
    said, english = summaries(*statements)
    assert said == zh
    assert " 0 " not in said + english


def test_ballots_put_in_order_part_by_part_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    g = np.random.default_rng(8)
    ratings = Ratings.from_array(marks(g, 60, [0, 0.4, 0.8, 1.2], missing=0.3))
    ranking, found = rank(ratings, draws=1000), []
    for number in (1, 10**6):
        monkeypatch.setattr(onestep, "_AT_FIRST", number)
        found.append(carried(ratings, ranking, refits=0, line=LINE))
    assert found[0].statements == found[1].statements
    assert {s.removed for s in found[0].statements} - {1}, "some need more than are put in order at first"


def test_nothing_is_searched_where_no_ranking_may_be_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fewest linking raters of every pair would take longer than all rankings of a large round."""
    ratings = Ratings.from_array(marks(np.random.default_rng(8), 60, [0, 0.8, 1.6], missing=0.3))
    ranking, asked = rank(ratings, draws=1000), []
    monkeypatch.setattr(onestep, "bridge", lambda *what: asked.append(what) or bridge(*what))
    assert carried(ratings, ranking, refits=0).statements
    assert not asked
    assert carried(ratings, ranking, refits=60).statements
    assert asked


def test_nothing_holds_without_any_ballot() -> None:
    """It ended in a ValueError of NumPy: of no marks there is no lowest."""
    ratings = Ratings.from_array([[100.0, 50]] * 5)
    refits = Refits(ratings, rank(ratings, threshold=2, draws=1000), [Statement("pair", 0, 1)], 9)
    assert not refits.without(range(5), np.ones(1, dtype=bool)).stands.any()
