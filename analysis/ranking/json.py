"""Writing a ranking as ranking.json, format version 1."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from analysis.ranking.pairs import Pairs
    from analysis.ranking.results import DepartmentResult, GlobalTest, Insufficient, Language, Ranking

INDENTED_PAIRS = 10_000  # up to so many pairs the file is indented for reading
_ROWS_AT_ONCE = 50_000
_PAIR_ROW = (
    '{"a": %s, "b": %s, "difference": %s, "se": %s, "p_adjusted": %s, "ci": [%s, %s], "df": %s, '
    '"significant": %s, "p_additive": %s, "p_latent": %s, "se_cr0": %s}'
)


def ranking_to_dict(ranking: Ranking, language: Language) -> dict[str, Any]:
    """Ranking as JSON-safe values (format version 1); numbers that are not finite become None."""
    return {
        "version": 1,
        "n_raters": ranking.n_raters,
        "n_ratings": ranking.n_ratings,
        "level": ranking.level,
        "global_test": _global_test(ranking.global_test),
        "departments": [_department(department) for department in ranking.departments],
        "pairs": _pairs(ranking.pairs),
        "notes": [note.text(language) for note in ranking.notes],
        "insufficient": [_insufficient(entry, language) for entry in ranking.insufficient],
        "note_codes": [note.code for note in ranking.notes],
        "method": {
            "threshold": ranking.threshold,
            "draws": ranking.draws,
            "seed": ranking.seed,
            "stepdown": ranking.stepdown,
            "latent_guard": ranking.latent_guard,
            "n_components": ranking.n_components,
            "critical_values": {key: finite(value) for key, value in ranking.critical_values.items()},
            "scale": None if ranking.scale is None else list(ranking.scale),
        },
    }


def ranking_to_json(ranking: Ranking, language: Language, extra: dict[str, Any] | None = None) -> bytes:
    """UTF-8 JSON of `ranking_to_dict` with the keys of `extra`; quick also for hundreds of thousands of
    pairs."""
    if len(ranking.pairs) <= INDENTED_PAIRS:
        document = ranking_to_dict(ranking, language) | (extra or {})
        return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()
    document = ranking_to_dict(replace(ranking, pairs=ranking.pairs.part(slice(0))), language)
    parts: list[bytes] = []
    for key, value in (document | (extra or {})).items():
        parts.append(b"{" if not parts else b",\n")
        parts.append(json.dumps(key).encode() + b": ")
        if key == "pairs":
            parts += _pair_rows(ranking.pairs)
        else:
            parts.append(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    return b"".join([*parts, b"}\n"])


def _pair_rows(pairs: Pairs) -> Iterator[bytes]:
    """Yield parts of the JSON array of all pairs, equal to that of `_pairs`."""
    names = [json.dumps(name, ensure_ascii=False) for name in pairs.names]
    for start in range(0, len(pairs), _ROWS_AT_ONCE):
        part = pairs.part(slice(start, start + _ROWS_AT_ONCE))
        columns = (
            [names[i] for i in part.a.tolist()],
            [names[i] for i in part.b.tolist()],
            *map(_numbers, (part.difference, part.se, part.p_adjusted, part.lower, part.upper, part.df)),
            ["true" if known else "false" for known in part.significant.tolist()],
            *map(_numbers, (part.p_additive, part.p_latent, part.se_cr0)),
        )
        rows = ",\n".join([_PAIR_ROW % row for row in zip(*columns, strict=True)])
        yield (("[" if start == 0 else ",\n") + rows).encode()
    yield b"]"


def _numbers(values: NDArray[np.float64]) -> list[str]:
    if bool(np.isfinite(values).all()):
        return list(map(repr, values.tolist()))
    return [repr(value) if math.isfinite(value) else "null" for value in values.tolist()]


def finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _global_test(test: GlobalTest) -> dict[str, Any]:
    return {
        "statistic": finite(test.statistic),
        "df1": finite(test.df1),
        "df2": finite(test.df2),
        "p_value": finite(test.p_value),
        "method": test.method,
    }


def _department(result: DepartmentResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "n": result.n,
        "mean": finite(result.mean),
        "adjusted": finite(result.adjusted),
        "se": finite(result.se),
        "ci": [finite(bound) for bound in result.ci],
        "rank": result.rank,
        "rank_set": list(result.rank_set),
        "tier": result.tier,
        "vs_average": result.vs_average,
        "component": result.component,
        "average_difference": finite(result.average_difference),
        "average_ci": [finite(bound) for bound in result.average_ci],
        "df": finite(result.df),
    }


def _insufficient(entry: Insufficient, language: Language) -> dict[str, Any]:
    return {"name": entry.name, "n": entry.n, "code": entry.code, "reason": entry.reason(language)}


def _pairs(pairs: Pairs) -> list[dict[str, Any]]:
    return [
        {
            "a": pair.a,
            "b": pair.b,
            "difference": pair.difference,
            "se": pair.se,
            "p_adjusted": pair.p_adjusted,
            "ci": [finite(bound) for bound in pair.ci],
            "df": finite(pair.df),
            "significant": pair.significant,
            "p_additive": pair.p_additive,
            "p_latent": finite(pair.p_latent),
            "se_cr0": finite(pair.se_cr0),
        }
        for pair in pairs
    ]
