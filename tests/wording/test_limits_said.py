"""What tests by exchange cannot promise is said where it applies, and in README in the same words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analysis import Ratings, compare_groups, compare_rounds, rank
from analysis.assumptions.sentences import premises
from analysis.ranking.results import Note

ROOT = Path(__file__).resolve().parents[2]
ROSTER = (
    (
        "各部门确有高低（只就一份名单下结论时，总会有一点），而满分很多，或者手松的企业集中在某些部门时，"
        "靠近满分的差距会被压扁，得分和差距的区间偏离会多些（模拟中最多有 16% 的轮次，而不是 5%）；"
        "分出高低的结论仍成立"
    ),
    (
        "departments do differ (on a roster, to which alone the conclusions apply, they always do a little), "
        "and many marks are the best one or lenient enterprises are drawn to some departments, differences "
        "near the top mark are squeezed, so that intervals of scores and differences miss more often (in up "
        "to 16 % of simulated rounds instead of 5 %); what is declared holds"
    ),
)
VISITS = (
    "同一个评议人评各部门的次数又相差很大",
    "raters rated some departments far more often than others",
)
MARKS = "相比的两方打分习惯很不一样", "the sides compared use quite different marks"
OFTEN = (
    "误判的机会会高些（模拟中有 8% 的轮次，而不是 5%）",
    "something false is declared more often (in 8 % of simulated rounds instead of 5 %)",
)


@pytest.mark.parametrize(("name", "language"), [("README.zh-CN.md", 0), ("README.md", 1)])
def test_readme_has_the_words_of_the_page(name: str, language: int) -> None:
    text = " ".join((ROOT / name).read_text(encoding="utf-8").split())
    for said in (ROSTER, VISITS, MARKS, OFTEN):
        assert said[language] in text
    assert ROSTER[language] in " ".join(premises("en" if language else "zh"))


def said_in(note: Note, words: tuple[str, str]) -> bool:
    assert (words[0] in note.zh) == (words[1].lower() in note.en.lower())
    return words[0] in note.zh


def visited(visits: tuple[int, ...], best: float) -> Ratings:
    """20 raters, each of whom visits department j visits[j] times; share of best marks."""
    chance = np.random.default_rng(4)
    rows = [(r, d) for r in range(20) for d, n in enumerate(visits) for _ in range(n)]
    marks = np.where(chance.random(len(rows)) < best, 100.0, 0.0)
    return Ratings.from_columns([r for r, _ in rows], [f"D{d}" for _, d in rows], marks)


@pytest.mark.parametrize(
    ("visits", "said"), [((1, 2, 3, 4), True), ((2, 2, 2, 2), False), ((3, 4, 5, 4), False)]
)
def test_unequal_visits_under_a_ceiling(visits: tuple[int, ...], said: bool) -> None:
    found = rank(visited(visits, 0.9), draws=1000)
    (note,) = [note for note in found.notes if note.code == "ceiling"]
    assert said_in(note, VISITS) is said_in(note, OFTEN) is said


def test_unequal_visits_without_a_ceiling_are_not_remarked() -> None:
    notes = rank(visited((1, 2, 3, 4), 0.4), draws=1000).notes
    assert not any(VISITS[0] in note.zh for note in notes)


def sides(marks: tuple[float, float], apart: float) -> list[Ratings]:
    """Two sides of 30 raters × 4; the second gives one of `marks` and `apart` more points to the first."""
    chance = np.random.default_rng(9)
    first = chance.choice([50.0, 100.0], (30, 4))
    second = chance.choice(marks, (30, 4))
    first[:, 0], second[:, 0] = 50, 50 + apart
    return [Ratings.from_array(y) for y in (first, second)]


@pytest.mark.parametrize(
    ("marks", "apart", "said"),
    [((0.0, 20.0), 50, True), ((50.0, 100.0), 50, False), ((0.0, 20.0), None, False)],
    ids=["other marks", "the same marks", "nothing declared"],
)
def test_sides_that_use_other_marks(marks: tuple[float, float], apart: float | None, said: bool) -> None:
    both = sides(marks, apart or 0)
    if apart is None:  # the second side's marks all at random, lower than those of the first
        chance = np.random.default_rng(1)
        both = [Ratings.from_array(chance.choice(own, (30, 4))) for own in ([50.0, 100.0], list(marks))]
    y = np.concatenate([np.reshape(r.score, (30, 4)) for r in both])
    groups = compare_groups(Ratings.from_array(y), ["a"] * 30 + ["b"] * 30, draws=1000)
    change = compare_rounds(*both, independent=True, draws=1000)
    assert bool(groups.significant) is bool(change.moved("up") or change.moved("down")) is (apart is not None)
    notes = [note for note in groups.notes if note.code == "unlike_marks"]
    assert [said_in(note, MARKS) and said_in(note, OFTEN) for note in notes] == [True] * said
    assert change.unlike_marks is said
    for language, place in (("zh", 0), ("en", 1)):
        told = change.summary(language)
        assert (OFTEN[place] in told) is said
