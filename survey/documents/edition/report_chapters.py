"""The chapters of the report up to the departments, from the numbers of an edition."""

from collections.abc import Iterator, Mapping, Sequence

from survey.documents.edition import composites as composite_words
from survey.documents.edition import paragraphs as narrative
from survey.documents.edition.bulletin import certain_statements
from survey.documents.edition.charts import possible
from survey.documents.edition.content import Edition
from survey.documents.edition.ranking_parts import (
    TWO_ORDERS,
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
from survey.documents.edition.report_method import READING
from survey.parts import Part
from survey.wording import cautions
from survey.wording import ranking as phrases
from survey.wording.document_numbers import (
    bound_note,
    percent,
    points,
    satisfaction,
    signed,
    signed_interval,
    whole,
)
from survey.wording.left_out import left_out
from survey.wording.meeting import EXPLAINED, HEADINGS, rows, sentences

Pictures = Mapping[str, bytes]
MOST_BELOW = 30
# Of more departments the report keeps to a line each, and leaves the rest to letters and workbook.
MANY = 32
# A longer name takes a second line of its card and of most tables, and counts for two.
_LONG_NAME = 20
_GROUP_WIDTHS = (1.1, 3, 1.4, 1.2, 0.9)
_RANKING_WIDTHS = (0.8, 3, 1.1, 0.8, 1.1, 1.5, 0.9)
_NARROW_WIDTHS = (15, 11.5, 13.5, 16, 10.5)


def is_many(edition: Edition) -> bool:
    """Whether the report has to be brief about every department."""
    return sum(1 + (len(profile["name"]) > _LONG_NAME) for profile in edition.profiles) > MANY


def name_share(names: Sequence[str]) -> float:
    """Millimetres for a column of names in 8 points: 30 characters stay on one line."""
    return min(87.5, max(40.0, 3 + 2.83 * max(map(len, names), default=0)))


def summary(edition: Edition) -> Iterator[Block]:
    """What can be said for certain, on a page."""
    yield heading("一、提要")
    yield from paragraphs([narrative.counted(edition)])
    ranking = edition.ranking_dict
    if not edition.ranked:
        yield from paragraphs(ranking["notes"])
        return
    told = [phrases.omnibus(ranking), phrases.resolution(ranking["pairs"], ranking["level"])]
    told += [*certain_statements(edition.ranked), *narrative.both_ends(ranking), *narrative.line(edition)]
    told += sentences(ranking)
    told += [
        f"与“{part['title']}”相比：{part['summary_zh']}" for part in possible(edition.facts["changes"][:1])
    ]
    yield from items(told)
    noted = [*cautions.cautions(ranking), *cautions.remarks(edition.facts)]
    if noted:
        yield heading(cautions.HEADING, 2)
        yield from items(noted)
    yield heading("怎样读这份报告", 2)
    yield from items(READING)


def response(edition: Edition) -> Iterator[Block]:
    """Who answered, against the roster."""
    yield heading("二、回收情况")
    yield from paragraphs([narrative.counted(edition), *narrative.response(edition)])
    part = edition.facts["response"]
    for stratum in part["strata"] if part["possible"] else ():
        yield table(
            ("类别", "名录企业数", "占名录", "选票数", "占答卷"),
            [_option(option) for option in stratum["options"]],
            (2, 1, 1, 1.4, 1),
            caption=f"按{stratum['name']}：答卷与名录（占答卷按填了的算；“—”为少于公布门槛或者能被推算，不公布）",
            aligns="lrrrr",
        )  # fmt: skip
    yield heading("按名录加权的试算", 2)
    yield from paragraphs(narrative.weighting(edition))


def _option(o: Part) -> tuple[str, ...]:
    shares = (percent(o["roster_share"]), percent(o["share"]))
    ballots = whole(o["ballots"]) + ("（多于名录）" if cautions.is_crowded(o) else "")
    return (o["option"], whole(o["roster"]), shares[0], ballots, shares[1])


def ranking(edition: Edition, pictures: Pictures) -> Iterator[Block]:
    """Within groups and overall, with the chart."""
    yield heading("三、排名")
    level = f"{100 * edition.ranking_dict['level']:g}%"
    yield note(f"联合区间和名次范围同时成立的把握不低于 {level}。")
    if edition.group_parts:
        yield note(TWO_ORDERS)
    for part in edition.group_parts:
        yield heading(f"{phrases.class_name(part['name'])}部门", 2)
        yield note(tier_note(part["departments"]), sticky=True)
        yield table(*group_table(part["departments"]), _GROUP_WIDTHS, aligns="clccr", size=8.5, inset=1.05)
    if edition.group_parts:
        yield {"kind": "break"}
    yield heading("全部部门", 2)
    order: Order = "总" if edition.group_parts else ""
    yield from _ranking_table(edition.ranked, edition.digits, many=is_many(edition), order=order)
    yield from _firmness(edition)
    few = edition.ranking_dict.get("insufficient", ())
    if few:
        yield from paragraphs(["不参加排名、也不公布得分的部门：", *phrases.not_ranked(few)])
    yield from paged(pictures, "ranking-overall.svg", "ranking-a4-", "全部部门的排名")
    for entry in edition.composites:
        yield from _composite(entry, edition.digits)


def _composite(entry: Part, digits: int) -> Iterator[Block]:
    """An index of several electorates, and what each of them moved."""
    yield heading(composite_words.title(entry), 2)
    yield from items(composite_words.told(entry))
    yield note(composite_words.NOTE, sticky=True)
    found = composite_words.rows(entry, digits)
    yield table(
        composite_words.HEADINGS, found, (1, 3, 1.3, 1, 1.4, 0.8), aligns="clcrcc", size=8.5, inset=1.05
    )
    if moved := composite_words.moved(entry):
        yield note(composite_words.MOVED_NOTE, sticky=True)
        yield table(
            composite_words.MOVED, moved, (1.4, 3, 0.9, 1.8, 1, 1), aligns="llrccc", size=8.5, inset=1.05
        )


def _ranking_table(
    departments: Sequence[Part], digits: int, *, many: bool, counts: bool = True, order: Order = ""
) -> Iterator[Block]:
    head, rows = headings(departments, order), ranking_rows(departments, digits)
    names = [department["name"] for department in departments]
    widths = (8, name_share(names), *_NARROW_WIDTHS) if many else _RANKING_WIDTHS
    last = None if counts else -1
    kept = [row[:last] for row in rows]
    size, inset, side = (8.0, 0.95, 1.0) if many else (9.0, 1.35, 1.6)
    aligns = "clccrcr"[:last]
    yield note(tier_note(departments), sticky=True)
    yield table(head[:last], kept, widths[:last], aligns=aligns, size=size, inset=inset, side=side)


def _firmness(edition: Edition) -> Iterator[Block]:
    """How many ballots carry what is said of every department, and its grade."""
    meeting = edition.ranking_dict.get("meeting")
    if meeting is None or is_many(edition):
        return
    yield heading("结论的稳固程度与等次", 2)
    yield from paragraphs([EXPLAINED[0]])
    yield table(
        HEADINGS, rows(meeting, lambda zh, _en: zh), (3, 1.6, 1.2, 1.1, 1.4, 1.2, 1.6), aligns="llllrrl"
    )


def resolution(edition: Edition, pictures: Pictures) -> Iterator[Block]:
    """What the round can tell apart."""
    yield heading("四、能分辨到什么程度")
    pairs = edition.ranking_dict["pairs"]
    yield from paragraphs(
        [phrases.resolution(pairs, edition.ranking_dict["level"]), *narrative.resolution(edition)]
    )
    yield from paged(pictures, "pairs.svg", "pairs-a4-", "两两比较：哪些部门分得出高低")


def item_scores(edition: Edition, pictures: Pictures) -> Iterator[Block]:
    """Items over all departments, by department, and what is certainly below the group's average."""
    yield heading("五、各项指标")
    yield from paragraphs(narrative.items(edition))
    rows = [(i["name"], whole(i["n"]), points(i["mean"]), satisfaction(i)) for i in edition.facts["items"]]
    yield table(("指标", "评分数", "平均分", "满意率"), rows, (3, 1, 1, 1), aligns="lrrr")
    if said := left_out(edition.facts) + bound_note(*edition.facts["items"]):
        yield note(said)
    below = narrative.items_below(edition)
    yield heading("确定低于同类部门平均的指标", 2)
    if not below:
        yield from paragraphs(["没有哪个部门的哪项指标能够确定低于同类部门的平均。"])
    else:
        shown = below[:MOST_BELOW]
        tail = f"，下表列出差距最大的 {len(shown)} 项" if len(below) > len(shown) else "，见下表"
        yield from paragraphs([f"这样的部门指标共 {len(below)} 项{tail}。"])
        yield _below(shown)
    yield from picture("items.svg", pictures.get("items.svg"), "各部门各项指标的平均分")


def _below(shown: list[tuple[str, str, Part]]) -> Block:
    rows = [
        (name, item["name"], points(item["mean"]), signed(item["group"]["difference"]),
         signed_interval(item["group"]["ci"]))
        for name, _group, item in shown
    ]  # fmt: skip
    head = ("部门", "指标", "平均分", "与同类平均之差", "区间")
    return table(head, rows, (3, 1.5, 1, 1.4, 1.7), aligns="llrrc")


def importance(edition: Edition, pictures: Pictures) -> Iterator[Block]:
    """What weighs on the overall impression."""
    yield heading("六、企业看重什么")
    yield from paragraphs([narrative.summary(edition.facts["drivers"])])
    if "importance.svg" in pictures:
        yield from picture("importance.svg", pictures.get("importance.svg"), "各项指标的重要性与得分")
    yield from paragraphs([edition.facts["reliability"].get("summary_zh", "")])


def treatment(edition: Edition, pictures: Pictures) -> Iterator[Block]:
    """Whether kinds of enterprises are treated alike."""
    yield heading("七、不同企业的评价")
    number = 0
    for part in edition.facts["treatment"]:
        yield heading(f"按{part['stratum']}", 2)
        yield from paragraphs([narrative.summary(part)])
        if not part["possible"]:
            continue
        number += 1
        told = [d for d in part["differences"] if d["direction"] != "same"]
        if told:
            rows = [(d["department"], d["first"], d["second"], signed(d["difference"]), signed_interval(d["ci"])) for d in told]  # noqa: E501  # fmt: skip
            yield table(
                ("部门", "甲类", "乙类", "甲减乙", "区间"), rows, (3, 1.2, 1.2, 1, 1.7), aligns="lccrc"
            )
        file = f"treatment-{number}.svg"
        if len(part["groups"]) == 2:
            text = f"按{part['stratum']}比较各部门的相对评价"
            yield from picture(file, pictures.get(file), text, UNDER_HEADINGS_MM)


def changes(edition: Edition, pictures: Pictures) -> Iterator[Block]:
    """Since earlier rounds, and the rounds of the year together."""
    yield heading("八、与以前各轮相比")
    parts = edition.facts["changes"]
    if not parts:
        yield from paragraphs(["没有更早开始的评议，没有可以比较的结果。"])
    for place, part in enumerate(parts):
        yield heading(f"与“{part['title']}”相比", 2)
        yield from paragraphs([narrative.summary(part)])
        if part["possible"] and place == 0:
            file = f"change-{part['slug']}.svg"
            yield from picture(file, pictures.get(file), "各部门的相对变化", UNDER_HEADINGS_MM)
    combined = edition.facts["combined"]
    yield heading("同一年各轮合并", 2)
    yield from paragraphs([narrative.summary(combined)])
    if combined["possible"] and is_many(edition):
        yield note("部门较多，合并后的名次不列在这里，见《年度总排名》和排名表的“合并总排名”。")
    elif combined["possible"]:
        departments = combined["ranking"]["departments"]
        yield from _ranking_table(departments, edition.digits, many=False, counts=False)
