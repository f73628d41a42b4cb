"""Section of the report on what the ranking assumes, and on the tests of it by stratum."""

from __future__ import annotations

from collections.abc import Iterator

from survey.documents.edition.content import Edition
from survey.documents.edition.report_blocks import Block, heading, items, paragraphs
from survey.language import gettext as _
from survey.wording import premises


def premise_blocks(edition: Edition) -> Iterator[Block]:
    """Blocks of the section on assumptions; editions from before the tests have only the list."""
    yield heading(_("前提"), 2)
    yield from items(premises.assumed())
    yield from paragraphs(premises.tested(edition.facts))
