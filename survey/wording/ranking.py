"""Sentences that a ranking allows, worded once for pages, documents and commands.

All functions work on version-1 rankings (docs/architecture.md), and decide as the charts do. "First" and
"last" appear only where the rank set allows; everything else is 不能区分, "cannot be told apart".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from analysis.blurring import P_CLASSES
from analysis.explain import rounded_up, significant
from analysis.ranking.reading import RULES, Rule
from survey.errors import N_
from survey.facts.meeting import End
from survey.facts.ranking import NotRanked, RankedDepartment, RankingFacts, RankingPart
from survey.language import current_language
from survey.language import gettext as _
from survey.wording.names import is_long, listed, with_names
from survey.wording.numbers import points

_BOTH: Final[tuple[End, End]] = ("first", "last")
SMALLEST_P: Final = 0.001
ENDS: Final = 3
# Reasons without numbers: those in the engine's own words may be below the threshold.
NOT_RANKED: Final = {
    "threshold": N_("评议人数少于公布门槛。"),
    "compared": N_("同时评过其他部门的评议人少于公布门槛，无法比较。"),
    "isolated": N_("没有评议人同时评过它和其他参加排名的部门，无法比较。"),
    "df": N_("能用于比较的评议人太少。"),
}


def sentences(ranking: RankingFacts, pairs: tuple[int, int] | None = None) -> Iterator[str]:
    """Sentences on a ranking in the order of reading: whether departments differ, who stands out, what stays
    open. pairs: how many there are and how many differ, where `ranking` does not list them."""
    yield omnibus(ranking)
    if not ranking.departments:
        return
    yield from places(ranking)
    yield from against_average(ranking.departments)
    yield resolution(ranking) if pairs is None else _resolved(*pairs)


def certain(ranking: RankingFacts) -> Iterator[str]:
    """Sentences as `sentences` gives, without who is only possibly first or last; for documents, which add
    the first and last three."""
    departments = ranking.departments
    yield _("%(omnibus)s%(pairs)s", omnibus=omnibus(ranking), pairs=resolution(ranking))
    yield from against_average(departments)
    if not is_comparable(ranking):
        yield not_comparable()
        return
    if first(departments, 1).certain:
        yield first_place(departments)
    if last(departments, 1).certain:
        yield last_place(departments)
    yield from both_ends(ranking)


def omnibus(ranking: RankingFacts) -> str:
    """Sentence on the test that all departments are alike."""
    p = ranking.global_test.p_value
    if p is None:
        return _("各部门之间有无差别没有检验。")
    if not significant(p, ranking.level):
        return _(
            "看不出部门之间有差别：即使各部门其实一样，出现这样的差别的机会%(chance)s。名次不宜引用。",
            chance=_chance(p),
        )
    return _("部门之间确有差别：假如各部门其实一样，出现这样大的差别的机会%(chance)s。", chance=_chance(p))


def _chance(p: float) -> str:
    """Words for a p-value; a published one is the upper end of a class."""
    if p < SMALLEST_P:
        return _("不到千分之一")
    if p == P_CLASSES[-1]:
        return _("超过 %(percent)s%%", percent=f"{100 * P_CLASSES[-2]:g}")
    if p in P_CLASSES:
        return _("不超过 %(percent)s%%", percent=f"{100 * p:g}")
    return _("约为 %(percent)s%%", percent=f"{100 * rounded_up(p):.1f}")


def resolution(ranking: RankingFacts) -> str:
    """Sentence on how many pairs of departments can be told apart."""
    return _resolved(len(ranking.pairs), sum(pair.significant for pair in ranking.pairs))


def _resolved(total: int, different: int) -> str:
    if not different:
        return _("%(total)s 对部门都不能区分高低。", total=total)
    if different == total:
        return _("%(total)s 对部门都可以分出高低。", total=total)
    return _(
        "%(total)s 对部门中，有 %(different)s 对可以分出高低，其余 %(rest)s 对不能区分。",
        total=total, different=different, rest=total - different,
    )  # fmt: skip


def against_average(departments: Sequence[RankedDepartment]) -> Iterator[str]:
    """Sentences naming the departments certainly above and certainly below average."""
    above = [d.name for d in departments if d.vs_average == "above"]
    below = [d.name for d in departments if d.vs_average == "below"]
    if above:
        yield with_names(_("确定高于平均的有 %(count)s 个", count=len(above)), above)
    if below:
        yield with_names(_("确定低于平均的有 %(count)s 个", count=len(below)), below)
    if not above and not below:
        yield _("没有哪个部门能确定高于或低于平均。")


@dataclass(frozen=True, slots=True)
class Ends:
    """Names of departments that certainly are, and of others that possibly are,
    among the first or last few."""

    certain: tuple[str, ...]
    possible: tuple[str, ...]


def is_comparable(ranking: RankingPart) -> bool:
    """Whether raters link all departments (one connected component), so that there is one order."""
    parts = {department.component for department in ranking.departments}
    return len(parts) <= 1 and (ranking.method is None or ranking.method.n_components == 1)


def not_comparable() -> str:
    return _("部门分成互不相连的几组，没有企业跨组评价，不能合在一起排先后。")


def first(departments: Sequence[RankedDepartment], count: int) -> Ends:
    """Departments certainly, and others possibly, among the first `count`, by rank sets."""
    certain = [d.name for d in departments if d.rank_set[1] <= count]
    possible = [d.name for d in departments if d.rank_set[0] <= count < d.rank_set[1]]
    return Ends(tuple(certain), tuple(possible))


def last(departments: Sequence[RankedDepartment], count: int) -> Ends:
    """Departments certainly, and others possibly, among the last `count`, by rank sets."""
    start = len(departments) - count + 1
    certain = [d.name for d in departments if d.rank_set[0] >= start]
    possible = [d.name for d in departments if d.rank_set[0] < start <= d.rank_set[1]]
    return Ends(tuple(certain), tuple(possible))


def places(ranking: RankingPart) -> Iterator[str]:
    """Sentences on the first and the last place, or that there is no one order."""
    if is_comparable(ranking):
        yield first_place(ranking.departments)
        yield last_place(ranking.departments)
    else:
        yield not_comparable()


def first_place(departments: Sequence[RankedDepartment]) -> str:
    """Sentence on who is certainly first, else who possibly is; only their number where they are too many to
    name."""
    ends = first(departments, 1)
    if ends.certain:
        return _("可以确定排第一的是%(names)s。", names=listed(ends.certain))
    values = {"count": len(ends.possible), "names": listed(ends.possible)}
    if is_long(ends.possible):
        return _("没有哪个部门能确定排第一；可能排第一的有 %(count)s 个，不逐一列名。", **values)
    return _("没有哪个部门能确定排第一；可能排第一的有 %(count)s 个：%(names)s。", **values)


def last_place(departments: Sequence[RankedDepartment]) -> str:
    """Sentence on who is certainly last, as `first_place` words it."""
    ends = last(departments, 1)
    if ends.certain:
        return _("可以确定排末位的是%(names)s。", names=listed(ends.certain))
    values = {"count": len(ends.possible), "names": listed(ends.possible)}
    if is_long(ends.possible):
        return _("没有哪个部门能确定排末位；可能排末位的有 %(count)s 个，不逐一列名。", **values)
    return _("没有哪个部门能确定排末位；可能排末位的有 %(count)s 个：%(names)s。", **values)


def both_ends(ranking: RankingFacts, count: int = ENDS) -> Iterator[str]:
    """Sentences on who is among the first and the last `count`, each followed
    by what was tested about them.

    Nothing where at most 2 × `count` departments are ranked, or where nothing shows that departments differ
    at all.
    """
    p_value = ranking.global_test.p_value
    different = p_value is not None and significant(p_value, ranking.level)
    if len(ranking.departments) <= 2 * count or not different:
        return
    meeting = ranking.meeting.notes if ranking.meeting else ()
    notes = {note.code: note.text(current_language()) for note in meeting}
    told: dict[str, None] = {}
    for which in _BOTH:
        tested = notes.get(f"{which}_tested", "")
        told |= dict.fromkeys([*ends_sentences(ranking, count, which), *([tested] if tested else [])])
    yield from told


def ends_sentences(ranking: RankingPart, count: int, which: End) -> tuple[str, ...]:
    """Two sentences on the first or last `count` (`which`: "first" or "last"): who certainly is, who possibly
    is.

    Where those possibly among them are too many to name, only their number is told: nobody is picked out.
    """
    if not is_comparable(ranking):
        return (not_comparable(),)
    ends = (first if which == "first" else last)(ranking.departments, count)
    words = _FIRST if which == "first" else _LAST
    surely = "surely" if ends.certain else "nobody"
    maybe = "many" if is_long(ends.possible) else "maybe" if ends.possible else "no_other"
    return tuple(
        _(words[key], count=count, names=listed(names), number=len(names))
        for key, names in ((surely, ends.certain), (maybe, ends.possible))
    )


_FIRST: Final = {
    "surely": N_("确定在前 %(count)s 名的：%(names)s。"),
    "nobody": N_("没有哪个部门确定在前 %(count)s 名。"),
    "maybe": N_("可能在前 %(count)s 名的：%(names)s。"),
    "many": N_("可能在前 %(count)s 名的部门有 %(number)s 个，不逐一列名。"),
    "no_other": N_("其余部门都不在前 %(count)s 名。"),
}
_LAST: Final = {
    "surely": N_("确定在后 %(count)s 名的：%(names)s。"),
    "nobody": N_("没有哪个部门确定在后 %(count)s 名。"),
    "maybe": N_("可能在后 %(count)s 名的：%(names)s。"),
    "many": N_("可能在后 %(count)s 名的部门有 %(number)s 个，不逐一列名。"),
    "no_other": N_("其余部门都不在后 %(count)s 名。"),
}


def position(rank_set: Sequence[int], total: int) -> str:
    """Sentence on what rank a department with this rank set has among `total` departments."""
    best, worst = rank_set
    if best == worst:
        if best == total > 1:
            return _("确定排末位（第 %(rank)s 名）。", rank=best)
        return _("确定排第 %(rank)s 名。", rank=best)
    if (best, worst) == (1, total):
        return _("名次不能确定：从第 1 到第 %(worst)s 名都有可能。", worst=worst)
    if best == 1:
        return _("可能排第 1，也可能排到第 %(worst)s 名，不能说它是第一。", worst=worst)
    if worst == total:
        return _("可能排末位，也可能排到第 %(best)s 名，不能说它是末位。", best=best)
    return _("名次在第 %(best)s 至第 %(worst)s 名之间。", best=best, worst=worst)


def reading(rule: Rule) -> str:
    """Rule for reading a ranking, in the words of the charts."""
    return RULES[rule][current_language() == "en"]


def scores_bounded(departments: Sequence[RankedDepartment]) -> str:
    """Sentence with the bounds told instead of these departments' scores, and why: answers so close would be
    told exactly."""
    told = [
        _("%(name)s不低于 %(score)s 分", name=d.name, score=points(d.adjusted))
        if d.bound == "at_least"
        else _("%(name)s不高于 %(score)s 分", name=d.name, score=points(d.adjusted))
        for d in departments
    ]
    return _(
        "得分只公布界限：%(bounds)s。各家给分太接近，说得再细就等于说出每家怎么答；名次仍按实际得分。",
        bounds=listed(told),
    )


def excluded() -> str:
    """Sentence that introduces the list `not_ranked`."""
    return _("以下部门不参加排名，得分和票数都不公布。")


def not_ranked(ranking: RankingPart) -> list[tuple[str, str]]:
    """Pairs (names, reason) of the departments that are not ranked, one pair a reason."""
    by_reason: dict[str, list[str]] = {}
    for entry in ranking.insufficient:
        by_reason.setdefault(_reason(entry), []).append(entry.name)
    return [(listed(names), why) for why, names in by_reason.items()]


def _reason(entry: NotRanked) -> str:
    if entry.code in NOT_RANKED:
        message = NOT_RANKED[entry.code]
        return _(message)
    # An outside table that lacks the department; the engine's words then tell nothing of ballots.
    return entry.why(current_language())
