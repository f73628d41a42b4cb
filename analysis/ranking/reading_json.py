"""Reading ranking.json (format version 1) back into a `Ranking`."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.ranking.pairs import Pairs
from analysis.ranking.results import DepartmentResult, GlobalTest, Insufficient, Note, Ranking
from analysis.values.arguments import refusal, shown


def ranking_from_json(document: str | bytes) -> Ranking:
    """`Ranking` from a document written by `Ranking.to_json`. InputError if it is no ranking of version 1."""
    if not isinstance(document, str | bytes):
        raise refusal(
            "document", f"应是 JSON，得到 {shown(document)}。", f"needs JSON, not {shown(document)}."
        )
    try:
        value = json.loads(document)
        if isinstance(value, dict) and value.get("version", 1) == 1:
            return ranking_from_dict(value)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise refusal("document", "不是排名结果。", f"is no ranking ({error}).") from error
    raise refusal("document", "不是第 1 版的排名结果。", "is no ranking of version 1.")


def ranking_from_dict(value: Mapping[str, Any]) -> Ranking:
    """`Ranking` from a mapping written by `Ranking.to_dict`; a missing number becomes NaN."""
    method = value.get("method", {})
    if not 0 < value.get("level", 0.95) < 1:
        raise ValueError(f"level {value['level']}")
    return Ranking(
        n_raters=value.get("n_raters"),
        n_ratings=value.get("n_ratings"),
        level=value.get("level", 0.95),
        threshold=method.get("threshold", 0),
        draws=method.get("draws", 0),
        seed=method.get("seed", 0),
        global_test=_global_test(value.get("global_test") or {}),
        departments=tuple(map(_department, value["departments"])),
        pairs=_pairs(value["departments"], value.get("pairs", ()), value.get("level", 0.95)),
        insufficient=tuple(map(_insufficient, value.get("insufficient", ()))),
        notes=tuple(_notes(value)),
        n_components=method.get("n_components", 1),
        stepdown=method.get("stepdown", False),
        latent_guard=method.get("latent_guard", True),
        critical_values=method.get("critical_values", {}),
        scale=None if method.get("scale") is None else _interval(method["scale"]),
    )


def group_rankings(value: Mapping[str, Any]) -> list[tuple[str, Ranking]]:
    """Rankings within groups as (name, ranking), from a ranking document; groups that were not ranked are
    left out."""
    return [
        (group["name"], ranking_from_dict({"level": value.get("level", 0.95), **group}))
        for group in value.get("groups", ())
        if group.get("departments")
    ]


def _number(value: float | None) -> float:
    found = math.nan if value is None else float(value)
    if math.isinf(found):
        raise ValueError(f"{value} is too large")
    return found


def _degrees(value: float | None) -> float:
    """Degrees of freedom from JSON, where null stands for infinity and 0 for unknown (NaN)."""
    return math.inf if value is None else float(value) or math.nan


def _interval(bounds: Sequence[float | None] | None) -> tuple[float, float]:
    low, high = bounds or (None, None)
    return _number(low), _number(high)


def _global_test(value: Mapping[str, Any]) -> GlobalTest:
    return GlobalTest(
        statistic=_number(value.get("statistic")),
        df1=_number(value.get("df1")),
        df2=value.get("df2"),
        p_value=_number(value.get("p_value")),
        method=value.get("method", ""),
    )


def _department(value: Mapping[str, Any]) -> DepartmentResult:
    best, worst = value["rank_set"]
    if not (type(best) is type(worst) is int and 1 <= best <= worst):
        raise ValueError(f"rank_set {best!r}, {worst!r}")
    return DepartmentResult(
        name=value["name"],
        n=value["n"],
        mean=_number(value["mean"]),
        adjusted=_number(value["adjusted"]),
        se=_number(value["se"]),
        ci=_interval(value["ci"]),
        rank=value["rank"],
        rank_set=(best, worst),
        tier=value["tier"],
        vs_average=value["vs_average"],
        component=value.get("component", 0),
        average_difference=_number(value.get("average_difference")),
        average_ci=_interval(value.get("average_ci")),
        df=_degrees(value.get("df", 0)),
        bound=value.get("bound", ""),
    )


def _insufficient(value: Mapping[str, Any]) -> Insufficient:
    reason = value.get("reason", "")
    return Insufficient(
        value["name"], value.get("n", 0), value.get("code", ""), reason, value.get("reason_en") or reason
    )


def _notes(value: Mapping[str, Any]) -> Iterator[Note]:
    """Notes in both languages; results of old have them in Chinese alone."""
    texts = value.get("notes", ())
    yield from map(Note, value.get("note_codes", ()), texts, value.get("notes_en") or texts)


def _pairs(
    departments: Sequence[Mapping[str, Any]], pairs: Sequence[Mapping[str, Any]], level: float
) -> Pairs:
    names = tuple(department["name"] for department in departments)
    places = {name: place for place, name in enumerate(names)}

    def column(key: str) -> NDArray[np.float64]:
        return np.array([_number(pair.get(key)) for pair in pairs], dtype=np.float64)

    bounds = np.array([_interval(pair.get("ci")) for pair in pairs], dtype=np.float64).reshape(-1, 2)
    return Pairs(
        names=names,
        a=np.array([places[pair["a"]] for pair in pairs], dtype=np.intp),
        b=np.array([places[pair["b"]] for pair in pairs], dtype=np.intp),
        difference=column("difference"),
        se=column("se"),
        se_cr0=column("se_cr0"),
        df=np.array([_degrees(pair.get("df", 0)) for pair in pairs], dtype=np.float64),
        p_adjusted=column("p_adjusted"),
        p_additive=column("p_additive"),
        p_latent=column("p_latent"),
        lower=bounds[:, 0],
        upper=bounds[:, 1],
        significant=np.array(
            [pair.get("significant", pair["p_adjusted"] < 1 - level) for pair in pairs], bool
        ),
    )
