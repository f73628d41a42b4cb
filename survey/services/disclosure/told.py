"""Comparisons as they may be published: in steps, and only between departments whose own figures are
published.

Differences from an average sum to zero, and so do changes from the average change: all but one reveal the
last. So a department of which only a bound is published, or an item that is withheld, is left out before
anything is fitted, and the comparisons of the others are recomputed from published figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from analysis.assumptions.standardised import Shift, Standardised
from analysis.blurring import STEP, nearest, p_class
from analysis.compare.groups import GroupComparison, GroupDifference
from analysis.compare.rounds import Change, DepartmentChange
from analysis.electorates.composite import Composite, Move
from analysis.meeting.shrinkage import Shrunken
from analysis.ranking.results import Note
from analysis.ranking.scaled import within_scale
from survey.facts.analysed import as_analysed, as_facts
from survey.services.disclosure.released_ranking import Scores, around, half_width, keep_side, release

TENTH = 0.1
"""Step of a difference between two ways of reckoning the same score."""
Step = Callable[[str], float]


def interval(
    value: float, told: float, ci: Sequence[float], direction: str, step: float = STEP
) -> tuple[float, float]:
    """Interval around the published value `told` that covers the exact one, `ci` around `value`; it ends at 0
    where the direction is certain."""
    found = around(told, half_width(ci, value), step)
    low, high = keep_side(found, direction in ("up", "above"), direction in ("down", "below"))
    nan = float("nan")
    return nan if low is None else low, nan if high is None else high


def centred(values: Mapping[str, float], errors: Mapping[str, float]) -> dict[str, float]:
    """Figures relative to an average, rounded, after adding each figure's rounding error less the average
    error; errors: name → published less exact figure."""
    shift = sum(errors[name] for name in values) / len(values) if values else 0.0
    return {name: nearest(value + errors[name] - shift) for name, value in values.items()}


def changes(result: Change, step_before: Step, step_after: Step) -> Change:
    """Change between rounds with the scores of both in their steps (functions department → step), and the
    changes that follow."""
    before = {c.department: nearest(c.before, step_before(c.department)) for c in result.changes}
    after = {c.department: nearest(c.after, step_after(c.department)) for c in result.changes}
    errors = {
        c.department: after[c.department] - c.after - (before[c.department] - c.before)
        for c in result.changes
    }
    moved = centred({c.department: c.change for c in result.changes}, errors)

    def told(c: DepartmentChange) -> DepartmentChange:
        ci = interval(c.change, moved[c.department], c.ci, c.direction)
        name = c.department
        return replace(c, before=before[name], after=after[name], change=moved[name], ci=ci)

    return replace(result, changes=tuple(map(told, result.changes)))


def group_differences(result: GroupComparison) -> GroupComparison:
    def told(d: GroupDifference) -> GroupDifference:
        side = "same" if not d.significant else ("above" if d.difference > 0 else "below")
        difference = nearest(d.difference)
        return replace(d, difference=difference, ci=interval(d.difference, difference, d.ci, side))

    return replace(result, differences=tuple(map(told, result.differences)))


def shifts(result: Standardised, errors: Mapping[str, float]) -> Standardised:
    """Standardised ranking in steps; errors: department → published less exact score."""
    plain = centred({s.department: s.plain for s in result.shifts}, errors)

    def told(s: Shift) -> Shift:
        difference = nearest(s.difference, TENTH)
        ci = interval(s.difference, difference, s.ci, s.direction, TENTH)
        known = plain[s.department]
        return replace(s, plain=known, standardised=known + difference, difference=difference, ci=ci)

    return replace(result, shifts=tuple(map(told, result.shifts)), p=p_class(result.p))


def shrunken(found: Shrunken, n: Mapping[str, int | None], scores: Scores) -> Shrunken:
    """Scores corrected for the luck of being picked (shrunken), as published, with bounds; n: department →
    ballots."""

    def told(values: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
        known = [
            scores.told(value, n[name]) for name, value in zip(found.names, values.tolist(), strict=True)
        ]
        return np.array([score for score, _ in known]), tuple(bound for _, bound in known)

    (adjusted, as_it_is), (corrected, bounds) = told(found.adjusted), told(found.corrected)
    return replace(found, adjusted=adjusted, corrected=corrected, bounds=bounds, adjusted_bounds=as_it_is)


def composite(made: Composite, errors: Mapping[str, Mapping[str, float]], scores: Scores) -> Composite:
    """Composite as published: scores, contributions and shifts in steps; errors: electorate → department →
    published less exact score, for electorates that are rounds."""
    weight = {e.name: e.weight for e in made.electorates}
    names = [d.name for d in made.ranking.departments]
    together = {
        name: sum(weight[part] * known.get(name, 0.0) for part, known in errors.items()) for name in names
    }
    cut = within_scale(made.ranking, *scores.ends)
    released = release(as_facts(cut), replace(scores, errors=together))
    notes = zip(released.note_codes, released.notes, released.notes_en or (), strict=True)
    ranking = replace(as_analysed(released), notes=tuple(Note(*note) for note in notes))
    relative: dict[str, dict[str, float]] = {}
    for m in made.moves:
        relative.setdefault(m.electorate, {})[m.department] = m.contribution / weight[m.electorate]
    none: dict[str, float] = dict.fromkeys(names, 0.0)
    parts = {part: centred(values, none | dict(errors.get(part, none))) for part, values in relative.items()}

    def told(m: Move) -> Move:
        shift = nearest(m.shift, TENTH)
        contribution = weight[m.electorate] * parts[m.electorate][m.department]
        ci = interval(m.shift, shift, m.ci, m.direction, TENTH)
        return replace(m, contribution=contribution, shift=shift, ci=ci)

    return replace(made, ranking=ranking, moves=tuple(map(told, made.moves)))


def half_point(_department: str) -> float:
    return STEP
