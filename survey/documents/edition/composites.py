"""Tables of a published composite for documents."""

from collections.abc import Sequence
from typing import Final

from survey.facts.publication import EditionComposite
from survey.wording import cells
from survey.wording.composites import other_scale
from survey.wording.numbers import interval, rank_set, score, signed, signed_interval

HEADINGS: Final = ("综合名次", "部门", "综合名次范围", "综合得分", "区间", "比平均")
MOVED: Final = ("评议方", "部门", "影响", "区间", "没有它时", "综合名次")


def note() -> str:
    """Note below the table of `rows`."""
    return other_scale() + cells.blank()


def rows(entry: EditionComposite, digits: int = 1) -> list[tuple[str, ...]]:
    """Table with one row a department, with the columns of `HEADINGS`."""
    return [
        (
            str(d.rank),
            d.name,
            rank_set(d.rank_set),
            score(d, digits),
            interval(d.ci, digits),
            cells.marked(d.vs_average),
        )
        for d in entry.ranking.departments
    ]


def moved(entry: EditionComposite) -> Sequence[tuple[str, ...]]:
    """Table of the shifts beyond chance that an electorate causes, with the columns of `MOVED`."""
    return [
        (
            m.electorate,
            m.department,
            signed(m.shift),
            signed_interval(m.ci),
            str(m.rank_without),
            str(m.rank),
        )
        for m in entry.moves
        if m.direction != "same"
    ]
