"""What may be said: first and last only where the rank set allows."""

from typing import Any

import numpy as np
import opened
import pytest

from analysis import explain
from analysis.inference.ranksets import rank_sets
from survey.facts.items import ItemTotal
from survey.facts.meeting import End
from survey.facts.profiles import Profile, SatisfiedShare
from survey.facts.ranking import NotRanked, RankedDepartment, RankingFacts
from survey.facts.wire import ranking_from
from survey.language import speaking
from survey.wording import department as department_words
from survey.wording import names, numbers, ranking
from tests.facts.made import made


def department(name: str, best: int, worst: int, component: int = 0) -> RankedDepartment:
    return made(RankedDepartment, name=name, rank_set=(best, worst), component=component)


@pytest.mark.parametrize(
    ("rank_set", "zh", "en"),
    [
        ((1, 1), "确定排第 1 名。", "Certainly rank 1."),
        ((4, 4), "确定排第 4 名。", "Certainly rank 4."),
        ((9, 9), "确定排末位（第 9 名）。", "Certainly last (rank 9)."),
        (
            (1, 3),
            "可能排第 1，也可能排到第 3 名，不能说它是第一。",
            "Possibly first, possibly as low as rank 3; it cannot be called first.",
        ),
        (
            (7, 9),
            "可能排末位，也可能排到第 7 名，不能说它是末位。",
            "Possibly last, possibly as high as rank 7; it cannot be called last.",
        ),
        (
            (1, 9),
            "名次不能确定：从第 1 到第 9 名都有可能。",
            "The rank cannot be determined: anything from 1 to 9 is possible.",
        ),
        ((3, 6), "名次在第 3 至第 6 名之间。", "The rank lies between 3 and 6."),
    ],
)  # fmt: skip
def test_position(rank_set: tuple[int, int], zh: str, en: str) -> None:
    assert ranking.position(rank_set, 9) == zh
    with speaking("en"):
        assert ranking.position(rank_set, 9) == en


def test_certainty_is_said_of_single_ranks_alone() -> None:
    for best in range(1, 8):
        for worst in range(best, 8):
            assert ("确定排" in ranking.position((best, worst), 7)) == (best == worst)


def test_the_only_department_is_not_called_last() -> None:
    assert ranking.position((1, 1), 1) == "确定排第 1 名。"


def ends_of(departments: list[RankedDepartment], count: int, which: End) -> tuple[str, ...]:
    return ranking.ends_sentences(made(RankingFacts, departments=tuple(departments)), count, which)


FIVE = [
    department("甲", 1, 1),
    department("乙", 2, 3),
    department("丙", 2, 4),
    department("丁", 3, 5),
    department("戊", 4, 5),
]


def test_the_last_two_are_who_certainly_and_who_possibly() -> None:
    ends = ranking.last(FIVE, 2)
    assert ends == ranking.Ends(certain=("戊",), possible=("丙", "丁"))
    assert ends_of(FIVE, 2, "last") == (
        "确定在后 2 名的：戊。",
        "可能在后 2 名的：丙、丁。",
    )


def test_the_first_three() -> None:
    assert ranking.first(FIVE, 3) == ranking.Ends(certain=("甲", "乙"), possible=("丙", "丁"))
    with speaking("en"):
        assert ends_of(FIVE, 1, "first") == (
            "Certainly among the first 1: 甲.", "No other department is among the first 1.",
        )  # fmt: skip


def test_certain_never_exceed_the_number_asked_for() -> None:
    everywhere = [department(str(n), 1, 6) for n in range(6)]
    assert ranking.last(everywhere, 3).certain == ()
    assert len(ranking.last(everywhere, 3).possible) == 6


def test_ties_that_leave_nobody_certainly_last() -> None:
    """Attack: the lowest estimates are equal, or nearly, and somebody reads three names off the table."""
    tied = [department("甲", 1, 1), department("乙", 2, 2), *(department(n, 3, 7) for n in "丙丁戊己庚")]
    assert ends_of(tied, 3, "last") == (
        "没有哪个部门确定在后 3 名。", "可能在后 3 名的：丙、丁、戊、己、庚。",
    )  # fmt: skip


def test_ties_inside_the_last_three_do_not_matter() -> None:
    three = [*(department(n, 1, 4) for n in "甲乙丙丁"), *(department(n, 5, 7) for n in "戊己庚")]
    assert ends_of(three, 3, "last") == (
        "确定在后 3 名的：戊、己、庚。", "其余部门都不在后 3 名。",
    )  # fmt: skip
    with speaking("en"):
        assert ends_of(three, 3, "first") == (
            "No department is certainly among the first 3.", "Possibly among the first 3: 甲, 乙, 丙, 丁.",
        )  # fmt: skip


@pytest.mark.parametrize("estimates", [[5, 3, 3, 3, 3], [1, 1, 1, 1, 1], [9, 8, 7, 1, 1], [4, 3, 2, 1, 0]])
def test_rank_sets_of_tied_estimates_name_no_more_than_fit(estimates: list[int]) -> None:
    """Rank sets as `analysis.inference.ranksets` makes them, where every difference above 1 is declared."""
    values = np.array(estimates)
    sets = rank_sets(values[:, None] - values[None, :] > 1).tolist()
    departments = [department(str(i), *bounds) for i, bounds in enumerate(sets)]
    for which in (ranking.first, ranking.last):
        ends = which(departments, 3)
        assert len(ends.certain) <= 3 <= len(ends.certain) + len(ends.possible)
        ordered = sorted(values.tolist(), reverse=which is ranking.first)
        assert all(estimates[int(name)] in ordered[:3] for name in ends.certain)


