"""Sheet of how much each electorate contributed to a composite, and changed its scores."""

from typing import Final

from msgspec import convert

from analysis.electorates.composite import Composite
from survey.documents.ranking.workbook import RankingWriter, WorkbookColumn
from survey.errors import N_
from survey.facts.composite import CompositeFacts
from survey.facts.publication import EditionComposite
from survey.language import gettext as _

_MOVES: Final = (
    WorkbookColumn(N_("评议方"), 20, "text"),
    WorkbookColumn(N_("权重"), 9, "share"),
    WorkbookColumn(N_("部门"), 30, "text"),
    WorkbookColumn(N_("贡献（分）"), 12, "score"),
    WorkbookColumn(N_("对综合得分的影响"), 13, "score"),
    WorkbookColumn(N_("区间下限"), 11, "score"),
    WorkbookColumn(N_("区间上限"), 11, "score"),
    WorkbookColumn(N_("校正 p 值"), 12, "probability"),
    WorkbookColumn(N_("结论"), 20, "text"),
    WorkbookColumn(N_("没有它时的名次"), 10, "whole"),
    WorkbookColumn(N_("综合名次"), 10, "whole"),
)


def write_electorates(writer: RankingWriter, found: Composite) -> None:
    """Write the sheet with each electorate's contribution and shift for each department of the composite."""
    write_moves(writer, convert(found.beside(), CompositeFacts), _("各方影响"))


def write_moves(writer: RankingWriter, found: CompositeFacts | EditionComposite, sheet: str) -> None:
    """Write the sheet called `sheet` with each electorate's contribution and shift, from a composite as it is
    stored or published."""
    weight = {e.name: e.weight for e in found.electorates}
    verdicts = {"up": _("升高"), "down": _("降低"), "same": _("不能区分")}
    rows = (
        (
            m.electorate,
            weight[m.electorate],
            m.department,
            m.contribution,
            m.shift,
            *m.ci,
            m.p_adjusted,
            verdicts[m.direction],
            m.rank_without,
            m.rank,
        )
        for m in found.moves
    )
    writer.sheet(sheet, _MOVES, rows)
