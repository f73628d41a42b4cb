"""What the meeting needs of a ranking (its "meeting" in docs/facts.md): sentences and tables."""

from collections.abc import Callable, Mapping
from typing import Any, Final

Part = Mapping[str, Any]
HEADINGS: Final = ("部门", "前三后三", "等次", "与平均相比", "去掉几张不再成立", "改成最差答案")
EXPLAINED: Final = (
    "“去掉几张不再成立”：把对这条结论最有利的几张选票去掉，重新排名，它就不再成立；换一种选法，也许更少的几张就够。"
    "“改成最差答案”是把几张选票换成对它最不利的答案。没有剔除任何选票。等次只说区间允许说的话。"
)
_PLACES: Final = {
    ("first", "certain"): ("确定在前 {n} 名", "certainly among the first {n}"),
    ("last", "certain"): ("确定在后 {n} 名", "certainly among the last {n}"),
    ("first", "possible"): ("可能在前 {n} 名", "possibly among the first {n}"),
    ("last", "possible"): ("可能在后 {n} 名", "possibly among the last {n}"),
}
_EXCLUDED: Final = {
    "first": ("确定不在前 {n} 名", "certainly not among the first {n}"),
    "last": ("确定不在后 {n} 名", "certainly not among the last {n}"),
}
AGAINST: Final = {"above": ("高于平均", "above"), "below": ("低于平均", "below")}
FRAGILE: Final = ("易变", "fragile")
Say = Callable[[str, str], str]


def sentences(ranking: Part, language: str = "zh", *, ends: bool = False) -> list[str]:
    """What is said of all departments together; ends: also of first and last (documents have their own).

    Nothing for rankings that were kept before there was a meeting's part.
    """
    notes = ranking.get("meeting", {}).get("notes", ())
    return [note[language] for note in notes if ends or note["code"] not in ("first", "last")]


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
    return tuple(text or "—" for text in (entry["name"], shown, grade, against, *ballots))


def removed(carried: Part, say: Say) -> str:
    """How many ballots carry a statement, and whether it is fragile."""
    k = carried["removed"]
    if k is None:
        return "—"
    about = "" if carried["verified"] else say("约 ", "about ")
    mark = say("（易变）", " (fragile)") if carried["fragile"] else ""
    return f"{about}{k}{say(' 张', '')}{mark}"


def _falsified(carried: Part, say: Say) -> str:
    k = carried["falsified"]
    about = "" if carried["falsified_verified"] else say("约 ", "about ")
    return "—" if k is None else f"{about}{k}{say(' 张', '')}"


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
