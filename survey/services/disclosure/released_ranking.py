"""A ranking as it may be published: scores in steps, bounds near the ends of the scale, and what follows from
the published scores alone in the place of every difference.

A difference that was rounded by itself would narrow down both scores: forty departments give each score
thirty-nine intervals. So differences are those of the published scores, and say nothing more.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analysis.blurring import STEP, digits, least_error, limits, nearest, p_class
from survey.errors import N_
from survey.language import in_both, speaking
from survey.parts import Part
from survey.wording.ranking import scores_bounded

AT_LEAST, AT_MOST = "at_least", "at_most"
_ERROR_DIGITS = 10
# What says more of single marks than a published score may.
_SILENT = ("unanimous", "one_mark", "ends_at_zero", "agreed_by_few")
# Of which answers there are so many is an equation about counts: told in tens of per cent.
_SHARES = ("ceiling", "careless", "heavy_rater")
_PERCENT = re.compile(r"(?:约 |[Aa]bout )?(\d+)(?= ?%)")


@dataclass(frozen=True)
class Scores:
    """How scores of one round are told.

    points: of the levels, best first; errors: department → published less exact score, where a score is an
    average of such scores and must move with them.
    """

    points: Sequence[float]
    threshold: int
    errors: Mapping[str, float] = field(default_factory=dict)

    def told(self, value: float, n: int | None) -> tuple[float, str]:
        """A score as published, and whether it is a bound; n: None where no ballots are counted."""
        score = nearest(value)
        if not n:
            return score, ""
        low, high = limits(n, self.threshold, self.points)
        if score >= high:
            return high, AT_LEAST
        return (low, AT_MOST) if score <= low else (score, "")

    def cell(self, value: float, n: int) -> tuple[float, float]:
        """Between which scores the published one leaves the exact one."""
        score, bound = self.told(value, n)
        low = -math.inf if bound == AT_MOST else score - STEP / 2
        return low, math.inf if bound == AT_LEAST else score + STEP / 2


def release(ranking: Part, scores: Scores) -> Part:
    """The ranking and those within groups as they may be published; once is enough, twice does no harm."""
    groups = {"groups": [_part(group, scores) for group in ranking["groups"]]} if "groups" in ranking else {}
    return _part(ranking, scores) | groups


def _part(part: Part, scores: Scores) -> Part:
    if not part["departments"] or "bound" in part["departments"][0]:
        return part
    departments = [_department(d, scores, _critical(part)) for d in part["departments"]]
    averages = _averages(departments)
    departments = [_against_average(d, averages[d["component"]]) for d in departments]
    by_name = {d["name"]: d for d in departments}
    pairs = [_pair(p, by_name[p["a"]], by_name[p["b"]]) for p in part["pairs"]]
    told = part | {"departments": departments, "pairs": pairs} | _notes(part, departments)
    if part.get("global_test"):
        told["global_test"] = part["global_test"] | _test(part["global_test"])
    return told


def _critical(part: Part) -> float:
    return float(part.get("method", {}).get("critical_values", {}).get("adjusted") or 2.0)


def _department(d: Part, scores: Scores, critical: float) -> Part:
    n = d.get("n")
    exact = d["adjusted"] + scores.errors.get(d["name"], 0.0)
    (adjusted, bound), (mean, of_mean) = scores.told(exact, n), _mean(d, scores)
    least = least_error(n, scores.threshold, scores.points) if n else 0.0
    se = None if d["se"] is None else _up(max(d["se"], least))
    # Near an end of the scale the sides differ: each covers its own.
    sides = [half_width([end, end], d["adjusted"]) for end in d["ci"]]
    halves = [None if half is None or se is None else max(half, critical * least) for half in sides]
    ci = [around(adjusted, half)[side] for side, half in enumerate(halves)]
    bound = bound or of_mean
    # Where one of the two is a bound, the other is told as one, and must be true as such.
    adjusted = _beyond(adjusted, exact, bound)
    mean = mean if mean is None else _beyond(mean, d["mean"] + scores.errors.get(d["name"], 0.0), bound)
    top, bottom = (scores.points[0], scores.points[-1]) if n else (math.inf, -math.inf)
    # The interval of a bound reaches to the end of the scale, and none beyond it.
    low = bottom if bound == AT_MOST else _most(ci[0], bottom)
    high = top if bound == AT_LEAST else _least(ci[1], top)
    return d | {
        "mean": mean, "adjusted": adjusted, "bound": bound, "se": se, "ci": [low, high],
        "df": d.get("df") and digits(d["df"]),
    }  # fmt: skip


def _beyond(told: float, exact: float, bound: str) -> float:
    if bound == AT_LEAST and told > exact:
        return told - STEP
    return told + STEP if bound == AT_MOST and told < exact else told


def _mean(d: Part, scores: Scores) -> tuple[float | None, str]:
    if d["mean"] is None:
        return None, ""
    return scores.told(d["mean"] + scores.errors.get(d["name"], 0.0), d.get("n"))


def _averages(departments: Sequence[Part]) -> dict[int, float]:
    """The average published score of every set of departments that can be compared."""
    among: dict[int, list[float]] = {}
    for d in departments:
        among.setdefault(d["component"], []).append(d["adjusted"])
    return {component: sum(values) / len(values) for component, values in among.items()}


def _against_average(d: Part, average: float) -> Part:
    if d.get("average_difference") is None:
        return d
    difference = nearest(d["adjusted"] - average)
    half = half_width(d["average_ci"], d["average_difference"])
    side = d["vs_average"]
    told = around(difference, None if d["bound"] else half)
    return d | {
        "average_difference": difference,
        "average_ci": keep_side(told, side == "above", side == "below"),
    }


def _pair(pair: Part, a: Part, b: Part) -> Part:
    """The pair with the difference of the published scores; of a bound no interval is told."""
    difference = nearest(a["adjusted"] - b["adjusted"])
    half = None if a["bound"] or b["bound"] else half_width(pair["ci"], pair["difference"])
    exact, significant = pair["difference"] or 0.0, pair.get("significant", False)
    if significant:
        difference = max(difference, 0.0) if exact > 0 else min(difference, 0.0)
    ci = around(difference, half)
    ci = keep_side(ci, significant and exact > 0, significant and exact < 0)
    errors = {
        key: None if half is None or pair[key] is None else _up(pair[key])
        for key in ("se", "se_cr0")
        if key in pair
    }
    tests = {
        key: None if pair[key] is None else p_class(pair[key])
        for key in ("p_adjusted", "p_additive", "p_latent")
        if key in pair
    }
    df = {"df": digits(pair["df"])} if pair.get("df") else {}
    return pair | {"difference": difference, "ci": ci} | errors | tests | df


def keep_side(ci: list[float | None], above: bool, below: bool) -> list[float | None]:
    """An interval that ends at 0 where the difference is certain, and holds 0 where it is not."""
    low, high = ci
    if low is None or high is None:
        return ci
    if above:
        return [max(low, 0.0), max(high, 0.0)]
    return [min(low, 0.0), min(high, 0.0)] if below else [min(low, 0.0), max(high, 0.0)]


def half_width(ci: Sequence[float | None] | None, value: float | None) -> float | None:
    if value is None or ci is None or ci[0] is None or ci[1] is None:
        return None
    return max(value - ci[0], ci[1] - value)


def around(value: float, half: float | None, step: float = STEP) -> list[float | None]:
    """An interval around a published value that covers the one around the exact value."""
    if half is None:
        return [None, None]
    wide = math.ceil((half + step / 2) / step - 1e-9) * step
    return [value - wide, value + wide]


def _most(value: float | None, floor: float) -> float | None:
    return None if value is None else max(value, floor)


def _least(value: float | None, ceiling: float) -> float | None:
    return None if value is None else min(value, ceiling)


def _up(error: float) -> float:
    return math.ceil(error * _ERROR_DIGITS - 1e-9) / _ERROR_DIGITS


def _test(test: Part) -> Part:
    p, statistic = test.get("p_value"), test.get("statistic")
    return {
        "p_value": None if p is None else p_class(p),
        "statistic": None if statistic is None else digits(statistic, 2),
    }


def _notes(part: Part, departments: Sequence[Part]) -> Part:
    """Notes without what says how single departments were marked, and with the bounds in words."""
    codes = list(part.get("note_codes", ()))
    kept = [i for i, code in enumerate(codes) if code not in _SILENT]
    bounds = _bounds(departments)
    told = {}
    for place, key in enumerate(("notes", "notes_en")):
        if key in part:
            old = [_about(codes[i], part[key][i], place) for i in kept] if codes else list(part[key])
            told[key] = [*old, *(sentence[place] for sentence in bounds)]
    if codes or told:
        told["note_codes"] = [codes[i] for i in kept] + ["bounded"] * len(bounds)
    return told


def _about(code: str, text: str, language: int) -> str:
    """The sentence of a note with its share in tens of per cent; language: 0 Chinese, 1 English."""
    if code not in _SHARES:
        return text
    about = in_both(N_("约 %(share)s"), share="{:.0f}")[language].format
    told = _PERCENT.sub(lambda found: about(nearest(float(found[1]), 10.0)), text).lstrip()
    return told[0].upper() + told[1:]


def _bounds(departments: Sequence[Part]) -> list[tuple[str, str]]:
    said = []
    for bound in (AT_LEAST, AT_MOST):
        found = [d for d in departments if d["bound"] == bound]
        if found:
            with speaking("zh"):
                chinese = scores_bounded(found)
            with speaking("en"):
                said.append((chinese, scores_bounded(found)))
    return said
