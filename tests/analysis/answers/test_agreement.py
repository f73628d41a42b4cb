"""Agreement against published tables and against SciPy."""

import json

import numpy as np
import pytest
from scipy import stats

from analysis.answers.agreement import intraclass_correlation, kendall_w, two_way_correlations
from analysis.answers.krippendorff import alpha_from_counts, krippendorff_alpha, rating_agreement
from analysis.answers.ratings import Ratings
from analysis.errors import InputError

# Shrout & Fleiss (1979), Psychological Bulletin 86, table 2: 6 targets, 4 judges.
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)

_ = np.nan
# Krippendorff (2011), section E: 4 observers, 12 units, missing data.
KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
)


def test_two_way_correlations_are_those_shrout_and_fleiss_print():
    icc = two_way_correlations(SHROUT_FLEISS)
    printed = {"icc1": 0.17, "icc2": 0.29, "icc3": 0.71, "icc1k": 0.44, "icc2k": 0.62, "icc3k": 0.91}
    assert {key: round(value, 2) for key, value in icc.to_dict().items()} == printed


def test_one_way_correlation_of_a_balanced_table_is_the_same_coefficient():
    long = intraclass_correlation(np.repeat(np.arange(6), 4), SHROUT_FLEISS.ravel())
    table = two_way_correlations(SHROUT_FLEISS)
    assert (long.single, long.average) == pytest.approx((table.icc1, table.icc1k))
    assert long.mean_raters == pytest.approx(4)
    # psych::ICC prints ICC1 with the 95 % interval -0.13 to 0.72 for these data.
    assert long.ci == pytest.approx((-0.1329, 0.7226), abs=5e-4)


def test_unbalanced_one_way_correlation_recovers_the_simulated_share():
    rng = np.random.default_rng(2)
    size = rng.integers(2, 30, 800)
    target = np.repeat(np.arange(800), size)
    score = rng.normal(0, np.sqrt(0.3), 800)[target] + rng.normal(0, np.sqrt(0.7), len(target))
    icc = intraclass_correlation(target, score)
    assert icc.single == pytest.approx(0.3, abs=0.03)
    assert icc.ci[0] < 0.3 < icc.ci[1]


def test_kendall_w_is_friedmans_statistic_rescaled():
    rng = np.random.default_rng(4)
    scores = rng.integers(1, 6, (12, 7))
    friedman = stats.friedmanchisquare(*scores.T)
    ours = kendall_w(scores)
    assert (ours.statistic, ours.p_value) == pytest.approx((friedman.statistic, friedman.pvalue))
    assert kendall_w(np.tile(np.arange(5), (4, 1))).w == pytest.approx(1)


@pytest.mark.parametrize(
    ("metric", "printed"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorffs_own_example(metric, printed):
    result = krippendorff_alpha(KRIPPENDORFF, metric=metric)
    assert round(result.alpha, 3) == printed
    assert (result.n_units, result.n_values) == (11, 40)


def test_counts_give_the_same_alpha_as_the_table():
    counts = np.array([(level == KRIPPENDORFF).sum(axis=0) for level in range(1, 6)]).T
    by_counts = alpha_from_counts(counts, np.arange(1, 6))
    assert by_counts.alpha == pytest.approx(krippendorff_alpha(KRIPPENDORFF).alpha)


def test_ratings_give_the_same_alpha_as_the_table():
    ratings = Ratings.from_array(KRIPPENDORFF)
    assert rating_agreement(ratings).alpha == pytest.approx(krippendorff_alpha(KRIPPENDORFF).alpha)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: two_way_correlations(KRIPPENDORFF),
        lambda: kendall_w(np.ones((3, 4))),
        lambda: krippendorff_alpha(np.full((3, 4), 80.0)),
        lambda: krippendorff_alpha(np.array([[1, _], [_, 2]])),
        lambda: krippendorff_alpha(np.ones(3)),
        lambda: intraclass_correlation([1, 2, 3], [1.0, 2, 3]),
        lambda: intraclass_correlation([1, 1, 2], [1.0, np.nan, 3]),
    ],
)
def test_undefined_agreement_is_refused(attempt):
    with pytest.raises(InputError):
        attempt()


def test_summaries_and_json():
    for result in (
        two_way_correlations(SHROUT_FLEISS),
        intraclass_correlation(np.repeat(np.arange(6), 4), SHROUT_FLEISS.ravel()),
        kendall_w(SHROUT_FLEISS),
        krippendorff_alpha(KRIPPENDORFF),
    ):
        assert result.summary() != result.summary("en")
        json.dumps(result.to_dict(), allow_nan=False)
