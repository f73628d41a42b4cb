"""Every public function by every argument by odd values: a finite result, or an InputError that names it."""

from __future__ import annotations

import atexit
import dataclasses
import datetime
import inspect
import json
import math
import shutil
import tempfile
import warnings
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import analysis
from analysis import InputError, NothingToRankError, Ratings
from analysis.disclosure.attacker import Statement

G = np.random.default_rng(5)
CUBE = 20.0 * G.integers(1, 6, (14, 4, 3))
X = CUBE[:, :, 0]
NAMES = ["甲", "乙", "丙", "丁"]
R = np.array([[1, 0.3, 0.2], [0.3, 1, 0.4], [0.2, 0.4, 1]])
WINS = np.array([[0, 3, 2.0], [1, 0, 4], [2, 2, 0]])
WHO = ["a", "b"] * 7


def ratings() -> Ratings:
    return Ratings.from_array(CUBE, department_names=NAMES, item_names=["快", "好", "总"])


def fitted() -> Any:
    return analysis.fit(analysis.cells_of(ratings()))


def table() -> analysis.Table:
    return analysis.Table("t", {"部门": ["甲", "乙"], "答": ["好", "差"]}, [[30, 12], [25, 3]], "答")


def written() -> Path:
    """A small file of words, kept as long as the tests run."""
    path = Path(tempfile.mkdtemp(), "answers.csv")
    path.write_text("No.,Tax Office,Police Department\n1,excellent,poor\n2,good,n/a\n3,good,fair\n", "utf-8")
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    return path


FILE = written()


