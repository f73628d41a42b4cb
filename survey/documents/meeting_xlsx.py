"""What carries the statements, first and last, and grades, as sheets of a workbook."""

from collections.abc import Mapping
from typing import Any, Final

from survey.documents.meeting_words import AGAINST, FRAGILE, standing
from survey.documents.ranking_xlsx import AVERAGE, Column, RankingWriter

Part = Mapping[str, Any]
_COLUMNS: Final = (
    Column("部门", "Department", 34, "text"),
    Column("前几名", "First", 26, "text"),
    Column("后几名", "Last", 26, "text"),
    Column("等次", "Grade", 16, "text"),
    Column("修正运气后的得分", "Score corrected for luck", 13, "score"),
    Column("与平均相比", "Against average", 12, "text"),
    Column("去掉几张选票不再成立", "Undone without … ballots", 22, "whole"),
    Column("几张选票改成最差答案不再成立", "Undone by … falsified", 30, "whole"),
    Column("重算核实", "Verified", 10, "mark"),
    Column("标记", "Mark", 10, "mark"),
)
_PAIRS: Final = (
    Column("高的部门", "Higher", 34, "text"),
    Column("低的部门", "Lower", 34, "text"),
    Column("去掉几张选票不再成立", "Undone without … ballots", 22, "whole"),
    Column("几张选票改成最差答案不再成立", "Undone by … falsified", 30, "whole"),
    Column("重算核实", "Verified", 10, "mark"),
)


def write_meeting(writer: RankingWriter, meeting: Part) -> None:
    """The sheets of what carries the statements."""
    yes = writer.say("是", "yes")
    mark = writer.say(*FRAGILE)

    def statement(entry: Part) -> tuple[Any, ...]:
        carried = entry["carried"]
        if carried is None:
            looked_at_all = meeting["least"] is not None and not meeting["omitted"]
            return (writer.say(*AVERAGE["same"]) if looked_at_all else "—", None, None, "", "")
        known = yes if carried["verified"] else ""
        told = mark if carried["fragile"] else ""
        against = writer.say(*AGAINST[carried["kind"]])
        return (against, carried["removed"], carried["falsified"], known, told)

    lines = (
        (
            entry["name"],
            standing(meeting, entry, "first", writer.say),
            standing(meeting, entry, "last", writer.say),
            writer.say(entry["grade_zh"], entry["grade_en"]),
            entry["corrected"],
            *statement(entry),
        )
        for entry in meeting["departments"]
    )
    writer.sheet(writer.say("结论的稳固程度", "How firm"), _COLUMNS, lines)
    pairs = [
        (s["a"], s["b"], s["removed"], s["falsified"], yes if s["verified"] else "")
        for s in meeting["fragile_pairs"]
    ]
    if pairs:
        writer.sheet(writer.say("易变的两两结论", "Fragile pairs"), _PAIRS, pairs)
