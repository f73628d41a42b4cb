"""Question whether all marks of a file are out of the same full mark, whoever gave them and for whatever."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analysis.answers.labels import factorise
from analysis.errors import InputError
from analysis.files.outliers import far_outside, zero_below_one
from analysis.files.ratings import RatingsTable
from analysis.foreign.hints import Ambiguous, which_is_best
from analysis.foreign.sentences import listed

_TEN: Final = 10.0
_LEAST: Final = 3.0
_TIMES: Final = 4.0
_HUNDRED: Final = 100.0
_FEW: Final = 5
_SHOWN: Final = 3
_INNER: Final = (0.1, 0.9)
_FEW_MARKS: Final = 2
_NEARLY: Final = 0.8
_FIVE: Final = 5.0
_EIGHT: Final = 8.0
_FIVES: Final = 10
_FIVES_EACH: Final = 3
_RATERS: Final = 5
_OF: Final = (("department", "部门", "departments"), ("item", "指标", "items"), ("rater", "评议人", "raters"))


def refuse_mixed_scales(file: str, table: RatingsTable) -> None:
    """Raise `Ambiguous` if some raters (or departments, or items) have no mark above 10 and all others have
    marks several times as high, so that full marks may be 10 for the ones and 100 for the others."""
    if table.score.min() > _TEN or table.score.max() <= _LEAST * _TIMES:
        return
    for role, zh, en in _OF:
        labels = getattr(table, role)
        if labels is None:
            continue
        codes, names = factorise(labels, role)
        low = _of_low_scale(codes, table.score, len(names))
        if low is not None:
            highest = _highest(codes, table.score, len(names))
            raise _asked(file, [names[i] for i in np.flatnonzero(low)], highest[low], highest[~low], (zh, en))


def refuse_five_beside_ten(file: str, table: RatingsTable) -> None:
    """Raise `Ambiguous` if some items, departments or raters have 5 as the highest mark, often, and all
    others have marks from 8 to 10: full marks may be 5 for the ones and 10 for the others."""
    if not _EIGHT <= table.score.max() <= _TEN:
        return
    for role, zh, en in _OF[1::-1] + _OF[2:]:
        labels = getattr(table, role)
        if labels is None:
            continue
        codes, names = factorise(labels, role)
        highest = _highest(codes, table.score, len(names))
        fives = np.bincount(codes[table.score == _FIVE], minlength=len(names))
        low, high = highest == _FIVE, highest >= _EIGHT
        few = role == "rater" and min(low.sum(), high.sum()) < _RATERS
        sure = role == "rater" or (fives[low] >= _FIVES_EACH).all()
        between = ((highest > _FIVE) & ~high).sum() * _FEW > low.sum()
        if low.any() and high.any() and not between and not few and sure and fives[low].sum() >= _FIVES:
            raise _asked(file, [names[i] for i in np.flatnonzero(low)], highest[low], highest[high], (zh, en))


def refuse_ranks(file: str, table: RatingsTable) -> None:
    """Raise `Ambiguous` if the marks of nearly every rater are 1, 2, 3 … once each: they look like ranks, of
    which 1 is the best."""
    if table.score.min() != 1 or table.score.max() > _TEN * _TEN or (table.score % 1).any():
        return
    codes: NDArray[np.integer] = factorise(table.rater, "rater")[0]
    if table.item is not None:
        items, of = factorise(table.item, "item")
        codes = codes.astype(np.int64) * len(of) + items
    _, codes, counts = np.unique(codes, return_inverse=True, return_counts=True)
    total, squares = (np.bincount(codes, weights=table.score**power) for power in (1, 2))
    whole = counts > _FEW_MARKS
    ranks = (total == counts * (counts + 1) / 2) & (squares == counts * (counts + 1) * (2 * counts + 1) / 6)
    if (
        whole.sum() >= _LEAST
        and whole.sum() * 2 >= len(counts)
        and (ranks & whole).sum() >= _NEARLY * whole.sum()
    ):
        why = (
            "每个评议人给各部门的数都是 1、2、3……各一次，像是名次。",
            "every rater gave 1, 2, 3 … once each, which look like ranks.",
        )
        raise which_is_best(file, "1", f"{table.score.max():g}", why)


def refuse_slips(file: str, table: RatingsTable) -> None:
    """Raise `Ambiguous` for a few marks far outside all others, and for zeros beside marks from 1 to 5."""
    scores = np.asarray(table.score, dtype=np.float64)
    far = far_outside(scores)
    if len(far):
        rest = scores[~np.isin(scores, far)]
        zh, en = _places(table, np.isin(scores, far))
        why = (
            f"“{file}”{zh}，其余都在 {rest.min():g} 到 {rest.max():g} 之间，像是输错了。有两种读法：",
            f"{file}: {en}; all others lie from {rest.min():g} to {rest.max():g}. A slip of typing?",
        )
        raise which_marks(why, [f"{value:g}" for value in far], ("请改正文件；或用 ", "Mend the file, or "))
    if zero_below_one(scores):
        n, full = int((scores == 0).sum()), f"{scores.max():g}"
        why = (
            f"“{file}”的分数是 1 到 {full}，另有 {n} 个 0，可能是没有评。有两种读法：",
            f"{file}: marks are 1 to {full}, and {n} are 0, which may be no answers. Two readings fit:",
        )
        raise which_marks(why, ["0"], ("请说明：", "Say which: "))


def refuse_outside(file: str, table: RatingsTable, scale: tuple[float, float]) -> None:
    """Raise InputError that names the marks outside the scale that the user gave."""
    outside = (table.score < scale[0]) | (table.score > scale[1])
    if outside.any():
        zh, en = _places(table, outside)
        raise InputError(
            f"“{file}”{zh}，超出 --scale 给出的 {scale[0]:g} 到 {scale[1]:g}。请改正文件或 --scale。",
            f"{file}: {en}: outside the scale {scale[0]:g} to {scale[1]:g} given by --scale. Mend the file "
            "or --scale.",
            row=int(table.numbers[int(np.flatnonzero(outside)[0])]),
            column="scale",
        )


def _places(table: RatingsTable, which: NDArray[np.bool_]) -> tuple[str, str]:
    """Rows, departments and values of some marks."""
    at = np.flatnonzero(which)
    zh = [f"第 {table.numbers[i]} 行（{table.department[i]}）是 {table.score[i]:g}" for i in at[:_FEW]]
    en = [f"row {table.numbers[i]} ({table.department[i]}) has {table.score[i]:g}" for i in at[:_FEW]]
    more = len(at) > _FEW
    return (
        "、".join(zh) + (f" 等 {len(at)} 处" if more else ""),
        ", ".join(en) + (f" … ({len(at)})" if more else ""),
    )


def which_marks(why: tuple[str, str], values: Sequence[str], lead: tuple[str, str]) -> Ambiguous:
    """Question whether marks of these values count."""
    shown = listed(values)
    options = " ".join(f"--missing {value}" for value in values)
    return Ambiguous(
        why,
        (
            (f"{shown[0]} 不算评分", f"{shown[1]}: no rating"),
            (f"{shown[0]} 是评分", f"{shown[1]}: a rating"),
        ),
        (
            f"{lead[0]}{options}（第一种）或 --missing none（第二种）。",
            f"{lead[1]}{options} (first) or --missing none (second).",
        ),
        [("missing", ",".join(values)), ("missing", "none")],
    )


def _highest(codes: NDArray[np.int32], scores: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    highest = np.full(n, -np.inf)
    np.maximum.at(highest, codes, scores)
    return highest


def _of_low_scale(codes: NDArray[np.int32], scores: NDArray[np.float64], n: int) -> NDArray[np.bool_] | None:
    """Which groups of marks have another, lower full mark than the others; None where no gap parts them."""
    highest = _highest(codes, scores, n)
    low = highest <= _TEN
    if not low.any() or low.all():
        return None
    top = highest[low].max()
    share = top <= 1 and bool((scores[low[codes]] % 1 != 0).any())
    if top < _LEAST and not share:
        return None
    between = ~low & (highest < _TIMES * top)
    high = highest[~low & ~between]
    if int(between.sum()) * _FEW > int(low.sum()) or not high.size:
        return None
    spread = np.quantile(high, _INNER)
    return low if spread[1] <= _TIMES * spread[0] else None  # else one scale of many sizes


def _asked(
    file: str,
    names: Sequence[str],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    what: tuple[str, str],
) -> Ambiguous:
    zh, en = what
    shown = listed(names, _SHOWN)
    lower, higher = _span(low), _span(high)
    beside_ten = high.max() <= _TEN
    top = _TEN if beside_ten else max(_HUNDRED, float(high.max()))
    shorter = _FIVE if beside_ten else _TEN
    why_zh = (
        f"“{file}”里各{zh}的最高分相差太大：{len(names)} 个（{shown[0]}）最高 {lower[0]} 分，"
        f"其余 {len(high)} 个最高 {higher[0]} 分。有两种读法："
    )
    why_en = (
        f"{file}: highest marks differ too much between {en}: {len(names)} ({shown[1]}) have at most "
        f"{lower[1]}, the other {len(high)} up to {higher[1]}. Two readings fit:"
    )
    one = ("满分都一样，前面这些确实打得低", "all have the same full mark; the first are really that low")
    two_zh = f"满分不一样（如 {shorter:g} 分和 {top:g} 分），要先在文件里换算成同一个满分"
    two_en = (
        f"full marks differ (such as {shorter:g} and {top:g}): bring all marks in the file to one full mark "
        "first"
    )
    mend_zh = f"第一种请用 --scale 写出共同的最低分和最高分，如 --scale 0,{top:g}。"
    mend_en = (
        f"For the first give the lowest and highest mark there is by --scale, such as --scale 0,{top:g}."
    )
    return Ambiguous(
        (why_zh, why_en), (one, (two_zh, two_en)), (mend_zh, mend_en), [("scale", f"0,{top:g}"), ("", "")]
    )


def _span(values: NDArray[np.float64]) -> tuple[str, str]:
    first, last = f"{values.min():g}", f"{values.max():g}"
    return (first, first) if first == last else (f"{first} 至 {last}", f"{first} to {last}")
