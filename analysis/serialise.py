"""Version 1 of ranking.json."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.results import DepartmentResult, GlobalTest, Insufficient, Language, Pairs, Ranking


def ranking_to_dict(ranking: Ranking, language: Language) -> dict[str, Any]:
    """JSON-safe values; a number that is not finite (infinite degrees of freedom) becomes None."""
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
        },
    }


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
