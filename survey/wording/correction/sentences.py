"""Sentences on what an edition says differently from the one before it.

They are made from the typed values of both, never from texts. Comments and tasks that were taken back are
counted and not repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from msgspec import Struct

from survey.errors import N_
from survey.facts.differences import Absent, ValueDifference
from survey.language import gettext as _
from survey.wording import cells
from survey.wording.correction.labels import figure_of, part_of
from survey.wording.names import listed
from survey.wording.numbers import (
    NONE,
    day,
    interval,
    percent,
    points,
    rank_set,
    signed,
    signed_interval,
    whole,
)

_OF_SCORES: Final = {"departments", "overall", "in_group", "reliability", "drivers", "importance"}
# Of a longer list a document names the subjects of these parts alone, and counts those of the others.
MOST_LINES: Final = 24
_NAMED_ANYWAY: Final = {
    part_of(place) for place in (("facts", "ranking", "departments"), ("facts", "counts"), ("problems",))
}
MOST_SUBJECTS, MOST_ON_PAGE = 12, 60
_COMMENTS: Final = "comments"
_TURNED: Final = {("facts", "profiles", "changes"), ("facts", "profiles", "treatment")}
_POINTS: Final = "adjusted mean corrected plain standardised weighted before after warning_line points"


def _either(yes: str, no: str) -> Callable[..., str]:
    return lambda value: _(yes) if value else _(no)


_FORMATS: Final[Mapping[str, Callable[..., str]]] = {
    **dict.fromkeys(_POINTS.split(), points),
    **dict.fromkeys(["average_difference", "difference", "change", "contribution", "shift"], signed),
    "ci": interval,
    "average_ci": signed_interval,
    "rank_set": rank_set,
    "tier": str,
    "vs_average": cells.against_average,
    "line": cells.against_line,
    "significant": _either(N_("分得出"), N_("分不出")),
    **dict.fromkeys(["deadline", "opens_on", "closes_on", "planned_closes_on", "fixed_on"], day),
    **dict.fromkeys(["share", "satisfied", "roster_share", "rate"], percent),
    **dict.fromkeys(
        [
            "n", "rank", "invited", "collected", "cast", "replaced", "valid", "invalid", "ballots", "roster",
            "population", "took_part", "did_not", "not_reached", "handed_out", "returned", "refused", "empty",
            "not_counted", "listed", "verified", "flagged", "count", "not_known", "n_raters", "n_ratings",
            "restored", "threshold", "stations", "confirmed",
        ],
        whole,
    ),
    **dict.fromkeys(["value", "province", "city"], lambda value: f"{value:g}"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CorrectedValue:
    """One value that differs, in words: the part of the edition, whom it is about ("" for all), which value,
    and both texts ("" where only the fact that it differs is told)."""

    part: str
    subject: str
    figure: str
    before: str
    after: str

    @property
    def is_told(self) -> bool:
        """Whether both values are written, not only that they differ."""
        return bool(self.before or self.after)

    def told(self) -> str:
        """The value with both texts, as a clause."""
        figure = self.figure
        if self.before == self.after:
            return _("%(figure)s只在没有写出的小数上有改动", figure=figure)
        return _("%(figure)s %(before)s → %(after)s", figure=figure, before=self.before, after=self.after)


def changes(found: Sequence[ValueDifference]) -> list[CorrectedValue]:
    """Every difference in words, part by part and subject by subject, what two places say alike only once.
    Comments are left to `comments`."""
    made = dict.fromkeys(_change(entry) for entry in found if entry.place[0] != _COMMENTS)
    parts = {part: n for n, part in enumerate(dict.fromkeys(change.part for change in made))}
    subjects = {subject: n for n, subject in enumerate(dict.fromkeys(change.subject for change in made))}
    return sorted(made, key=lambda change: (parts[change.part], subjects[change.subject]))


def heading() -> str:
    """Heading of the section on what differs."""
    return _("更正")


def with_reason(
    reason: str, found: Sequence[ValueDifference], edition: int, *, on_page: bool = False
) -> list[str]:
    """Sentences on why there is this edition and on everything in which it differs from the one before."""
    return [_("更正的原因：%(text)s", text=reason), *told(found, edition, on_page=on_page)]


def in_short(reason: str, found: Sequence[ValueDifference], edition: int, most: int) -> list[str]:
    """The sentences of `with_reason`, of those on differences only the first, at most `most` in all, and how
    many more there are."""
    whole = with_reason(reason, found, edition)
    left = len(whole) - 1 - most  # the last says that all else is the same
    return [*whole[:most], _("还有 %(count)s 条更正，见通报。", count=left)] if left > 0 else whole


def of_department(
    reason: str, found: Sequence[ValueDifference], edition: int, name: str, departments: Collection[str]
) -> list[str]:
    """Sentences for department `name` on why there is this edition and on what it says differently of it, or
    of no single one of `departments`."""
    others = set(departments) - {name}
    own = [entry for entry in found if name in entry.names or not others & set(entry.names)]
    said = [_("更正的原因：%(text)s", text=reason), *_differing(own, edition, on_page=False)]
    same = _("除以上各项外，") if own else _("与第 %(before)s 版相比，", before=edition - 1)
    said.append(same + _("你单位的数字、结论、收到的意见和列入清单的问题都相同。"))
    if len(own) < len(found):
        said.append(_("其他部门的不同之处见通报。"))
    return said


def told(found: Sequence[ValueDifference], edition: int, *, on_page: bool = False) -> list[str]:
    """Sentences on everything in which this edition differs from the one before; of a part with very many
    subjects only the first are told, and how many more there are. A page names more of them, since its
    readers have no ranking table."""
    same = _("除以上各项外，") if found else _("与第 %(before)s 版相比，", before=edition - 1)
    same += _("两版的数字、结论、转给部门的意见和问题清单都相同。")
    return [*_differing(found, edition, on_page=on_page), same]


def _differing(found: Sequence[ValueDifference], edition: int, *, on_page: bool) -> list[str]:
    said = [_("与第 %(before)s 版相比，这一版有以下不同。", before=edition - 1)] if found else []
    every = changes(found)
    is_long = not on_page and len({(change.part, change.subject) for change in every}) > MOST_LINES
    named, counted = {_(part) for part in _NAMED_ANYWAY}, []
    for name, entries in groupby(every, key=lambda change: change.part):
        of = list(entries)
        if is_long and name not in named:
            counted.append(_("%(part)s %(count)s 处", part=name, count=len(of)))
        else:
            said += _part(of, on_page)
    if counted:
        said.append(_("另有不同：%(parts)s，", parts=listed(counted)) + _elsewhere(on_page))
    return [*said, *comments(found)]


def comments(found: Sequence[ValueDifference]) -> list[str]:
    """Sentence on comments released or taken back. Neither their texts nor whom they are about: how many
    there are on a department is withheld where they are few."""
    entries = [_counted(entry) for entry in found if entry.place[0] == _COMMENTS]
    if not entries:
        return []
    new, gone = (sum(side) for side in zip(*entries, strict=True))
    other = entries.count((0, 0))
    clauses = [
        *([_("新转给部门 %(count)s 条", count=new)] if new else []),
        *([_("收回 %(count)s 条", count=gone)] if gone else []),
        *([_("改了主题 %(count)s 条", count=other)] if other else []),
    ]
    return [_("意见：%(clauses)s。", clauses=listed(clauses))]


def _counted(entry: ValueDifference) -> tuple[int, int]:
    """How many comments of this difference are new, and how many were taken back."""
    before, after = (
        value if isinstance(value, tuple) else () if value is Absent.ABSENT else (value,)
        for value in (entry.before, entry.after)
    )
    return max(len(after) - len(before), 0), max(len(before) - len(after), 0)


def _elsewhere(on_page: bool) -> str:
    return _("见两版的开放数据。") if on_page else _("见排名表的“与上一版的不同”。")


def _part(entries: Sequence[CorrectedValue], on_page: bool) -> Iterator[str]:
    most = MOST_ON_PAGE if on_page else MOST_SUBJECTS
    subjects = [list(of) for _name, of in groupby(entries, key=lambda change: change.subject)]
    for of in subjects[:most]:
        about = _("%(part)s，%(subject)s", part=of[0].part, subject=of[0].subject)
        clauses = _("；").join(_clauses(of))
        yield _("%(about)s：%(clauses)s。", about=about if of[0].subject else of[0].part, clauses=clauses)
    if len(subjects) > most:
        rest = _("%(part)s：另有 %(count)s 处不同，", part=entries[0].part, count=len(subjects) - most)
        yield rest + _elsewhere(on_page)


def _clauses(of: Sequence[CorrectedValue]) -> Iterator[str]:
    yield from (change.told() for change in of if change.is_told)
    others = dict.fromkeys(change.figure or _("内容") for change in of if not change.is_told)
    if others:
        yield _("%(figure)s有改动", figure=listed(list(others)))


def _change(entry: ValueDifference) -> CorrectedValue:
    figure = figure_of(entry.place)
    if Absent.ABSENT in (entry.before, entry.after):
        figure = N_("这一项")
    return CorrectedValue(
        _(part_of(entry.place)),
        _subject(entry),
        _(figure) if figure else "",
        *_texts(entry),
    )


def _texts(entry: ValueDifference) -> tuple[str, str]:
    sides = (entry.before, entry.after)
    write = _format(entry)
    if write and not any(isinstance(side, Struct | Absent) for side in sides):
        old, new = (NONE if side is None else write(side) for side in sides)
        return old, new
    there = [side is not None and side is not Absent.ABSENT for side in sides]
    if all(there):
        return "", ""
    old, new = (_("有") if side else _("没有") for side in there)
    return old, new


def _format(entry: ValueDifference) -> Callable[..., str] | None:
    """How the value is written; None where only that it differs is told."""
    field = entry.place[-1]
    if field != "significant" and bool in map(type, (entry.before, entry.after)):
        return _either(N_("是"), N_("否"))
    if entry.place == ("facts", "scale", "satisfied"):
        return whole  # so many levels, not a share
    if field == "ci" and not _OF_SCORES & set(entry.place):
        return signed_interval
    return _FORMATS.get(field)


def _subject(entry: ValueDifference) -> str:
    place, names = entry.place, entry.names
    if place[0] == "problems" and names:
        return _("第 %(number)s 号（%(department)s）", number=names[-1], department=names[0])
    if place[:3] == ("facts", "ranking", "groups") and len(names) > 1:
        names = names[1:]  # as in the department's profile
    if place[:3] in _TURNED and len(names) > 1:
        names = (names[1], names[0], *names[2:])  # as in the comparison of all departments
    return " · ".join(names)
