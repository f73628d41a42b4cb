"""Sentences and tables for the meeting, from the part "meeting" of a ranking (docs/facts.md): places, grades,
carrying ballots."""

from __future__ import annotations

from dataclasses import dataclass

from survey.facts.meeting import CarriedStatement, End, MeetingDepartment, MeetingFacts, Place
from survey.facts.ranking import RankingPart
from survey.facts.whole import Facts
from survey.language import current_language
from survey.language import gettext as _
from survey.wording import cells
from survey.wording.numbers import NONE
from survey.wording.ranking import both_ends

_ENDS = ("first", "last", "first_tested", "last_tested")


@dataclass(frozen=True, slots=True)
class Firmness:
    """Sentences, table headings and rows on how firm the ranking is, and their explanation; empty for rounds
    opened before there was such a part."""

    sentences: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    explained: str = ""


def firmness(facts: Facts | None) -> Firmness:
    """`Firmness` of a round's ranking; empty for None."""
    if facts is None or facts.ranking.meeting is None:
        return Firmness()
    said = (*both_ends(facts.ranking), *sentences(facts.ranking))
    return Firmness(said, headings(), tuple(rows(facts.ranking.meeting)), explained())


def headings() -> tuple[str, ...]:
    """Headings of the columns of `rows`."""
    return (
        _("部门"),
        _("前三后三"),
        _("等次"),
        _("与平均相比"),
        _("去掉几张不再成立"),
        _("改成最差答案"),
        _("与警戒线相比"),
    )


def explained() -> str:
    """Explanation of the numbers of ballots in `rows`."""
    return _(
        "“去掉几张不再成立”：去掉这么多张选票，重新排名，与平均相比的结论就不再成立。只写一个数的，所有选法都重算过，"
        "再少就不行；写“至多”的，是找到的最少的几张，也许更少就够；写“3 至 7 张”的，不到 3 张的选法都重算过；"
        "写“约”的是估算，没有重算。“改成最差答案”是把选票换成对这条结论最不利的答案。"
        "“与警戒线相比”后面是去掉几张不再成立。没有剔除任何选票。等次只说区间允许说的话。"
    )


def sentences(ranking: RankingPart) -> list[str]:
    """Sentences of the analysis on all departments together, without those on first and last places
    (`ranking.both_ends`).

    Empty for rankings stored before there was a part on the meeting.
    """
    notes = ranking.meeting.notes if ranking.meeting else ()
    return [note.text(current_language()) for note in notes if note.code not in _ENDS]


def rows(meeting: MeetingFacts) -> list[tuple[str, ...]]:
    """Table with one row a department, with the columns of `headings`."""
    return [_row(meeting, entry) for entry in meeting.departments]


def _row(meeting: MeetingFacts, entry: MeetingDepartment) -> tuple[str, ...]:
    carried = entry.carried
    places = [place(meeting, entry, "first"), place(meeting, entry, "last")]
    shown = _("，").join(filter(None, places))
    against = "" if carried is None else kind(carried.kind)
    ballots = ("", "") if carried is None else (removed(carried), _falsified(carried))
    row = (entry.name, shown, grade(entry), against, *ballots, against_line(entry))
    return tuple(text or NONE for text in row)


def grade(entry: MeetingDepartment) -> str:
    """Words of the analysis for a department's grade."""
    return entry.graded(current_language())


def kind(statement: str) -> str:
    """Words for what a statement of kind `statement` declares of a department."""
    return {
        "above": cells.against_average("above"),
        "below": cells.against_average("below"),
        "above_line": _("高于警戒线"),
        "below_line": _("低于警戒线"),
    }[statement]


def fragile() -> str:
    return _("易变")


def against_line(entry: MeetingDepartment) -> str:
    """Words for a department certainly above or below the warning line, and the number of ballots whose
    removal undoes that; "" where not certain."""
    line = entry.carried_line
    return "" if line is None else _("，").join((kind(line.kind), removed(line)))


def removed(carried: CarriedStatement) -> str:
    """Words for the smallest number of ballots whose removal undoes the statement in `carried`, marked if
    fragile; a dash where no number was found."""
    k = carried.removed
    if k is None:
        return NONE
    said = _bound(at_least(carried), k, verified=carried.verified)
    return said + _("（%(mark)s）", mark=fragile()) if carried.fragile else said


def at_least(carried: CarriedStatement) -> int:
    """Lower bound of the number of ballots that must be removed to undo the statement in `carried`; 1 in
    rankings stored before this bound was worked out."""
    return 1 if carried.at_least is None else carried.at_least


def how_known(low: int, k: int | None, *, verified: bool) -> str:
    """Words for how a number `k` of ballots was found: estimated, exact, or an upper bound; `low`: lower
    bound. "" for None."""
    if k is None:
        return ""
    if not verified:
        return _("估算，没有重算")
    return _("所有选法都重算过") if low == k else _("重算过，至多")


def _falsified(carried: CarriedStatement) -> str:
    k = carried.falsified
    return NONE if k is None else _bound(1, k, verified=carried.falsified_verified)


def _bound(low: int, k: int, *, verified: bool) -> str:
    """Words for a number of ballots: one number where it is exact, else an upper bound or a range, or "about"
    where only estimated."""
    if not verified:
        return _("约 %(count)s 张", count=k)
    if low == k:
        return _("%(count)s 张", count=k)
    if low > 1:
        return _("%(low)s 至 %(high)s 张", low=low, high=k)
    return _("至多 %(count)s 张", count=k)


def standing(meeting: MeetingFacts, entry: MeetingDepartment, end: End) -> str:
    """Words for whether a department is certainly, possibly or not among the first (or last) few; `end`:
    "first" or "last". A dash where the round does not name that end."""
    among, told = meeting.at(end), entry.place(end)
    return NONE if among is None or told is None else _placed(end, told, among.count)


def place(meeting: MeetingFacts, entry: MeetingDepartment, end: End) -> str:
    """Words for a department that certainly or possibly is among the first or last few; empty where it is
    not, or more than twice as many are possible."""
    among, told = meeting.at(end), entry.place(end)
    if among is None or told is None or told == "excluded":
        return ""
    many = len(among.possible) > 2 * among.count
    return "" if told == "possible" and many else _placed(end, told, among.count)


def _placed(end: End, told: Place, count: int) -> str:
    return {
        ("first", "certain"): _("确定在前 %(count)s 名", count=count),
        ("last", "certain"): _("确定在后 %(count)s 名", count=count),
        ("first", "possible"): _("可能在前 %(count)s 名", count=count),
        ("last", "possible"): _("可能在后 %(count)s 名", count=count),
        ("first", "excluded"): _("确定不在前 %(count)s 名", count=count),
        ("last", "excluded"): _("确定不在后 %(count)s 名", count=count),
    }[end, told]