def calls() -> dict[str, tuple[Any, dict[str, Any]]]:
    """Every public function with arguments that it takes."""
    r, few = ratings(), {"threshold": 2, "draws": 300}
    ranked = analysis.rank(r, **few)
    statements = [Statement("和", {"a": 1.0, "b": 1.0}, 12), Statement("a", {"a": 1.0}, 4)]
    given: dict[str, dict[str, Any]] = {
        "additivity_test": {"ratings": r, "facts": {"来源": WHO}, "level": 0.9, "latent_guard": True}
        | few
        | {"seed": 3},
        "alpha_from_covariance": {"covariance": R, "n": 20, "names": ("x", "y", "z"), "level": 0.9},
        "assumptions_from": {"ratings": r},
        "attack": {
            "statements": statements,
            "targets": {"b": {"b": 1.0}},
            "integer": True,
            "protection": 1.0,
        },
        "bradley_terry": {"wins": WINS, "component": np.zeros(3, int)},
        "carried": {
            "ratings": r,
            "ranking": ranked,
            "refits": 2,
            "pairs": True,
            "scale": (20, 100),
            "line": 70.0,
        },
        "cell_weights": {"cells": WHO, "roster": {"a": 60, "b": 40}, "base": np.ones(14), "limit": 5.0},
        "cells_of": {"ratings": r},
        "combine_rounds": {
            "rounds": [r, r],
            "weights": [1, 2],
            "threshold": 2,
            "independent": False,
            "latent_guard": True,
        },
        "composite": {
            "parts": {"s": r, "t": dict.fromkeys(NAMES, 60.0) | {"甲": 70.0}},
            "weights": {"s": 2, "t": 1},
            "independent": True,
            "level": 0.9,
            "seed": 3,
            "latent_guard": False,
        }
        | few
        | {"draws": 600},
        "compare_editions": {"before": {"a": 20}, "after": {"a": 25}, "threshold": 10},
        "compare_figures": {"labels": ["a", "b"], "members": np.eye(2, 5, dtype=bool), "threshold": 2},
        "compare_groups": {
            "ratings": r,
            "groups": WHO,
            "against": "rest",
            "level": 0.95,
            "latent_guard": True,
        }
        | few
        | {"seed": 3, "fits": None},
        "compare_rounds": {
            "before": r,
            "after": r,
            "level": 0.95,
            "seed": 3,
            "latent_guard": False,
            "independent": False,
            "same_raters": False,
        }
        | few,
        "covariance": {
            "fit": fitted(),
            "kind": "CR2",
            "strata": analysis.Strata(np.zeros(14, int), np.zeros(1)),
        },
        "cronbach_alpha": {"scores": X, "names": tuple(NAMES), "level": 0.95, "pairwise": True},
        "design_mean": {"y": X[:, 0], "design": analysis.Design(np.ones(14)), "domain": np.arange(14) > 4},
        "design_total": {"y": X[:, 0], "design": analysis.Design(np.ones(14))},
        "effective_n": {"weights": [1, 2, 3]},
        "even_odd": {"scores": X, "scales": ["s", "s", "t", "t"]},
        "extremes": {"ranking": ranked, "end": "last", "count": 1, "ratings": r},
        "feldt_interval": {"alpha": 0.8, "n": 30, "k": 4, "level": 0.95},
        "fit": {"cells": analysis.cells_of(r)},
        "for_meeting": {
            "ranking": ranked,
            "ratings": r,
            "first": 1,
            "last": 2,
            "lines": [90, 80],
            "hide": 3,
            "scale": (20, 100),
            "line": 70.0,
        },
        "friedman_test": {"ratings": r, "permutations": 9, "seed": 3, "threshold": 2},
        "grades": {
            "ranking": ranked,
            "lines": [70, 50],
            "names_zh": ("上", "中", "下"),
            "names_en": ("a", "b", "c"),
        },
        "identical_ballots": {"ratings": r, "draws": 9, "seed": 3},
        "importance": {"ratings": r, "outcome": "总", "method": "lmg", "level": 0.9, "seed": 3} | few,
        "importance_performance": {
            "ratings": r,
            "drivers": analysis.importance(r, "总", draws=20),
            "department": "甲",
            "threshold": 3,
        },
        "intra_individual_variability": {"scores": X},
        "intraclass_correlation": {"target": WHO, "score": X[:, 1], "level": 0.95},
        "invitations_needed": {
            "difference": 5.0,
            "departments": 6,
            "ratings_per_rater": 3,
            "assumptions": analysis.Assumptions(),
        },
        "item_scores": {"ratings": r, "threshold": 3},
        "johnson": {"correlations": R, "with_outcome": [0.3, 0.4, 0.2]},
        "kendall_w": {"scores": X},
        "krippendorff_alpha": {"scores": X, "metric": "ordinal"},
        "lmg": {"correlations": R, "with_outcome": [0.3, 0.4, 0.2]},
        "longstring": {"scores": X},
        "mahalanobis": {"scores": X},
        "mcdonald_omega": {"scores": X, "method": "minres", "pairwise": False},
        "omega_from_covariance": {"covariance": R, "method": "minres"},
        "p_adjust": {"p": [0.01, 0.2, 0.03], "method": "holm"},
        "person_total": {"scores": X},
        "premises": {"language": "en"},
        "standardise": {
            "ratings": r,
            "groups": WHO,
            "roster": {"a": 6, "b": 4},
            "level": 0.9,
            "latent_guard": True,
        }
        | few
        | {"seed": 3, "fits": None},
        "plan": {
            "invited": 100,
            "departments": 4,
            "ratings_per_rater": 3,
            "assumptions": analysis.Assumptions(),
            "exposure": [1, 2, 3, 4],
        },
        "protect": {"tables": [table()], "rule": analysis.Rule()},
        "published_mean": {"label": "m", "points": {"a": 20.0}, "n": 30, "mean": 60.5, "decimals": 1},
        "questionnaire": {"ratings": r},
        "rake_weights": {
            "strata": {"s": WHO},
            "margins": {"s": {"a": 3, "b": 4}},
            "base": np.ones(14),
            "limit": 5.0,
            "tolerance": 1e-8,
            "rounds": 50,
        },
        "rank": {
            "ratings": r,
            "level": 0.9,
            "seed": 3,
            "stepdown": True,
            "latent_guard": True,
            "scale": (20, 100),
            "screen": True,
        }
        | few,
        "rank_estimates": {
            "names": ["a", "b", "c"],
            "estimates": [1, 2, 4],
            "covariance_or_se": [1, 1, 2],
            "level": 0.9,
            "draws": 300,
            "seed": 3,
            "stepdown": True,
            "df": 20,
            "joint": True,
        },
        "rank_sets": {"above": np.triu(np.ones((4, 4), bool), 2)},
        "ranking_sensitivity": {"ratings": r, "flagged": np.arange(14) < 2, "threshold": 2, "draws": 300},
        "rating_agreement": {"ratings": r, "metric": "interval"},
        "rating_quality": {"ratings": r, "cutoffs": analysis.Cutoffs()},
        "rating_reliability": {"ratings": r, "without": ("总",), "level": 0.9},
        "response_quality": {
            "scores": X,
            "scales": ["s", "s", "t", "t"],
            "profile": X,
            "cutoffs": analysis.Cutoffs(),
        },
        "satterthwaite_df": {"fit": fitted(), "contrast": [1, -1, 0, 0], "kind": "CR2"},
        "satisfied": {"ratings": r, "at_least": 60},
        "screened": {"ratings": r},
        "shrunken": {"ranking": ranked},
        "suppress": {
            "statements": statements,
            "targets": {"b": {"b": 1.0}},
            "integer": True,
            "protection": 1.0,
        },
        "trim": {"weights": [1, 1, 1, 9], "limit": 2.0},
        "two_way_correlations": {"scores": X},
    }
    found = {name: (getattr(analysis, name), arguments) for name, arguments in given.items()}
    reading = {"tool": None, "departments": (), "levels": None, "best": None, "mapping": None, "scale": None}
    reading |= {"missing": ("-3",), "columns": None, "items": ()}
    for function in (analysis.read_ratings, analysis.understand_ratings):
        found[function.__name__] = (function, {"path": FILE, **reading})
    columns = {
        "rater": [0, 0, 1, 1],
        "department": ["x", "y", "x", "y"],
        "score": [1, 2, 3, 5],
        "item": ["p", "q", "p", "q"],
        "weight": [1, 1, 2, 2],
        "stratum": ["s", "s", "t", "t"],
        "population": {"s": 4, "t": 5},
        "item_weights": {"p": 1, "q": 3},
        "cluster": ["k", "k", None, None],
    }
    found["Ratings.from_columns"] = (Ratings.from_columns, columns)
    combined = analysis.combine_rounds([r, r], threshold=2, independent=True)
    options = {"level": 0.9, "draws": 300, "seed": 3, "stepdown": True}
    found["Combined.ranking"] = (combined.ranking, options)
    found["Ratings.from_array"] = (
        Ratings.from_array,
        {
            "scores": CUBE,
            "department_names": NAMES,
            "item_names": ["快", "好", "总"],
            "weight": np.ones(14),
            "stratum": WHO,
            "population": {"a": 10, "b": 20},
            "item_weights": {"快": 1, "好": 2, "总": 1},
            "cluster": WHO[:12] + [None] * 2,
        },
    )
    return found


