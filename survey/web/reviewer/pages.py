"""The reviewers' desk: its pages, one module a subject."""

from survey.web.desks import closing_record
from survey.web.reviewer import (
    comments,
    composites,
    documents,
    indicators,
    keys,
    opening,
    overview,
    problems,
    publication,
    ranking,
    rounds,
)
from survey.web.site.blueprints import review as blueprint

__all__ = [
    "blueprint",
    "closing_record",
    "comments",
    "composites",
    "documents",
    "indicators",
    "keys",
    "opening",
    "overview",
    "problems",
    "publication",
    "ranking",
    "rounds",
]
