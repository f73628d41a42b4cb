"""Ranking as it may be published: scores in steps, bounds near the ends of the scale, and differences of
published scores.

A difference that was rounded by itself would narrow down both scores: forty departments give each score
thirty-nine intervals. So differences are those of the published scores, and say nothing more.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from analysis.blurring import STEP, digits, least_error, limits, nearest, p_class
from survey.errors import N_
from survey.facts.base import Interval
from survey.facts.ranking import (
    AnyRanking,
    Bound,
    ComparedPair,
    GroupRankingFacts,
    OmnibusTest,
    RankedDepartment,
    RankingFacts,
    RankingPart,
)
from survey.language import in_both, speaking
from survey.wording.ranking import scores_bounded

AT_LEAST: Final = "at_least"
AT_MOST: Final = "at_most"
_ERROR_DIGITS = 10
# Codes of notes that say more of single marks than a published score may.
_SILENT = ("unanimous", "one_mark", "no_width", "ends_at_zero", "agreed_by_few")
# Codes of notes with a percentage of answers; exact, it would be an equation about counts, so it is rounded.
_SHARES = ("ceiling", "careless", "heavy_rater")
_PERCENT = re.compile(r"(?:约 |[Aa]bout )?(\d+(?:\.\d+)?)(?= ?%)")


@dataclass(frozen=True)
class Scores:
    """Rule by which the scores of one round are published.

    points: of the levels, best first; errors: department → published less exact score, where a score is an
    average of published scores and must move with them; ends: lowest and highest value that such an average
    can have.
    """

    points: Sequence[float]
    threshold: int
    errors: Mapping[str, float] = field(default_factory=dict)
    ends: tuple[float, float] = (-math.inf, math.inf)

    def told(self, value: float, n: int | None) -> tuple[float, Bound]:
        """Published score and whether it is a bound ("", "at_least", "at_most"); n: ballots, None where none
        are counted."""
        score = nearest(value)
        if not n:
            return score, ""
        low, high = limits(n, self.threshold, self.points)
        if score >= high:
            return high, AT_LEAST
        return (low, AT_MOST) if score <= low else (score, "")

    def cell(self, value: float, n: int) -> tuple[float, float]:
        """Interval in which the exact score lies, given the published one."""
        score, bound = self.told(value, n)
        low = -math.inf if bound == AT_MOST else score - STEP / 2
        return low, math.inf if bound == AT_LEAST else score + STEP / 2


def release(ranking: RankingFacts, scores: Scores) -> RankingFacts:
    """Ranking and rankings within groups as they may be published; applying it twice changes nothing more."""
    return replace(_part(ranking, scores), groups=tuple(_part(group, scores) for group in ranking.groups))


def _part(part: AnyRanking, scores: Scores) -> AnyRanking:
    if not part.departments or part.departments[0].bound is not None:
        return part
    departments = tuple(_department(d, scores, _critical(part)) for d in part.departments)
    averages = _averages(departments)
    departments = tuple(_against_average(d, averages[d.component]) for d in departments)
    by_name = {d.name: d for d in departments}
    pairs = tuple(_pair(p, by_name[p.a], by_name[p.b]) for p in part.pairs)
    told = replace(part, departments=departments, pairs=pairs, **_notes(part, departments))
    if isinstance(told, RankingFacts | GroupRankingFacts) and told.global_test:
        told = replace(told, global_test=_test(told.global_test))
    return told


def _critical(part: RankingPart) -> float:
    return (part.method.critical_values.get("adjusted") if part.method else None) or 2.0


def _department(d: RankedDepartment, scores: Scores, critical: float) -> RankedDepartment:
    n = d.n
    exact = d.adjusted + scores.errors.get(d.name, 0.0)
    (adjusted, bound), (mean, of_mean) = scores.told(exact, n), _mean(d, scores)
    least = least_error(n, scores.threshold, scores.points) if n else 0.0
    se = None if d.se is None else _up(max(d.se, least))
    # Near an end of the scale the sides differ: each covers its own.
    sides = [half_width([end, end], d.adjusted) for end in d.ci]
    halves = [None if half is None or se is None else max(half, critical * least) for half in sides]
    low, high = (around(adjusted, half)[side] for side, half in enumerate(halves))
    bound = bound or of_mean
    # If score or mean is a bound, the other is published as a bound too, and must be true as one.
    adjusted = _beyond(adjusted, exact, bound)
    if mean is not None and d.mean is not None:
        mean = _beyond(mean, d.mean + scores.errors.get(d.name, 0.0), bound)
    bottom, top = (scores.points[-1], scores.points[0]) if n else scores.ends
    # The interval of a bound reaches to the end of the scale, and none beyond it.
    low = bottom if bound == AT_MOST else _most(low, bottom)
    high = top if bound == AT_LEAST else _least(high, top)
    df = d.df and digits(d.df)
    return replace(d, mean=mean, adjusted=adjusted, bound=bound, se=se, ci=(low, high), df=df)


def _beyond(told: float, exact: float, bound: str) -> float:
    if bound == AT_LEAST and told > exact:
        return told - STEP
    return told + STEP if bound == AT_MOST and told < exact else told


def _mean(d: RankedDepartment, scores: Scores) -> tuple[float | None, Bound]:
    if d.mean is None:
        return None, ""
    return scores.told(d.mean + scores.errors.get(d.name, 0.0), d.n)


def _averages(departments: Sequence[RankedDepartment]) -> dict[int, float]:
    """Average published score of each component (set of departments that raters link)."""
    among: dict[int, list[float]] = {}
    for d in departments:
        among.setdefault(d.component, []).append(d.adjusted)
    return {component: sum(values) / len(values) for component, values in among.items()}


def _against_average(d: RankedDepartment, average: float) -> RankedDepartment:
    if d.average_difference is None:
        return d
    difference = nearest(d.adjusted - average)
    half = half_width(d.average_ci, d.average_difference)
    told = around(difference, None if d.bound else half)
    side = keep_side(told, d.vs_average == "above", d.vs_average == "below")
    return replace(d, average_difference=difference, average_ci=side)


def _pair(pair: ComparedPair, a: RankedDepartment, b: RankedDepartment) -> ComparedPair:
    """Pair with the difference of the published scores; no interval where a score is a bound."""
    difference, exact = nearest(a.adjusted - b.adjusted), pair.difference
    half = None if a.bound or b.bound else half_width(pair.ci, exact)
    if pair.significant:
        difference = max(difference, 0.0) if exact > 0 else min(difference, 0.0)
    above, below = pair.significant and exact > 0, pair.significant and exact < 0
    return replace(
        pair,
        difference=difference,
        ci=keep_side(around(difference, half), above, below),
        se=None if half is None or pair.se is None else _up(pair.se),
        se_cr0=None if half is None or pair.se_cr0 is None else _up(pair.se_cr0),
        p_adjusted=_class(pair.p_adjusted),
        p_additive=_class(pair.p_additive),
        p_latent=_class(pair.p_latent),
        df=pair.df and digits(pair.df),
    )


def _class(p: float | None) -> float | None:
    return None if p is None else p_class(p)


def keep_side(ci: Interval, above: bool, below: bool) -> Interval:
    """Interval cut at 0 where the difference is certainly above or below; else extended to contain 0."""
    low, high = ci
    if low is None or high is None:
        return ci
    if above:
        return max(low, 0.0), max(high, 0.0)
    return (min(low, 0.0), min(high, 0.0)) if below else (min(low, 0.0), max(high, 0.0))


def half_width(ci: Sequence[float | None] | None, value: float | None) -> float | None:
    if value is None or ci is None or ci[0] is None or ci[1] is None:
        return None
    return max(value - ci[0], ci[1] - value)


def around(value: float, half: float | None, step: float = STEP) -> Interval:
    """Interval around a published value, in whole steps, that covers the interval ± `half` around the exact
    value; (None, None) for None."""
    if half is None:
        return None, None
    wide = math.ceil((half + step / 2) / step - 1e-9) * step
    return value - wide, value + wide


def _most(value: float | None, floor: float) -> float | None:
    return None if value is None else max(value, floor)


def _least(value: float | None, ceiling: float) -> float | None:
    return None if value is None else min(value, ceiling)


def _up(error: float) -> float:
    return math.ceil(error * _ERROR_DIGITS - 1e-9) / _ERROR_DIGITS


def _test(test: OmnibusTest) -> OmnibusTest:
    statistic = None if test.statistic is None else digits(test.statistic, 2)
    return replace(test, p_value=_class(test.p_value), statistic=statistic)


def _notes(part: RankingPart, departments: Sequence[RankedDepartment]) -> dict[str, tuple[str, ...]]:
    """Fields for the notes of the ranking, without notes on how single departments were marked, and with a
    sentence on bounds."""
    codes, bounds = part.note_codes, _bounds(departments)
    kept = [i for i, code in enumerate(codes) if code not in _SILENT]

    def told(notes: Sequence[str], language: int) -> tuple[str, ...]:
        old = [_about(codes[i], notes[i], language) for i in kept] if codes else notes
        return (*old, *(sentence[language] for sentence in bounds))

    english = {} if part.notes_en is None else {"notes_en": told(part.notes_en, 1)}
    note_codes = (*(codes[i] for i in kept), *["bounded"] * len(bounds))
    return {"notes": told(part.notes, 0), "note_codes": note_codes} | english


def _about(code: str, text: str, language: int) -> str:
    """Text of a note with its percentage rounded to tens; language: 0 Chinese, 1 English."""
    if code not in _SHARES:
        return text
    about = in_both(N_("约 %(share)s"), share="{:.0f}")[language].format
    told = _PERCENT.sub(lambda found: about(nearest(float(found[1]), 10.0)), text).lstrip()
    return told[0].upper() + told[1:]


def _bounds(departments: Sequence[RankedDepartment]) -> list[tuple[str, str]]:
    said = []
    for bound in (AT_LEAST, AT_MOST):
        found = [d for d in departments if d.bound == bound]
        if found:
            with speaking("zh"):
                chinese = scores_bounded(found)
            with speaking("en"):
                said.append((chinese, scores_bounded(found)))
    return said
