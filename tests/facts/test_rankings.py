"""Every ranking of version 1 is read: of `pingyi rank`, of exported boxes, of other and earlier programs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analysis.meeting.summary import for_meeting
from analysis.ranking.rank import rank_estimates
from analysis.ranking.reading_json import ranking_from_dict
from survey.documents.ranking.files import GroupRanking, ranking_json
from survey.facts.analysed import as_analysed, groups_as_analysed
from survey.facts.wire import UnreadableFacts, ranking_from

DEPARTMENT = ("name", "n", "mean", "adjusted", "se", "ci", "rank", "rank_set", "tier", "vs_average")
PAIR = ("a", "b", "difference", "se", "p_adjusted")


def of_the_command() -> Any:
    """ranking.json with a group and the part for the meeting; what is not finite is null."""
    ranking = rank_estimates(["A", "B", "C", "D"], [96, 80, 70, 69], [1, 1, 1, 1])
    meeting = for_meeting(ranking, first=1, last=1)
    within = rank_estimates(["B", "C"], [80, 70], [1, 1])
    groups = [GroupRanking("服务", within), GroupRanking("执法", None)]
    return json.loads(ranking_json(ranking, groups=groups, meeting=meeting))


def least(part: dict[str, Any]) -> dict[str, Any]:
    """What every program writes."""
    return part | {
        "departments": [{name: d[name] for name in DEPARTMENT} for d in part["departments"]],
        "pairs": [{name: p[name] for name in PAIR} for p in part.get("pairs", ())],
    }


def test_the_file_of_the_command_is_the_ranking_that_it_was_written_of() -> None:
    """Degrees of freedom too: null stands for infinitely many, not for unknown ones."""
    ranking = ranking_from(of_the_command())
    assert ranking.meeting is not None
    assert ranking.meeting.departments[0].first == "certain"
    assert as_analysed(ranking).to_dict() == ranking_from_dict(of_the_command()).to_dict()
    [(name, within)] = groups_as_analysed(ranking)
    assert (name, [d.name for d in within.departments]) == ("服务", ["B", "C"])
    assert {d.df for d in within.departments} == {float("inf")}


def test_what_others_leave_out_is_not_known() -> None:
    """Attack: groups were not completed, so that a round from before scores came in steps had no page."""
    value = of_the_command()
    value = least(value) | {"groups": [least(group) for group in value["groups"]]}
    ranking = ranking_from(value)
    for part in (ranking, ranking.groups[0]):
        assert {d.component for d in part.departments} == {0}
        assert {pair.ci for pair in part.pairs} == {(None, None)}
        assert all(pair.significant == (pair.p_adjusted < 0.05) for pair in part.pairs)


@pytest.mark.parametrize("change", [{"mark": 1}, {"level": "0.95"}, {"departments": None}])
def test_anything_else_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableFacts):
        ranking_from(of_the_command() | change)
