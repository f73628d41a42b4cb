"""What the meeting needs of a ranking (its "meeting" in docs/facts.md): sentences and tables."""

from collections.abc import Callable
from typing import Final

from survey.parts import Part

HEADINGS: Final = (
    "部门",
    "前三后三",
    "等次",
    "与平均相比",
    "去掉几张不再成立",
    "改成最差答案",
    "与警戒线相比",
)
EXPLAINED: Final = (
    (
        "“去掉几张不再成立”：去掉这么多张选票，重新排名，与平均相比的结论就不再成立。只写一个数的，所有选法都重算过，"
        "再少就不行；写“至多”的，是找到的最少的几张，也许更少就够；写“3 至 7 张”的，不到 3 张的选法都重算过；"
        "写“约”的是估算，没有重算。“改成最差答案”是把选票换成对这条结论最不利的答案。"
        "“与警戒线相比”后面是去掉几张不再成立。没有剔除任何选票。等次只说区间允许说的话。"
    ),
    (
        "“Undone without”: when so many ballots are taken away and everything is ranked again, the statement "
        "against the average no longer holds. One number alone: all choices were computed and fewer do not; "
        "“at most”: the fewest that were found, fewer may do; “3 to 7”: all choices of fewer than 3 were "
        "computed; “about”: an estimate. “Falsified”: ballots turned into the worst answer for it. Under "
        "“Against the line” stands how many ballots carry that. No ballot was removed. Grades say only "
        "what the intervals allow."
    ),
)
_PLACES: Final = {
    ("first", "certain"): ("确定在前 {n} 名", "certainly among the first {n}"),
    ("last", "certain"): ("确定在后 {n} 名", "certainly among the last {n}"),
    ("first", "possible"): ("可能在前 {n} 名", "possibly among the first {n}"),
    ("last", "possible"): ("可能在后 {n} 名", "possibly among the last {n}"),
}
_ENDS: Final = ("first", "last", "first_tested", "last_tested")
_EXCLUDED: Final = {
    "first": ("确定不在前 {n} 名", "certainly not among the first {n}"),
    "last": ("确定不在后 {n} 名", "certainly not among the last {n}"),
}
AGAINST: Final = {
    "above": ("高于平均", "above"),
    "below": ("低于平均", "below"),
    "above_line": ("高于警戒线", "above the line"),
    "below_line": ("低于警戒线", "below the line"),
}
FRAGILE: Final = ("易变", "fragile")
Say = Callable[[str, str], str]


def sentences(ranking: Part, language: str = "zh", *, ends: bool = False) -> list[str]:
    """What is said of all departments together; ends: also of first and last (documents have their own).

    Nothing for rankings that were kept before there was a meeting's part.
    """
    notes = ranking.get("meeting", {}).get("notes", ())
    return [note[language] for note in notes if ends or note["code"] not in _ENDS]


def rows(meeting: Part, say: Say) -> list[tuple[str, ...]]:
    """A row a department, as `HEADINGS`."""
    return [_row(meeting, entry, say) for entry in meeting["departments"]]


def _row(meeting: Part, entry: Part, say: Say) -> tuple[str, ...]:
    carried = entry["carried"]
    places = [place(meeting, entry, end, say) for end in ("first", "last")]
    shown = say("，", ", ").join(filter(None, places))
    grade = say(entry["grade_zh"], entry["grade_en"])
    against = "" if carried is None else say(*AGAINST[carried["kind"]])
    ballots = ("", "") if carried is None else (removed(carried, say), _falsified(carried, say))
    cells = (entry["name"], shown, grade, against, *ballots, against_line(entry, say))
    return tuple(text or "—" for text in cells)


def against_line(entry: Part, say: Say) -> str:
    """A department against the warning line, where that is certain, and how many ballots carry it."""
    line = entry.get("carried_line")
    return "" if line is None else say("，", ", ").join((say(*AGAINST[line["kind"]]), removed(line, say)))


def removed(carried: Part, say: Say) -> str:
    """How many ballots carry a statement, and whether it is fragile."""
    k = carried["removed"]
    if k is None:
        return "—"
    mark = say("（易变）", " (fragile)") if carried["fragile"] else ""
    return _bound(at_least(carried), k, carried["verified"], say) + mark


def at_least(carried: Part) -> int:
    """So many ballots are certainly needed; rankings from before there was such a bound say nothing."""
    least: int = carried.get("at_least", 1)
    return least


def how_known(low: int, k: int | None, verified: bool, say: Say) -> str:
    """What stands behind a number of ballots."""
    if k is None:
        return ""
    if not verified:
        return say("估算，没有重算", "an estimate, not computed")
    if low == k:
        return say("所有选法都重算过", "all choices computed")
    return say("重算过，至多", "computed, at most")


def _falsified(carried: Part, say: Say) -> str:
    k = carried["falsified"]
    return "—" if k is None else _bound(1, k, carried["falsified_verified"], say)


def _bound(low: int, k: int, verified: bool, say: Say) -> str:
    """One number where it is exact, an upper bound or both elsewhere, or about so many."""
    if not verified:
        return say(f"约 {k} 张", f"about {k}")
    if low == k:
        return say(f"{k} 张", f"{k}")
    return say(f"{low} 至 {k} 张", f"{low} to {k}") if low > 1 else say(f"至多 {k} 张", f"at most {k}")


def standing(meeting: Part, entry: Part, end: str, say: Say) -> str:
    """As `place`, but never blank: also what is possible for many, and what is excluded."""
    if meeting[end] is None:
        return "—"
    if entry[end] == "excluded":
        return say(*_EXCLUDED[end]).format(n=meeting[end]["count"])
    return say(*_PLACES[end, entry[end]]).format(n=meeting[end]["count"])


def place(meeting: Part, entry: Part, end: str, say: Say) -> str:
    where = _PLACES.get((end, entry[end] or ""))
    if where is None:
        return ""
    many = len(meeting[end]["possible"]) > 2 * meeting[end]["count"]
    return "" if entry[end] == "possible" and many else say(*where).format(n=meeting[end]["count"])
