"""Release of comments: they leave the reviewers only redacted, and only when
two reviewers agree on the text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.answers.spelling import clean_text
from survey.errors import N_, Conflict, Forbidden, InvalidInput, NotFound
from survey.facts.publication import DepartmentThemes, ReleasedComment
from survey.models import Comment, CommentRelease, Decision, Enterprise, OpenedBox, Role, Round, User
from survey.services.followup.redaction import IdentifyingSpan, known_names, redacted, suggest
from survey.services.followup.themes import count_themes, publishable, themes_of
from survey.services.operations.audit import record
from survey.services.people import round_people
from survey.services.rounds.descriptions import describe
from survey.services.rounds.lifecycle import require_opened

LONGEST_TEXT = 2000
CANNOT = N_("评这个部门的选票不足 %(threshold)s 张，意见只供评议员阅读，不能转出。")


@dataclass(frozen=True, slots=True)
class ReviewedComment:
    """Comment before the reviewers; `text` is what would be released, as decided or as suggested."""

    id: str
    original: str
    text: str
    findings: tuple[IdentifyingSpan, ...]
    themes: tuple[str, ...]
    decision: str
    proposed_by: bytes | None
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of a department's comments by state; `releasable`: enough ballots rated the department."""

    index: int
    name: str
    group: str
    total: int
    released: int
    withheld: int
    waiting: int
    releasable: bool

    @property
    def undecided(self) -> int:
        return self.total - self.released - self.withheld - self.waiting


def tallies(session: Session, round: Round) -> list[Tally]:
    """Counts for every department of the round, in the questionnaire's order."""
    require_enough(session, round)
    enough = _well_rated(session, round)
    query = select(Comment.department, CommentRelease.decision, CommentRelease.confirmed_by)
    rows = session.execute(
        query.outerjoin(CommentRelease, CommentRelease.comment_id == Comment.id).where(
            Comment.round_id == round.id
        )
    ).all()
    listed = []
    for index, department in enumerate(describe(session, round).questionnaire.departments):
        mine = [(decision, confirmed is not None) for d, decision, confirmed in rows if d == index]
        counts = (
            len(mine),
            mine.count((Decision.RELEASE, True)),
            mine.count((Decision.WITHHOLD, True)),
            sum(decision is not None and not confirmed for decision, confirmed in mine),
        )
        listed.append(Tally(index, department.name, department.group, *counts, department.name in enough))
    return listed


def entries(session: Session, round: Round, department: int) -> list[ReviewedComment]:
    """Comments on the department with index `department`, by random key, with what the rules suggest to black
    out."""
    require_enough(session, round)
    _name_of(session, round, department)
    query = (
        select(Comment, CommentRelease)
        .outerjoin(CommentRelease, CommentRelease.comment_id == Comment.id)
        .where(Comment.round_id == round.id, Comment.department == department)
        .order_by(Comment.id)
    )
    known = known_names(_named(session))
    themes = themes_of(session)
    listed = []
    for comment, release in session.execute(query):
        findings = suggest(comment.text, known)
        names = tuple(theme.name for theme in themes if theme.fits(comment.text))
        listed.append(_entry(comment, release, tuple(findings), names))
    return listed


def propose(
    session: Session, round: Round, department: int, user: User, decisions: Mapping[str, tuple[str, str]]
) -> int:
    """Store one reviewer's decisions (comment id in hex → (decision, text)); returns how many were stored.

    A confirmed decision is left alone; an unconfirmed one is replaced, and counts as this reviewer's. Raises
    `Forbidden` for a user who may not, or a department that too few ballots rated, and `InvalidInput` for a
    text.
    """
    _reviewer(session, round, user)
    require_enough(session, round)
    comments = _comments(session, round, department, decisions)
    releasing = any(decision == Decision.RELEASE for decision, _ in decisions.values())
    if releasing and _name_of(session, round, department) not in _well_rated(session, round):
        raise Forbidden(CANNOT, threshold=round.threshold)
    kept = 0
    for comment in comments:
        decision, text = decisions[comment.id.hex()]
        kept += _keep(session, comment, user, decision, clean_text(text))
    if kept:
        _record(session, user, "comment.propose", round, department, kept)
    return kept


def confirm(session: Session, round: Round, department: int, user: User, shown: Mapping[str, str]) -> int:
    """Confirm another reviewer's decisions (comment id in hex → the text this reviewer was shown); returns
    how many.

    Raises `Forbidden` for one's own, `Conflict` when a text was changed meanwhile; then none is confirmed.
    """
    _reviewer(session, round, user)
    require_enough(session, round)
    for comment in _comments(session, round, department, shown):
        release = session.get(CommentRelease, comment.id, with_for_update=True, populate_existing=True)
        if release is None or release.confirmed_by is not None or release.text != shown[comment.id.hex()]:
            raise Conflict(N_("有的意见刚刚被别人改过，一条也没有确认。"), remedy=N_("请看过之后再确认。"))
        if release.proposed_by == user.id:
            raise Forbidden(N_("自己提出的要由另一位评议员确认。"))
        release.confirmed_by = user.id
    if shown:
        _record(session, user, "comment.confirm", round, department, len(shown))
    return len(shown)


def take_back(session: Session, round: Round, department: int, user: User, comment_id: str) -> None:
    """Delete a decision, confirmed or not; what was published already stays published."""
    _reviewer(session, round, user)
    for comment in _comments(session, round, department, [comment_id]):
        release = session.get(CommentRelease, comment.id)
        if release is None:
            raise Conflict(N_("这条意见还没有处理过。"))
        session.delete(release)
        _record(session, user, "comment.take_back", round, department, 1)


