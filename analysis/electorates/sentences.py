"""Sentences about a composite in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.explain import NOT_CARRIED, listed, pick, signed
from analysis.ranking.results import Note

if TYPE_CHECKING:
    from analysis.electorates.composite import Composite, Electorate, Move

UNLIKE_SCALES = 2.0


def notes_of(
    electorates: Sequence[Electorate],
    disjoint: bool,
    scores: Sequence[NDArray[np.float64]],
    points: Sequence[NDArray[np.float64]],
    levels: tuple[float, float, float],
) -> tuple[Note, ...]:
    """Notes of a composite: weights, confidence levels, shared raters, figures without error, unlike scales.

    disjoint: electorates share no rater; levels: joint confidence of everything, of the ranking and of the
    shifts.
    """
    zh = "、".join(f"{e.name} {100 * e.weight:.4g}%" for e in electorates)
    en = ", ".join(f"{e.name} {100 * e.weight:.4g} %" for e in electorates)
    found = [
        Note(
            "composite",
            f"综合得分由事先定好的权重合成：{zh}。",
            f"Composite by weights fixed beforehand: {en}.",
        )
    ]
    found.append(_spent(*levels))
    if sum(e.n_raters is not None for e in electorates) > 1:
        found.append(_raters(disjoint))
    if points:
        names = [e.name for e in electorates if e.n_raters is None]
        found.append(
            Note(
                "composite_points",
                f"{listed(names, 'zh')}按给定的分数计入，不带误差。",
                f"Taken as given, without error: {listed(names, 'en')}.",
            )
        )
    spans = [float(np.ptp(s)) for s in scores if np.ptp(s) > 0]
    if spans and max(spans) > UNLIKE_SCALES * min(spans):
        found.append(
            Note(
                "composite_scales",
                "各群体评分的满分相差很大，权重是对分数而言的；请先换算成同样的分值。",
                "The electorates' score ranges are far apart, and weights apply to points; "
                "bring them to one range first.",
            )
        )
    return tuple(found)


def _spent(level: float, ranking: float, moves: float) -> Note:
    """Note on how the error rate is split between the ranking and the shifts."""
    sure, alone = f"{100 * level:.4g}%", f"{100 * ranking:.4g}%"
    whole, of_ranking, of_moves = (f"{100 * (1 - x):.4g}" for x in (level, ranking, moves))
    return Note(
        "composite_level",
        f"全部说法同时成立的把握不低于 {sure}；可以出错的 {whole}% 中，排名占 {of_ranking}%，"
        f"各方影响占 {of_moves}%，所以单看排名是 {alone}。",
        f"Everything holds together with at least {sure} confidence; of the {whole} % that may be wrong, the "
        f"ranking has {of_ranking} % and what each electorate moved {of_moves} %, so that the ranking alone "
        f"has {alone}.",
    )


def _raters(disjoint: bool) -> Note:
    if disjoint:
        return Note(
            "composite_raters",
            "各群体声明为没有相同的评议人，误差据此计算。",
            "The electorates are declared to share no rater, and errors are computed so.",
        )
    return Note(
        "composite_raters",
        "各群体可能有相同的评议人；误差按同向累加的最大值计算，不论有多少人相同都成立。",
        "Electorates may share raters; errors are added at their largest, which holds however many they "
        "share.",
    )


def moves_held() -> Note:
    """Note that the exact test held back shifts by electorates."""
    return Note(
        "composite_exchanged",
        "把每个评议人自己打的分在部门之间任意调换，各方带来的变化也常常这么大，所以没有认定哪一方使得分变化"
        "（外部指标自身带来的除外）。",
        "Exchanging every rater's own marks among departments often gives shifts as large as these, so that "
        "no shift by an electorate is declared, but for those that figures from outside make themselves.",
    )


def summarised(found: Composite, language: str) -> str:
    """Summary of the ranking, then of each electorate's shifts, in `language`."""
    body = found.ranking.summary("en" if language == "en" else "zh")
    lines = [body, *(_moved(found, e, language) for e in found.electorates)]
    if found.ranking.pairs.significant.any() or any(found.moved(e.name) for e in found.electorates):
        lines.append(pick(language, *NOT_CARRIED))
    lines.append(pick(language, "单个名次只是点估计。", "Single ranks are point estimates."))
    return "\n".join(lines)


def _moved(found: Composite, electorate: Electorate, language: str) -> str:
    moved = found.moved(electorate.name)
    if not moved:
        return pick(
            language,
            f"“{electorate.name}”与其他各方的看法没有超出偶然的差别。",
            f"{electorate.name} does not differ from the others beyond chance.",
        )
    words = [_move(m, language) for m in moved]
    return pick(
        language,
        f"“{electorate.name}”使这些部门的综合得分有超出偶然的变化：{'；'.join(words)}。",
        f"{electorate.name} shifts these departments beyond chance: {'; '.join(words)}.",
    )


def _move(m: Move, language: str) -> str:
    points, low, high = map(signed, (m.shift, *m.ci))
    same = m.rank == m.rank_without
    zh = "名次不变" if same else f"排名由第 {m.rank_without} 变为第 {m.rank}"
    en = "rank unchanged" if same else f"rank {m.rank_without} without it, {m.rank} with it"
    return pick(
        language,
        f"{m.department} {points} 分（{low} 至 {high}，{zh}）",
        f"{m.department} {points} points ({low} to {high}; {en})",
    )
