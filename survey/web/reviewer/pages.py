"""Reviewers' pages: importing this module registers the views, one module a subject."""

from survey.web.reviewer import (
    comments,
    composites,
    departments,
    documents,
    indicators,
    keys,
    opening,
    overview,
    paper,
    problem_steps,
    problems,
    publication,
    ranking,
    rounds,
    telephone,
    template,
)
from survey.web.site.blueprints import review as blueprint
from survey.web.staff import closing_record

__all__ = [
    "blueprint",
    "closing_record",
    "comments",
    "composites",
    "departments",
    "documents",
    "indicators",
    "keys",
    "opening",
    "overview",
    "paper",
    "problem_steps",
    "problems",
    "publication",
    "ranking",
    "rounds",
    "telephone",
    "template",
]
