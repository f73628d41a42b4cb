"""Chapters of the evaluation report that come before those on single departments."""

from collections.abc import Iterator, Mapping, Sequence

from survey.documents.edition import composites
from survey.documents.edition.content import Edition
from survey.documents.edition.ranking_parts import (
    Order,
    group_table,
    headings,
    ranking_rows,
    tier_note,
)
from survey.documents.edition.report_blocks import (
    UNDER_HEADINGS_MM,
    Block,
    heading,
    items,
    note,
    paged,
    paragraphs,
    picture,
    table,
)
from survey.facts.items import AgainstGroup, ItemFacts
from survey.facts.publication import EditionComposite
from survey.facts.ranking import RankedDepartment
from survey.facts.response import OptionFacts
from survey.language import current_language
from survey.language import gettext as _
from survey.wording import cautions, meeting, method, respondents
from survey.wording import composites as composite_words
from survey.wording import ranking as ranking_words
from survey.wording import round as words
from survey.wording.cautions import left_out
from survey.wording.names import class_name, in_a_row
from survey.wording.numbers import (
    bound_note,
    percent,
    points,
    satisfaction,
    signed,
    signed_interval,
    whole,
)

Pictures = Mapping[str, bytes]
MOST_BELOW = 30
_HALF_PAGE_MM = 110
# Of more departments the report keeps to a line each, and leaves the rest to letters and workbook.
MANY = 32
# A longer name takes a second line of its card and of most tables, and counts for two.
_LONG_NAME = 20
_GROUP_WIDTHS = (1.1, 3, 1.4, 1.2, 0.9)
_RANKING_WIDTHS = (0.8, 3, 1.1, 0.8, 1.1, 1.5, 0.9)
_NARROW_WIDTHS = (15, 11.5, 13.5, 16, 10.5)


def is_many(edition: Edition) -> bool:
    """Whether the edition has so many departments that the report gives each only a row."""
    return sum(1 + (_width(profile.name) > _LONG_NAME) for profile in edition.profiles) > MANY


def name_share(names: Sequence[str]) -> float:
    """Width in mm of a column of names in 8 points: 30 characters stay on one line."""
    return min(87.5, max(40.0, 3 + 2.83 * max(map(_width, names), default=0)))


def _width(name: str) -> float:
    """Width in Chinese characters, of which a Latin letter takes less than half."""
    return len(name) if current_language() == "zh" else 0.46 * len(name)


def summary(edition: Edition) -> Iterator[Block]:
    """Blocks of the chapter with everything that is certain, on one page."""
    yield heading(_("一、提要"))
    ranking = edition.facts.ranking
    yield from paragraphs([respondents.counted(edition.facts.counts, ranking)])
    if not edition.ranked:
        yield from paragraphs(ranking.notes)
        return
    told = [*ranking_words.certain(ranking), *words.line(edition.facts), *meeting.sentences(ranking)]
    told += (words.change_of(part) for part in edition.facts.changes[:1] if part.possible)
    yield from items(told)
    noted = [*cautions.cautions(ranking), *cautions.remarks(edition.facts)]
    if noted:
        yield heading(cautions.heading(), 2)
        yield from items(noted)
    yield heading(_("怎样读这份报告"), 2)
    yield from items(method.how_to_read())


def response(edition: Edition) -> Iterator[Block]:
    """Blocks of the chapter on who answered, compared with the roster."""
    yield heading(_("二、回收情况"))
    yield from paragraphs(
        [
            respondents.counted(edition.facts.counts, edition.facts.ranking),
            *respondents.response(edition.facts),
        ]
    )
    part = edition.facts.response
    for stratum in part.strata if part.possible else ():
        yield table(
            (_("类别"), _("名录企业数"), _("占名录"), _("选票数"), _("占答卷")),
            [_option(option) for option in stratum.options],
            (2, 1, 1, 1.4, 1),
            caption=_(
                "按%(stratum)s：答卷与名录（占答卷按写有这一项的答卷算；“—”为少于公布门槛或者能被推算，不公布）",
                stratum=stratum.name,
            ),
            aligns="lrrrr",
        )  # fmt: skip
    yield heading(_("按名录加权的试算"), 2)
    yield from paragraphs(respondents.weighting(edition.facts))


