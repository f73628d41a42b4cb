"""What the ranking of the report assumes, and what the declared facts say of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analysis.assumptions.sentences import premises
from survey.documents.edition.content import Edition
from survey.documents.edition.report_blocks import Block, heading, items, paragraphs


def premise_blocks(edition: Edition) -> Iterator[Block]:
    """A section of the chapter on method; editions from before the tests have the list alone."""
    yield heading("前提", 2)
    yield from items(premises("zh"))
    yield from paragraphs(list(_tested(edition.facts.get("assumptions"))))


def _tested(part: dict[str, Any] | None) -> Iterator[str]:
    if not part:
        return
    additivity = part["additivity"]
    if not additivity["possible"]:
        yield additivity["reason_zh"]
    elif additivity["rejected"]:
        yield additivity["note_zh"]
    else:
        strata = "、".join(one["stratum"] for one in additivity["strata"])
        yield f"按{strata}检验，没有发现各类企业对部门高低的看法不同。"
    for one in part["standardised"]:
        if one["possible"]:
            yield f"{one['stratum']}：{one['summary_zh']}"