CALLS = calls()
MASKED = np.ma.masked_array([3.0, 2.0, 1.0, 5.0], mask=[False, True, False, False])
ODD: dict[str, Any] = {
    "None": None,
    "NaN": math.nan,
    "inf": math.inf,
    "minus inf": -math.inf,
    "zero": 0,
    "minus one": -1,
    "one and a half": 1.5,
    "95": 95,
    "1e4": 1e4,
    "1e160": 1e160,
    "googol integer": 10**400,
    "True": True,
    "complex": 1 + 2j,
    "word": "HC3",
    "blank": " ",
    "bytes": b"x",
    "object": object(),
    "date": datetime.date(2025, 1, 2),
    "decimal": Decimal("1.5"),
    "fraction": Fraction(1, 3),
    "numpy scalar": np.float32(0.5),
    "zero-dimensional": np.array(3),
    "empty list": [],
    "empty mapping": {},
    "set": {1, 2},
    "generator": range(0),
    "masked": MASKED,
    "masked table": np.ma.masked_array(X, mask=X > 60),
    "dates": np.array(["2020-01-01", "2020-01-02"], dtype="datetime64[D]"),
    "spans": np.array([1, 2, 3], dtype="timedelta64[s]"),
    "table of dates": X.astype("int64").astype("datetime64[D]"),
    "complex table": X + 1j,
    "truth": np.ones(14, bool),
    "table of truth": X > 60,
    "words": ["a", "b", "c", "d"],
    "words and numbers": ["a", 1, None, 2.5],
    "1 and '1'": [1, "1", 2, "2"],
    "1 and True": [1, True, 2, 3],
    "unseen sign": ["甲", "甲\u200b", "乙", "丙"],
    "None inside": [None, 1, 2, 3],
    "NaN inside": [math.nan, 1, 2, 3],
    "inf inside": [math.inf, 1, 2, 3],
    "negative inside": [-1, 1, 2, 3],
    "zeros": [0, 0, 0],
    "zeros of four": [0.0, 0, 0, 0],
    "zeros by 14": np.zeros(14),
    "huge": [1e160, 1, 2, 3],
    "tiny": [1e-160, 2e-160, 3e-160, 4e-160],
    "far off": [1e15 + 0.1, 1e15, 1e15, 1e15],
    "ragged": [[1, 2], [3]],
    "nested": [[1], [2]],
    "equal table": np.full((14, 4), 60.0),
    "empty table": np.full((14, 4), np.nan),
    "huge table": X * 1e160,
    "table": X,
    "column of NaN": np.where(np.arange(4) == 1, np.nan, X),
    "three dimensions": CUBE,
    "15 numbers": np.ones(15),
    "duplicates": ["a", "a", "b", "c"],
    "not square": np.ones((2, 3)),
    "asymmetric": np.arange(9.0).reshape(3, 3),
    "all ones": np.ones((3, 3)),
    "indefinite": np.array([[1, 2, 0], [2, 1, 0], [0, 0, 1.0]]),
    "winner of all": np.array([[0, 3, 2.0], [0, 0, 4], [0, 2, 0]]),
    "mapping of NaN": {"s": math.nan, "t": 5},
    "mapping of text": {"a": "x"},
    "unknown key": {"p": 1, "q": 3, "无": 2},
    "1 and '1' as keys": {1: 2, "1": 3},
    "function": len,
    "class": Ratings,
}
# Where these stand for "not given" or for gaps they are no mistake; the result must still be finite.
UNDEFINED_BY_RESPONDENT = {
    "intra_individual_variability",
    "even_odd",
    "mahalanobis",
    "person_total",
    "response_quality",
    "rating_quality",
    "screened",
}
NAN_IS_A_GAP = {"questionnaire", "item_scores", "importance_performance", "ranking_sensitivity"}

