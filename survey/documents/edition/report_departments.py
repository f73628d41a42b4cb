"""The report's chapters on single departments, problems, method, limitations and proof."""

from collections.abc import Iterator

from survey.documents.edition import paragraphs as narrative
from survey.documents.edition.content import Edition
from survey.documents.edition.report_blocks import Block, card, code, heading, items, note, paragraphs, table
from survey.documents.edition.report_chapters import is_many, name_share
from survey.documents.edition.report_method import LIMITS, method
from survey.documents.edition.report_premises import premise_blocks
from survey.parts import Part
from survey.wording.document_numbers import (
    bound_note,
    department_satisfaction,
    points,
    rank_set,
    satisfaction,
    score,
    whole,
)

MOST_PROBLEMS, MOST_INDICATORS = 30, 20


def departments(edition: Edition) -> Iterator[Block]:
    """A card a department; of very many departments a row each, with the cards in their letters."""
    yield heading("九、各部门情况")
    if is_many(edition):
        yield note("部门较多，这里每个部门列一行；各项指标、变化和意见在给各部门的反馈函里。")
        if said := _bounds(edition):
            yield note(said)
        yield _rows(edition)
        return
    yield note(
        "“与同类平均”和“比上轮”是扣除评议人打分宽严之后的比较，升降后的括号里是联合区间；“—”为不公布或没有比较。"
        + _bounds(edition)
    )
    for profile in edition.profiles:
        yield card(f"{profile['name']}（{profile['group']}）" if profile["group"] else profile["name"],
                   [*_sentences(edition, profile), _items(profile)])  # fmt: skip


def _bounds(edition: Edition) -> str:
    return bound_note(*edition.profiles, *(item for profile in edition.profiles for item in profile["items"]))


def _sentences(edition: Edition, profile: Part) -> list[Block]:
    overall, in_group = profile["overall"], profile["in_group"]
    if overall is None:
        return paragraphs([f"不参加排名：{profile['reason_zh']}"])
    said = f"总排名第 {overall['rank']}（范围 {rank_set(overall['rank_set'])}，共 {overall['of']} 个）"
    if in_group is not None and in_group["of"] != overall["of"]:
        said += (
            f"，同类第 {in_group['rank']}（范围 {rank_set(in_group['rank_set'])}，共 {in_group['of']} 个）"
        )
    said += f"；校正得分 {score(overall, edition.digits)}，{narrative.line_of(profile, edition.warning_line)}"
    return paragraphs([f"{said}；满意率 {department_satisfaction(profile)}，评议数 {whole(profile['n'])}。"])


def _items(profile: Part) -> Block:
    rows = []
    for item in profile["items"]:
        against = item["group"]["direction"] if item["group"] else None
        verdict = narrative.against_group(against) if item["mean"] is not None else "—"
        figures = (whole(item["n"]), points(item["mean"]), satisfaction(item))
        change = narrative.changed(item["change"]) if item["mean"] is not None else "—"
        rows.append((item["name"], *figures, verdict, change))
    head = ("指标", "评分数", "平均分", "满意率", "与同类平均", "比上轮")
    return table(head, rows, (2, 0.8, 0.8, 0.8, 1.6, 2.4), aligns="lrrrcc", size=8, inset=0.95)


def _rows(edition: Edition) -> Block:
    """What the ranking's tables do not have."""
    rows = [
        (
            p["name"],
            p["group"],
            "—"
            if p["overall"] is None
            else f"{p['overall']['rank']}（{rank_set(p['overall']['rank_set'])}）",
            narrative.line_word(p["line"]),
            department_satisfaction(p),
        )
        for p in edition.profiles
    ]
    head = ("部门", "类别", "名次（范围）", "比警戒线", "满意率")
    widths = (name_share([p["name"] for p in edition.profiles]), 20, 26, 15, 13.5)
    return table(head, rows, widths, aligns="llccr", size=8, inset=0.95, side=1.0)


def problems(edition: Edition) -> Iterator[Block]:
    """The list of problems and outside indicators."""
    yield heading("十、问题清单和其他数据")
    listed = edition.content["problems"]
    shown = listed[:MOST_PROBLEMS]
    if not listed:
        yield from paragraphs(["本轮没有列入问题清单的问题。"])
    else:
        entries = [(str(p["number"]), p["department"], p["item"], p["task"], p["deadline"]) for p in shown]
        head = ("编号", "部门", "指标", "要解决的问题", "期限")
        yield table(head, entries, (0.7, 2, 1.2, 3, 1.4), aligns="cllll")
        yield from _rest(len(listed) - len(shown), "问题清单")
    yield heading("省市评估和 12345", 2)
    figures = edition.content["indicators"]
    if not figures:
        yield from paragraphs(["没有导入其他来源的数据。"])
        return
    measured = [
        (narrative.source(f["kind"]), f["period"], f["department"], f["name"], *_compared(f), f["unit"])
        for f in figures[:MOST_INDICATORS]
    ]
    columns = ("来源", "时期", "部门", "指标", "数值", "全省", "全市", "单位")
    yield table(columns, measured, (1.2, 1.2, 2, 2, 0.9, 0.9, 0.9, 0.7), aligns="llllrrrc", size=8)
    yield from _rest(len(figures) - MOST_INDICATORS, "其他数据")


def _rest(count: int, sheet: str) -> Iterator[Block]:
    if count > 0:
        yield note(f"其余 {count} 条见排名表的“{sheet}”。")


def _compared(figure: Part) -> tuple[str, ...]:
    values = [figure[name] for name in ("value", "province", "city")]
    return tuple("—" if value is None else f"{value:g}" for value in values)


def closing(edition: Edition) -> Iterator[Block]:
    """Method, limitations, digests."""
    yield heading("十一、方法、局限和核对")
    yield heading("方法", 2)
    yield from paragraphs(method(edition))
    yield from premise_blocks(edition)
    yield heading("局限", 2)
    yield from items(LIMITS)
    yield from paragraphs([edition.facts["quality"].get("summary_zh", "")])
    yield heading("核对", 2)
    yield from paragraphs([
        ("开箱前已公布全部选票回执，任何人可以用自己的回执核对选票是否计入。本报告与通报、排名表、反馈函、图表和"
        "开放数据的数字，全部取自同一份定格的公布内容；以下数字由它、由选票和评分算出，有一处改动就会不同。")
    ])  # fmt: skip
    yield code(f"公布内容（第 {edition.number} 版）的 SHA-256", edition.digest)
    yield code("校验根", edition.facts["counts"]["merkle_root"] or "")
    yield code("评分摘要", edition.round["digest"])
    if edition.log is not None:
        yield code(f"操作日志第 {edition.log[0]} 条的摘要", edition.log[1])
    yield from paragraphs([f"{line}。" for line in edition.added_lines])
    if edition.correction:
        yield from paragraphs([f"本版更正说明：{edition.correction}"])