def _option(o: OptionFacts) -> tuple[str, ...]:
    shares = (percent(o.roster_share), percent(o.share))
    ballots = whole(o.ballots) + (_("（多于名录）") if respondents.is_crowded(o) else "")
    return (o.option, whole(o.roster), shares[0], ballots, shares[1])


def ranking(edition: Edition, pictures: Pictures) -> Iterator[Block]:
    """Blocks of the chapter with the rankings within groups and overall, and the chart."""
    yield heading(_("三、排名"))
    yield note(method.certainty(edition.facts.ranking.level))
    if edition.group_parts:
        yield note(method.two_orders())
    for part in edition.group_parts:
        yield heading(_("%(group)s部门", group=class_name(part.name)), 2)
        yield note(tier_note(part.departments), sticky=True)
        yield table(*group_table(part.departments), _GROUP_WIDTHS, aligns="clccr", size=8.5, inset=1.05)
    yield heading(_("全部部门"), 2)
    order: Order = "总" if edition.group_parts else ""
    yield from _ranking_table(edition.ranked, edition.digits, many=is_many(edition), order=order)
    yield from _firmness(edition)
    if few := ranking_words.not_ranked(edition.facts.ranking):
        yield from paragraphs([ranking_words.excluded(), *(f"{names}{_('：')}{why}" for names, why in few)])
    yield from paged(pictures, "ranking-overall.svg", "ranking-a4-", _("全部部门的排名"))
    for entry in edition.composites:
        yield from _composite(entry, edition.digits)


def _composite(entry: EditionComposite, digits: int) -> Iterator[Block]:
    """Blocks on a composite, and on what each electorate moved."""
    yield heading(composite_words.title(entry), 2)
    yield from items(composite_words.told(entry))
    yield note(composites.note(), sticky=True)
    found = composites.rows(entry, digits)
    yield table(composites.headings(), found, (1, 3, 1.3, 1, 1.4, 0.8), aligns="clcrcc", size=8.5, inset=1.05)
    if moved := composites.moved(entry):
        yield note(composite_words.moved(), sticky=True)
        yield table(
            composites.moved_headings(),
            moved,
            (1.4, 3, 0.9, 1.8, 1, 1),
            aligns="llrccc",
            size=8.5,
            inset=1.05,
        )


def _ranking_table(
    departments: Sequence[RankedDepartment],
    digits: int,
    *,
    many: bool,
    counts: bool = True,
    order: Order = "",
) -> Iterator[Block]:
    head, rows = headings(departments, order), ranking_rows(departments, digits)
    names = [department.name for department in departments]
    widths = (8, name_share(names), *_NARROW_WIDTHS) if many else _RANKING_WIDTHS
    last = None if counts else -1
    kept = [row[:last] for row in rows]
    size, inset, side = (8.0, 0.95, 1.0) if many else (9.0, 1.35, 1.6)
    aligns = "clccrcr"[:last]
    yield note(tier_note(departments), sticky=True)
    yield table(head[:last], kept, widths[:last], aligns=aligns, size=size, inset=inset, side=side)


def _firmness(edition: Edition) -> Iterator[Block]:
    """Blocks on how many ballots the verdicts on each department rest on, and on grades."""
    part = edition.facts.ranking.meeting
    if part is None or is_many(edition):
        return
    yield heading(_("结论的稳固程度与等次"), 2)
    yield from paragraphs([meeting.explained()])
    yield table(meeting.headings(), meeting.rows(part), (3, 1.6, 1.2, 1.1, 1.4, 1.2, 1.6), aligns="llllrrl")


def resolution(edition: Edition, pictures: Pictures) -> Iterator[Block]:
    """Blocks of the chapter on which differences the round can tell apart."""
    yield heading(_("四、能分辨到什么程度"))
    yield from paragraphs([ranking_words.resolution(edition.facts.ranking), *words.resolution(edition.facts)])
    yield from paged(pictures, "pairs.svg", "pairs-a4-", _("两两比较：哪些部门分得出高低"))