def released_texts(session: Session, round: Round) -> dict[str, list[ReleasedComment]]:
    """Released comments by department's name, sorted by text, each with its themes."""
    query = (
        select(Comment.department, CommentRelease.text)
        .join(CommentRelease, CommentRelease.comment_id == Comment.id)
        .where(Comment.round_id == round.id, CommentRelease.confirmed_by.is_not(None))
        .where(CommentRelease.decision == Decision.RELEASE)
    )
    names = [d.name for d in describe(session, round).questionnaire.departments]
    themes = themes_of(session)
    listed: dict[str, list[ReleasedComment]] = {}
    for department, text in sorted((place, text) for place, text in session.execute(query)):
        fitting = tuple(theme.name for theme in themes if theme.fits(text))
        listed.setdefault(names[department], []).append(ReleasedComment(text=text, themes=fitting))
    return listed


def theme_counts(session: Session, round: Round) -> list[DepartmentThemes]:
    """Number of comments and of comments by theme for every department, as far as the threshold lets them be
    shown.

    Not added up over departments: who wrote to several cannot be told from several who wrote, so that nobody
    knows how many enterprises such a sum stands for.
    """
    query = select(Comment.department, Comment.text).where(Comment.round_id == round.id)
    by_department: dict[int, list[str]] = {}
    for place, text in session.execute(query):
        by_department.setdefault(place, []).append(text)
    themes = themes_of(session)
    counted = []
    for index, department in enumerate(describe(session, round).questionnaire.departments):
        texts = by_department.get(index, [])
        counts = count_themes(themes, texts)
        counted.append(publishable(department.name, counts, len(texts), round.threshold))
    return counted


def require_enough(session: Session, round: Round) -> None:
    """Raise `Forbidden` before the opening, and always when so few ballots were valid that comments would
    point at the writers."""
    require_opened(round)
    box = session.get(OpenedBox, round.id)
    if box is None or box.valid < round.threshold:
        raise Forbidden(
            N_("这一轮只收到不足 %(threshold)s 张选票，意见不予显示。"),
            remedy=N_("票数太少时，看意见就能猜到是谁写的。"),
            threshold=round.threshold,
        )


def _named(session: Session) -> list[tuple[str, str]]:
    """Pairs (name, contact) of the whole roster."""
    return [(name, contact) for name, contact in session.execute(select(Enterprise.name, Enterprise.contact))]


def _well_rated(session: Session, round: Round) -> set[str]:
    """Names of departments that at least the threshold of ballots rated."""
    ranking = session.get_one(OpenedBox, round.id).ranking or {}
    listed = [*ranking.get("departments", ()), *ranking.get("insufficient", ())]
    return {d["name"] for d in listed if (d.get("n") or 0) >= round.threshold}


def _entry(
    comment: Comment,
    release: CommentRelease | None,
    findings: tuple[IdentifyingSpan, ...],
    themes: tuple[str, ...],
) -> ReviewedComment:
    text = release.text if release and release.text else redacted(comment.text, findings)
    return ReviewedComment(
        id=comment.id.hex(),
        original=comment.text,
        text=text,
        findings=findings,
        themes=themes,
        decision=release.decision if release else "",
        proposed_by=release.proposed_by if release else None,
        confirmed=release is not None and release.confirmed_by is not None,
    )


def _comments(session: Session, round: Round, department: int, ids: Iterable[str]) -> Sequence[Comment]:
    """Comments with these ids (hex); raises `NotFound` for one of another round or department."""
    try:
        wanted = [bytes.fromhex(text) for text in ids]
    except ValueError:
        wanted = [b""]
    query = select(Comment).where(Comment.round_id == round.id, Comment.department == department)
    found = session.scalars(query.where(Comment.id.in_(wanted)).order_by(Comment.id)).all()
    if len(found) != len(wanted):
        raise NotFound(N_("没有这条意见。"), remedy=N_("请刷新页面再试。"))
    return found


def _keep(session: Session, comment: Comment, user: User, decision: str, text: str) -> bool:
    if decision not in set(Decision):
        raise InvalidInput(N_("请选择“转给部门”或“不转”。"))
    if decision == Decision.RELEASE and not 0 < len(text) <= LONGEST_TEXT:
        raise InvalidInput(N_("转出的文字应为 1 到 %(most)s 个字。"), most=LONGEST_TEXT)
    before = session.get(CommentRelease, comment.id, with_for_update=True)
    if before is not None:
        same = (before.decision, before.text) == (decision, text if decision == Decision.RELEASE else "")
        if before.confirmed_by is not None or same:
            return False
        session.delete(before)
        session.flush()
    shown = text if decision == Decision.RELEASE else ""
    session.add(CommentRelease(comment_id=comment.id, decision=decision, text=shown, proposed_by=user.id))
    session.flush()
    return True


def _name_of(session: Session, round: Round, department: int) -> str:
    departments = describe(session, round).questionnaire.departments
    if not 0 <= department < len(departments):
        raise NotFound(N_("这一轮没有第 %(number)s 个部门。"), number=department + 1)
    return departments[department].name


def _reviewer(session: Session, round: Round, user: User) -> None:
    if user.role != Role.REVIEWER:
        raise Forbidden(N_("意见由评议员处理。"))
    round_people.require(session, round, user)


def _record(session: Session, user: User, action: str, round: Round, department: int, count: int) -> None:
    name = _name_of(session, round, department)
    record(session, actor=user, action=action, subject=round.slug, department=name, count=count)
