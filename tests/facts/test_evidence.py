"""Figures that a problem was recorded on, read back from what is stored with it."""

from __future__ import annotations

import pytest
from msgspec import ValidationError

from survey.facts.evidence import (
    ItemUnderLine,
    OftenSaid,
    OutsideUnderLine,
    ScoreUnderLine,
    UnderGroup,
    evidence_from,
)
from survey.facts.publication import Evidence
from survey.wording import problems

LINE: Evidence = {"score": 61.5, "ci": (58.0, 65.0), "line": 70.0, "n": 40}
KEPT = [
    ("line", "", LINE, ScoreUnderLine(score=61.5, ci=(58.0, 65.0), line=70.0, n=40), "58.0—65.0"),
    ("line", "办事效率", {"score": 61.5, "line": 70.0, "n": 40},
     ItemUnderLine(score=61.5, line=70.0, n=40), "40 条"),
    ("gap", "办事效率", {"difference": -9.0, "ci": (-12.0, -6.0), "n": 40},
     UnderGroup(difference=-9.0, ci=(-12.0, -6.0)), "−9.0 分"),
    ("comments", "排队", {"count": 12, "total": 30}, OftenSaid(count=12, total=30), "30 条意见中有 12 条"),
    ("indicator", "省评", {"value": 66, "province": None, "city": 71.5, "period": "2026", "unit": "分"},
     OutsideUnderLine(period="2026", value=66, city=71.5), "全市平均 71.5 分"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "item", "kept", "figures", "said"), KEPT)
def test_figures_are_read_and_said(source, item, kept, figures, said) -> None:
    assert evidence_from(source, item, kept) == figures
    assert said in problems.evidence(source, item, kept)


@pytest.mark.parametrize(("source", "kept"), [("other", {}), ("line", {}), ("other", {"note": 1})])
def test_a_problem_written_by_hand_has_none(source: str, kept: Evidence) -> None:
    assert evidence_from(source, "", kept) is None
    assert problems.evidence(source, "", kept) == ""


def test_names_of_another_version_are_passed_over_and_a_missing_figure_is_not() -> None:
    assert evidence_from("comments", "排队", {"count": 1, "total": 2, "share": 0.5}) == OftenSaid(
        count=1, total=2
    )
    with pytest.raises(ValidationError, match="total"):
        evidence_from("comments", "排队", {"count": 1})
