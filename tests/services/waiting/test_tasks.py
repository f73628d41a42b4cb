"""What waits for whom: listed from the day that somebody has to do it, and gone when it is done."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from county import BASE_URL, County
from opened import LATER, open_by_hand, publish, record, step

from survey.clock import now, today
from survey.models import Decision, Role, User
from survey.services.followup import comment_lists, comment_releases
from survey.services.invitations import issuing
from survey.services.people import proposals
from survey.services.publication import publishing
from survey.services.rounds import closing, editions
from survey.services.waiting import first_steps, telling
from survey.services.waiting.tasks import Task, TaskKind, tasks_of


def waits(place: County, user: User, day: date | None = None) -> dict[str, int]:
    """Kind → number of things, as the user's first page lists them on a day."""
    with place.database.read() as session:
        return {task.kind: task.count for task in tasks_of(session, user, day or today())}


def listed(place: County, user: User, day: date) -> list[Task]:
    with place.database.read() as session:
        return tasks_of(session, user, day)


def test_the_way_to_a_collecting_round(place: County) -> None:
    place.populate().draft(keys=False)
    clerk, [first, second] = place.administrator, place.reviewers
    assert waits(place, clerk) == {TaskKind.SET_UP: 1}  # keys are missing
    assert waits(place, first) == {TaskKind.MAKE_KEY: 1}
    place.make_key(first)
    assert waits(place, first) == {}
    assert waits(place, second) == {TaskKind.MAKE_KEY: 1}
    place.make_key(second)
    assert waits(place, clerk) == {TaskKind.ISSUE: 1}
    place.issue()
    day = place.round().opens_on
    assert waits(place, clerk, day - timedelta(days=1)) == {}
    [on_time], [late] = listed(place, clerk, day), listed(place, clerk, day + timedelta(days=1))
    assert (on_time.kind, on_time.urgent, late.urgent) == (TaskKind.START, False, True)
    place.start()
    assert waits(place, clerk) == waits(place, first) == {}


def test_a_round_past_its_last_day_is_closed_by_two_and_opened(place: County) -> None:
    place.collecting()
    clerk, reviewer, last = place.administrator, place.reviewers[0], place.round().closes_on
    assert waits(place, clerk, last) == {}
    [task] = listed(place, clerk, last + timedelta(days=1))
    assert (task.kind, task.day, task.urgent) == (TaskKind.PROPOSE_CLOSING, last, True)
    place.act(lambda s, r: closing.propose_closing(s, r, clerk))
    assert waits(place, clerk, last + timedelta(days=1)) == {}
    assert waits(place, reviewer) == {TaskKind.CONFIRM_CLOSING: 1}
    place.act(lambda s, r: closing.confirm_closing(s, r, reviewer))
    assert waits(place, reviewer) == {TaskKind.OPEN_BOX: 1}
    stranger = place.add_user("新来的评议员", Role.REVIEWER)  # the round has its own reviewers
    assert waits(place, stranger) == {}


def test_proposals_wait_for_reviewers(place: County) -> None:
    place.collecting()
    asker, when = place.administrator, now()
    place.act(lambda s, r: proposals.propose_cancelling(s, asker, r, "企业名录有误，另开一轮", when))
    assert waits(place, place.reviewers[0]) == {TaskKind.CHANGES: 1}
    assert waits(place, place.administrator) == {}


def test_comments_wait_for_one_then_for_another(place: County) -> None:
    place.collecting(threshold=10)
    open_by_hand(place, {1: [f"态度冷漠{n}" for n in range(12)], 2: ["太慢"] * 11})
    first, second = place.reviewers
    tallies = place.look(comment_lists.tallies)
    shown = sum(tally.total for tally in tallies if tally.releasable)
    assert shown == 23
    assert waits(place, first) == {TaskKind.COMMENTS: 23, TaskKind.PROPOSE_EDITION: 1}
    entries = place.look(comment_lists.reviewed)
    chosen = {e.id: (Decision.RELEASE, e.text) for e in entries if e.department == tallies[1].name}
    place.act(lambda s, r: comment_releases.propose(s, r, first, chosen))
    assert waits(place, first) == {TaskKind.COMMENTS: 11, TaskKind.PROPOSE_EDITION: 1}
    assert waits(place, second)[TaskKind.CONFIRM_COMMENTS] == 12
    texts = {key: text for key, (_, text) in chosen.items()}
    place.act(lambda s, r: comment_releases.confirm(s, r, second, texts))
    assert TaskKind.CONFIRM_COMMENTS not in waits(place, second)


