"""Tables of open data: rows taken from an edition, and the meaning of every column."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from survey.errors import N_
from survey.facts.items import ItemFacts
from survey.facts.profiles import Profile
from survey.facts.publication import EditionContent
from survey.facts.ranking import RankingPart

Row = tuple[str | float | None, ...]


class CsvColumn(NamedTuple):
    """Column of a CSV file: name, type, unit, and meaning (a message id)."""

    name: str
    kind: str
    unit: str
    meaning: str


class CsvTable(NamedTuple):
    """CSV file: its columns, and a function that gives the rows of an edition."""

    columns: tuple[CsvColumn, ...]
    rows: Callable[[EditionContent], Iterator[Row]]


def _text(name: str, meaning: str) -> CsvColumn:
    return CsvColumn(name, "text", "", meaning)


def _count(name: str, unit: str, meaning: str) -> CsvColumn:
    return CsvColumn(name, "integer", unit, meaning)


def _number(name: str, unit: str, meaning: str) -> CsvColumn:
    return CsvColumn(name, "number", unit, meaning)


def _truth(name: str, meaning: str) -> CsvColumn:
    return CsvColumn(name, "boolean", "", meaning)


def _rankings(content: EditionContent) -> Iterator[tuple[str, RankingPart]]:
    """Rankings with names: that of all departments under "", then those within groups."""
    ranking = content.facts.ranking
    yield "", ranking
    for part in ranking.groups:
        yield part.name, part


def _rated(content: EditionContent) -> Iterator[tuple[Profile, ItemFacts]]:
    """Pairs of each department's profile and each of its items."""
    return ((profile, item) for profile in content.facts.profiles for item in profile.items)


def _ranking(content: EditionContent) -> Iterator[Row]:
    for group, part in _rankings(content):
        for d in part.departments:
            head = (group, d.name, d.n, d.mean, d.adjusted, d.bound or "", d.se, *d.ci)
            yield (*head, d.rank, *d.rank_set, d.tier, d.vs_average)


def _pairs(content: EditionContent) -> Iterator[Row]:
    for group, part in _rankings(content):
        for p in part.pairs:
            yield group, p.a, p.b, p.difference, *p.ci, p.p_adjusted, p.significant


def _items(content: EditionContent) -> Iterator[Row]:
    for profile, item in _rated(content):
        figures = (item.n, item.mean, item.satisfied, item.satisfied_at_least, item.satisfied_at_most)
        group = item.group
        against = (group.difference, *group.ci, group.direction) if group else (None,) * 4
        yield profile.name, profile.group, item.name, *figures, *against, item.reason


def _answers(content: EditionContent) -> Iterator[Row]:
    labels = [level.label for level in content.facts.scale.levels]
    for profile, item in _rated(content):
        if not item.classes:
            yield profile.name, item.name, labels[0], labels[-1], None, item.reason
        for part in item.classes or ():
            yield profile.name, item.name, labels[part.first], labels[part.last], part.count, item.reason


def _response(content: EditionContent) -> Iterator[Row]:
    for stratum in content.facts.strata:
        for o in stratum.options:
            yield stratum.name, o.option, o.roster, o.ballots, o.share, o.reason


def _themes(content: EditionContent) -> Iterator[Row]:
    for entry in content.themes:
        yield entry.department, "", entry.n, entry.reason
        for theme in entry.themes:
            yield entry.department, theme.name, theme.n, theme.reason


def _composites(content: EditionContent) -> Iterator[Row]:
    for entry in content.composites:
        for d in entry.ranking.departments:
            yield entry.name, d.name, d.adjusted, d.se, *d.ci, d.rank, *d.rank_set, d.vs_average


def _moves(content: EditionContent) -> Iterator[Row]:
    for entry in content.composites:
        weight = {e.name: e.weight for e in entry.electorates}
        n = {(b.electorate, b.department): b.n for b in entry.ballots}
        for m in entry.moves:
            place = (m.electorate, m.department)
            figures = (m.contribution, m.shift, *m.ci, m.direction, m.rank_without, m.rank)
            yield entry.name, *place, weight[m.electorate], n.get(place), *figures


def _problems(content: EditionContent) -> Iterator[Row]:
    for p in content.problems:
        yield p.number, p.department, p.source, p.item, p.task, p.deadline


def _indicators(content: EditionContent) -> Iterator[Row]:
    for f in content.indicators:
        yield f.kind, f.period, f.department, f.name, f.value, f.unit, f.province, f.city, f.below


