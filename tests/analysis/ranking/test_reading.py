"""Every rule by which the product lets a pair be read, against all pairs of ten simulated rounds.

Whatever a rule says about a pair must be what the pair says of itself; where two departments are in sets that
no rater links, it must say that they are not compared.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from analysis import Ratings, rank
from analysis.charts.matrix import pair_states
from analysis.charts.tierbars import split_tiers
from analysis.ranking.reading import MOST_WITH_TIERS, RULES, reading, tiers_rule
from analysis.ranking.results import Ranking
from survey.documents.edition.ranking_parts import headings, ranking_rows, tier_note
from survey.documents.ranking.workbook import ranking_workbook
from survey.facts.wire import ranking_from
from survey.web.result_views.pairs import pair_matrix
from survey.web.result_views.ranking import tier_lanes

ROOT = Path(__file__).parents[3]
Rule = Callable[[Ranking], dict[frozenset[str], bool | None]]


def _round(
    seed: int, raters: int, departments: int, spread: float, *, sets: int = 1, ties: bool = False
) -> Ranking:
    """A made-up round; `sets`: departments that share no rater; `ties`: true scores in equal pairs."""
    rng = np.random.default_rng(seed)
    merit = np.sort(rng.normal(0, spread, departments))[::-1]
    if ties:
        merit = np.repeat(merit[: (departments + 1) // 2], 2)[:departments]
    latent = 1.2 * rng.normal(size=(raters, 1)) + merit + rng.normal(size=(raters, departments))
    scores = np.clip(np.round(60 + 12 * latent, -1), 0, 100)
    scores[rng.random((raters, departments)) < 0.3] = np.nan
    part = np.arange(departments) % sets
    scores[(np.arange(raters) % sets)[:, None] != part[None, :]] = np.nan
    names = [f"部门{d:03d}" for d in range(departments)]
    return rank(Ratings.from_array(scores, department_names=names), threshold=5, seed=seed)


ROUNDS = {
    "few": (1, 60, 6, 1.0),
    "eight": (2, 120, 8, 0.7),
    "eighteen": (3, 200, 18, 0.7),
    "thirty-four": (4, 250, 34, 0.8),
    "many": (5, 150, 100, 0.9),
    "nothing differs": (6, 80, 8, 0.0),
    "everything differs": (7, 200, 7, 6.0),
    "ten": (8, 100, 10, 1.0),
}


@pytest.fixture(scope="module")
def rounds() -> dict[str, Ranking]:
    made = {name: _round(*given) for name, given in ROUNDS.items()}
    made["tied"] = _round(9, 120, 8, 1.2, ties=True)
    made["disconnected"] = _round(10, 200, 8, 1.2, sets=2)
    return made


def declared(ranking: Ranking) -> dict[frozenset[str], bool | None]:
    """What the pairs say: True where they differ, False where not, None where they are not compared."""
    found: dict[frozenset[str], bool | None] = {
        frozenset(two): None for two in combinations([d.name for d in ranking.departments], 2)
    }
    return found | {frozenset((p.a, p.b)): p.significant for p in ranking.pairs}


def by_letters(ranking: Ranking) -> dict[frozenset[str], bool | None]:
    """Sharing a letter; of different sets nothing is said."""
    departments = ranking.departments
    tiers = {d.name: set(split_tiers(d.tier)) for d in departments}
    component = {d.name: d.component for d in departments}
    return {
        frozenset((a, b)): None if component[a] != component[b] else not tiers[a] & tiers[b]
        for a, b in combinations(tiers, 2)
    }


def by_bars(ranking: Ranking) -> dict[frozenset[str], bool | None]:
    """The page's bars: two rows that some unbroken lane passes, members both."""
    departments = ranking.departments
    lanes = tier_lanes([d.tier for d in departments])
    found: dict[frozenset[str], bool | None] = {}
    for i, j in combinations(range(len(departments)), 2):
        shared = any(
            lanes[i][k] and lanes[j][k] and all(lanes[m][k] is not False for m in range(i, j))
            for k in range(len(lanes[i]))
        )
        apart = departments[i].component != departments[j].component
        found[frozenset((departments[i].name, departments[j].name))] = None if apart else not shared
    return found


def by_matrix(ranking: Ranking) -> dict[frozenset[str], bool | None]:
    says = {0: None, 1: False, 2: True, 3: True}
    states, names = pair_states(ranking), [d.name for d in ranking.departments]
    return {
        frozenset((names[i], names[j])): says[int(states[i, j])]
        for i, j in combinations(range(len(names)), 2)
    }


