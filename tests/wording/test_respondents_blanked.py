"""What is said of facts that were blanked: the counts of the facts, and nothing where all were kept."""

from __future__ import annotations

import pytest

from survey.facts.base import Impossible
from survey.facts.response import (
    LargestDifference,
    OptionFacts,
    ResponseFacts,
    SilentBallots,
    StratumFacts,
    WeightingFacts,
)
from survey.facts.round import RoundFacts
from survey.facts.whole import Facts
from survey.language import speaking
from survey.wording.respondents import blanked, response, weighting
from tests.facts.made import made


def facts(at_least: int, **silent: int | None) -> Facts:
    strata = [
        made(StratumFacts, name=name, name_en="", not_said=made(SilentBallots, ballots=ballots))
        for name, ballots in silent.items()
    ]
    return made(
        Facts,
        round=made(RoundFacts, at_least=at_least),
        response=made(ResponseFacts, strata=tuple(strata)),
    )


def test_the_numbers_are_those_of_the_facts() -> None:
    rule, counts = blanked(facts(5, 规模=0, 行业=21, 来源=None, 所在地=65))
    assert "至少 5 家相同才保留" in rule
    assert counts == "没有保留或没有填的答卷：行业 21 张、所在地 65 张。"
    with speaking("en"):
        rule, counts = blanked(facts(5, 行业=21))
    assert "at least 5" in rule
    assert counts == "Ballots where it was not kept or not said: 21 without 行业."


@pytest.mark.parametrize("told", [facts(1, 行业=21), facts(5)])
def test_nothing_is_said_where_all_was_kept_or_nothing_was_asked(told: Facts) -> None:
    assert list(blanked(told)) == []


def test_withheld_counts_are_not_told() -> None:
    assert len(list(blanked(facts(5, 行业=None)))) == 1


def compared(ballots: int, silent: int, share: float) -> Facts:
    option = made(OptionFacts, option="城区", option_en="", roster=135, roster_share=0.3375, share=share)
    stratum = made(
        StratumFacts,
        name="所在地",
        name_en="",
        options=(option,),
        not_said=made(SilentBallots, ballots=silent),
        gap_option="城区",
    )
    return made(
        Facts,
        round=made(RoundFacts, at_least=5),
        response=made(ResponseFacts, ballots=ballots, strata=(stratum,)),
    )


def test_shares_are_of_ballots_that_state_the_fact() -> None:
    """25 of the 39 ballots that kept where the firm is: 64.1% of these, and of all 297 nobody knows."""
    said = list(response(compared(297, 258, 25 / 39)))
    assert any(text.endswith("名录里占 33.8%，写有这一项的答卷里占 64.1%。") for text in said)
    assert "写有所在地的答卷不到一半，说明不了全部答卷的情况。" in said
    assert not any("不到一半" in text for text in response(compared(297, 148, 0.4)))


def test_a_blanked_fact_was_not_left_out_by_the_firm() -> None:
    part = made(
        WeightingFacts,
        n=297,
        effective_n=277.0,
        strata=("所在地",),
        not_said={"所在地": 258},
        largest=LargestDifference(name="水务局", difference=-1.5),
    )
    facts = made(
        Facts,
        response=made(ResponseFacts, strata=()),
        weighting=part,
        resolution=Impossible(reason_zh="", reason_en=""),
    )
    assert "有 258 张没有写所在地（没有填，或者没有保留），这一项不调整它们的权重。" in list(weighting(facts))