_GROUP = _text("group", N_("部门类别；空表示全部部门一起比较"))
_DEPARTMENT = _text("department", N_("部门名称"))
_REASON = _text(
    "reason",
    N_("不公布的原因：threshold 少于门槛，unanimous 几乎一致，complementary 防推算，none 无人，空为已公布"),
)
_LOW = _number("low", "points", N_("联合区间下限"))
_HIGH = _number("high", "points", N_("联合区间上限"))
_COMPOSITE = _text("composite", N_("综合得分的名称"))
SHEETS: dict[str, CsvTable] = {
    "ranking": CsvTable(
        (
            _GROUP,
            _DEPARTMENT,
            _count("n", "ballots", N_("评了这个部门的选票数")),
            _number("mean", "points", N_("原始平均分")),
            _number("adjusted", "points", N_("校正得分：假如每家企业都评了每个部门；取到 0.5 分")),
            _text("bound", N_("at_least 表示得分和平均分不低于所列，at_most 表示不高于所列，空表示就是所列")),
            _number("se", "points", N_("与平均之差的标准误")),
            _LOW,
            _HIGH,
            _count("rank", "", N_("名次，按校正得分")),
            _count("rank_from", "", N_("名次范围：最好")),
            _count("rank_to", "", N_("名次范围：最差")),
            _text("tier", N_("档次字母；两个部门能不能分出高低，看 pairs.csv")),
            _text("vs_average", N_("与平均比：above 高于，below 低于，same 分不出")),
        ),
        _ranking,
    ),
    "pairs": CsvTable(
        (
            _GROUP,
            _text("a", N_("部门甲")),
            _text("b", N_("部门乙")),
            _number("difference", "points", N_("校正得分之差，甲减乙")),
            _LOW,
            _HIGH,
            _number("p_adjusted", "", N_("多重比较校正后的 p 值不超过这个数")),
            _truth("significant", N_("是否分得出高低")),
        ),
        _pairs,
    ),
    "composite": CsvTable(
        (
            _COMPOSITE,
            _DEPARTMENT,
            _number("adjusted", "points", N_("综合得分")),
            _number("se", "points", N_("与平均之差的标准误")),
            _LOW,
            _HIGH,
            _count("rank", "", N_("综合名次，按综合得分")),
            _count("rank_from", "", N_("名次范围：最好")),
            _count("rank_to", "", N_("名次范围：最差")),
            _text("vs_average", N_("与平均比：above 高于，below 低于，same 分不出")),
        ),
        _composites,
    ),
    "electorates": CsvTable(
        (
            _COMPOSITE,
            _text("electorate", N_("评议方")),
            _DEPARTMENT,
            _number("weight", "share", N_("权重")),
            _count("n", "ballots", N_("这一方评了这个部门的选票数；外部指标为空")),
            _number("contribution", "points", N_("贡献：这一方的得分高出各部门平均多少，乘以权重")),
            _number("shift", "points", N_("有这一方与没有这一方的综合得分之差")),
            _LOW,
            _HIGH,
            _text("direction", N_("这一方的影响：up 升高，down 降低，same 没有超出偶然")),
            _count("rank_without", "", N_("没有这一方时的名次，点估计")),
            _count("rank", "", N_("综合名次，按综合得分")),
        ),
        _moves,
    ),
    "items": CsvTable(
        (
            _DEPARTMENT,
            _GROUP,
            _text("item", N_("指标")),
            _count("n", "ratings", N_("评分数，不含“不了解”")),
            _number("mean", "points", N_("平均分，按答的人数取到 0.5 至 10 分")),
            _number("satisfied", "share", N_("满意率；空表示说出来会透露少数人的回答")),
            _number(
                "satisfied_at_least",
                "share",
                N_("满意率的下界，页面写作“≥”：确切数会透露少数人的回答；不是误差范围"),
            ),
            _number(
                "satisfied_at_most",
                "share",
                N_("满意率的上界，页面写作“≤”：确切数会透露少数人的回答；不是误差范围"),
            ),
            _number("difference", "points", N_("与同类部门平均之差")),
            _LOW,
            _HIGH,
            _text("direction", N_("与同类平均比：above 高于，below 低于，same 分不出")),
            _REASON,
        ),
        _items,
    ),
    "answers": CsvTable(
        (
            _DEPARTMENT,
            _text("item", N_("指标")),
            _text("level_from", N_("评价等级：从这一级（较好的一端）")),
            _text("level_to", N_("评价等级：到这一级（较差的一端）；相邻等级合并到不少于公布门槛为止")),
            _count("n", "ratings", N_("选这些等级的评分数；空表示不公布")),
            _REASON,
        ),
        _answers,
    ),
    "response": CsvTable(
        (
            _text("stratum", N_("分层")),
            _text("option", N_("选项")),
            _count("roster", "enterprises", N_("名录中的企业数")),
            _count("ballots", "ballots", N_("自报属于这一类的选票数")),
            _number("share", "share", N_("占写有这一项的选票的比例；没有这一项的张数不公布时为空")),
            _REASON,
        ),
        _response,
    ),
    "themes": CsvTable(
        (
            _DEPARTMENT,
            _text("theme", N_("意见主题；空表示全部意见")),
            _count("n", "comments", N_("意见条数")),
            _REASON,
        ),
        _themes,
    ),
    "problems": CsvTable(
        (
            _count("number", "", N_("问题编号")),
            _DEPARTMENT,
            _text(
                "source",
                N_("来源：line 警戒线，gap 低于同类平均，comments 意见，indicator 外部指标，other 其他"),
            ),
            _text("item", N_("指标或主题")),
            _text("task", N_("要解决的问题")),
            CsvColumn("deadline", "date", "", N_("公布时的整改期限")),
        ),
        _problems,
    ),
    "indicators": CsvTable(
        (
            _text("kind", N_("来源：assessment 省市评估，hotline 12345")),
            _text("period", N_("时期")),
            _DEPARTMENT,
            _text("name", N_("指标")),
            _number("value", "unit", N_("数值")),
            _text("unit", N_("单位")),
            _number("province", "unit", N_("全省平均")),
            _number("city", "unit", N_("全市平均")),
            _truth("below", N_("是否低于 70 分警戒线")),
        ),
        _indicators,
    ),
}
