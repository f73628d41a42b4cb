"""After a problem was handed over: who would read it, read, recalled, reassigned, its deadline moved; and
whoever comes second."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from county import County
from opened import LATER, open_by_hand, publish, record, step

from survey.clock import today
from survey.errors import Conflict, Forbidden, InvalidInput, NotFound
from survey.models import Problem, Role, Stage, User
from survey.services.departments import successions
from survey.services.followup import (
    handing_over,
    problem_history,
    problem_ledger,
    problems,
    readers,
)
from survey.services.waiting.tasks import tasks_of

WORDS = {"responsible": "李四", "measures": "轮训"}


@pytest.fixture
def opened(place: County) -> County:
    """Problem 1 of 公安局, recorded in a published round; its liaison and that of 税务局."""
    place.collecting(threshold=10)
    open_by_hand(place)
    record(place)
    return publish(place)


def assign(place: County, **named: Any) -> None:
    step(place, "assign", place.reviewers[0], LATER, **named)


def look(place: County, work: Any) -> Any:
    return place.look(lambda s, r: work(s, s.get(Problem, (r.id, 1))))


def done(place: County) -> list[str]:
    return [str(e.done) for e in look(place, problem_history.history)]


def seen_by(place: County, user: User) -> list[tuple[int, bool]]:
    """Problems that the liaison has, and whether each was taken away."""
    listed = place.look(lambda s, _r: problems.of_liaison(s, user, today()))
    return [(entry.problem.number, entry.taken is not None) for entry in listed]


def rename(place: County, before: str, after: str, kind: str = "renamed") -> None:
    new = successions.NewSuccession(before, after, kind, today(), "机构改革")
    place.database.write(lambda s: successions.enter(s, new, place.reviewers[0], today()) and None)


def test_nothing_is_handed_to_nobody_unknowingly(opened: County) -> None:
    with pytest.raises(Conflict, match="没有人会看到"):
        assign(opened)
    assert done(opened) == ["record"]
    assert opened.look(lambda s, _r: readers.unheard(s, ["公安局", "税务局"])) == ["公安局", "税务局"]
    own = opened.add_liaison("公安局")
    assert opened.look(lambda s, _r: readers.unheard(s, ["公安局", "税务局"])) == ["税务局"]
    (found,) = opened.look(lambda s, _r: readers.readers(s, "公安局"))
    assert (found.name, found.enrolled) == (own.name, False)
    assign(opened)
    assert done(opened) == ["record", "assign"]


def test_it_may_be_handed_to_nobody_knowingly(opened: County) -> None:
    assign(opened, nobody=True)
    assert done(opened) == ["record", "assign"]


def test_a_liaison_who_has_left_reads_nothing(opened: County) -> None:
    own = opened.add_liaison("公安局")
    opened.database.write(lambda s: setattr(s.get(User, own.id), "active", False))
    with pytest.raises(Conflict, match="没有人会看到"):
        assign(opened)


def test_the_first_reading_is_noted_once(opened: County) -> None:
    own, foreign = opened.add_liaison("公安局"), opened.add_liaison("税务局")
    second = opened.add_user("公安局第二位", Role.LIAISON, "公安局")
    assign(opened)
    for user in (foreign, opened.reviewers[0], opened.administrator, own, own, second):
        step(opened, "mark_read", user)
    assert done(opened) == ["record", "assign", "read"]
    reading = problem_history.first_reading(look(opened, problem_history.history))
    assert reading is not None
    assert (reading.actor, reading.on) == (own.name, today())


def test_recalled_before_it_was_read_it_leaves_no_trace_there(opened: County) -> None:
    own = opened.add_liaison("公安局")
    assign(opened)
    found = step(opened, "recall", opened.reviewers[1])
    assert (found.stage, done(opened)) == (Stage.RECORDED, ["record", "assign", "recall"])
    assert seen_by(opened, own) == []
    with pytest.raises(NotFound):
        opened.look(lambda s, r: problems.get(s, r, 1, own))
    assign(opened)
    assert seen_by(opened, own) == [(1, False)]


def test_recalled_after_reading_with_a_reason_that_the_department_sees(opened: County) -> None:
    own, foreign, reviewer = opened.add_liaison("公安局"), opened.add_liaison("税务局"), opened.reviewers[0]
    assign(opened)
    step(opened, "mark_read", own)
    with pytest.raises(Conflict, match=f"{own.name}”已经读了"):
        step(opened, "recall", reviewer, " ")
    step(opened, "accept", own, **WORDS)
    found = step(opened, "recall", reviewer, "问题不属实")
    assert (found.stage, found.responsible, found.measures) == (Stage.RECORDED, "", "")
    assert (seen_by(opened, own), seen_by(opened, foreign)) == ([(1, True)], [])
    shown = look(opened, lambda s, p: problems.shown_history(s, p, own))
    assert (str(shown[-1].done), shown[-1].text) == ("recall", "问题不属实")
    for name, given in (("accept", WORDS), ("answer", {"text": "还是办了"})):
        with pytest.raises(Conflict):
            step(opened, name, own, **given)
    step(opened, "withdraw", reviewer, "重复")
    after = look(opened, lambda s, p: problems.shown_history(s, p, own))
    assert [e.number for e in after] == [e.number for e in shown]  # what follows is not theirs
    (line,) = opened.look(lambda s, _r: problem_ledger.of_liaison(s, own, today()))
    assert [e.number for e in line.events] == [e.number for e in shown]


def test_reassigned_it_begins_anew_elsewhere(opened: County) -> None:
    own, new, reviewer = opened.add_liaison("公安局"), opened.add_liaison("税务局"), opened.reviewers[0]
    assign(opened)
    step(opened, "accept", own, **WORDS)
    given: dict[str, Any] = {"reason": "职责在税务", "deadline": LATER + timedelta(days=5)}
    for wrong in ("公安局", "水利局", ""):
        with pytest.raises(InvalidInput, match="不能改派"):
            step(opened, "reassign", reviewer, department=wrong, **given)
    with pytest.raises(Conflict, match="没有人会看到"):
        step(opened, "reassign", reviewer, department="财政局", **given)
    with pytest.raises(InvalidInput, match="改派原因"):
        step(opened, "reassign", reviewer, department="税务局", **(given | {"reason": " "}))
    found = step(opened, "reassign", reviewer, department="税务局", **given)
    assert (found.stage, found.department, found.origin) == (Stage.ASSIGNED, "税务局", "公安局")
    assert (found.responsible, found.measures, found.deadline) == ("", "", given["deadline"])
    assert (seen_by(opened, own), seen_by(opened, new)) == ([(1, True)], [(1, False)])
    waits = [opened.look(lambda s, _r, u=user: len(tasks_of(s, u, today()))) for user in (own, new)]
    assert waits == [0, 1]
    assert problem_history.first_reading(look(opened, problem_history.history)) is None
    last = look(opened, lambda s, p: problems.shown_history(s, p, own))[-1]
    assert last.text == "→ 税务局\n职责在税务"
    step(opened, "accept", new, **WORDS)
    back = {"department": "公安局", "reason": "还是公安", "deadline": LATER}
    assert step(opened, "reassign", reviewer, **back).origin == "公安局"
    assert (seen_by(opened, own), seen_by(opened, new)) == ([(1, False)], [(1, True)])


def test_a_department_that_lost_it_cannot_go_on(opened: County) -> None:
    """The attack: the liaison before takes a step that the new department could take now."""
    own, new = opened.add_liaison("公安局"), opened.add_liaison("税务局")
    assign(opened)
    step(opened, "mark_read", own)
    given = {"department": "税务局", "reason": "职责在税务", "deadline": LATER}
    step(opened, "reassign", opened.reviewers[0], **given)
    with pytest.raises(Forbidden, match="不再由贵部门办理"):
        step(opened, "accept", own, **WORDS)
    step(opened, "mark_read", own)  # nor say that the new department has read it
    assert done(opened)[-1] == "reassign"
    step(opened, "accept", new, **WORDS)
    with pytest.raises(Forbidden, match="不再由贵部门办理"):
        step(opened, "answer", own, "别人的，我来答")


def test_only_reviewers_change_what_was_handed_over(opened: County) -> None:
    """The attack: a liaison, of the department or of another, or an administrator."""
    own, foreign = opened.add_liaison("公安局"), opened.add_liaison("税务局")
    assign(opened)
    step(opened, "mark_read", own)
    changes: dict[str, dict[str, Any]] = {
        "recall": {"reason": "不想办"},
        "reassign": {"department": "税务局", "reason": "不想办", "deadline": LATER},
        "move_deadline": {"deadline": LATER + timedelta(days=300), "reason": "不想办"},
    }
    for name, given in changes.items():
        with pytest.raises(Forbidden):
            step(opened, name, own, **given)
        for user in (foreign, opened.administrator):
            with pytest.raises(NotFound):
                step(opened, name, user, **given)
    assert done(opened) == ["record", "assign", "read"]


def test_a_deadline_moves_with_a_reason(opened: County) -> None:
    own, reviewer = opened.add_liaison("公安局"), opened.reviewers[0]
    with pytest.raises(Conflict):
        step(opened, "move_deadline", reviewer, deadline=LATER, reason="还没转办")
    assign(opened)
    later = LATER + timedelta(days=14)
    for wrong in (
        {"deadline": LATER, "reason": "一样"},
        {"deadline": today() - timedelta(days=1), "reason": "过去"},
        {"deadline": later, "reason": " "},
    ):
        with pytest.raises(InvalidInput):
            step(opened, "move_deadline", reviewer, **wrong)
    found = step(opened, "move_deadline", reviewer, deadline=later, reason="部门申请")
    assert (found.deadline, found.stage) == (later, Stage.ASSIGNED)
    last = look(opened, lambda s, p: problems.shown_history(s, p, own))[-1]
    assert last.text == f"{LATER} → {later}\n部门申请"
    (line,) = opened.look(lambda s, _r: problem_ledger.of_liaison(s, own, today()))
    assigned = line.newest(problem_history.Step.ASSIGN)
    assert assigned is not None
    assert assigned.number == 2  # the day of handing over stays


def test_whoever_comes_second_is_told_and_does_nothing(opened: County) -> None:
    """The attack of a stale page: two reviewers, and a liaison, who all saw the problem as handed over."""
    own, first, second = opened.add_liaison("公安局"), *opened.reviewers[:2]
    assign(opened)
    seen = look(opened, problem_history.history)[-1].number
    step(opened, "mark_read", own)  # reading changes nothing for a page
    later = {"deadline": LATER + timedelta(days=3), "reason": "部门申请"}
    step(opened, "move_deadline", first, seen=seen, **later)
    before = done(opened)
    for name, user, given in (
        ("recall", second, {"reason": "不属实"}),
        ("move_deadline", second, later | {"deadline": LATER + timedelta(days=9)}),
        ("accept", own, WORDS),
    ):
        with pytest.raises(Conflict, match=f"“{first.name}”已经办了“改期限”"):
            step(opened, name, user, seen=seen, **given)
    assert done(opened) == before


def test_read_in_the_meantime_it_is_not_recalled_without_reason(opened: County) -> None:
    own = opened.add_liaison("公安局")
    assign(opened)
    seen = look(opened, problem_history.history)[-1].number
    step(opened, "mark_read", own)
    with pytest.raises(Conflict, match="撤回要写明原因"):
        step(opened, "recall", opened.reviewers[0], seen=seen)


@pytest.mark.parametrize("kind", ["renamed", "merged"])
def test_a_successor_answers_for_what_was_handed_over_before(opened: County, kind: str) -> None:
    opened.add_liaison("公安局")
    assign(opened)
    heir, other = opened.add_liaison("公安分局"), opened.add_liaison("税务局")
    assert seen_by(opened, heir) == []
    rename(opened, "公安局", "公安分局", kind)
    assert (seen_by(opened, heir), seen_by(opened, other)) == ([(1, False)], [])
    assert step(opened, "accept", heir, **WORDS).stage == Stage.WORKING
    found = opened.look(lambda s, _r: [p.name for p in readers.readers(s, "公安局")])
    assert found == ["公安分局联络员", "公安局联络员"]


def test_what_was_split_off_gets_it_by_reassigning(opened: County) -> None:
    own, heir = opened.add_liaison("公安局"), opened.add_liaison("交警局")
    assign(opened)
    rename(opened, "公安局", "交警局", "split")
    assert (seen_by(opened, own), seen_by(opened, heir)) == ([(1, False)], [])
    assert look(opened, handing_over.targets)[0] == "交警局"
    given = {"department": "交警局", "reason": "职责划走", "deadline": LATER}
    step(opened, "reassign", opened.reviewers[0], **given)
    assert (seen_by(opened, own), seen_by(opened, heir)) == ([], [(1, False)])


def test_the_history_of_a_department_goes_on(opened: County) -> None:
    later = opened.round()
    later.opens_on = today() + timedelta(days=90)

    def before(name: str) -> list[str]:
        found = opened.look(lambda s, _r: problems.of_departments(s, [name], later))
        return [problem.task for _round, problem in found]

    assert before("公安分局") == []
    rename(opened, "公安局", "公安分局")
    assert before("公安分局") == before("公安局") == ["改进窗口态度"]


def test_a_problem_of_two_departments_that_became_one_is_listed_once(opened: County) -> None:
    """A round between rates both names, of which each answers for what the first had."""
    later = opened.round()
    later.opens_on = today() + timedelta(days=90)
    rename(opened, "公安局", "公安分局", "merged")
    for names in (["公安分局", "公安局"], ["公安局", "公安分局"]):
        found = opened.look(lambda s, _r, n=names: problems.of_departments(s, n, later))
        assert [problem.task for _round, problem in found] == ["改进窗口态度"]