def item_scores(edition: Edition, pictures: Pictures) -> Iterator[Block]:
    """Blocks of the chapter on items: over all departments, by department, and those certainly below the
    group's average."""
    yield heading(_("五、各项指标"))
    yield from paragraphs(words.item_ends(edition.facts))
    rows = [(i.name, whole(i.n), points(i.mean), satisfaction(i)) for i in edition.facts.items]
    yield table((_("指标"), _("评分数"), _("平均分"), _("满意率")), rows, (3, 1, 1, 1), aligns="lrrr")
    if said := in_a_row(left_out(edition.facts), bound_note(edition.facts.items)):
        yield note(said)
    below = words.items_below(edition.profiles)
    yield heading(_("确定低于同类部门平均的指标"), 2)
    shown = below[:MOST_BELOW]
    yield from paragraphs([words.items_below_told(len(below), len(shown))])
    if shown:
        yield _below(shown)
    yield from picture("items.svg", pictures.get("items.svg"), _("各部门各项指标的平均分"))


def _below(shown: list[tuple[str, ItemFacts, AgainstGroup]]) -> Block:
    rows = [
        (name, item.name, points(item.mean), signed(gap.difference),
         signed_interval(gap.ci))
        for name, item, gap in shown
    ]  # fmt: skip
    head = (_("部门"), _("指标"), _("平均分"), _("与同类平均之差"), _("区间"))
    return table(head, rows, (3, 1.5, 1, 1.4, 1.7), aligns="llrrc")


def importance(edition: Edition, pictures: Pictures) -> Iterator[Block]:
    """Blocks of the chapter on the importance of items for the overall rating."""
    yield heading(_("六、企业看重什么"))
    yield from paragraphs([words.summary(edition.facts.drivers)])
    if "importance.svg" in pictures:
        text = _("各项指标的重要性与得分")
        yield from picture("importance.svg", pictures.get("importance.svg"), text, _HALF_PAGE_MM)


def treatment(edition: Edition, pictures: Pictures) -> Iterator[Block]:
    """Blocks of the chapter on whether kinds of enterprises rate departments differently."""
    yield heading(_("七、不同企业的评价"))
    number = 0
    for part in edition.facts.treatment:
        yield heading(_("按%(stratum)s", stratum=part.stratum), 2)
        yield from paragraphs([words.summary(part)])
        if not part.possible:
            continue
        number += 1
        told = [d for d in part.differences if d.direction != "same"]
        if told:
            rows = [(d.department, d.first, d.second, signed(d.difference), signed_interval(d.ci)) for d in told]  # noqa: E501  # fmt: skip
            head = (_("部门"), _("甲类"), _("乙类"), _("甲减乙"), _("区间"))
            yield table(head, rows, (3, 1.2, 1.2, 1, 1.7), aligns="lccrc")
        file = f"treatment-{number}.svg"
        if len(part.groups) == 2 and told:
            text = _("按%(stratum)s比较各部门的相对评价", stratum=part.stratum)
            yield from picture(file, pictures.get(file), text, UNDER_HEADINGS_MM)


def changes(edition: Edition, pictures: Pictures) -> Iterator[Block]:
    """Blocks of the chapter on changes since earlier rounds, and on the combined ranking of the year."""
    yield heading(_("八、与以前各轮相比"))
    parts = edition.facts.changes
    if not parts:
        yield from paragraphs([words.nothing_earlier()])
    for place, part in enumerate(parts):
        yield heading(_("与“%(round)s”相比", round=part.title), 2)
        yield from paragraphs([words.summary(part)])
        if part.possible and place == 0 and (part.up or part.down):
            file = f"change-{part.slug}.svg"
            yield from picture(file, pictures.get(file), _("各部门的相对变化"), UNDER_HEADINGS_MM)
    combined = edition.facts.combined
    yield heading(_("同一年各轮合并"), 2)
    yield from paragraphs([words.summary(combined)])
    if combined.possible and is_many(edition):
        yield note(_("部门较多，合并后的名次不列在这里，见《年度总排名》和排名表的“合并总排名”。"))
    elif combined.possible:
        departments = combined.ranking.departments
        yield from _ranking_table(departments, edition.digits, many=False, counts=False)