def by_page(ranking: Ranking) -> dict[frozenset[str], bool | None]:
    """The page's list of whom each department is certainly above; what is not compared has no grey cell."""
    matrix, names = pair_matrix(ranking_from(ranking.to_dict())), [d.name for d in ranking.departments]
    assert matrix is not None
    grey = {
        (int(x) // 10 + k, int(y) // 10)
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)", matrix.same)
        for k in range((int(width) + 1) // 10)
    }
    found: dict[frozenset[str], bool | None] = {
        frozenset((names[i], names[j])): False if (i, j) in grey else None
        for i, j in combinations(range(len(names)), 2)
    }
    for name, numbers in matrix.surely_above:
        for run in filter(None, numbers.split(", ")):
            first, _, last = run.partition("–")
            for number in range(int(first), int(last or first) + 1):
                found[frozenset((name, names[number - 1]))] = True
    return found


def by_workbook(ranking: Ranking) -> dict[frozenset[str], bool | None]:
    book = openpyxl.load_workbook(io.BytesIO(ranking_workbook(ranking)))
    found: dict[frozenset[str], bool | None] = {
        frozenset(two): None for two in combinations([d.name for d in ranking.departments], 2)
    }
    for row in book["两两比较"].iter_rows(min_row=2, values_only=True):
        found[frozenset(row[:2])] = row[-1] != "不能区分"
    return found


@pytest.mark.parametrize("rule", [by_letters, by_bars, by_matrix, by_page, by_workbook])
def test_a_rule_says_of_every_pair_what_the_pair_says(rounds: dict[str, Ranking], rule: Rule) -> None:
    for name, ranking in rounds.items():
        if rule is by_workbook and len(ranking.departments) > 40:
            continue  # the sheet is cut, and says so
        assert rule(ranking) == declared(ranking), name


def test_the_rounds_are_of_all_kinds(rounds: dict[str, Ranking]) -> None:
    """So that the test above means something: pairs that differ, that do not, and that are not compared."""
    said = {name: list(declared(ranking).values()) for name, ranking in rounds.items()}
    assert set(said["disconnected"]) == {None, True, False}
    assert all(True in values and False in values for name, values in said.items() if "differ" not in name)
    assert len(rounds["many"].departments) == 100


def test_rank_ranges_do_not_decide(rounds: dict[str, Ranking]) -> None:
    """The rule that stood here before: who overlaps cannot be told apart. Many declared pairs overlap."""
    wrong = 0
    for ranking in rounds.values():
        place = {d.name: d.rank_set for d in ranking.departments}
        for pair in ranking.pairs:
            (best, worst), (first, last) = place[pair.a], place[pair.b]
            wrong += pair.significant and best <= last and first <= worst
    assert wrong > 100
    assert "名次范围" in reading("pairs")
    assert "不能代替" in reading("pairs")


def test_documents_print_letters_for_few_departments_only(rounds: dict[str, Ranking]) -> None:
    for ranking in rounds.values():
        departments = ranking_from(ranking.to_dict()).departments
        letters = headings(departments)[3] == "档次"
        assert letters == (len(departments) <= MOST_WITH_TIERS)
        rule = tiers_rule((d.component for d in ranking.departments), "letters")
        assert tier_note(departments).endswith(reading(rule if letters else "pairs"))
        shown = [row[3] for row in ranking_rows(departments, 1)]
        if letters:
            assert shown == [d.tier for d in ranking.departments]


def test_letters_of_sets_that_nobody_links_are_not_said_to_differ() -> None:
    """Attack: two sets have no letter in common, and no pair of theirs was ever compared."""
    assert "不同组的部门不能比较" in reading(tiers_rule([0, 1], "letters"))
    assert "不同组的部门不能比较" not in reading(tiers_rule([0, 0], "letters"))


def _sources() -> Iterator[tuple[str, str]]:
    for folder in ("analysis", "survey", "templates", "static/js", "docs"):
        for path in sorted((ROOT / folder).rglob("*")):
            if "decisions" not in path.parts and path.suffix in {".py", ".html", ".js", ".po", ".md", ".typ"}:
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
    for name in ("README.md", "README.zh-CN.md"):
        yield name, (ROOT / name).read_text(encoding="utf-8")


_ANOTHER_RULE = re.compile(
    r"范围.{0,6}重叠|重叠.{0,12}(分|先|后)|(相同|同一)的?字母|同一(条)?竖(条|线)|overlap.{0,40}(order|apart|first)"
    r"|share[sd]? (a|the same) (letter|bar|tier)",
    re.IGNORECASE,
)


def test_no_other_place_states_a_rule_of_its_own() -> None:
    """Rules are worded in `analysis.ranking.reading` alone; prose may only say that ranges do not decide."""
    for name, text in _sources():
        if name == "analysis/ranking/reading.py":
            continue
        for found in _ANOTHER_RULE.finditer(text):
            near = text[max(found.start() - 80, 0) : found.end() + 60]
            allowed = "不能代替" in near or "两两比较" in near or "exactly when" in near or "Piepho" in near
            assert allowed, (name, near)


def test_every_rule_is_in_both_languages() -> None:
    assert all(re.search("[一-龥]", zh) and en.isprintable() for zh, en in RULES.values())
    assert not any(re.search("[一-龥]", en) for _zh, en in RULES.values())
