"""Release of comments: they leave the reviewers only redacted, and only when
two reviewers agree on the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.answers.spelling import clean_text
from survey.errors import N_, Conflict, Forbidden, InvalidInput, NotFound
from survey.facts.publication import DepartmentThemes, ReleasedComment
from survey.models import Comment, CommentRelease, Decision, Role, Round, User
from survey.services.followup.comment_lists import is_unmarked, names_of_roster, require_enough, well_rated
from survey.services.followup.redaction import suggest
from survey.services.followup.themes import count_themes, publishable, themes_of
from survey.services.operations.audit import record
from survey.services.people import round_people
from survey.services.rounds.descriptions import describe

LONGEST_TEXT = 2000
CANNOT = N_("评这个部门的选票不足 %(threshold)s 张，意见只供评议员阅读，不能转出。")


def propose(session: Session, round: Round, user: User, decisions: Mapping[str, tuple[str, str]]) -> int:
    """Store one reviewer's decisions (comment id in hex → (decision, text)); returns how many were stored.

    A confirmed decision is left alone; an unconfirmed one is replaced, and counts as this reviewer's. Raises
    `Forbidden` for a user who may not, or a department that too few ballots rated, and `InvalidInput` for a
    text.
    """
    _reviewer(session, round, user)
    require_enough(session, round)
    comments = _comments(session, round, decisions)
    enough, names = well_rated(session, round), _names(session, round)
    kept: list[Comment] = []
    for comment in comments:
        decision, text = decisions[comment.id.hex()]
        if decision == Decision.RELEASE and names[comment.department] not in enough:
            raise Forbidden(CANNOT, threshold=round.threshold)
        if _keep(session, comment, user, decision, clean_text(text)):
            kept.append(comment)
    return _record(session, user, "comment.propose", round, kept)


def confirm(session: Session, round: Round, user: User, shown: Mapping[str, str]) -> int:
    """Confirm another reviewer's decisions (comment id in hex → the text this reviewer was shown); returns
    how many.

    Raises `Forbidden` for one's own, `Conflict` when a text was changed meanwhile; then none is confirmed.
    """
    _reviewer(session, round, user)
    require_enough(session, round)
    comments = _comments(session, round, shown)
    for comment in comments:
        release = session.get(CommentRelease, comment.id, with_for_update=True, populate_existing=True)
        text = clean_text(shown[comment.id.hex()])  # browsers send line ends as CR LF
        if release is None or release.confirmed_by is not None or release.text != text:
            raise Conflict(N_("有的意见刚刚被别人改过，一条也没有确认。"), remedy=N_("请看过之后再确认。"))
        if release.proposed_by == user.id:
            raise Forbidden(N_("自己提出的要由另一位评议员确认。"))
        release.confirmed_by = user.id
    return _record(session, user, "comment.confirm", round, comments)


def unmarked(
    session: Session, round: Round, texts: Mapping[str, str], *, unchanged: bool = False
) -> set[str]:
    """Ids among `texts` (id in hex → the text to be released) that one may decide together with others,
    without a choice for each: no rule finds anything in the comment now.

    `unchanged`: only those that are released word for word.
    """
    known = names_of_roster(session)
    return {
        key
        for comment in _comments(session, round, texts)
        if is_unmarked(comment.text, suggest(comment.text, known))
        and (clean_text(texts[key := comment.id.hex()]) == comment.text or not unchanged)
    }


def take_back(session: Session, round: Round, user: User, ids: Iterable[str]) -> int:
    """Delete decisions, confirmed or not; returns how many. What was published already stays published."""
    _reviewer(session, round, user)
    comments = _comments(session, round, ids)
    for comment in comments:
        release = session.get(CommentRelease, comment.id)
        if release is None:
            raise Conflict(N_("这条意见还没有处理过。"))
        session.delete(release)
    return _record(session, user, "comment.take_back", round, comments)


def released_texts(session: Session, round: Round) -> dict[str, list[ReleasedComment]]:
    """Released comments by department's name, sorted by text, each with its themes."""
    query = (
        select(Comment.department, CommentRelease.text)
        .join(CommentRelease, CommentRelease.comment_id == Comment.id)
        .where(Comment.round_id == round.id, CommentRelease.confirmed_by.is_not(None))
        .where(CommentRelease.decision == Decision.RELEASE)
    )
    names = _names(session, round)
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


def _comments(session: Session, round: Round, ids: Iterable[str]) -> Sequence[Comment]:
    """Comments with these ids (hex); raises `NotFound` for one of another round."""
    try:
        wanted = [bytes.fromhex(text) for text in ids]
    except ValueError:
        wanted = [b""]
    query = select(Comment).where(Comment.round_id == round.id, Comment.id.in_(wanted))
    found = session.scalars(query.order_by(Comment.id)).all()
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


def _names(session: Session, round: Round) -> list[str]:
    return [department.name for department in describe(session, round).questionnaire.departments]


def _reviewer(session: Session, round: Round, user: User) -> None:
    if user.role != Role.REVIEWER:
        raise Forbidden(N_("意见由评议员处理。"))
    round_people.require(session, round, user)


def _record(session: Session, user: User, action: str, round: Round, comments: Sequence[Comment]) -> int:
    """Record how many comments on each department were dealt with; returns how many in all."""
    names = _names(session, round)
    for place, count in sorted(Counter(comment.department for comment in comments).items()):
        record(session, actor=user, action=action, subject=round.slug, department=names[place], count=count)
    return len(comments)
