"""Problems: found in the numbers, never in noise; each step by whose it is; improvement where it shows."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from county import County
from opened import LATER, keep_facts, made_up_facts, open_by_hand, publish, record, step

from survey.clock import today
from survey.errors import Conflict, Forbidden, InvalidInput, NotFound
from survey.facts.publication import MendedProblems
from survey.models import ProblemSource, Stage
from survey.services.followup import (
    comment_lists,
    indicators,
    mended,
    problem_history,
    problems,
)
from survey.services.followup.problem_candidates import candidates, improvements, improvements_of
from survey.services.rounds import lifecycle


@pytest.fixture
def opened(place: County) -> County:
    place.collecting(threshold=10)
    return open_by_hand(place, {1: [f"态度冷漠{n}" for n in range(12)] + [f"太慢{n}" for n in range(11)]})


def test_candidates_are_what_the_numbers_bear_out(opened: County) -> None:
    rows = [
        SimpleNamespace(
            department="供电公司", name="获得电力", value=66.0, province=80.0, city=None, unit="分"
        ),
        SimpleNamespace(department="税务局", name="纳税", value=91.0, province=None, city=None, unit="分"),
        SimpleNamespace(department="税务局", name="件数", value=12.0, province=None, city=None, unit="件"),
    ]
    opened.database.write(lambda s: indicators.import_indicators(s, "assessment", "2026年", rows, "甲"))
    found = {(c.department, c.source, c.item) for c in opened.look(candidates)}
    assert found == {
        ("公安局", ProblemSource.LINE, ""),
        ("公安局", ProblemSource.LINE, "态度"),  # 55 of 70
        ("公安局", ProblemSource.GAP, "态度"),  # 总体, 72 and not different, is no problem
        ("公安局", ProblemSource.COMMENTS, "服务态度"),
        ("公安局", ProblemSource.COMMENTS, "办事拖延"),
        ("供电公司", ProblemSource.INDICATOR, "获得电力"),
    }
    record(opened, source=ProblemSource.GAP, item="态度")
    known = {(c.source, c.item) for c in opened.look(candidates) if c.known}
    assert known == {(ProblemSource.GAP, "态度")}


def test_each_step_by_whose_it_is(opened: County) -> None:
    record(opened)
    reviewer, own, foreign = opened.reviewers[0], opened.add_liaison("公安局"), opened.add_liaison("税务局")
    nobody = opened.add_liaison("")
    with pytest.raises(Conflict, match="公布之后"):
        step(opened, "assign", reviewer, LATER)
    publish(opened)
    with pytest.raises(NotFound):
        step(opened, "assign", own, LATER)
    step(opened, "assign", reviewer, LATER)
    words = {"responsible": "李四", "measures": "轮训"}
    for stranger in (foreign, nobody):
        with pytest.raises(NotFound):
            step(opened, "accept", stranger, **words)
        assert opened.look(lambda s, _r, u=stranger: problems.of_liaison(s, u, today())) == []
    with pytest.raises(Forbidden):
        step(opened, "accept", reviewer, **words)
    with pytest.raises(Conflict):
        step(opened, "answer", own, "还没接就答")
    step(opened, "accept", own, **words)
    step(opened, "answer", own, "办完了")
    with pytest.raises(Forbidden):
        step(opened, "verify", own, "自己核实自己")
    step(opened, "send_back", reviewer, "回访没有改", LATER + timedelta(days=5))
    step(opened, "answer", own, "又办了一遍")
    done = step(opened, "verify", reviewer, "回访三家，已改")
    assert (done.stage, done.deadline) == (Stage.VERIFIED, LATER + timedelta(days=5))
    stages = opened.look(lambda s, _r: [e.stage for e in problem_history.history(s, done)])
    assert stages == ["recorded", "assigned", "working", "answered", "working", "answered", "verified"]


def test_a_mistake_is_struck_out_not_erased(opened: County) -> None:
    record(opened)
    step(opened, "withdraw", opened.reviewers[1], "重复了")
    assert [p.stage for p in opened.look(problems.of_round)] == [Stage.WITHDRAWN]
    publish(opened)
    with pytest.raises(Conflict):
        step(opened, "assign", opened.reviewers[0], LATER)
    assert record(opened).number == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"department": "水务局"},
        {"task": " "},
        {"task": "长" * 201},
        {"deadline": today() - timedelta(days=1)},
        {"source": "rumour"},
        {"source": ProblemSource.GAP, "item": "廉洁"},
    ],
)
def test_what_does_not_fit_is_refused(opened: County, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        record(opened, **wrong)
    assert opened.look(problems.of_round) == []


def test_overdue_is_the_departments_delay_not_ours(opened: County) -> None:
    problem = record(opened)
    late = LATER + timedelta(days=1)
    assert not problems.is_overdue(problem, late)  # not handed over yet
    publish(opened)
    assigned = step(opened, "assign", opened.reviewers[0], LATER, nobody=True)
    assert not problems.is_overdue(assigned, LATER)
    assert problems.is_overdue(assigned, late)


def test_the_next_round_says_whether_the_item_improved(opened: County) -> None:
    problem = record(opened, source=ProblemSource.GAP, item="态度")
    assert opened.look(lambda s, _r: improvements(s, problem)) == []
    second = County(opened.database, slug="next").populate_again(opened)
    second.draft(opens_on=today(), threshold=10).issue(3).start()
    open_by_hand(second)
    facts = made_up_facts("next")
    change = {"slug": opened.slug, "before": 55.0, "after": 66.0, "change": 8.0, "p": 0.01}
    facts["profiles"][1]["items"][0]["change"] = change | {"ci": [2.5, 13.5], "direction": "up"}
    opened.database.write(lambda s: keep_facts(s, lifecycle.get_round(s, "next"), facts))
    (found,) = opened.look(lambda s, _r: improvements(s, problem))
    assert (found.slug, found.change, found.low, found.high, found.direction) == (
        "next",
        8.0,
        2.5,
        13.5,
        "up",
    )
    others = [problem, record(opened)]  # the second of the department as a whole, which no change is told of
    told = opened.look(lambda s, _r: improvements_of(s, others, today()))
    assert told == [[found], []]
    before = opened.look(lambda s, _r: improvements_of(s, others, today() - timedelta(days=1)))
    assert before == [[], []]
    facts["profiles"][1]["items"][0]["change"]["slug"] = "another"  # compared with some other round
    opened.database.write(lambda s: keep_facts(s, lifecycle.get_round(s, "next"), facts))
    assert opened.look(lambda s, _r: improvements(s, problem)) == []


def test_comments_of_an_unopened_round_do_not_exist(place: County) -> None:
    place.collecting(threshold=10)
    for look in (comment_lists.tallies, comment_lists.reviewed):
        with pytest.raises(Forbidden):
            place.look(look)


def test_what_was_mended_is_stated_once_it_was_published(opened: County) -> None:
    """整改完成率: verified of listed, without what was struck out, of earlier published rounds alone."""
    reviewer, own = opened.reviewers[0], opened.add_liaison("公安局")
    for task in ("改进窗口态度", "压缩时限", "重复的"):
        record(opened, task=task)
    step(opened, "withdraw", opened.reviewers[1], "重复了", number=3)
    later: Any = SimpleNamespace(opens_on=today() + timedelta(days=1), trial=False)

    def stated(about: Any) -> tuple[MendedProblems, ...]:
        return opened.look(lambda s, _r: mended.of_earlier_rounds(s, about))

    assert stated(later) == ()  # not published yet
    publish(opened)
    (before,) = stated(later)
    assert (before.slug, before.listed, before.verified, before.rate) == (opened.slug, 2, 0, 0.0)
    step(opened, "assign", reviewer, LATER)
    step(opened, "accept", own, responsible="李四", measures="轮训")
    step(opened, "answer", own, "办完了")
    step(opened, "verify", reviewer, "回访三家，已改")
    (after,) = stated(later)
    assert (after.listed, after.verified, after.rate) == (2, 1, 0.5)
    assert opened.look(mended.of_earlier_rounds) == ()  # of rounds that began before
