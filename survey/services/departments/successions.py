"""Entering and withdrawing what became of departments (沿革), with the checks that keep names unambiguous."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from analysis.answers.spelling import clean_text
from survey.errors import N_, Conflict, Forbidden, InvalidInput, NotFound
from survey.models import AuditEvent, Role, Round, State, Succession, SuccessionKind, User
from survey.services.departments import known
from survey.services.departments.lineage import Lineage, SuccessionStep, read_lineage
from survey.services.operations import audit
from survey.texts import require_drawable

LONGEST_REASON = 200
_BORN = (SuccessionKind.RENAMED, SuccessionKind.SPLIT)
_ENDED = (SuccessionKind.RENAMED, SuccessionKind.MERGED)


@dataclass(frozen=True, slots=True)
class NewSuccession:
    """Succession as a reviewer enters it."""

    before: str
    after: str
    kind: str
    on: date
    reason: str


def enter(session: Session, new: NewSuccession, user: User, today: date) -> Succession:
    """Enter a succession; raises `Forbidden`, `InvalidInput` or `Conflict`."""
    _require_reviewer(user)
    audit.hold(session)  # two that fit alone may not fit together
    step, reason = _step(session, new, today), _reason(new.reason)
    lineage = read_lineage(session)
    _check_names(lineage, step)
    _check_rounds(session, step)
    entry = Succession(
        before=step.before, after=step.after, kind=step.kind, on=step.on, reason=reason, actor=user.name
    )
    session.add(entry)
    session.flush()
    _note(session, user, "department.enter", entry)
    return entry


def listed(session: Session) -> list[Succession]:
    """All successions, newest first."""
    return list(session.scalars(select(Succession).order_by(Succession.on.desc(), Succession.before)))


def outdated(session: Session) -> list[Round]:
    """Opened rounds, newest first, whose results were last worked out before a succession was entered or
    withdrawn; those that no earlier round precedes have nothing to be compared with."""

    def last(*where: ColumnElement[bool]) -> int:
        return session.scalar(select(func.max(AuditEvent.number)).where(*where)) or 0

    changed = last(AuditEvent.action.in_(("department.enter", "department.withdraw")))
    opened = session.scalars(
        select(Round)
        .where(Round.state == State.OPENED, ~Round.trial)
        .order_by(Round.opens_on.desc(), Round.slug)
    ).all()
    made = (last(AuditEvent.action == "results.make", AuditEvent.subject == r.slug) for r in opened[:-1])
    return [round for round, number in zip(opened, made, strict=False) if number < changed]


def withdraw(session: Session, before: str, after: str, user: User) -> Succession:
    """Withdraw a succession entered by mistake; the audit log keeps it. Raises `NotFound`."""
    _require_reviewer(user)
    audit.hold(session)
    entry = session.get(Succession, (before, after), populate_existing=True)
    if entry is None:
        raise NotFound(N_("没有这一条沿革，可能别人刚刚撤销了它。"), remedy=N_("请刷新页面看现在的情况。"))
    session.delete(entry)
    session.flush()
    _note(session, user, "department.withdraw", entry)
    return entry


def _require_reviewer(user: User) -> None:
    if user.role != Role.REVIEWER:
        raise Forbidden(N_("部门沿革由评议员登记和撤销。"))


def _step(session: Session, new: NewSuccession, today: date) -> SuccessionStep:
    names = known.names(session)
    before = known.spelled(new.before, names)
    if before is None:
        raise InvalidInput(
            N_("没有哪一轮评议“%(name)s”。"), remedy=N_("原部门请从名单里选。"), name=new.before
        )
    if new.kind not in set(SuccessionKind):
        raise InvalidInput(N_("请选择是更名、合并还是拆分。"))
    after = known.checked(new.after, names)
    if after == before:
        raise InvalidInput(N_("前后两个名称相同。"), remedy=N_("请填写新的名称。"))
    if new.on > today:
        raise InvalidInput(N_("日期 %(day)s 还没有到，请到那一天再登记。"), day=new.on.isoformat())
    return SuccessionStep(before, after, SuccessionKind(new.kind), new.on)


def _reason(text: str) -> str:
    reason = clean_text(text)
    require_drawable([(N_("依据"), reason)])
    if not 0 < len(reason) <= LONGEST_REASON:
        raise InvalidInput(N_("请写明依据，不超过 %(longest)s 个字。"), longest=LONGEST_REASON)
    return reason


def _check_names(lineage: Lineage, new: SuccessionStep) -> None:
    """A name comes to be once and ends once, all else happens in between, and nothing becomes itself."""
    if any((s.before, s.after) == (new.before, new.after) for s in lineage.steps):
        raise Conflict(N_("从“%(before)s”到“%(after)s”已经登记过。"), before=new.before, after=new.after)
    if new.before in lineage.successors(new.after):
        raise Conflict(
            N_("“%(before)s”是由“%(after)s”来的，不能又变回去。"), before=new.before, after=new.after
        )
    steps = (*lineage.steps, new)
    for name in (new.before, new.after):
        _check_life(name, [s for s in steps if name in (s.before, s.after)])


def _check_life(name: str, steps: list[SuccessionStep]) -> None:
    born = [s for s in steps if s.after == name and s.kind in _BORN]
    ended = [s for s in steps if s.before == name and s.kind in _ENDED]
    if len(born) > 1:
        raise Conflict(
            N_("“%(name)s”已经登记为由“%(other)s”更名或拆分而来，一个部门只能这样来一次。"),
            remedy=N_("几个部门合成一个的，请逐条登记为“合并”。"),
            name=name, other=born[0].before,
        )  # fmt: skip
    if len(ended) > 1:
        raise Conflict(
            N_("“%(name)s”已经登记为更名或并入“%(other)s”，这个名称不能再用一次。"),
            remedy=N_("之后的变化请登记在新名称下；登记错了的，请先撤销那一条。"),
            name=name, other=ended[0].after,
        )  # fmt: skip
    for step in steps:
        if any(step.on <= b.on for b in born if b is not step):
            _out_of_order(
                step, name, born[0].on, N_("“%(name)s”是 %(day)s 才有的，别的变化要在那以后，不能在 %(on)s。")
            )
        if any(step.on >= e.on for e in ended if e is not step):
            _out_of_order(
                step,
                name,
                ended[0].on,
                N_("“%(name)s”到 %(day)s 就没有了，别的变化要在那以前，不能在 %(on)s。"),
            )


def _out_of_order(step: SuccessionStep, name: str, day: date, message: str) -> None:
    raise Conflict(message, remedy=N_("请核对日期。"), name=name, day=day.isoformat(), on=step.on.isoformat())


def _check_rounds(session: Session, new: SuccessionStep) -> None:
    """A department is not rated beside the one that it was renamed to: those were two."""
    if new.kind != SuccessionKind.RENAMED:
        return
    for title, departments in known.by_round(session):
        if {new.before, new.after} <= set(departments):
            raise Conflict(
                N_("“%(title)s”里两个部门都有，不是更名。"),
                remedy=N_("一个并到另一个的，请登记为“合并”。"),
                title=title,
            )


def _note(session: Session, user: User, action: str, entry: Succession) -> None:
    said = {"predecessor": entry.before, "succession": entry.kind, "day": entry.on.isoformat()}
    audit.record(session, actor=user, action=action, subject=entry.after, **said, reason=entry.reason)