def test_few_ballots_leave_comments_to_nobody(place: County) -> None:
    place.collecting(threshold=500)
    open_by_hand(place, {1: ["态度冷漠"]})
    assert TaskKind.COMMENTS not in waits(place, place.reviewers[0])


def test_an_edition_waits_for_the_other_reviewer(place: County) -> None:
    place.collecting(threshold=10)
    open_by_hand(place)
    first, second = place.reviewers
    place.act(lambda s, r: publishing.propose(s, r, first))
    assert waits(place, first) == {}
    assert waits(place, second) == {TaskKind.CONFIRM_EDITION: 1}
    place.act(lambda s, r: publishing.confirm(s, editions.waiting(s, r), second, today()))
    assert waits(place, second) == {}


def test_problems_go_back_and_forth(place: County) -> None:
    place.collecting(threshold=10)
    open_by_hand(place)
    first, second = place.reviewers
    own, other = place.add_liaison("公安局"), place.add_liaison("税务局")
    record(place)
    publish(place)
    assert waits(place, second) == {TaskKind.ASSIGN: 1}
    assert waits(place, own) == {}
    step(place, "assign", first, LATER)
    assert waits(place, second) == waits(place, other) == {}
    assert waits(place, own) == {TaskKind.ACCEPT: 1}
    step(place, "recall", first)
    assert (waits(place, own), waits(place, second)) == ({}, {TaskKind.ASSIGN: 1})
    step(place, "assign", first, LATER)
    step(place, "accept", own, responsible="李四", measures="轮训")
    step(place, "recall", first, "部门不对")
    assert (waits(place, own), waits(place, second)) == ({}, {TaskKind.ASSIGN: 1})
    step(place, "assign", first, LATER)
    step(place, "accept", own, responsible="李四", measures="轮训")
    assert [t.urgent for t in listed(place, own, LATER - timedelta(days=7))] == [False]
    assert [t.urgent for t in listed(place, own, LATER - timedelta(days=6))] == [True]
    assert waits(place, second, LATER) == {}
    assert waits(place, second, LATER + timedelta(days=1)) == {TaskKind.OVERDUE: 1}
    step(place, "answer", own, "办完了")
    assert waits(place, own) == {}
    assert waits(place, second, LATER + timedelta(days=1)) == {TaskKind.VERIFY: 1}
    step(place, "verify", second, "已改")
    assert waits(place, second) == {}


def test_what_two_may_do_is_counted_once(place: County) -> None:
    place.collecting()
    place.act(lambda s, r: closing.propose_closing(s, r, place.administrator))
    with place.database.read() as session:
        assert telling.waiting_by_role(session, today()) == {Role.REVIEWER: 1}


@pytest.mark.parametrize("rows", [0, 3])
def test_the_first_steps_of_an_installation(place: County, rows: int) -> None:
    def begun() -> first_steps.FirstSteps:
        with place.database.read() as session:
            return first_steps.steps_taken(session)

    assert begun() == first_steps.FirstSteps(0, 0, "", issued=False)
    place.populate(enterprises=rows)
    assert (begun().reviewers, begun().enterprises) == (0, rows)  # nobody has set a password
    for reviewer in place.reviewers:
        place.database.write(lambda s, r=reviewer: setattr(s.get(User, r.id), "password_hash", "x"))
    assert begun().enough_reviewers
    place.draft()
    assert begun().draft == place.slug
    issued = place.act(lambda s, r: issuing.prepare_slips(s, r, BASE_URL, 2))
    place.act(lambda s, r: issuing.store(s, r, issued, "管理员"))
    assert begun().issued
