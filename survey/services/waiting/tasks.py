"""Tasks that wait for a person until they are done, of all rounds; the first page of each role lists them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.models import (
    Comment,
    CommentRelease,
    OpenedBox,
    PublicationState,
    Role,
    Round,
    Stage,
    State,
    User,
)
from survey.services.followup import comment_lists, problems
from survey.services.people import proposals, round_people
from survey.services.rounds import editions, keyholders, lifecycle

NEAR = timedelta(days=7)
"""A deadline within this time is near."""


class TaskKind(StrEnum):
    """Kind of a task; `survey.web.waiting.task_lines` has its words and its page."""

    SET_UP = "set_up"
    ISSUE = "issue"
    START = "start"
    PROPOSE_CLOSING = "propose_closing"
    CHANGES = "changes"
    MAKE_KEY = "make_key"
    CONFIRM_CLOSING = "confirm_closing"
    OPEN_BOX = "open_box"
    COMMENTS = "comments"
    CONFIRM_COMMENTS = "confirm_comments"
    PROPOSE_EDITION = "propose_edition"
    CONFIRM_EDITION = "confirm_edition"
    ASSIGN = "assign"
    VERIFY = "verify"
    OVERDUE = "overdue"
    ACCEPT = "accept"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Task:
    """What waits for a person: `count` things of `kind` in the round `slug` ("" where it is of no round).

    `day`: the last day for it, where there is one; `urgent`: that day is past, or the round stands still.
    """

    kind: TaskKind
    slug: str = ""
    title: str = ""
    count: int = 1
    day: date | None = None
    urgent: bool = False


def tasks_of(session: Session, user: User, today: date) -> list[Task]:
    """Tasks that wait for `user`, urgent ones first, then by round, newest first."""
    finders = {Role.ADMINISTRATOR: _administrator, Role.REVIEWER: _reviewer, Role.LIAISON: _liaison}
    found = finders[Role(user.role)](session, user, today)
    return sorted(found, key=lambda task: not task.urgent)


def _administrator(session: Session, _user: User, today: date) -> Iterator[Task]:
    for round in lifecycle.list_rounds(session):
        task = partial(Task, slug=round.slug, title=round.title)
        if round.state == State.DRAFT and round.frozen:
            if round.opens_on <= today:
                yield task(TaskKind.START, day=round.opens_on, urgent=round.opens_on < today)
        elif round.state == State.DRAFT:
            missing = len(lifecycle.missing_before_issuing(session, round, str))
            kind = TaskKind.SET_UP if missing else TaskKind.ISSUE
            yield task(kind, count=missing or 1, day=round.opens_on, urgent=round.opens_on < today)
        elif round.state == State.OPEN and round.closes_on < today and not round.close_proposed_by:
            yield task(TaskKind.PROPOSE_CLOSING, day=round.closes_on, urgent=True)


def _reviewer(session: Session, user: User, today: date) -> Iterator[Task]:
    if count := proposals.count_waiting(session):
        yield Task(TaskKind.CHANGES, count=count)
    undecided = _comments(session, CommentRelease.comment_id.is_(None))
    others = _comments(session, CommentRelease.confirmed_by.is_(None), CommentRelease.proposed_by != user.id)
    for round in lifecycle.list_rounds(session):
        task = partial(Task, slug=round.slug, title=round.title)
        if round.state == State.DRAFT:
            own = next((h for h in keyholders.holders(session, round) if h.user_id == user.id), None)
            if own and not own.proven and not round.frozen:
                yield task(TaskKind.MAKE_KEY, day=round.opens_on, urgent=round.opens_on <= today)
        elif round.state == State.CANCELLED or not round_people.belongs(session, round, user):
            continue
        elif round.state == State.OPEN and round.close_proposed_by:
            yield task(TaskKind.CONFIRM_CLOSING, urgent=round.closes_on < today)
        elif round.state == State.CLOSED:
            yield task(TaskKind.OPEN_BOX)
        elif round.state == State.OPENED:
            yield from _opened(session, user, round, undecided.get(round.id, 0), today)
            if count := others.get(round.id, 0):
                yield task(TaskKind.CONFIRM_COMMENTS, count=count)


def _opened(session: Session, user: User, round: Round, undecided: int, today: date) -> Iterator[Task]:
    """Tasks of an opened round: comments to decide before it is published, its edition, its problems."""
    task = partial(Task, slug=round.slug, title=round.title)
    proposers = editions.proposers(session, round)
    published = PublicationState.PUBLISHED in proposers
    proposed_by = proposers.get(PublicationState.PROPOSED)
    if not published and undecided and _enough(session, round):
        tallies = comment_lists.tallies(session, round)
        if count := comment_lists.undecided_of(tallies)[0]:
            yield task(TaskKind.COMMENTS, count=count)
    if not proposers:
        yield task(TaskKind.PROPOSE_EDITION)
    if proposed_by not in (None, user.id):
        yield task(TaskKind.CONFIRM_EDITION)
    listed = problems.of_round(session, round)
    late = [problem.deadline for problem in listed if problems.is_overdue(problem, today)]
    if late:
        yield task(TaskKind.OVERDUE, count=len(late), day=min(late), urgent=True)
    stages = [(Stage.ANSWERED, TaskKind.VERIFY)]
    stages += [(Stage.RECORDED, TaskKind.ASSIGN)] if published else []
    for stage, kind in stages:
        if count := sum(problem.stage == stage for problem in listed):
            yield task(kind, count=count)


def _enough(session: Session, round: Round) -> bool:
    """Whether so many ballots were valid that reviewers may see the comments."""
    valid = session.scalar(select(OpenedBox.valid).where(OpenedBox.round_id == round.id))
    return valid is not None and valid >= round.threshold


def _liaison(session: Session, user: User, today: date) -> Iterator[Task]:
    entries = [e for e in problems.of_liaison(session, user, today) if e.taken is None]
    kinds = {Stage.ASSIGNED: TaskKind.ACCEPT, Stage.WORKING: TaskKind.ANSWER}
    for slug, title in dict.fromkeys((entry.slug, entry.title) for entry in entries):
        for stage, kind in kinds.items():
            days = [e.problem.deadline for e in entries if (e.slug, e.problem.stage) == (slug, stage)]
            if days:
                first = min(days)
                yield Task(kind, slug, title, len(days), first, urgent=first < today + NEAR)


def _comments(session: Session, *conditions: object) -> dict[bytes, int]:
    """Number of comments that meet the conditions, by round."""
    query = (
        select(Comment.round_id, func.count().label("comments"))
        .outerjoin(CommentRelease, CommentRelease.comment_id == Comment.id)
        .where(*conditions)  # type: ignore[arg-type]
        .group_by(Comment.round_id)
    )
    return {row.round_id: row.comments for row in session.execute(query)}
