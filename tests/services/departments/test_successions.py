"""The life of departments: what may be entered, and which names of two rounds belong together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from county import County, small_questionnaire
from sqlalchemy import select

from survey.clock import today
from survey.errors import Conflict, Forbidden, InvalidInput, NotFound, PingyiError
from survey.models import AuditEvent, Role, Succession, SuccessionKind, User
from survey.services.departments import known, successions
from survey.services.departments.lineage import Lineage, SuccessionStep
from survey.services.departments.successions import NewSuccession

RENAMED, MERGED, SPLIT = SuccessionKind
DAYS = [date(2026, month, 1) for month in range(1, 10)]


def lineage(*steps: tuple[str, str, SuccessionKind, int]) -> Lineage:
    return Lineage(tuple(SuccessionStep(b, a, kind, DAYS[day]) for b, a, kind, day in steps))


def joined(line: Lineage, then: str, now: str, days: tuple[int, int] = (0, 8)) -> tuple[dict[str, str], str]:
    """Names that differ, and those that are not compared, of departments of one letter."""
    found = line.join(list(then), DAYS[days[0]], list(now), DAYS[days[1]])
    return dict(found.names), "".join(sorted(found.apart))


def test_names_that_stand_nowhere_are_themselves() -> None:
    assert joined(lineage(), "AB", "BC") == ({}, "")


def test_a_renamed_department_goes_on_over_several_names() -> None:
    line = lineage(("A", "B", RENAMED, 1), ("B", "C", RENAMED, 3))
    assert joined(line, "AX", "CX") == ({"A": "C"}, "")
    assert joined(line, "AX", "BX") == ({"A": "B"}, "")
    assert joined(line, "CX", "AX") == ({"C": "A"}, "")  # a round that still used the old name
    assert joined(line, "AC", "CX") == ({}, "")  # C was there itself
    assert line.inherited("C") == line.inherited("A") == {"A", "B", "C"}


def test_what_was_merged_or_split_is_not_compared_across_the_day() -> None:
    line = lineage(("A", "B", MERGED, 4))
    assert joined(line, "ABX", "BX") == ({}, "AB")
    assert joined(line, "ABX", "ABX", (0, 3)) == ({}, "")
    assert joined(line, "BX", "BX", (4, 8)) == ({}, "")  # the day itself is after it
    assert joined(line, "ABX", "BX", (3, 4)) == ({}, "AB")
    line = lineage(("A", "B", SPLIT, 4))
    assert joined(line, "AX", "ABX") == ({}, "AB")
    line = lineage(("A", "C", MERGED, 2), ("B", "C", MERGED, 2), ("C", "D", RENAMED, 5))
    assert joined(line, "ABX", "DX") == ({}, "ABD")
    assert joined(line, "CX", "DX", (3, 8)) == ({"C": "D"}, "")


def test_tasks_go_to_successors_by_name_and_merger_never_by_split() -> None:
    line = lineage(
        ("A", "B", RENAMED, 1), ("B", "C", MERGED, 2), ("C", "D", RENAMED, 3), ("D", "E", SPLIT, 4)
    )
    assert line.inherited("D") == {"A", "B", "C", "D"}
    assert line.inherited("E") == {"E"}
    assert line.inherited("A") == {"A", "B"}
    assert line.successors("A") == {"B", "C", "D", "E"}
    ended = line.ended("A")
    assert ended is not None
    assert (ended.after, ended.on) == ("C", DAYS[2])
    assert line.ended("D") is None


@pytest.fixture
def rated(place: County) -> County:
    """A draft that rates 税务局, 公安局, 供电公司, 财政局."""
    return place.populate().draft(keys=False)


def enter(place: County, before: str, after: str, kind: str = "renamed", days: int = 9, **more: Any) -> Any:
    """Enter a succession of so many days ago."""
    given = {"on": today() - timedelta(days=days), "reason": "机构改革"} | more
    user = given.pop("user", place.reviewers[0])
    new = NewSuccession(before, after, kind, **given)
    return place.database.write(lambda s: successions.enter(s, new, user, today()))


def steps(place: County) -> list[tuple[str, str, str]]:
    with place.database.read() as session:
        return [(s.before, s.after, s.kind) for s in successions.listed(session)]


def test_entered_and_withdrawn_with_its_trace(rated: County) -> None:
    enter(rated, "公安局", "　公安　分局 ")
    assert steps(rated) == [("公安局", "公安分局", "renamed")]
    with rated.database.read() as session:
        assert known.names(session) == ["税务局", "公安局", "供电公司", "财政局", "公安分局"]
    reviewer = rated.reviewers[1]
    rated.database.write(lambda s: successions.withdraw(s, "公安局", "公安分局", reviewer) and None)
    assert steps(rated) == []
    with pytest.raises(NotFound):
        rated.database.write(lambda s: successions.withdraw(s, "公安局", "公安分局", reviewer) and None)
    with rated.database.read() as session:
        query = select(AuditEvent).where(AuditEvent.action.startswith("department."))
        said = [(e.action, e.actor, e.subject, e.detail["predecessor"]) for e in session.scalars(query)]
    first, second = (user.name for user in rated.reviewers[:2])
    assert sorted(said) == [
        ("department.enter", first, "公安分局", "公安局"),
        ("department.withdraw", second, "公安分局", "公安局"),
    ]


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"before": "水利局"}, InvalidInput, "没有哪一轮评议“水利局”"),
        ({"after": "公安局"}, InvalidInput, "相同"),
        ({"after": " "}, InvalidInput, "1 到 60"),
        ({"after": "长" * 61}, InvalidInput, "1 到 60"),
        ({"after": "公安\ue000局"}, InvalidInput, "不能用"),
        ({"kind": "sold"}, InvalidInput, "更名"),
        ({"days": -1}, InvalidInput, "还没有到"),
        ({"reason": " "}, InvalidInput, "依据"),
        ({"after": "税务局"}, Conflict, "两个部门都有"),
    ],
)
def test_what_does_not_fit_is_refused(
    rated: County, wrong: dict[str, Any], error: type[PingyiError], says: str
) -> None:
    with pytest.raises(error, match=says):
        enter(rated, **({"before": "公安局", "after": "公安分局"} | wrong))
    assert steps(rated) == []


Entry = tuple[str, str, str, int]


@pytest.mark.parametrize(
    ("before", "new", "says"),
    [
        ([("公安局", "甲局", "renamed", 9)], ("公安局", "甲局", "merged", 8), "已经登记过"),
        ([("公安局", "甲局", "renamed", 9)], ("公安局", "乙局", "merged", 8), "不能再用一次"),
        ([("公安局", "甲局", "renamed", 9)], ("税务局", "甲局", "renamed", 8), "只能这样来一次"),
        ([("公安局", "甲局", "renamed", 9)], ("甲局", "公安局", "renamed", 8), "不能又变回去"),
        ([("公安局", "甲局", "split", 9)], ("甲局", "公安局", "merged", 8), "不能又变回去"),
        (
            [("公安局", "甲局", "renamed", 9), ("甲局", "乙局", "merged", 8)],
            ("乙局", "公安局", "split", 7),
            "不能又变回去",
        ),
        ([("公安局", "甲局", "renamed", 9)], ("甲局", "乙局", "renamed", 9), "要在那以"),
        ([("公安局", "甲局", "renamed", 9)], ("甲局", "乙局", "renamed", 10), "要在那以"),
        ([("公安局", "甲局", "renamed", 9)], ("公安局", "乙局", "split", 8), "要在那以"),
    ],
)
def test_names_stay_unambiguous_and_days_in_order(
    rated: County, before: Sequence[Entry], new: Entry, says: str
) -> None:
    for entry in before:
        enter(rated, *entry)
    with pytest.raises(Conflict, match=says):
        enter(rated, *new)
    assert len(steps(rated)) == len(before)


def test_what_happens_to_departments_can_be_entered(rated: County) -> None:
    """Split off, then renamed; several merged into one at once and later; a merged name renamed."""
    enter(rated, "公安局", "城管局", "split", 9)
    enter(rated, "公安局", "公安分局", "renamed", 5)
    enter(rated, "税务局", "财税局", "merged", 9)
    enter(rated, "财政局", "财税局", "merged", 9)
    enter(rated, "供电公司", "财税局", "merged", 7)
    enter(rated, "财税局", "县财税局", "renamed", 3)
    assert len(steps(rated)) == 6


def test_only_reviewers_enter_and_withdraw(rated: County) -> None:
    """The attack: an administrator, who gives liaisons their departments, joins two departments alone."""
    enter(rated, "公安局", "公安分局")
    for user in (rated.administrator, rated.add_user("联络员", Role.LIAISON)):
        with pytest.raises(Forbidden):
            enter(rated, "税务局", "国税局", user=user)
        with pytest.raises(Forbidden):
            rated.database.write(lambda s, u=user: successions.withdraw(s, "公安局", "公安分局", u) and None)
    assert steps(rated) == [("公安局", "公安分局", "renamed")]


def test_liaisons_who_get_nothing_are_named(rated: County) -> None:
    enter(rated, "税务局", "财税局", "merged")
    enter(rated, "公安局", "公安分局")
    people = []
    for department in ("税务局", "公安局", "公安分局", "水利局", ""):
        user = rated.add_user(f"{department}联络员", Role.LIAISON)
        user.department = department
        people.append(user)
    with rated.database.read() as session:
        found = [(m.user.department, m.into) for m in known.misplaced(session, people)]
    assert found == [("税务局", "财税局"), ("水利局", ""), ("", "")]


def test_the_columns_hold_what_forms_take(rated: County) -> None:
    assert len(small_questionnaire().departments) == 4
    enter(rated, "公安局", "长" * 60, reason="长" * 200)
    with rated.database.read() as session:
        (entry,) = session.scalars(select(Succession))
    assert (len(entry.after), len(entry.reason)) == (60, 200)
    assert isinstance(rated.reviewers[0], User)
