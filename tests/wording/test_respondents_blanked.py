"""What is said of facts that were blanked: the counts of the facts, and nothing where all were kept."""

from __future__ import annotations

import pytest

from survey.facts.response import ResponseFacts, SilentBallots, StratumFacts
from survey.facts.round import RoundFacts
from survey.facts.whole import Facts
from survey.language import speaking
from survey.wording.respondents import blanked
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
