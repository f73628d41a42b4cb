"""What is said about classes with more ballots than enterprises, against the numbers it is said of."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest

from survey.facts.base import Impossible
from survey.facts.quality import QualityFacts
from survey.facts.ranking import GroupRankingFacts, RankingFacts, RankingPart
from survey.facts.response import OptionFacts, ResponseFacts, StratumFacts
from survey.facts.whole import Facts
from survey.language import speaking
from survey.wording.cautions import cautions, remarks
from survey.wording.respondents import crowded, is_crowded
from tests.facts.made import made


def facts(options: list[OptionFacts], codes: tuple[str, ...] = (), **quality: Any) -> Facts:
    strata = (made(StratumFacts, name="规模", name_en="", options=tuple(options)),)
    return made(
        Facts,
        response=made(ResponseFacts, strata=strata),
        quality=made(QualityFacts, **quality),
        ranking=made(RankingFacts, note_codes=codes),
    )


def option(name: str, roster: int | None, ballots: int | None) -> OptionFacts:
    return made(OptionFacts, option=name, option_en="", roster=roster, ballots=ballots)


def test_more_ballots_than_firms_is_said_with_the_numbers() -> None:
    """Attack: 11 large firms on the roster, 22 ballots that say large."""
    said = list(crowded(facts([option("大", 11, 22), option("小", 200, 150)])))
    assert len(said) == 1
    assert said[0].startswith(
        "企业自己填的“规模”里，有的类别选票比名录里的企业还多："
        "大（22 张，名录 11 家），至少 11 张填得与名录不一致。"
    )


@pytest.mark.parametrize(("roster", "ballots"), [*product([None, 0, 10, 11], [None, 0, 10, 11, 25])])
def test_the_sentence_is_true_of_every_table(roster: int | None, ballots: int | None) -> None:
    """Of at most one ballot an enterprise: what is over the roster's number cannot agree with the roster."""
    one = option("大", roster, ballots)
    said = list(crowded(facts([one])))
    known = roster is not None and ballots is not None
    assert bool(said) == is_crowded(one) == (known and ballots > roster)
    for text in said:
        stated = [int(n) for n in re.findall(r"(\d+) (?:张|家)", text)]
        assert stated == [ballots, roster, ballots - roster]


def test_classes_of_one_stratum_stand_in_one_sentence() -> None:
    """Classes exclude each other, so what is too much adds up."""
    (said,) = crowded(facts([option("大", 11, 22), option("中", 45, 49), option("小", 200, 190)]))
    assert "大（22 张，名录 11 家）、中（49 张，名录 45 家），至少 15 张" in said


def test_a_table_that_could_not_be_made_says_nothing() -> None:
    none = made(Facts, response=Impossible(reason_zh="没有名录。", reason_en="No roster."))
    assert list(crowded(none)) == []


def test_careless_ballots_are_told_once() -> None:
    """Facts as they are kept have numbers and no sentence."""
    found = facts([], n=400, flagged=12, share=0.03)
    assert remarks(found) == ["400 张选票里有 12 张（3.0%）看起来没有认真作答；一张也没有删。"]
    # The engine's own note is among the ranking's.
    assert remarks(facts([], ("careless",), n=400, flagged=12, share=0.03)) == []
    assert remarks(facts([], n=400, flagged=0, share=0.0)) == []
    assert remarks(facts([])) == []


def test_notes_of_groups_are_merged_and_read_in_english() -> None:
    def noted(kind: type[RankingPart], *notes: str, **more: Any) -> Any:
        english, codes = tuple(note.upper() for note in notes), ("low_df",) * len(notes)
        return made(kind, notes=notes, notes_en=english, note_codes=codes, **more)

    within = {"甲": ("a", "b"), "乙": ("b",), "丙": ()}
    groups = tuple(noted(GroupRankingFacts, *notes, name=name) for name, notes in within.items())
    ranking = noted(RankingFacts, "a", groups=groups)
    assert cautions(ranking) == ["a", "甲类、乙类：b"]
    kept_before = made(RankingFacts, notes=("a",))  # without codes or English, as results were kept once
    assert cautions(kept_before) == ["a"]
    with speaking("en"):
        assert cautions(ranking) == ["A", "甲, 乙: B"]
        assert cautions(kept_before) == ["a"]
