"""What each electorate of a composite moved, as a sheet."""

from collections.abc import Mapping
from typing import Any, Final

from analysis.electorates.composite import Composite
from survey.documents.ranking.workbook import AVERAGE, RankingWriter, WorkbookColumn

_MOVES: Final = (
    WorkbookColumn("评议方", "Electorate", 20, "text"),
    WorkbookColumn("权重", "Weight", 9, "share"),
    WorkbookColumn("部门", "Department", 30, "text"),
    WorkbookColumn("贡献（分）", "Contribution", 12, "score"),
    WorkbookColumn("对综合得分的影响", "Shift of the composite", 13, "score"),
    WorkbookColumn("区间下限", "Interval from", 11, "score"),
    WorkbookColumn("区间上限", "Interval to", 11, "score"),
    WorkbookColumn("校正 p 值", "Adjusted p", 12, "probability"),
    WorkbookColumn("结论", "Verdict", 20, "text"),
    WorkbookColumn("没有它时的名次", "Rank without it", 10, "whole"),
    WorkbookColumn("综合名次", "Composite rank", 10, "whole"),
)


def write_electorates(writer: RankingWriter, found: Composite) -> None:
    """The sheet of every electorate's part in every department's composite."""
    write_moves(writer, found.beside(), writer.say("各方影响", "Electorates"))


def write_moves(writer: RankingWriter, found: Mapping[str, Any], sheet: str) -> None:
    """The same of a composite as it was kept or published."""
    weight = {e["name"]: e["weight"] for e in found["electorates"]}
    verdicts = {"up": ("升高", "lifted"), "down": ("降低", "lowered"), "same": AVERAGE["same"]}
    rows = (
        (
            m["electorate"],
            weight[m["electorate"]],
            m["department"],
            m["contribution"],
            m["shift"],
            *m["ci"],
            m["p_adjusted"],
            writer.say(*verdicts[m["direction"]]),
            m["rank_without"],
            m["rank"],
        )
        for m in found["moves"]
    )
    writer.sheet(sheet, _MOVES, rows)
