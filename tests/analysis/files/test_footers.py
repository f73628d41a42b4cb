"""Rows below the raters' that were computed from theirs."""

from analysis.files.footers import computed_rows

RATERS = [[5, 4], [1, 2], [1, 1], [5, 5]]
MEANS = [3.0, 3.0]


def test_means_are_computed_and_a_rater_is_not() -> None:
    assert computed_rows([[3, 3], *RATERS, MEANS], False) == 0  # somebody gave these marks
    assert computed_rows([["", 3], *RATERS, [3.0, 3.5]], False) == 0
    assert computed_rows([["", 4], *RATERS, [3.0, 3.2]], False) == 1


def test_true_is_no_mark_and_does_not_make_one_nothing() -> None:
    """Python takes True for 1: once it was read, every 1 was read as nothing."""
    assert computed_rows([[True, 4], *RATERS, [3.0, 3.2]], False) == 1
