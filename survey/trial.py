"""How a trial round is marked: in its title, which stands on every page and document, and in its address."""

from __future__ import annotations

from typing import TypedDict

from survey.errors import N_, InvalidInput

MARK = "（练习，不计入）"
PREFIX = "practice-"


class Marks(TypedDict):
    """What tells of a round whether it is a trial."""

    title: str
    slug: str


def is_marked(title: str) -> bool:
    """Whether the title is that of a trial round."""
    return title.startswith(MARK)


def marked(title: str) -> str:
    """`title` with the mark, once."""
    return MARK + unmarked(title)


def marks(title: str, slug: str, *, trial: bool) -> Marks:
    """Title and slug of a round from those that somebody entered: with the marks of a trial, or as they are.

    Raises `InvalidInput` for a real round that would be taken for a trial.
    """
    if trial:
        return Marks(title=marked(title), slug=slug if slug.startswith(PREFIX) else PREFIX + slug)
    if is_marked(title) or slug.startswith(PREFIX):
        raise InvalidInput(N_("“（练习，不计入）”开头的标题、“practice-”开头的网址名留给练习轮。"))
    return Marks(title=title, slug=slug)


def unmarked(title: str) -> str:
    return title.removeprefix(MARK).strip()
