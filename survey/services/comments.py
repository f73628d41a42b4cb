"""Comments of an opened round, per department; nothing says which of them share a ballot."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models import Comment, Round


def comments_of(session: Session, round: Round) -> dict[int, list[str]]:
    """Comments by the department's index in the questionnaire, each list in its characters' order.

    Sorted by content: an order that says nothing about who wrote when.
    """
    query = select(Comment.department, Comment.text).where(Comment.round_id == round.id)
    found: dict[int, list[str]] = {}
    for department, text in session.execute(query.order_by(Comment.department, Comment.text)):
        found.setdefault(department, []).append(text)
    return found
