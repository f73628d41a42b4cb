"""What a ranking allows to be said, sentence by sentence; "best" and "worst" only as far as rank sets go.

Who is first or last, which pairs differ, and how many, is decided where documents decide it; pages word it
for readers who know no statistics.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from analysis.blurring import P_CLASSES
from analysis.ranking.reading import RULES, Rule
from survey.language import current_language
from survey.language import gettext as _
from survey.wording import ranking as phrases

SMALLEST_P = 0.001
MOST_NAMES = 8


def sentences(ranking: dict[str, Any]) -> Iterator[str]:
    """The sentences in the order of reading: is there any difference, who stands out, what stays open."""
    yield omnibus(ranking)
    if not ranking["departments"]:
        return
    if ranking.get("method", {}).get("n_components", 1) == 1:
        yield first_place(ranking["departments"])
        yield last_place(ranking["departments"])
    yield from against_average(ranking["departments"])
    yield resolution(ranking)


def omnibus(ranking: dict[str, Any]) -> str:
    """One sentence on the test that all departments are alike."""
    p = ranking["global_test"]["p_value"]
    if p is None:
        return _("这一轮的数据不足以检验部门之间有没有差别。")
    chance = _chance(p)
    if p >= 1 - ranking["level"]:  # as in the documents
        return _(
            "这一轮看不出部门之间有差别：即使各部门其实一样，出现这样的差别的机会%(chance)s。名次不宜引用。",
            chance=chance,
        )
    return _("部门之间确有差别：假如各部门其实一样，出现这样大的差别的机会%(chance)s。", chance=chance)


def _chance(p: float) -> str:
    """A p-value in words; published ones are upper ends of classes."""
    if p < SMALLEST_P:
        return _("不到千分之一")
    if p == P_CLASSES[-1]:
        return _("超过 %(percent)s%%", percent=f"{100 * P_CLASSES[-2]:g}")
    if p in P_CLASSES:
        return _("不超过 %(percent)s%%", percent=f"{100 * p:g}")
    return _("约为 %(percent)s%%", percent=f"{100 * p:.1f}")


def first_place(departments: list[dict[str, Any]]) -> str:
    ends = phrases.first(departments, 1)
    if ends.certain:
        return _("可以确定排第一的是%(names)s。", names=listed(ends.certain))
    return _(
        "没有哪个部门能确定排第一；可能排第一的有 %(count)s 个：%(names)s。",
        count=len(ends.possible),
        names=listed(ends.possible),
    )


def last_place(departments: list[dict[str, Any]]) -> str:
    ends = phrases.last(departments, 1)
    if ends.certain:
        return _("可以确定排最后的是%(names)s。", names=listed(ends.certain))
    return _(
        "没有哪个部门能确定排最后；可能排最后的有 %(count)s 个：%(names)s。",
        count=len(ends.possible),
        names=listed(ends.possible),
    )


def against_average(departments: list[dict[str, Any]]) -> Iterator[str]:
    above = [d["name"] for d in departments if d["vs_average"] == "above"]
    below = [d["name"] for d in departments if d["vs_average"] == "below"]
    if above:
        yield _("确定高于平均的有 %(count)s 个：%(names)s。", count=len(above), names=listed(above))
    if below:
        yield _("确定低于平均的有 %(count)s 个：%(names)s。", count=len(below), names=listed(below))
    if not above and not below:
        yield _("没有哪个部门能确定高于或低于平均。")


def resolution(ranking: dict[str, Any]) -> str:
    """How many pairs can be told apart, in the words of the documents."""
    return phrases.resolution(ranking["pairs"], ranking["level"], current_language())


def reading(rule: Rule) -> str:
    """How a ranking may be read, in the words of documents and charts."""
    return RULES[rule][1 if current_language() == "en" else 0]


def class_name(name: str) -> str:
    """A class of departments in the page's language."""
    return name if current_language() == "en" else phrases.class_name(name)


def listed(names: Sequence[str]) -> str:
    """Names in a sentence; a long list is cut, the table below has all of them."""
    text = _("、").join(names[:MOST_NAMES])
    return text if len(names) <= MOST_NAMES else _("%(names)s等", names=text)


def position(rank_set: tuple[int, int], departments: int) -> str:
    """Where a department stands, in words that its rank set allows."""
    best, worst = rank_set
    if best == worst:
        return _("第 %(rank)s 名", rank=best)
    if (best, worst) == (1, departments):
        return _("名次不能确定")
    return _("第 %(best)s 到第 %(worst)s 名之间", best=best, worst=worst)
