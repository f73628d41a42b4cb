"""Sheets for the meeting: how many ballots the statements rest on, first and last places, grades."""

from typing import Final

from survey.documents.ranking.method import Cell
from survey.documents.ranking.workbook import RankingWriter, WorkbookColumn, score_cell
from survey.errors import N_
from survey.facts.meeting import CarriedStatement, MeetingFacts
from survey.language import gettext as _
from survey.wording.cells import against_average
from survey.wording.meeting import against_line, at_least, fragile, grade, how_known, kind, standing
from survey.wording.numbers import NONE

_CARRIED: Final = (
    WorkbookColumn(N_("去掉几张选票不再成立"), 22, "whole"),
    WorkbookColumn(N_("至少要去掉几张"), 16, "whole"),
    WorkbookColumn(N_("怎样知道"), 18, "text"),
    WorkbookColumn(N_("标记"), 10, "mark"),
)
_FALSIFIED: Final = (
    WorkbookColumn(N_("几张选票改成最差答案不再成立"), 30, "whole"),
    WorkbookColumn(N_("怎样知道（改成最差答案）"), 24, "text"),
)
_COLUMNS: Final = (
    WorkbookColumn(N_("部门"), 34, "text"),
    WorkbookColumn(N_("前几名"), 26, "text"),
    WorkbookColumn(N_("后几名"), 26, "text"),
    WorkbookColumn(N_("等次"), 16, "text"),
    WorkbookColumn(N_("修正运气后的得分"), 13, "score"),
    WorkbookColumn(N_("与平均相比"), 12, "text"),
    *_CARRIED,
    *_FALSIFIED,
    WorkbookColumn(N_("与警戒线相比，去掉几张不再成立"), 34, "text"),
)
_PAIRS: Final = (
    WorkbookColumn(N_("高的部门"), 34, "text"),
    WorkbookColumn(N_("低的部门"), 34, "text"),
    *_CARRIED,
    *_FALSIFIED,
)


def write_meeting(writer: RankingWriter, meeting: MeetingFacts) -> None:
    """Write the sheets from the part "meeting" of a ranking."""

    def carried(entry: CarriedStatement | None) -> tuple[Cell, ...]:
        if entry is None:
            return (None, None, "", "")
        known = how_known(at_least(entry), entry.removed, verified=entry.verified)
        return (entry.removed, at_least(entry), known, fragile() if entry.fragile else "")

    def falsified(entry: CarriedStatement | None) -> tuple[Cell, ...]:
        if entry is None:
            return (None, "")
        return (entry.falsified, how_known(1, entry.falsified, verified=entry.falsified_verified))

    def against(entry: CarriedStatement | None) -> str:
        if entry is not None:
            return kind(entry.kind)
        looked_at = meeting.least is not None and not meeting.omitted
        return against_average("same") if looked_at else NONE

    lines = (
        (
            entry.name,
            standing(meeting, entry, "first"),
            standing(meeting, entry, "last"),
            grade(entry),
            score_cell(entry.corrected, entry.corrected_bound or ""),
            against(entry.carried),
            *carried(entry.carried),
            *falsified(entry.carried),
            against_line(entry),
        )
        for entry in meeting.departments
    )
    writer.sheet(_("结论的稳固程度"), _COLUMNS, lines)
    pairs = [(s.a, s.b, *carried(s), *falsified(s)) for s in meeting.fragile_pairs]
    if pairs:
        writer.sheet(_("易变的两两结论"), _PAIRS, pairs)
