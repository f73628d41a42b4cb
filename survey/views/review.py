"""The reviewers' desk: its pages, one module a subject."""

from survey.views import (
    closing_record,
    review_comments,
    review_composites,
    review_documents,
    review_indicators,
    review_keys,
    review_opening,
    review_overview,
    review_problems,
    review_publication,
    review_results,
    review_rounds,
)
from survey.views.desks import review as blueprint

__all__ = [
    "blueprint",
    "closing_record",
    "review_comments",
    "review_composites",
    "review_documents",
    "review_indicators",
    "review_keys",
    "review_opening",
    "review_overview",
    "review_problems",
    "review_publication",
    "review_results",
    "review_rounds",
]
