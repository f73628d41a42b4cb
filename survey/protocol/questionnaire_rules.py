"""Validity rules of a questionnaire as a whole."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from survey.errors import N_, InvalidInput

if TYPE_CHECKING:
    from survey.protocol.questionnaire import Questionnaire

MOST_COMMENT_BYTES = 65_536


def check(questionnaire: Questionnaire) -> None:
    """Raise `InvalidInput` for a questionnaire that cannot be asked or evaluated."""
    levels = questionnaire.scale.levels
    if not questionnaire.items:
        raise InvalidInput(N_("至少要有一个指标。"))
    if len(levels) not in (3, 5):
        raise InvalidInput(N_("评价等级应为 3 级或 5 级，现在是 %(count)s 级。"), count=len(levels))
    if any(a.points <= b.points for a, b in pairwise(levels)):
        raise InvalidInput(N_("评价等级的分值应从高到低排列。"))
    if questionnaire.comment_chars < 1 or not 0 < questionnaire.comment_bytes <= MOST_COMMENT_BYTES:
        raise InvalidInput(
            N_("意见的字数和总字节数应大于 0，总字节数不超过 %(most)s。"), most=MOST_COMMENT_BYTES
        )
    lines = questionnaire.scale.grade_lines
    if len(lines) != 3 or any(not 0 < at < 100 for at in lines) or any(a <= b for a, b in pairwise(lines)):
        raise InvalidInput(N_("等次线应是 0 到 100 之间从高到低的三个数，如 90、80、70。"))
    if not 0 < questionnaire.scale.satisfied <= len(levels):
        raise InvalidInput(N_("计入满意率的等级数应在 1 到 %(count)s 之间。"), count=len(levels))
    if (
        sum(item.weight for item in questionnaire.items) <= 0
        or min(i.weight for i in questionnaire.items) < 0
    ):
        raise InvalidInput(N_("指标权重不能为负，也不能全为零。"))
    if sum(item.overall for item in questionnaire.items) > 1:
        raise InvalidInput(N_("总体评价指标最多一个。"))
    departments = questionnaire.departments
    _check_distinct(N_("部门“%(name)s”重复。"), [d.name for d in departments])
    _check_distinct(N_("部门的英文名“%(name)s”重复。"), [d.name_en for d in departments if d.name_en])
    _check_distinct(N_("指标“%(name)s”重复。"), [i.name for i in questionnaire.items])
    if any(len(s.options) != len(s.options_en) or len(s.options) > 254 for s in questionnaire.strata):
        raise InvalidInput(N_("分层选项的中英文个数应当相同，且不超过 254 个。"))


def _check_distinct(message: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise InvalidInput(message, name=name)
