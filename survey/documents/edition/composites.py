"""Tables of a published composite for documents."""

from collections.abc import Sequence

from survey.facts.publication import EditionComposite
from survey.language import gettext as _
from survey.wording import cells
from survey.wording.composites import other_scale
from survey.wording.names import in_a_row
from survey.wording.numbers import interval, rank_set, score, signed, signed_interval


def headings() -> tuple[str, ...]:
    """Headings of the columns of `rows`."""
    return (_("综合名次"), _("部门"), _("综合名次范围"), _("综合得分"), _("区间"), _("比平均"))


def note() -> str:
    """Note below the table of `rows`."""
    return in_a_row(other_scale(), cells.blank())


def rows(entry: EditionComposite, digits: int = 1) -> list[tuple[str, ...]]:
    """Table with one row a department, with the columns of `headings`."""
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


def moved_headings() -> tuple[str, ...]:
    """Headings of the columns of `moved`."""
    return (_("评议方"), _("部门"), _("影响"), _("区间"), _("没有它时"), _("综合名次"))


def moved(entry: EditionComposite) -> Sequence[tuple[str, ...]]:
    """Table of the shifts beyond chance that an electorate causes, with the columns of `moved_headings`."""
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
