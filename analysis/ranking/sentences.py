"""Summary of a ranking in sentences, Chinese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.explain import counted

if TYPE_CHECKING:
    from analysis.ranking.results import Language, Ranking


def summarise(ranking: Ranking, language: Language) -> str:
    """Summary in lines; says "first" or "last" only where a rank set allows it."""
    lines = [_opening(ranking, language), *_extremes(ranking, language), _resolution(ranking, language)]
    if ranking.insufficient:
        lines.append(_insufficient(ranking, language))
    lines += [note.text(language) for note in ranking.notes]
    return "\n".join(line for line in lines if line)


def _opening(ranking: Ranking, language: Language) -> str:
    percent = f"{100 * ranking.level:g}%"
    d = len(ranking.departments)
    if any(note.code in ("combined", "composite") for note in ranking.notes):
        zh = f"合并之后，{d} 个部门参加排名，联合置信度 {percent}。"
        en = f"Combined: {d} departments ranked, joint confidence {percent}."
    elif ranking.n_raters is None:
        zh = f"按给定估计值对 {d} 个部门排名，联合置信度 {percent}。"
        en = f"{d} departments ranked from given estimates, joint confidence {percent}."
    else:
        zh = (
            f"{ranking.n_raters} 个评议人、{ranking.n_ratings} 条评分，"
            f"{d} 个部门参加排名，联合置信度 {percent}。"
        )
        en = (
            f"{counted(ranking.n_raters, 'rater')}, {counted(ranking.n_ratings or 0, 'rating')}, "
            f"{d} departments ranked, joint confidence {percent}."
        )
    return zh if language == "zh" else en


def _extremes(ranking: Ranking, language: Language) -> list[str]:
    if ranking.n_components > 1:
        return []
    d = len(ranking.departments)
    best = [x.name for x in ranking.departments if x.rank_set == (1, 1)]
    worst = [x.name for x in ranking.departments if x.rank_set == (d, d)]
    above = [x.name for x in ranking.departments if x.vs_average == "above"]
    below = [x.name for x in ranking.departments if x.vs_average == "below"]
    if language == "zh":
        said = [("确定排第一：", best), ("确定排末位：", worst), ("高于平均：", above), ("低于平均：", below)]
        return [label + "、".join(names) + "。" for label, names in said if names]
    said = [
        ("Certainly first: ", best),
        ("Certainly last: ", worst),
        ("Above average: ", above),
        ("Below average: ", below),
    ]
    return [label + ", ".join(names) + "." for label, names in said if names]


def _resolution(ranking: Ranking, language: Language) -> str:
    different, total = int(ranking.pairs.significant.sum()), len(ranking.pairs)
    same = total - different
    if total == 1:
        zh, en = ("可以分出高下", "differ") if different else ("不能分出高下", "cannot be told apart")
        return f"两个部门{zh}。" if language == "zh" else f"The two departments {en}."
    if language == "zh":
        if not different:
            return f"{total} 对部门都不能分出高下。"
        if not same:
            return f"{total} 对部门都可以分出高下。"
        return f"{total} 对部门中有 {different} 对可以分出高下，其余 {same} 对不能区分。"
    if not same or not different:
        whole = "differ" if different else "can be told apart"
        return f"{'All' if different else 'None'} of {counted(total, 'pair')} of departments {whole}."
    return f"Of {total} pairs of departments {different} differ; {same} cannot be told apart."


def _insufficient(ranking: Ranking, language: Language) -> str:
    """Sentence that names departments not ranked; "" if a note says it already."""
    if any(note.code == "insufficient" for note in ranking.notes):
        return ""
    names = [entry.name for entry in ranking.insufficient]
    parts = all(entry.code == "part" for entry in ranking.insufficient)
    if language == "zh":
        return (
            ("不是每一部分都有足够的评分" if parts else "样本不足")
            + "，不参加排名："
            + "、".join(names)
            + "。"
        )
    return (
        ("Not enough in every part" if parts else "Too few ratings")
        + ", not ranked: "
        + ", ".join(names)
        + "."
    )
