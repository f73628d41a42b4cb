"""What the ranking of the report assumes, and what the declared facts say of it."""

from __future__ import annotations

from collections.abc import Iterator

from survey.documents.edition.content import Edition
from survey.documents.edition.report_blocks import Block, heading, items, paragraphs
from survey.wording import premises


def premise_blocks(edition: Edition) -> Iterator[Block]:
    """A section of the chapter on method; editions from before the tests have the list alone."""
    yield heading("前提", 2)
    yield from items(premises.assumed())
    yield from paragraphs(premises.tested(edition.facts))
