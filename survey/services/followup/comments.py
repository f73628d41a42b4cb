"""Texts of the comments of an opened round, each department by itself."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models import Comment, Round


def comments_of(session: Session, round: Round, department: int) -> list[str]:
    """Texts written about the department with index `department`, in the order of random keys."""
    query = select(Comment.text).where(Comment.round_id == round.id, Comment.department == department)
    return list(session.scalars(query.order_by(Comment.id)))
