"""Design-based estimates against R's survey 4.1.1 (svymean, svytotal, svyby, postStratify, rake)."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from analysis.errors import InputError
from analysis.sampling.design import Design, design_mean, design_total
from analysis.sampling.raking import rake_weights
from analysis.sampling.weights import cell_weights

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
EXPECTED = json.loads((REFERENCE / "survey_api.json").read_text("utf-8"))["expected"]
# The populations of the survey package's own examples, ?postStratify and ?rake.
TYPES = {"E": 4421, "H": 755, "M": 1018}
WIDE = {"No": 1072, "Yes": 5122}


def columns(name):
    with (REFERENCE / name).open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return {key: [row[key] for row in rows] for key in rows[0]}


def floats(values):
    return np.array(values, dtype=float)


STRAT, CLUS = columns("apistrat.csv"), columns("apiclus1.csv")


def strat(fpc=True):
    return Design(
        floats(STRAT["pw"]), strata=STRAT["stype"], population=floats(STRAT["fpc"]) if fpc else None
    )


def clus(weights="pw", margins=()):
    return Design(
        floats(CLUS[weights]) if isinstance(weights, str) else weights,
        clusters=CLUS["dnum"],
        population=floats(CLUS["fpc"]),
        margins=[CLUS[m] for m in margins],
        base=floats(CLUS["pw"]),
    )


def close(ours, expected, rel=1e-7):
    assert (ours.estimate, ours.se) == pytest.approx((expected["est"], expected["se"]), rel=rel)


def test_stratified_mean_with_and_without_finite_population_correction():
    close(design_mean(floats(STRAT["api00"]), strat()), EXPECTED["strat_fpc_mean_api00"])
    close(design_mean(floats(STRAT["api00"]), strat(fpc=False)), EXPECTED["strat_nofpc_mean_api00"])


def test_stratified_total():
    close(design_total(floats(STRAT["enroll"]), strat()), EXPECTED["strat_total_enroll"])


def test_domain_means():
    for row in EXPECTED["by_stype"]:
        ours = design_mean(floats(STRAT["api00"]), strat(), domain=np.array(STRAT["stype"]) == row["stype"])
        assert (ours.estimate, ours.se) == pytest.approx((row["mean"], row["se"]), rel=1e-7)


def test_cluster_mean():
    ours = design_mean(floats(CLUS["api00"]), clus())
    close(ours, EXPECTED["cluster_fpc_mean_api00"])
    assert ours.df == 14


def test_post_stratified_weights_and_mean():
    weights = cell_weights(CLUS["stype"], TYPES, base=floats(CLUS["pw"]), limit=None)
    scaled = weights.values * 6194 / len(CLUS["stype"])
    assert scaled == pytest.approx(floats(CLUS["w_post"]), rel=1e-10)
    close(design_mean(floats(CLUS["api00"]), clus(scaled, ["stype"])), EXPECTED["poststrat_mean"])


def test_raked_weights_and_mean():
    strata = {"stype": CLUS["stype"], "wide": CLUS["sch.wide"]}
    weights = rake_weights(strata, {"stype": TYPES, "wide": WIDE}, base=floats(CLUS["pw"]), limit=None)
    scaled = weights.values * 6194 / len(CLUS["stype"])
    # R stops when no margin moves by more than one school (epsilon = 1); ours goes on.
    assert scaled == pytest.approx(floats(CLUS["w_rake"]), rel=5e-5)
    ours = design_mean(floats(CLUS["api00"]), clus(scaled, ["stype", "sch.wide"]))
    close(ours, EXPECTED["rake_mean"], rel=1e-5)


def test_interval_is_students():
    ours = design_mean(floats(CLUS["api00"]), clus())
    assert ours.ci[1] - ours.estimate == pytest.approx(2.144786688 * ours.se)
    assert "644.17" in ours.summary()
    assert "644.17" in ours.summary("en")
    assert json.dumps(ours.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("y", "design", "word"),
    [
        ([1.0, 2, 3], Design([1, 1, 1], strata=["a", "a", "b"]), "一个抽样单位"),
        ([1.0, 2], Design([1, 1], population=[1, 1]), "名录总数"),
        ([1.0, 2], Design([1, 0]), "正的权重"),
        ([1.0, np.nan], Design([1, 1]), "第 2 行的 y 缺失"),
    ],
)
def test_designs_without_a_standard_error_are_refused(y, design, word):
    with pytest.raises(InputError, match=word):
        design_mean(y, design)


def test_an_empty_domain_is_refused():
    with pytest.raises(InputError, match="没有答卷"):
        design_mean([1.0, 2], Design([1, 1]), domain=[False, False])


def test_whoever_did_not_state_a_margin_keeps_the_full_residual():
    """Nobody calibrated by the margin: the variance is that of the design without it."""
    y, pw = floats(CLUS["api00"]), floats(CLUS["pw"])
    silent = Design(pw, clusters=CLUS["dnum"], population=floats(CLUS["fpc"]), margins=[[None] * len(y)])
    assert design_mean(y, silent).se == pytest.approx(design_mean(y, clus()).se)
    half = [label if i % 2 else None for i, label in enumerate(CLUS["stype"])]
    partly = Design(pw, clusters=CLUS["dnum"], population=floats(CLUS["fpc"]), margins=[half])
    assert design_mean(y, partly).se != pytest.approx(design_mean(y, clus()).se)
