"""Notes for the reader of a ranking on assumptions that fail or limit what it says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.explain import counted, number
from analysis.inference.exchanged import applies
from analysis.model.cells import Cells
from analysis.ranking.pairs import Pairs
from analysis.ranking.results import Note

LOW_DF = 10.0
CEILING = 0.5
CARELESS = 0.05
HEAVY = 0.1
HEAVIER = 5.0
"""A rater gets a note with more than a tenth of all weight and five times the mean weight."""
RAISED = 1.005
LOPSIDED = 2.0
"""Departments are rated unequally often if the mean visits of one by its raters are that many times those of
another."""


def disconnected(n: int) -> Note:
    return Note(
        "disconnected",
        f"参加排名的部门分成互不相连的 {n} 组，跨组评价的评议人没有或不足四个；"
        "名次只在组内有意义，组间不可比较。",
        f"The ranked departments fall into {n} sets that fewer than four raters link; ranks hold within a "
        "set only.",
    )


def single_department(n: int) -> Note:
    return Note(
        "single_department",
        f"有 {n} 个评议人只评了一个（参加排名的）部门，他们的评分不能用于部门之间的比较。",
        f"{counted(n, 'rater')} rated only one ranked department, which says nothing about differences.",
    )


def ceiling(share: float, top: float, *, known: bool, guarded: bool, lopsided: bool = False) -> Note:
    """Note that many ratings are top marks.

    share: of ratings at the top; top: the best mark of the scale, or (known False) the best given; guarded:
    whether differences had to be declared on the ordinal scale too; lopsided: whether raters rated
    departments unequally often, which makes the exchange of marks approximate.
    """
    told = _percent(share, CEILING)
    zh = f"{told}% 的评分是最高分，区分力弱"
    en = f"{told} % of ratings are top marks, which separate poorly"
    if not known:
        zh = f"{told}% 的评分都是 {top:g} 分，没有更高的，区分力弱"
        en = f"{told} % of ratings are {top:g}, the highest given, which separate poorly"
    if guarded:
        zh += "；不依赖分数间距的模型也判为不同，才说两个部门不同"
        en += "; a difference is declared only where the model without equal distances declares it too"
    if lopsided:
        zh += "；同一个评议人评各部门的次数又相差很大，误判的机会会高些（模拟中有 8% 的轮次，而不是 5%）"
        en += "; raters rated some departments far more often than others, so that something false is "
        en += "declared more often (in 8 % of simulated rounds instead of 5 %)"
    return Note("ceiling", zh + "。", en + ".")


def lopsided(cells: Cells) -> bool:
    """Whether p-values come from exchanging marks, though some department got from each of its raters, on
    average, at least twice as many marks as another."""
    if not applies(cells):
        return False
    visits = np.bincount(cells.department, cells.n) / np.maximum(np.bincount(cells.department), 1)
    return bool(visits.max() >= LOPSIDED * visits[visits > 0].min())


def one_mark(mark: float, *, known: bool) -> Note:
    """Note that all ratings are the same mark; known: whether the ends of the scale were given."""
    zh = f"所有评分都是 {mark:g} 分，各部门没有高低之分。"
    en = f"All ratings are {mark:g}: no department stands above another."
    if not known:
        zh += "没有给出评分的最低分和最高分，区间因此没有宽度，不说明别人也会这样打分。"
        en += " The worst and the best mark there is were not given, so that intervals have no width; this "
        en += "does not say that others would give the same."
    return Note("one_mark", zh, en)


def no_width(names: Sequence[str]) -> Note:
    """Note that raters of every round or electorate gave one mark throughout."""
    zh = f"{'、'.join(names)}：评议人打的分全都相同，得分的区间因此没有宽度；别人未必也这样打分。"
    en = f"{', '.join(names)}: raters gave one mark throughout: no interval has a width, others might differ."
    return Note("no_width", zh, en)


def scale_cut(low: float, high: float) -> Note:
    return Note(
        "scale_cut",
        f"得分最低只能是 {low:g} 分，最高只能是 {high:g} 分：推算出的得分和区间超出的部分已截去。",
        f"Scores can only lie between {low:g} and {high:g}: estimated scores and intervals are cut to that.",
    )


def few_uneven(raised: float) -> Note:
    """Note that raters are few and marks spread unequally; raised: factor of the standard errors, 1 if not
    raised."""
    if raised > RAISED:
        return Note(
            "few_uneven",
            "评议人不多，各部门打分的离散程度相差很大，打分还偏向一头："
            f"误差按 {raised:.2f} 倍计算，以免说错。",
            "Raters are few, marks spread very differently by department and are skewed: standard errors are "
            f"taken {raised:.2f} times as large.",
        )
    return Note(
        "few_uneven",
        "评议人不多，各部门打分的离散程度又有差别，所以结论从严：换一种算法也分得出高低的，才说分得出。",
        "Raters are few and marks spread differently by department, so that conclusions are drawn with more "
        "caution: a difference is declared only where a second way of reckoning finds it too.",
    )


def careless(share: float) -> Note:
    told = _percent(share, CARELESS)
    return Note(
        "careless",
        f"约 {told}% 的评议人可能未认真作答（如一路同分），结果或有失真；没有剔除任何人。",
        f"About {told} % of raters may have answered carelessly (such as one mark throughout), "
        "which may distort the result; nobody was removed.",
    )


def heavy_rater(share: float) -> Note:
    return Note(
        "heavy_rater",
        f"一个评议人占全部权重的 {_percent(share, HEAVY)}%，结果主要看这一个人；请核对权重。",
        f"One rater carries {_percent(share, HEAVY)}% of all weight, and the result follows that rater; "
        "check the weights.",
    )


def _percent(share: float, line: float) -> str:
    """Share as a whole percentage, with decimals where it would otherwise be on the wrong side of the line or
    at an end."""
    return number(100 * share, 0, 0, 100, 100 * line)


def low_df(least: float) -> Note:
    told = number(least, 1, LOW_DF)
    return Note(
        "low_df",
        f"部分比较只靠很少的评议人（最小有效自由度 {told}，低于 10），区间较宽，请慎读。",
        f"Some comparisons rest on very few raters (least effective degrees of freedom {told}, "
        "under 10); their intervals are wide.",
    )


def insufficient(names: Sequence[str]) -> Note:
    return Note(
        "insufficient",
        f"没有参加排名：{'、'.join(names)}。",
        f"Not ranked: {', '.join(names)}.",
    )


def separated() -> Note:
    return Note(
        "separated",
        "有的部门每次都比别人高，或者每次都比别人低；只看先后的复核为此从严，结论偏保守。",
        "Some department was always above the others, or always below; the check by order alone is the more "
        "cautious for it.",
    )


def unanimous(names: Sequence[str], marks: tuple[float, float] | None) -> Note:
    """Note that all raters of some departments gave the same mark.

    marks: lowest and highest mark given, if the scale is unknown, else None.
    """
    zh, en = "最低分和最高分", "the worst and the best mark there is"
    if marks is not None:
        zh = f"出现过的最低分 {marks[0]:g} 分和最高分 {marks[1]:g} 分"
        en = f"the lowest and the highest mark given, {marks[0]:g} and {marks[1]:g}"
    return Note(
        "unanimous",
        f"{'、'.join(names)}：所有评议人给分完全相同，但别人未必也这样打分；得分区间按{zh}留了余地。",
        f"{', '.join(names)}: all raters gave one and the same mark, but others might not; the interval of "
        f"the score allows for it, within {en}.",
    )


def guard_not_needed() -> Note:
    return Note(
        "guard_not_needed",
        "没有迹象表明有的部门的评议人打分拉得比别人宽或窄，所以没有再按只看先后的算法复核。",
        "Nothing suggests that raters of some departments spread their marks more or less than others do, so "
        "the ordinal check was not asked.",
    )


def roster() -> Note:
    return Note(
        "roster",
        "误差按名单人数作了有限总体校正：结论说的是这份名单上的企业怎么看，不能推到名单以外。",
        "Errors carry a finite population correction: conclusions are about the firms of this roster, and do "
        "not reach beyond it.",
    )


def no_guard() -> Note:
    return Note(
        "no_latent_guard",
        "没有按只看先后的算法复核：结论以各档分数之间等距为前提。",
        "The ordinal check is off: the conclusions rest on equal distances between levels.",
    )


def lonely_stratum(names: Sequence[str]) -> Note:
    return Note(
        "lonely_stratum",
        f"分层 {'、'.join(names)} 只有一个评议人，该层的方差按不居中计算（偏保守）。",
        f"Strata with one rater: {', '.join(names)}; their variance is taken uncentred, which is cautious.",
    )


def clusters(units: int, raters: int) -> Note:
    return Note(
        "clusters",
        f"{raters} 个评议人分属 {units} 个互不相干的群（同群的可能看法相近）；误差按群计算。",
        f"{counted(raters, 'rater')} in {counted(units, 'independent cluster')} (those of one "
        "cluster may judge alike); uncertainty is reckoned by cluster.",
    )


def covered_tiers() -> Note:
    return Note(
        "tiers_covered",
        "不能区分的组合太多，档次字母只保留了足以说明两两关系的部分。",
        "There are too many sets that cannot be told apart; only as many tier letters as needed are shown.",
    )


def ends_at_zero(count: int) -> Note:
    return Note(
        "ends_at_zero",
        f"有 {count} 对部门，检验认定有高下，差距的区间单独看却会伸过 0，所以只写到 0 为止：差距可能很小。",
        f"Intervals that end at 0: {count}. The test says that these departments differ, while the interval "
        "by itself would reach past 0; the difference may be very small.",
    )


def agreed_by_few(count: int) -> Note:
    return Note(
        "agreed_by_few",
        f"有 {count} 对部门，每个评议人打出的差距都一样，但评议人太少，碰巧也会这样，所以没有认定有高下。",
        f"Pairs on which every rater gave the same difference: {count}. Raters are so few that chance does "
        "as much, and none of them is declared.",
    )


def exchanged() -> Note:
    return Note(
        "exchanged",
        "把每个评议人自己打的分在部门之间任意调换，也常常出现这么大的差距，所以没有认定任何部门有高下。",
        "Exchanging every rater's own marks among departments often gives differences as large as these, so "
        "that none is declared.",
    )


def of_statements(pairs: Pairs, agreed: NDArray[np.bool_], *, complete: bool, held: bool) -> tuple[Note, ...]:
    """Notes on statements of a ranking: intervals that end at 0, agreement of few raters, incomplete tier
    letters.

    agreed: (D, D), in ranked order, pairs on which all raters agree; complete: whether the tier letters are
    complete; held: the omnibus test keeps anything from being declared.
    """
    nearest = np.minimum(np.abs(pairs.lower), np.abs(pairs.upper))
    cut = pairs.significant & (nearest <= 1e-8 * np.abs(pairs.difference))
    open_still = agreed[pairs.a, pairs.b] & ~pairs.significant
    found = [ends_at_zero(int(cut.sum()))] if cut.any() else []
    found += [agreed_by_few(int(open_still.sum()))] if open_still.any() else []
    found += [exchanged()] if held else []
    return (*found, *(() if complete else (covered_tiers(),)))