# Arguments that must fit each other: good values that do not fit may be told by either name.
PARTNERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("Ratings.from_array", "item_names"): ("item_weights",),
    ("Ratings.from_array", "scores"): ("item_names", "weight"),
    ("Ratings.from_array", "stratum"): ("population",),
    ("Ratings.from_columns", "item"): ("item_weights",),
    ("Ratings.from_columns", "rater"): ("weight", "cluster"),
    ("Ratings.from_columns", "score"): ("rater",),
    ("Ratings.from_columns", "stratum"): ("population",),
    ("cell_weights", "cells"): ("base", "roster"),
    ("compare_figures", "labels"): ("members",),
    ("additivity_test", "threshold"): ("facts",),
    ("compare_groups", "threshold"): ("groups",),
    ("standardise", "groups"): ("roster",),
    ("standardise", "threshold"): ("groups",),
    ("cronbach_alpha", "scores"): ("names",),
    ("design_mean", "y"): ("design",),
    ("design_total", "y"): ("design",),
    ("even_odd", "scores"): ("scales",),
    ("importance", "threshold"): ("ratings",),
    ("intraclass_correlation", "target"): ("score",),
    ("johnson", "with_outcome"): ("correlations",),
    ("lmg", "with_outcome"): ("correlations",),
    ("plan", "departments"): ("exposure",),
    ("rank_estimates", "estimates"): ("names",),
    ("response_quality", "scores"): ("profile",),
}


def not_a_number(value: Any) -> bool:
    """Whether a result has NaN anywhere."""
    if isinstance(value, float | np.floating):
        return bool(np.isnan(value))
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "f" and bool(np.isnan(value).any())
    if isinstance(value, analysis.Ranking):
        return any(map(not_a_number, value.departments)) or bool(np.isnan(value.pairs.p_adjusted).any())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return any(not_a_number(getattr(value, f.name)) for f in dataclasses.fields(value))
    if isinstance(value, Mapping):
        return any(map(not_a_number, value.values()))
    return isinstance(value, list | tuple) and any(map(not_a_number, value))


