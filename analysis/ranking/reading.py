"""Rules for reading a ranking, in Chinese and English, worded once for charts, documents and pages.

Whether two departments differ is decided by their pair alone. Rank ranges cannot replace it: those of a
declared pair may overlap. Tier letters can, but with many departments nobody can follow them; they are shown
for few only. A test checks every rule here against all pairs of simulated rounds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

Language = Literal["zh", "en"]
Rule = Literal["pairs", "ranges", "letters", "letters_apart", "bars", "bars_apart", "parts", "matrix"]

MOST_WITH_TIERS: Final = 8  # departments of one table or section whose tiers an eye can follow

RULES: Final[dict[Rule, tuple[str, str]]] = {
    "pairs": (
        "两个部门能不能分出高低，只看两两比较的结论；名次先后、名次范围和区间有没有重叠，都不能代替。",
        (
            "Whether two departments can be told apart is decided by their pairwise comparison alone; "
            "neither their order nor whether rank ranges or intervals overlap can stand for it."
        ),
    ),
    "ranges": (
        "名次范围“2—6”的意思是，这个部门排在第 2 到第 6 之间都有可能。",
        "A rank range of 2–6 means that any rank from 2 to 6 is possible.",
    ),
    "letters": (
        "档次有相同字母的两个部门不能区分高低；没有相同字母的，分得出高低。",
        "Two departments that share a tier letter cannot be told apart; two that share none can.",
    ),
    "letters_apart": (
        "档次有相同字母的两个部门不能区分高低；同一组内没有相同字母的，分得出高低；不同组的部门不能比较。",
        (
            "Two departments that share a tier letter cannot be told apart; two of the same set that share "
            "none can; departments of different sets cannot be compared."
        ),
    ),
    "bars": (
        "有共同竖条（档次）的两个部门不能区分高低；没有共同竖条的，分得出高低。",
        "Two departments that share a bar (tier) cannot be told apart; two that share none can.",
    ),
    "bars_apart": (
        "有共同竖条（档次）的两个部门不能区分高低；同一组内没有共同竖条的，分得出高低；不同组的部门不能比较。",
        (
            "Two departments that share a bar (tier) cannot be told apart; two of the same set that share "
            "none can; departments of different sets cannot be compared."
        ),
    ),
    "parts": (
        "竖条（档次）只在同一部分里看：有共同竖条的两个部门不能区分高低，没有共同竖条的分得出高低。",
        (
            "Bars (tiers) are read within one part: two departments that share a bar cannot be told apart, "
            "two that share none can."
        ),
    ),
    "matrix": (
        "两两比较图里，▲ 是行部门确定高于列部门，▼ 是确定低于，灰格是不能区分。",
        (
            "In the matrix of pairs ▲ means that the row is certainly above the column, ▼ certainly below; "
            "a grey cell cannot be told apart."
        ),
    ),
}


def reading(rule: Rule, language: Language = "zh", *, units: bool = False) -> str:
    """Text of a reading rule; units: say "units" instead of "departments" (for given estimates)."""
    text = RULES[rule][0 if language == "zh" else 1]
    return text.replace("部门", "单位").replace("departments", "units") if units else text


def tiers_rule(components: Iterable[int], how: Literal["letters", "bars"]) -> Rule:
    """Reading rule for tiers that suits departments of these components; different components are not
    comparable."""
    if len(set(components)) <= 1:
        return how
    return "letters_apart" if how == "letters" else "bars_apart"
