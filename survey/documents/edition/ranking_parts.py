"""Ranking table and other parts that official documents share."""

from collections.abc import Sequence
from typing import Final, Literal

from analysis.ranking.reading import MOST_WITH_TIERS, tiers_rule
from survey.documents.edition.content import Edition
from survey.documents.layout.official_docx import OfficialDocument, OfficialText
from survey.facts.ranking import GroupRankingFacts, RankedDepartment, RankingFacts
from survey.language import current_language
from survey.language import gettext as _
from survey.wording import cells, editions
from survey.wording.names import class_name, in_a_row
from survey.wording.numbers import interval, rank_set, score, whole
from survey.wording.ranking import reading

WIDTHS: Final = (15, 45, 22, 14, 18, 28, 14)
GROUP_WIDTHS: Final = (20, 68, 28, 22, 18)
SCORES: Final = slice(4, 6)  # where the score and its interval stand in a row
Order = Literal["", "类内", "总"]
NUMERALS: Final = "一二三四五六七八九十"
_MOST_LETTERS: Final = 8


def headings(departments: Sequence[RankedDepartment], order: Order = "") -> tuple[str, ...]:
    """Headings of the columns of `ranking_rows`; `order` names the order where the document has two."""
    rank, ranks, average = {
        "": (_("名次"), _("名次范围"), _("比平均")),
        "类内": (_("类内名次"), _("类内名次范围"), _("比类内平均")),
        "总": (_("总名次"), _("总名次范围"), _("比平均")),
    }[order]
    fourth = _("档次") if _has_tiers(departments) else average
    return (rank, _("部门"), ranks, fourth, _("校正得分"), _("联合区间"), _("评议数"))


def group_table(departments: Sequence[RankedDepartment]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Headings and rows of a ranking within a group, without scores, which are on another scale than the
    document's."""
    head, rows = headings(departments, "类内"), ranking_rows(departments, 1)
    return _without_scores(head), [_without_scores(row) for row in rows]


def _without_scores(row: tuple[str, ...]) -> tuple[str, ...]:
    return row[: SCORES.start] + row[SCORES.stop :]


def ranking_rows(departments: Sequence[RankedDepartment], digits: int) -> list[tuple[str, ...]]:
    """Table with one row a department; the count is empty in a combined ranking.

    Where tiers are too many to read, the verdict against the average stands in their column.
    """
    tiers = _has_tiers(departments)
    return [
        (
            str(d.rank),
            d.name,
            rank_set(d.rank_set),
            d.tier if tiers else cells.marked(d.vs_average),
            score(d, digits),
            interval(d.ci, digits),
            "" if d.n is None else whole(d.n),
        )
        for d in departments
    ]


def tier_note(departments: Sequence[RankedDepartment]) -> str:
    """Note below a table of `ranking_rows`, on how to read it."""
    if _has_tiers(departments):
        return reading(tiers_rule((d.component for d in departments), "letters"))
    return in_a_row(cells.blank(), reading("pairs"))


def shown_groups(ranking: RankingFacts) -> Sequence[GroupRankingFacts]:
    """Groups with a table of their own in a document; none where a single one holds all departments."""
    groups = [group for group in ranking.groups if group.departments]
    return groups if 1 < len(groups) < len(NUMERALS) else []


def write_tables(document: OfficialText, ranking: RankingFacts, digits: int) -> None:
    """Write the tables of `shown_groups`, then that of all departments; `digits`: decimals of scores."""
    some = shown_groups(ranking)
    for place, group in enumerate(some):
        document.heading(_second(place) + _("%(group)s部门", group=class_name(group.name)), level=2)
        document.table(*group_table(group.departments), GROUP_WIDTHS)
        document.small(tier_note(group.departments))
    if some:
        document.heading(_second(len(some)) + _("全部部门"), level=2)
    head = headings(ranking.departments, "总" if some else "")
    document.table(head, ranking_rows(ranking.departments, digits), WIDTHS)
    document.small(tier_note(ranking.departments))


def numeral(place: int) -> str:
    """Number of the section at `place`, from 0."""
    return f"{place + 1}. " if current_language() == "en" else f"{NUMERALS[place]}、"


def _second(place: int) -> str:
    return f"({place + 1}) " if current_language() == "en" else f"（{NUMERALS[place]}）"


def _has_tiers(departments: Sequence[RankedDepartment]) -> bool:
    few = len(departments) <= MOST_WITH_TIERS
    return few and all(len(d.tier) <= _MOST_LETTERS for d in departments)


class Sections:
    """Writer of numbered sections (一、, 二、 …) into a document."""

    def __init__(self, document: OfficialDocument) -> None:
        self._document = document
        self._count = 0

    def begin(self, title: str) -> None:
        self._document.heading(numeral(self._count) + title)
        self._count += 1

    def write(self, title: str, paragraphs: Sequence[str]) -> None:
        """Write a section of these paragraphs; nothing, if there are none."""
        if paragraphs:
            self.begin(title)
            for text in paragraphs:
                self._document.paragraph(text)


def write_proof(document: OfficialDocument, sections: Sections, edition: Edition) -> None:
    """Write the section with the digests by which the document can be checked."""
    sections.begin(_("核对信息"))
    document.paragraph(editions.digests(edition.number))
    document.digest(_("公布内容"), edition.digest)
    document.digest(_("校验根"), edition.facts.counts.merkle_root or _("未知"))
    document.digest(_("评分摘要"), edition.round.digest)
    if edition.log is not None:
        document.digest(_("操作日志第 %(number)s 条", number=edition.log[0]), edition.log[1])
    for sentence in edition.collecting_sentences:
        document.paragraph(sentence)
