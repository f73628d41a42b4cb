"""The sentences that may be said about ranks, worded once, for documents, pages and commands.

They work on version-1 rankings (docs/architecture.md), so that every reader says the same. "First" and "last"
appear only where the rank set allows; everything else is 不能区分, "cannot be told apart".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from analysis.explain import p_text
from survey.parts import Part

Language = Literal["zh", "en"]
End = Literal["first", "last"]
# Characters of names that a sentence can carry; longer lists belong into a table.
MOST_NAMED: Final = 240

_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "rank": ("第 {best} 名", "rank {best}"),
    "ranks": ("第 {best} 至第 {worst} 名", "ranks {best} to {worst}"),
    "surely": ("确定排第 {best} 名。", "Certainly rank {best}."),
    "surely_last": ("确定排末位（第 {worst} 名）。", "Certainly last (rank {worst})."),
    "anywhere": (
        "名次不能确定：从第 1 到第 {worst} 名都有可能。",
        "The rank cannot be determined: anything from 1 to {worst} is possible.",
    ),
    "maybe_first": (
        "可能排第 1，也可能排到第 {worst} 名，不能说它是第一。",
        "Possibly first, possibly as low as rank {worst}; it cannot be called first.",
    ),
    "maybe_last": (
        "可能排末位，也可能排到第 {best} 名，不能说它是末位。",
        "Possibly last, possibly as high as rank {best}; it cannot be called last.",
    ),
    "between": ("名次在第 {best} 至第 {worst} 名之间。", "The rank lies between {best} and {worst}."),
    "above": ("确定高于平均", "certainly above average"),
    "below": ("确定低于平均", "certainly below average"),
    "same": ("与平均不能区分", "cannot be told apart from the average"),
    "pair": ("{a}确定高于{b}。", "{a} is certainly above {b}."),
    "pair_same": ("{a}与{b}不能区分。", "{a} and {b} cannot be told apart."),
    "resolution": (
        "{total} 对部门中，有 {different} 对可以分出高低，其余 {rest} 对不能区分。",
        "Of {total} pairs of departments {different} can be ordered; {rest} cannot be told apart.",
    ),
    "all_differ": ("{total} 对部门都可以分出高低。", "All {total} pairs of departments can be ordered."),
    "none_differ": (
        "{total} 对部门都不能区分高低。", "None of the {total} pairs of departments can be told apart."
    ),
    "differ": (
        "各部门之间的差别超出了偶然（整体检验 p {p}）。",
        "The departments differ by more than chance (omnibus test, p {p}).",
    ),
    "no_difference": (
        "没有证据表明各部门之间有差别（整体检验 p {p}），名次先后不应引用。",
        ("There is no evidence that the departments differ (omnibus test, p {p}); "
        "their order should not be quoted."),
    ),
    "untested": ("各部门之间有无差别没有检验。", "Whether the departments differ was not tested."),
    "first_surely": ("确定在前 {count} 名的：{names}。", "Certainly among the first {count}: {names}."),
    "first_nobody": (
        "没有哪个部门确定在前 {count} 名。", "No department is certainly among the first {count}."
    ),
    "first_maybe": ("可能在前 {count} 名的：{names}。", "Possibly among the first {count}: {names}."),
    "first_many": (
        "可能在前 {count} 名的部门有 {number} 个，不逐一列名。",
        "{number} departments are possibly among the first {count}; they are not named.",
    ),
    "first_no_other": ("其余部门都不在前 {count} 名。", "No other department is among the first {count}."),
    "last_surely": ("确定在后 {count} 名的：{names}。", "Certainly among the last {count}: {names}."),
    "last_nobody": (
        "没有哪个部门确定在后 {count} 名。", "No department is certainly among the last {count}."
    ),
    "last_maybe": ("可能在后 {count} 名的：{names}。", "Possibly among the last {count}: {names}."),
    "last_many": (
        "可能在后 {count} 名的部门有 {number} 个，不逐一列名。",
        "{number} departments are possibly among the last {count}; they are not named.",
    ),
    "last_no_other": ("其余部门都不在后 {count} 名。", "No other department is among the last {count}."),
    "nobody": ("没有", "none"),
    "not_comparable": (
        "部门分成互不相连的几组，没有企业跨组评价，不能合在一起排先后。",
        "The departments fall into sets that no enterprise links; they cannot be put into one order.",
    ),
}  # fmt: skip


_NOT_RANKED: Final = {
    "threshold": ("评议人数少于公布门槛", "fewer raters than the publication threshold"),
    "compared": (
        "同时评过其他部门的评议人少于公布门槛",
        "too few of its raters rated other departments as well",
    ),
    "isolated": ("没有评议人同时评过它和其他部门", "nobody rated both it and another ranked department"),
    "df": ("能用于比较的评议人太少", "too few raters can be used to compare it"),
}


def sentence(key: str, language: Language = "zh", **values: object) -> str:
    """A fixed sentence with its values filled in."""
    return _SENTENCES[key][language == "en"].format(**values)


def rank_range(rank_set: Sequence[int], language: Language = "zh") -> str:
    """The rank set (best, worst) in words."""
    best, worst = rank_set
    return sentence("rank" if best == worst else "ranks", language, best=best, worst=worst)


def position(rank_set: Sequence[int], total: int, language: Language = "zh") -> str:
    """What may be said of a department with this rank set among `total` departments."""
    best, worst = rank_set
    if best == worst:
        key = "surely_last" if best == total > 1 else "surely"
    elif best == 1:
        key = "anywhere" if worst == total else "maybe_first"
    else:
        key = "maybe_last" if worst == total else "between"
    return sentence(key, language, best=best, worst=worst)


def against_average(vs_average: str, language: Language = "zh") -> str:
    """above, below or same, in words."""
    return sentence(vs_average, language)


def comparison(pair: Mapping[str, Any], level: float = 0.95, language: Language = "zh") -> str:
    """What may be said of a pair of the ranking."""
    if not is_significant(pair, level):
        return sentence("pair_same", language, a=pair["a"], b=pair["b"])
    higher, lower = (pair["a"], pair["b"]) if pair["difference"] >= 0 else (pair["b"], pair["a"])
    return sentence("pair", language, a=higher, b=lower)


def is_significant(pair: Mapping[str, Any], level: float) -> bool:
    """Whether the pair was declared different; older files have the adjusted p-value alone."""
    return bool(pair.get("significant", pair["p_adjusted"] < 1 - level))


def resolution(pairs: Sequence[Mapping[str, Any]], level: float = 0.95, language: Language = "zh") -> str:
    """How many pairs of departments can be told apart at all."""
    total, different = len(pairs), sum(is_significant(pair, level) for pair in pairs)
    key = "resolution" if 0 < different < total else "all_differ" if different else "none_differ"
    return sentence(key, language, total=total, different=different, rest=total - different)


def omnibus(ranking: Mapping[str, Any], language: Language = "zh") -> str:
    """The omnibus test in one sentence."""
    p_value = (ranking.get("global_test") or {}).get("p_value")
    if p_value is None:
        return sentence("untested", language)
    key = "differ" if p_value < 1 - ranking["level"] else "no_difference"
    return sentence(key, language, p=p_text(p_value))


@dataclass(frozen=True, slots=True)
class Ends:
    """Departments that certainly are, and that possibly are, among the first or last few."""

    certain: tuple[str, ...]
    possible: tuple[str, ...]


def is_comparable(departments: Iterable[Part]) -> bool:
    """Whether all departments belong to one connected component, so that one order exists."""
    return len({department.get("component", 0) for department in departments}) <= 1


def first(departments: Sequence[Part], count: int) -> Ends:
    """Who certainly is, and who else possibly is, among the first `count`, by rank sets."""
    certain = [d["name"] for d in departments if d["rank_set"][1] <= count]
    possible = [d["name"] for d in departments if d["rank_set"][0] <= count < d["rank_set"][1]]
    return Ends(tuple(certain), tuple(possible))


def last(departments: Sequence[Part], count: int) -> Ends:
    """Who certainly is, and who else possibly is, among the last `count`, by rank sets."""
    start = len(departments) - count + 1
    certain = [d["name"] for d in departments if d["rank_set"][0] >= start]
    possible = [d["name"] for d in departments if d["rank_set"][0] < start <= d["rank_set"][1]]
    return Ends(tuple(certain), tuple(possible))


def ends_sentences(
    departments: Sequence[Part], count: int, which: End, language: Language = "zh"
) -> tuple[str, ...]:
    """ "The last three" as two true sentences: who certainly, who possibly.

    Of very many who possibly are, only the number is told: nobody is picked out of them.
    """
    if not is_comparable(departments):
        return (sentence("not_comparable", language),)
    ends = first(departments, count) if which == "first" else last(departments, count)
    surely = "surely" if ends.certain else "nobody"
    maybe = "many" if is_long(ends.possible) else "maybe" if ends.possible else "no_other"
    return tuple(
        sentence(f"{which}_{key}", language, count=count, names=listed(names, language), number=len(names))
        for key, names in ((surely, ends.certain), (maybe, ends.possible))
    )


def not_ranked(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Departments that take no part in a ranking, by the reason that each of them has."""
    by_reason: dict[str, list[str]] = {}
    for entry in entries:
        by_reason.setdefault(why_not_ranked(entry), []).append(entry["name"])
    return [f"{'、'.join(names)}：{why}。" for why, names in by_reason.items()]


def why_not_ranked(entry: Mapping[str, Any], language: Language = "zh") -> str:
    """The reason without the numbers that the ranking's own words have, which may be below the threshold."""
    if entry["code"] not in _NOT_RANKED:  # an outside table that lacks it, which says nothing of ballots
        return str(entry.get("reason_en" if language == "en" else "reason") or entry["reason"]).rstrip("。.")
    return _NOT_RANKED[entry["code"]][language == "en"]


def class_name(name: str) -> str:
    """A class of departments in Chinese text; names that say 类 themselves (甲类) say it once."""
    return name if "类" in name else f"{name}类"


def is_long(names: Sequence[str]) -> bool:
    """Whether names are too many or too long for a sentence."""
    return sum(map(len, names)) > MOST_NAMED


def listed(names: Sequence[str], language: Language = "zh") -> str:
    """Names as a list in running text; 没有 or none when there are none."""
    return ("、" if language == "zh" else ", ").join(names) or sentence("nobody", language)
