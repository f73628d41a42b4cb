"""Questions about items, which all have one answer: which of them count. Two scores of one thing (得分 beside
修改后得分), items about something else than how well departments do (重要性) or with two marks only; and
items that are left out: ticks, sums of others."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analysis.answers.labels import factorise
from analysis.answers.spelling import name_key
from analysis.errors import InputError
from analysis.explain import counted
from analysis.files.ratings import RatingsTable
from analysis.foreign.hints import Ambiguous
from analysis.foreign.questions.computed import computed_items
from analysis.foreign.questions.rows import rows_at
from analysis.foreign.sentences import listed
from analysis.foreign.understood import Remark, Understood
from analysis.ranking.results import Note
from analysis.tables.headings import simplified

Said = tuple[str, str]
_SHOWN: Final = 4
_TICKED: Final = 20
_FEW: Final = 4
_TWO: Final = {1.0, 2.0}
_VERSION: Final = re.compile(
    r"(原始?来?的?|初[始次评审]?|第?[一二三1-3]次|[复终][评核审]|[一二]审|核[定准算]|审[定核]|(修[改正订]|调整|[校更改订]正|更改|折[算合]|换算|加权|扣减)[前后]?"
    r"|标准化?|归一化?|最[终后]|[自他互]评|实[际得]|认定|确认|有效)?的?(得分|分数|评分|打分|分值|分)[(（]?([1-3一二三]|[新旧前后])?[)）]?"
    r"|((raw|original|initial|first|second|adjusted|corrected|revised|final|weighted|standardi[sz]ed|normali[sz]ed"
    r"|scaled|modified|new|old|self)[ _-]?)?(score|mark|rating|points)s?"
    r"[ _-]?([1-3ab]|new|old|raw|final|adj(usted)?|corrected|revised|orig(inal)?|weighted)?"
)

_ELSE: Final = re.compile(
    r".{0,6}?(重要(性|程度|度)|(期望|预期|期待)(值|程度|水平|得分)?|(了解|熟悉|知晓|关注|认知)(程度|度|率|情况)"
    r"|(办事|接触|联系|往来|来往|打交道|办理业务|服务)的?(次数|频率|频次|频繁程度))"
    r"|(level of |degree of |how )?(important|importance|expectations?|expected( level| service)?"
    r"|familiar(ity)?|awareness|frequency( of (contact|use|visits?))?|number of (contacts|visits)"
    r"|contact frequency)"
    r"( (rating|score|level)s?)?"
)


def is_version(name: str) -> bool:
    """Whether a heading is that of a score and says no more than which version it is: 得分, 修改后得分."""
    return _VERSION.fullmatch(simplified(name).strip().casefold()) is not None


def refuse_versions(file: str, names: Sequence[str], field: str) -> None:
    """Raise `Ambiguous` for several scores of one thing; `field`: items or score, the hint that chooses
    one."""
    versions = list(dict.fromkeys(filter(is_version, names)))
    if len(versions) < 2:
        return
    (zh, en), option = listed(versions, _SHOWN), f"--{field}"
    readings = [(f"只用“{name}”", f"only {name!r} counts") for name in versions]
    choices = [(field, name) for name in versions]
    if field == "items":
        readings.append(("都算，是不同的指标", "all count and are different items"))
        choices.append((field, "\n".join(dict.fromkeys(names))))
    raise Ambiguous(
        (
            f"“{file}”里同一件事有几列分数：{zh}。用哪一列？",
            f"{file} has several scores of one thing: {en}. Which one counts?",
        ),
        readings,
        (
            f"请用 {option} 说明，如 {option} {versions[0]}。",
            f"Say which by {option}, such as {option} {versions[0]!r}.",
        ),
        choices,
    )


def which_items(
    file: str, why: Said, names: Sequence[str], items: Sequence[str], more: Sequence[Said] = ()
) -> Ambiguous:
    """Question whether the items `names` count beside the others of `items`; `more`: further readings, for
    which the file must be mended."""
    rest = [item for item in items if item not in names]
    (zh, en), option = listed(names, _SHOWN), ",".join(rest or items[:1])
    ways = [((f"{zh}不算", f"without {en}"), rest)]
    if not rest:
        ways = [((f"只算{name}", f"only {name}"), [name]) for name in names[:_SHOWN]]
    every = "都算，分数都是越高越好", "all count, and the highest mark is the best for every item"
    return Ambiguous(
        (f"“{file}”{why[0]}有几种读法：", f"{file}: {why[1]} Several readings fit:"),
        [every, *(said for said, _ in ways), *more],
        (
            f"请用 --items 写出算哪些指标，如 --items {option}。",
            f"Say by --items which items count, such as --items {option}.",
        ),
        [("items", "\n".join(counts)) for counts in (items, *(counts for _, counts in ways))]
        + [("", "")] * len(more),
    )


def refuse_two_valued(file: str, table: RatingsTable) -> None:
    """Raise `Ambiguous` for items that only have the marks 1 and 2 where others have at least four: perhaps
    answers 是 and 否 by number."""
    if table.item is None:
        return
    codes, names = factorise(table.item, "item")
    marks = [np.unique(table.score[codes == i], return_counts=True) for i in range(len(names))]
    two = [
        name
        for name, (found, counts) in zip(names, marks, strict=True)
        if set(found.tolist()) == _TWO and counts.sum() >= _TICKED
    ]
    if two and max(len(found) for found, _ in marks) >= _FEW:
        zh, en = listed(two, _SHOWN)
        why_zh = f"里这些指标只有 1 和 2，像是“是、否”的编号，别的指标不止：{zh}。"
        why_en = f"these items have the marks 1 and 2 only, like yes and no, while others have more: {en}."
        raise which_items(file, (why_zh, why_en), two, list(names))


def refuse_other_things(file: str, table: RatingsTable) -> None:
    """Raise `Ambiguous` for items that say nothing of how well departments do, such as 重要性 or 熟悉程度,
    beside others that do."""
    names = _names(table.item) if table.item is not None else []
    other = [name for name in names if _ELSE.fullmatch(simplified(name).strip().casefold())]
    if other and len(other) < len(names):
        zh, en = listed(other, _SHOWN)
        why_zh = f"里这些指标问的像不是部门做得好不好：{zh}。"
        why_en = f"these items do not seem to ask how well departments do: {en}."
        raise which_items(file, (why_zh, why_en), other, names)


def chosen_items(
    table: RatingsTable, understood: Understood, items: Collection[str]
) -> tuple[RatingsTable, Understood]:
    """Table and reading with the ratings of these items alone; raises InputError if one is not there."""
    if table.item is None and all(c.heading.endswith(tuple(items)) for c in understood.columns):
        return table, understood
    there = {name_key(name): name for name in _names(table.item)} if table.item is not None else {}
    lacking = [name for name in items if name_key(name) not in there]
    if lacking:
        shown, shown_en = listed(list(there.values()), _SHOWN)
        raise InputError(
            f"“{understood.file}”里没有指标“{lacking[0]}”。文件里有：{shown or '没有指标'}。",
            f"{understood.file} has no item {lacking[0]!r}, but {shown_en or 'none'}.",
            column="items",
        )
    kept = {there[name_key(name)] for name in items}
    gone = [name for name in there.values() if name not in kept]
    zh, en = "没有计入的指标", "Items that do not count"
    return _without(table, understood, gone, (zh, en)) if gone else (table, understood)


def without_computed(table: RatingsTable, understood: Understood) -> tuple[RatingsTable, Understood]:
    """Table and reading without items that were computed from the others, such as 合计."""
    gone = computed_items(table)
    said = "由其他指标算出来的，没有计入", "Items that were computed from the others do not count"
    return _without(table, understood, gone, said) if gone else (table, understood)


def without_ticks(table: RatingsTable, understood: Understood) -> tuple[RatingsTable, Understood]:
    """Table and reading without the items whose marks are all 0 or 1 (ones alone if there are at least 20),
    where another item has others: ticks such as 是否打过交道."""
    if table.item is None or not len(table.score):
        return table, understood
    codes, names = factorise(table.item, "item")
    plain = (table.score == 0) | (table.score == 1)
    all_of, n = (np.bincount(codes, weights, len(names)) for weights in (plain, None))
    zeros = np.bincount(codes, table.score == 0, len(names))
    ones = np.bincount(codes, table.score == 1, len(names))
    ticks = (all_of == n) & (ones > 0) & ((zeros > 0) | (n >= _TICKED))
    if not ticks.any() or ticks.all():
        return table, understood
    gone = [name for name, tick in zip(names, ticks, strict=True) if tick]
    said = "全是 0 和 1 的指标像是勾选，没有计入", "Items with 0 and 1 only, as ticks are, do not count"
    return _without(table, understood, gone, said)


def _names(labels: Any) -> list[str]:
    return list(labels.names) if hasattr(labels, "names") else list(dict.fromkeys(labels))


def _without(
    table: RatingsTable, understood: Understood, gone: Sequence[str], said: Said
) -> tuple[RatingsTable, Understood]:
    """Table and reading without these items, which a note names."""
    codes, names = factorise(table.item or (), "item")
    away: NDArray[np.bool_] = np.isin(codes, [i for i, name in enumerate(names) if name in set(gone)])
    zh, en = listed(gone)
    n = int(away.sum())
    note = Note("items", f"{said[0]}（{n} 条）：{zh}。", f"{said[1]} ({counted(n, 'rating')}): {en}.")
    table = rows_at(table, np.flatnonzero(~away))
    table = replace(table, notes=(*table.notes, note))
    table, understood = _ends_again(table, understood)
    columns = tuple(column for column in understood.columns if column.item not in gone)
    return table, replace(
        understood,
        columns=columns,
        n_ratings=len(table.score),
        n_raters=len(set(table.rater)),
        rated=tuple(dict.fromkeys(table.department)),
        rated_items=tuple(name for name in understood.rated_items if name not in gone),
        remarks=(*understood.remarks, Remark(note.zh, note.en)),
    )


def _ends_again(table: RatingsTable, understood: Understood) -> tuple[RatingsTable, Understood]:
    """Table and reading with the lowest and highest score of the rows that are left, about which scores are
    turned round where the lowest is the best."""
    low, high = understood.lowest, understood.highest
    if low is None or high is None or not len(table.score):
        return table, understood
    turned = understood.best == "low"
    score = low + high - table.score if turned else table.score
    low, high = float(score.min()), float(score.max())
    understood = replace(understood, lowest=low, highest=high)
    return replace(table, score=low + high - score if turned else score), understood
