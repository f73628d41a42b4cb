"""What nobody checked for how many ballots carry it says so, in the same words wherever it stands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis import Ratings, compare_groups, compare_rounds, composite
from analysis.explain import NOT_CARRIED
from survey.facts.profiles import ChangeSince, Profile, TreatmentDifference
from survey.language import speaking
from survey.wording import department
from tests.facts.made import made

NAMES = list("甲乙丙")


def rated(seed: int, raised: float = 0.0) -> Ratings:
    y = 60 + np.random.default_rng(seed).normal(0, 3, (40, 3))
    y[:, 0] += raised
    return Ratings.from_array(y, department_names=NAMES)


def results(raised: float) -> list[Any]:
    """A change, a comparison of groups and a composite, with something to say or nothing."""
    one, two = rated(1), rated(2, raised)
    both = Ratings.from_columns(
        [f"a{r}" for r in one.rater] + [f"b{r}" for r in two.rater],
        [NAMES[d] for d in one.department] + [NAMES[d] for d in two.department],
        np.concatenate([one.score, two.score]),
    )
    groups = ["a" if name[0] == "a" else "b" for name in both.rater_names]
    return [
        compare_rounds(one, two, draws=1_000),
        compare_groups(both, groups, draws=1_000),
        composite({"x": one, "y": two}, {"x": 1, "y": 1}, draws=1_000),
    ]


@pytest.mark.parametrize("place", range(3))
def test_the_library_says_it_of_what_it_declares(place: int) -> None:
    said, silent = results(30)[place], results(0)[place]
    for own, sentence in zip(("zh", "en"), NOT_CARRIED, strict=True):
        assert sentence in said.summary(own)
        assert sentence not in silent.summary(own)


def profile(direction: str) -> Profile:
    moved = made(
        ChangeSince, title="上一轮", change=5.0, ci=(1.0, 9.0), direction="up" if direction else "same"
    )
    differs = {"stratum": "规模", "first": "大", "second": "小", "difference": 5.0, "ci": (1.0, 9.0)}
    treated = made(TreatmentDifference, **differs, direction=direction or "same")
    return made(Profile, changes=(moved,), treatment=(treated,))


@pytest.mark.parametrize("part", ["changes", "treatment"])
def test_pages_and_letters_say_it_in_the_same_words(part: str) -> None:
    told = {"changes": department.changes, "treatment": department.treatment}[part]
    for own, sentence in zip(("zh", "en"), NOT_CARRIED, strict=True):
        with speaking(own):  # type: ignore[arg-type]
            assert sentence in list(told(profile("above")))
            assert sentence not in list(told(profile("")))
