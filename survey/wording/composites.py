"""Sentences on a composite (several electorates as one index); numbers and verdicts stand in the tables."""

from __future__ import annotations

from collections.abc import Iterator

from survey.facts.base import Impossible, in_language
from survey.facts.publication import CompositeResult, EditionComposite
from survey.language import current_language
from survey.language import gettext as _
from survey.wording.names import listed
from survey.wording.numbers import day


def title(entry: EditionComposite) -> str:
    """Heading of the section on a composite."""
    return _("综合得分：%(name)s", name=entry.name)


def told(entry: EditionComposite) -> Iterator[str]:
    """Sentences on how the composite was put together, then the analysis' own summary, line by line."""
    yield _(
        "“%(name)s”的权重于%(day)s、各轮截止之前定下（操作日志第 %(number)s 条）：%(shares)s；"
        "合成的轮次是%(rounds)s。",
        name=entry.name,
        day=day(entry.fixed_on),
        number=entry.event,
        shares=listed([f"{part.name} {part.weight:g}%" for part in entry.parts]),
        rounds=listed([_("“%(name)s”", name=part.title) for part in entry.parts if part.title]),
    )
    yield from in_language(current_language(), entry.summary_zh, entry.summary_en).splitlines()


def worked_out(result: CompositeResult | Impossible) -> list[str]:
    """Summary of a stored composite, line by line, or the reason why it could not be worked out."""
    told = result.summary if result.possible else result.reason
    return told(current_language()).splitlines()


def other_scale() -> str:
    return _("综合得分和本轮的校正得分不是一把尺子，两处的得分和名次不能互比。")


def moved() -> str:
    """Sentence that explains the table of how much each electorate changed the composite scores."""
    return _("有这一方与没有这一方的综合得分之差，只列超出偶然的；名次为点估计。")


def nothing_moved() -> str:
    return _("各方的看法没有超出偶然的差别。")


def contributed() -> str:
    """Sentence that explains the table of contributions."""
    return _("这一方的得分高出各部门平均多少，乘以权重，是它对综合得分的贡献；只是点估计。")


def lacking(part: str, names: list[str]) -> str:
    """Sentence that names the departments left out of a composite because the electorate `part` does not have
    them."""
    return _(
        "没有参加综合排名：%(names)s。“%(part)s”里没有这些部门，与票数无关。", part=part, names=listed(names)
    )


def sure(level: str) -> str:
    """Sentence on the joint confidence of a composite's table; `level`: as text, such as 95%."""
    return _("名次范围和区间，连同与平均的比较，同时成立的把握不低于 %(level)s。", level=level)