def complaint(name: str, function: Any, argument: str, given: dict[str, Any]) -> str | None:
    """What is wrong with the answer to one call, or None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            result = function(**given)
    except NothingToRankError:
        return None
    except InputError as error:
        named = {argument, *PARTNERS.get((name, argument), ())}
        return None if error.column in named else f"InputError names {error.column}: {error.en}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if name in UNDEFINED_BY_RESPONDENT | NAN_IS_A_GAP:
        return None
    if name == "alpha_from_covariance" and given["n"] is None:
        return None
    return "NaN in the result" if not_a_number(result) else None


PAIRS = [(name, argument) for name, (_, given) in CALLS.items() for argument in given]


def test_every_public_function_is_tried():
    functions = {n for n in analysis.__all__ if inspect.isfunction(getattr(analysis, n))}
    assert functions == {name for name in CALLS if "." not in name}
    for name, (function, given) in CALLS.items():
        parameters = inspect.signature(function).parameters.values()
        asked = {p.name for p in parameters if p.kind is not p.VAR_KEYWORD}
        assert asked <= set(given) | {"progress"}, name


def test_the_ordinary_calls_work():
    for name, (function, given) in CALLS.items():
        assert complaint(name, function, "", given) is None, name


@pytest.mark.parametrize(("name", "argument"), PAIRS, ids=[f"{n}-{a}" for n, a in PAIRS])
def test_odd_values_are_refused_by_name_or_give_a_finite_result(name, argument):
    function, given = CALLS[name]
    found = {
        odd: why
        for odd, value in ODD.items()
        if (why := complaint(name, function, argument, given | {argument: value})) is not None
    }
    assert not found


@pytest.mark.parametrize(
    ("call", "argument", "words"),
    [
        (lambda: analysis.rank(ratings(), level=95), "level", "0.95"),
        (lambda: analysis.rank(ratings(), level=True), "level", "True"),
        (lambda: analysis.rank(ratings(), seed=-1), "seed", "-1"),
        (lambda: analysis.rank(ratings(), draws=10**9), "draws", "10000000"),
        (lambda: Ratings.from_columns([1] * 4, [1, "1", 2, 3], range(4)), "department", "'1'"),
        (lambda: Ratings.from_columns([1] * 4, [1, True, 2, 3], range(4)), "department", "真假值"),
        (lambda: Ratings.from_columns([1] * 4, ["甲", "甲\u200b", 2, 3], range(4)), "department", "u200b"),
        (lambda: Ratings.from_columns([1] * 4, [1, 2, 3, 4], MASKED), "score", "第 2 行"),
        (lambda: Ratings.from_columns([1, 1], [1, 2], ODD["dates"]), "score", "2020"),
        (lambda: Ratings.from_columns([1] * 4, [1, 2, 3, 4], ODD["tiny"]), "score", "差距"),
        (lambda: Ratings.from_array(X, weight=np.ones(15)), "weight", "15"),
        (lambda: Ratings.from_array(X, population=math.nan), "population", "NaN"),
        (
            lambda: Ratings.from_array(CUBE, item_weights={"1": 1, "2": 1, "3": 1, "4": 1}),
            "item_weights",
            "4",
        ),
        (
            lambda: Ratings.from_columns(
                [1, 1], [1, 2], [3, 4], item=["p", "p"], item_weights={"p": 1, "q": 1}
            ),
            "item_weights",
            "q",
        ),
        (lambda: analysis.rank_estimates(["a", "b"], [1, 2], [1, 1], df=0), "df", "至少为 1"),
        (lambda: analysis.rank_estimates(["a", "b"], [1, 2], [1, 1], df=math.nan), "df", "缺失"),
        (lambda: analysis.covariance(fitted(), "HC3"), "kind", "CR3"),
        (lambda: analysis.bradley_terry(-WINS, np.zeros(3, int)), "wins", "负"),
        (lambda: analysis.bradley_terry(ODD["winner of all"], np.zeros(3, int)), "wins", "全胜"),
    ],
)
def test_what_was_once_taken_is_refused_in_words(call, argument, words):
    with pytest.raises(InputError, match=words) as error:
        call()
    assert error.value.column == argument


def ranked(**fields: Any) -> bytes:
    """ranking.json of a small ranking, with the first department's fields replaced, or its own."""
    document = json.loads(analysis.rank(ratings(), threshold=2, draws=300).to_json())
    for key, value in fields.items():
        (document if key in document else document["departments"][0])[key] = value
    return json.dumps(document).replace('"1e400"', "1e400").encode()


def alone() -> Any:
    return analysis.fit(analysis.cells_of(Ratings.from_array([[1.0, 2]])))


def shifted() -> Any:
    return analysis.extremes(
        analysis.rank(ratings(), threshold=2, draws=300),
        "last",
        1,
        ratings=Ratings.from_array(CUBE + 1, department_names=NAMES),
    )


def counted(labels: list[str], counts: list[list[float]]) -> Any:
    return analysis.protect([analysis.Table("t", {"部门": labels, "答": ["好", "差"]}, counts, "答")])


