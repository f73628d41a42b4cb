"""Against R's packages on made-up data (tests/data/reference/r_packages.R): sandwiches and their degrees of
freedom by rater and by owner, rank sets, max-t, Bradley–Terry, intraclass correlations."""

from __future__ import annotations

import numpy as np
import pytest
from references import long_table, reference

from analysis import Ratings, rank_estimates, two_way_correlations
from analysis.model.cells import cells_of
from analysis.model.contrasts import Fit, fit
from analysis.model.latent import bradley_terry
from analysis.model.sandwich import covariance
from analysis.model.satterthwaite import satterthwaite_df

R = reference("r_packages")
GIVEN, EXPECTED = R["input"], R["expected"]


def _fitted(case: str) -> tuple[Fit, np.ndarray]:
    """Model of the case, and contrasts (7, 8) of the other departments against d0."""
    columns = {name: np.array(values) for name, values in long_table("r_packages").items()}
    if case == "one":
        columns = {name: values[columns["item"] == "i0"] for name, values in columns.items()}
    more = {} if case == "one" else {"item": columns["item"]}
    more |= {"cluster": columns["owner"]} if case == "owners" else {}
    ratings = Ratings.from_columns(
        columns["rater"], columns["department"], columns["score"].astype(float), **more
    )
    place = [ratings.department_names.index(f"d{i}") for i in range(8)]
    contrasts = np.zeros((7, 8))
    contrasts[np.arange(7), place[1:]], contrasts[:, place[0]] = 1, -1
    return fit(cells_of(ratings)), contrasts


@pytest.mark.parametrize(("case", "theta"), [("one", "theta1"), ("three", "theta3"), ("owners", "theta3")])
def test_sandwiches_and_their_freedom_are_those_of_clubsandwich(case, theta):
    found, contrasts = _fitted(case)
    np.testing.assert_allclose(contrasts @ found.theta, EXPECTED["clubsandwich"][theta], atol=1e-11)
    for kind, expected in EXPECTED["clubsandwich"][case].items():
        np.testing.assert_allclose(
            contrasts @ covariance(found, kind) @ contrasts.T, expected["V"], rtol=1e-10
        )
        df = [satterthwaite_df(found, c, kind) for c in contrasts]
        np.testing.assert_allclose(df, expected["df"], rtol=1e-10)


@pytest.mark.parametrize("place", range(4))
def test_rank_sets_are_those_of_csranks(place):
    units, expected = {k: np.array(v) for k, v in GIVEN["units"][place].items()}, EXPECTED["ranks"][place]
    names = [str(i) for i in range(units["estimate"].size)]
    errors = {"independent": units["se"], "correlated": units["covariance"]}
    for kind in errors.keys() & expected.keys():
        for stepdown, sets in ((False, expected[kind]["single"]), (True, expected[kind]["stepdown"])):
            ranking = rank_estimates(names, units["estimate"], errors[kind], stepdown=stepdown, draws=200_000)
            by_name = {d.name: d.rank_set for d in ranking.departments}
            assert [by_name[name] for name in names] == list(zip(sets["L"], sets["U"], strict=True))


@pytest.mark.parametrize("place", range(2))
def test_p_values_of_all_pairs_are_those_of_multcomp(place):
    units, expected = GIVEN["units"][place], EXPECTED["ranks"][place]["glht_p"]
    names = [str(i) for i in range(len(units["estimate"]))]
    ranking = rank_estimates(names, units["estimate"], units["covariance"], stepdown=False, draws=200_000)
    found = {frozenset((pair.a, pair.b)): pair.p_adjusted for pair in ranking.pairs}
    pairs = [frozenset((a, b)) for i, a in enumerate(names) for b in names[i + 1 :]]
    np.testing.assert_allclose([found[pair] for pair in pairs], expected, atol=0.005)


def test_bradley_terry_is_that_of_bradleyterry2():
    theta, _covariance = bradley_terry(np.array(GIVEN["wins"]), np.zeros(7, dtype=np.intp))
    np.testing.assert_allclose(theta, EXPECTED["bradley_terry"], atol=1e-8)


def test_intraclass_correlations_are_those_of_psych():
    found = two_way_correlations(GIVEN["icc"])
    for name, value in EXPECTED["icc"].items():
        assert getattr(found, name.lower()) == pytest.approx(value, rel=1e-12)
