"""Files that a department attaches to its answer: examined, waiting until it is sent, then kept with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session, undefer

from survey.database.engine import Database
from survey.documents.attachments.examining import Attachment, examine, shown
from survey.documents.attachments.kinds import MOST_BYTES
from survey.errors import N_, Conflict, InvalidInput, NotFound
from survey.models import Problem, ProblemFile, Role, Stage, User
from survey.services.followup import problems
from survey.services.operations.virus_scan import require_clean

MOST_FILES = 10
"""With one answer."""
MOST_OF_PROBLEM = 100 << 20
"""Bytes of all files of a problem, whose answer may be sent back several times."""
GONE = N_("没有这个附件，可能已经去掉了。")


def waiting(session: Session, problem: Problem, user: User) -> list[ProblemFile]:
    """Files that go with the next answer, oldest first; none for who does not write it."""
    if not _writes(session, problem, user):
        return []
    query = select(ProblemFile).where(*_of(problem), ProblemFile.event.is_(None))
    return list(session.scalars(query.order_by(ProblemFile.number)))


def sent(session: Session, problem: Problem) -> dict[int, list[ProblemFile]]:
    """Files that were sent, by the number of the step; who may see a step may see its files."""
    return by_step(session, [problem.round_id]).get((problem.round_id, problem.number), {})


def by_step(
    session: Session, rounds: Iterable[bytes]
) -> dict[tuple[bytes, int], dict[int, list[ProblemFile]]]:
    """Files that were sent, of all problems of these rounds: (round, problem) → step → files."""
    query = select(ProblemFile).where(ProblemFile.round_id.in_(list(rounds)), ProblemFile.event.is_not(None))
    found: dict[tuple[bytes, int], dict[int, list[ProblemFile]]] = {}
    for file in session.scalars(query.order_by(ProblemFile.number)):
        steps = found.setdefault((file.round_id, file.problem), {})
        steps.setdefault(file.event or 0, []).append(file)
    return found


def get(session: Session, problem: Problem, number: int, user: User) -> ProblemFile:
    """File with this number, if `user` may see it; raises `NotFound` otherwise."""
    key = problem.round_id, problem.number, number
    file = session.get(ProblemFile, key, options=[undefer(ProblemFile.content)])
    seen = {event.number for event in problems.shown_history(session, problem, user)}
    if file is None or not problems.may_see(session, user, problem):
        raise NotFound(GONE)
    if not (_writes(session, problem, user) if file.event is None else file.event in seen):
        raise NotFound(GONE)
    return file


def require_room(session: Session, problem: Problem, user: User, size: int = 0) -> None:
    """Raise unless `user` may now attach one more file of `size` bytes."""
    if not _writes(session, problem, user):
        raise Conflict(
            N_("这个问题现在不能加附件，可能别人刚刚办过。"), remedy=N_("请刷新页面看现在的状态。")
        )
    if len(waiting(session, problem, user)) >= MOST_FILES:
        raise InvalidInput(
            N_("一次回复最多 %(most)s 个附件。"), remedy=N_("请把几个文件合成一个 PDF。"), most=MOST_FILES
        )
    kept = session.scalar(select(func.sum(ProblemFile.size)).where(*_of(problem))) or 0
    if kept + size > MOST_OF_PROBLEM:
        raise InvalidInput(
            N_("这个问题的附件合起来超过 %(most)s MB 了。"),
            remedy=N_("请压缩照片再加。"),
            most=MOST_OF_PROBLEM >> 20,
        )


def take(
    database: Database, find: Callable[[Session], Problem], user: User, name: str, content: bytes, scan: str
) -> None:
    """Examine an uploaded file and keep it for the next answer to the problem that `find` gives.

    scan: command of the antivirus program. Raises `PingyiError`; the writer waits for none of the examining.
    """
    with database.read() as session:
        require_room(session, find(session), user)
    if len(content) <= MOST_BYTES:  # a larger one is refused in any case
        require_clean(scan, shown(name), content)
    given = examine(name, content)
    database.write(lambda session: attach(session, find(session), user, given))


def attach(session: Session, problem: Problem, user: User, given: Attachment) -> None:
    """Keep a file for the next answer; the same file again changes nothing."""
    problem = problems.fresh_one(session, problem)
    digest = hashlib.sha256(given.content).digest()
    if any(file.digest == digest for file in waiting(session, problem, user)):
        return
    require_room(session, problem, user, len(given.content))
    last = session.scalar(select(func.max(ProblemFile.number)).where(*_of(problem)))
    session.add(
        ProblemFile(
            round_id=problem.round_id,
            problem=problem.number,
            number=(last or 0) + 1,
            event=None,
            name=given.name,
            kind=given.kind,
            size=len(given.content),
            digest=digest,
            content=given.content,
        )
    )
    session.flush()


def remove(session: Session, problem: Problem, user: User, number: int) -> None:
    """Remove a file that was not sent yet; one that is gone already is no error."""
    problem = problems.fresh_one(session, problem)
    if _writes(session, problem, user):
        discard(session, problem, ProblemFile.number == number)


def send(session: Session, problem: Problem, event: int) -> None:
    """Bind what waits to this step, with which it is sent."""
    session.execute(update(ProblemFile).where(*_of(problem), ProblemFile.event.is_(None)).values(event=event))


def discard(session: Session, problem: Problem, *which: ColumnElement[bool]) -> None:
    """Delete files that were not sent, all or those that `which` tells."""
    session.execute(delete(ProblemFile).where(*_of(problem), ProblemFile.event.is_(None), *which))


def _of(problem: Problem) -> tuple[ColumnElement[bool], ...]:
    return ProblemFile.round_id == problem.round_id, ProblemFile.problem == problem.number


def _writes(session: Session, problem: Problem, user: User) -> bool:
    """Whether `user` is a liaison whose department has the problem in hand."""
    return (
        user.role == Role.LIAISON
        and problem.stage == Stage.WORKING
        and problems.holds(session, user, problem)
    )