SMALL = {"threshold": 2, "draws": 300}
REFUSED = [
    (lambda: ratings().take([99]), "raters", "99"),
    (lambda: ratings().take(np.array([0.5])), "raters", "整数"),
    (lambda: ratings().take([True] * 3), "raters", "14"),
    (lambda: ratings().take_departments([99]), "departments", "99"),
    (lambda: ratings().take_departments([-1]), "departments", "整数"),
    (lambda: analysis.satterthwaite_df(alone(), [1, -1]), "fit", "一个评议人"),
    (lambda: analysis.ranking_sensitivity(ratings(), np.arange(14) < 2, foo=1), "foo", "latent_guard"),
    (lambda: analysis.assumptions_from(ratings(), foo=1), "foo", "response_rate"),
    (lambda: analysis.assumptions_from(ratings(), level=7), "level", "小于 1"),
    (lambda: analysis.rank(ratings(), **SMALL).plot(foo=1), "foo", "title"),
    (lambda: analysis.rank(ratings(), **SMALL).plot("fr"), "language", "zh"),
    (lambda: analysis.rank(ratings(), **SMALL).summary("fr"), "language", "zh"),
    (lambda: analysis.rank(ratings(), **SMALL).global_test.summary("fr"), "language", "zh"),
    (lambda: analysis.rank(ratings(), **SMALL).to_json("fr"), "language", "zh"),
    (lambda: analysis.Ranking.from_json(ranked(level=7)), "document", "排名"),
    (lambda: analysis.Ranking.from_json(ranked(adjusted="1e400")), "document", "排名"),
    (lambda: analysis.Ranking.from_json(ranked(rank_set=["x", 2])), "document", "排名"),
    (lambda: analysis.Ranking.from_json(ranked(rank_set=[3, 2])), "document", "排名"),
    (lambda: Ratings.from_array(X, population=14.5), "population", "整数"),
    (lambda: Ratings.from_array(X, stratum=["a"] * 14, population={"a": 20, "b": 2000}), "population", "“b”"),
    (lambda: counted(["甲", "甲"], [[30, 12], [25, 3]]), "tables", "重复"),
    (lambda: counted(["甲", "乙"], [[30.5, 12], [25, 3]]), "tables", "整数"),
    (lambda: analysis.Rule(threshold=0), "threshold", "1"),
    (lambda: analysis.Rule(protection=-1), "protection", "0"),
    (lambda: analysis.Cutoffs(longstring_share=-1), "longstring_share", "0"),
    (shifted, "ratings", "这份排名"),
    (lambda: analysis.rating_reliability(ratings(), without=("zz",)), "without", "zz"),
    (lambda: dataclasses.replace(ratings(), score=np.full(168, np.nan)), "score", "缺失"),
]


@pytest.mark.parametrize(("call", "argument", "words"), REFUSED)
def test_what_ended_in_a_traceback_or_in_nonsense_is_refused_in_words(call, argument, words):
    with pytest.raises(InputError, match=words) as error:
        call()
    assert error.value.column == argument


def test_a_ranking_written_is_read():
    assert analysis.Ranking.from_json(ranked()).level == 0.95


def test_so_many_departments_are_refused_before_their_pairs_are_stored():
    n = 100_000
    many = Ratings.from_columns(np.repeat(np.arange(10), n), np.tile(np.arange(n), 10), np.ones(10 * n))
    with pytest.raises(InputError, match=r"74\.5 GiB") as error:
        analysis.rank(many)
    assert error.value.column == "ratings"
    with pytest.raises(InputError, match=r"74\.5 GiB"):
        analysis.rank_estimates(range(n), np.arange(n), np.ones(n))


def test_whole_numbers_may_be_written_as_floats():
    given = {"threshold": 2, "seed": 3}
    found = [analysis.rank(ratings(), draws=draws, **given) for draws in (1e3, 1000)]
    assert found[0].departments == found[1].departments


def test_a_masked_cell_of_a_table_is_a_gap():
    gaps = np.where(X > 60, np.nan, X)
    masked = Ratings.from_array(np.ma.masked_array(X, mask=X > 60))
    assert masked.score.tolist() == Ratings.from_array(gaps).score.tolist()


def test_nullable_columns_and_numbers_of_other_kinds():
    assert Ratings.from_columns([1, 1], [1, 2], [Decimal("1.5"), Fraction(1, 4)]).score.tolist() == [
        1.5,
        0.25,
    ]
    with pytest.raises(InputError, match="第 2 行"):
        Ratings.from_columns([1, 1], [1, 2], np.array([1, None], dtype=object))
