"""What carries the statements, first and last, and grades, as sheets of a workbook."""

from typing import Any, Final

from survey.documents.ranking.workbook import AVERAGE, RankingWriter, WorkbookColumn, score_cell
from survey.parts import Part
from survey.wording.meeting import AGAINST, FRAGILE, against_line, at_least, how_known, standing

_CARRIED: Final = (
    WorkbookColumn("去掉几张选票不再成立", "Undone without … ballots", 22, "whole"),
    WorkbookColumn("至少要去掉几张", "No fewer than", 16, "whole"),
    WorkbookColumn("怎样知道", "How known", 18, "text"),
    WorkbookColumn("标记", "Mark", 10, "mark"),
)
_FALSIFIED: Final = (
    WorkbookColumn("几张选票改成最差答案不再成立", "Undone by … falsified", 30, "whole"),
    WorkbookColumn("怎样知道（改成最差答案）", "How known (falsified)", 24, "text"),
)
_COLUMNS: Final = (
    WorkbookColumn("部门", "Department", 34, "text"),
    WorkbookColumn("前几名", "First", 26, "text"),
    WorkbookColumn("后几名", "Last", 26, "text"),
    WorkbookColumn("等次", "Grade", 16, "text"),
    WorkbookColumn("修正运气后的得分", "Score corrected for luck", 13, "score"),
    WorkbookColumn("与平均相比", "Against average", 12, "text"),
    *_CARRIED,
    *_FALSIFIED,
    WorkbookColumn("与警戒线相比，去掉几张不再成立", "Against the line, undone without …", 34, "text"),
)
_PAIRS: Final = (
    WorkbookColumn("高的部门", "Higher", 34, "text"),
    WorkbookColumn("低的部门", "Lower", 34, "text"),
    *_CARRIED,
    *_FALSIFIED,
)


def write_meeting(writer: RankingWriter, meeting: Part) -> None:
    """The sheets of what carries the statements."""
    say = writer.say

    def carried(entry: Part | None) -> tuple[Any, ...]:
        if entry is None:
            return (None, None, "", "")
        known = how_known(at_least(entry), entry["removed"], entry["verified"], say)
        return (entry["removed"], at_least(entry), known, say(*FRAGILE) if entry["fragile"] else "")

    def falsified(entry: Part | None) -> tuple[Any, ...]:
        if entry is None:
            return (None, "")
        return (entry["falsified"], how_known(1, entry["falsified"], entry["falsified_verified"], say))

    def against(entry: Part | None) -> str:
        if entry is not None:
            return say(*AGAINST[entry["kind"]])
        return say(*AVERAGE["same"]) if meeting["least"] is not None and not meeting["omitted"] else "—"

    lines = (
        (
            entry["name"],
            standing(meeting, entry, "first", say),
            standing(meeting, entry, "last", say),
            say(entry["grade_zh"], entry["grade_en"]),
            score_cell(entry["corrected"], entry.get("corrected_bound", "")),
            against(entry["carried"]),
            *carried(entry["carried"]),
            *falsified(entry["carried"]),
            against_line(entry, say),
        )
        for entry in meeting["departments"]
    )
    writer.sheet(say("结论的稳固程度", "How firm"), _COLUMNS, lines)
    pairs = [(s["a"], s["b"], *carried(s), *falsified(s)) for s in meeting["fragile_pairs"]]
    if pairs:
        writer.sheet(say("易变的两两结论", "Fragile pairs"), _PAIRS, pairs)