def test_very_many_who_are_possibly_last_are_counted_and_not_named() -> None:
    """Attack: 40 names in a row, of which a reader keeps the first."""
    many = [department(f"第{n}号镇人民政府", 1, 40) for n in range(40)]
    assert ends_of(many, 3, "last")[1] == "可能在后 3 名的部门有 40 个，不逐一列名。"
    with speaking("en"):
        assert "40 departments" in ends_of(many, 3, "last")[1]
    first = [department(f"第{n}号镇人民政府", 1, 40) for n in range(40)]
    assert ranking.first_place(first) == "没有哪个部门能确定排第一；可能排第一的有 40 个，不逐一列名。"
    assert ranking.last_place(many).endswith("可能排末位的有 40 个，不逐一列名。")


def test_no_last_three_across_sets_that_cannot_be_compared() -> None:
    split = [department("甲", 1, 1, 0), department("乙", 1, 1, 1)]
    [sentence] = ends_of(split, 1, "last")
    assert "不能合在一起排先后" in sentence
    assert "甲" not in sentence


def pair(difference: float, p: float, **more: Any) -> dict[str, Any]:
    return {"a": "甲局", "b": "乙局", "difference": difference, "p_adjusted": p, **more}


def resolved(*pairs: dict[str, Any], level: float = 0.95) -> str:
    value = opened.ranking() | {"pairs": list(pairs), "level": level}
    return ranking.resolution(ranking_from(value))


def test_resolution() -> None:
    some = (pair(1, 0.01), pair(1, 0.5), pair(1, 0.9))
    assert resolved(*some) == "3 对部门中，有 1 对可以分出高低，其余 2 对不能区分。"
    assert resolved(*[pair(1, 0.01)] * 6) == "6 对部门都可以分出高低。"
    assert resolved(*[pair(1, 0.5)] * 6) == "6 对部门都不能区分高低。"
    assert resolved(pair(3.0, 0.06), level=0.9) == "1 对部门都可以分出高低。"
    # Stepdown declares pairs by its own rule; the verdict in the file is the verdict.
    assert resolved(pair(3.0, 0.2, significant=True)) == "1 对部门都可以分出高低。"


def test_against_average() -> None:
    assert [department_words.against_average(side) for side in ("above", "same", "below")] == [
        "确定高于平均", "与平均不能区分", "确定低于平均",
    ]  # fmt: skip


def test_bounds_of_satisfaction_are_rounded_to_the_safe_side() -> None:
    exact = made(ItemTotal, satisfied=0.84375)
    assert numbers.satisfaction(exact) == "84.4%"
    assert numbers.satisfaction(made(ItemTotal, satisfied_at_least=0.84999)) == "≥84.9%"
    assert numbers.satisfaction(made(ItemTotal, satisfied_at_most=0.15001)) == "≤15.1%"
    assert numbers.satisfaction(made(ItemTotal)) == "—"
    whole = made(Profile, satisfied=made(SatisfiedShare, ratings=60, at_least=0.85))
    assert numbers.department_satisfaction(whole) == "≥85.0%"
    assert (
        numbers.department_satisfaction(made(Profile, satisfied=made(SatisfiedShare, share=0.5))) == "50.0%"
    )


@pytest.mark.parametrize(("value", "text"), [(0.04, "0.0"), (-0.04, "0.0"), (0.06, "+0.1"), (-11.3, "−11.3")])
def test_nothing_rounded_to_zero_has_a_sign(value: float, text: str) -> None:
    """Attack: an interval from −20.3 to +0.0 around −11.3 looked lopsided and clear of 0."""
    assert numbers.signed(value) == explain.signed(value) == text
    end = numbers.signed_interval([-20.3, value]).removeprefix("−20.3 至 ")
    assert end == text or (text == "0.0" and end == f"{value:+.2f}".replace("-", "−"))


@pytest.mark.parametrize(("name", "said"), [("行政执法", "行政执法类"), ("甲类", "甲类"), ("类0", "类0")])
def test_a_class_is_called_so_once(name: str, said: str) -> None:
    assert names.class_name(name) == said


def test_departments_are_not_ranked_for_the_reason_that_they_have() -> None:
    entries = [
        made(NotRanked, name="甲局", code="threshold", reason="只有 4 个评议人"),
        made(NotRanked, name="乙局", code="isolated", reason=""),
        made(NotRanked, name="丙局", code="threshold", reason="只有 3 个评议人"),
    ]
    assert ranking.not_ranked(made(RankingFacts, insufficient=tuple(entries))) == [
        ("甲局、丙局", "评议人数少于公布门槛。"),
        ("乙局", "没有评议人同时评过它和其他参加排名的部门，无法比较。"),
    ]


def test_many_names_are_counted() -> None:
    few, many = ["甲局", "乙局"], [f"第{n}号镇人民政府" for n in range(40)]
    assert names.with_names("确定高于平均的有 2 个", few) == "确定高于平均的有 2 个：甲局、乙局。"
    assert names.with_names("确定高于平均的有 40 个", many) == "确定高于平均的有 40 个，名单见排名表。"
