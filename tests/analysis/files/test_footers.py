"""Rows among the raters' that were computed from theirs."""

from analysis.files.footers import computed_rows

RATERS = [[5, 4], [1, 2], [1, 1], [5, 5]]
MEANS = [3.0, 3.0]


def test_means_are_computed_and_a_rater_is_not() -> None:
    assert computed_rows([[3, 3], *RATERS, MEANS], False) == []  # somebody gave these marks
    assert computed_rows([["", 3], *RATERS, [3.0, 3.5]], False) == []
    assert computed_rows([["", 4], *RATERS, [3.0, 3.2]], False) == [5]


def test_true_is_no_mark_and_does_not_make_one_nothing() -> None:
    """Python takes True for 1: once it was read, every 1 was read as nothing."""
    assert computed_rows([[True, 4], *RATERS, [3.0, 3.2]], False) == [5]


def test_subtotals_between_rows_are_found_each_from_the_rows_above_it() -> None:
    first, second = [[5, 4, 3], [4, 4, 1], [4, 2, 3]], [[1, 2, 1], [2, 2, 5], [2, 5, 2]]
    rows = [*first, [4.33, 3.33, 2.33], *second, [1.67, 3.0, 2.67]]
    assert computed_rows(rows, False) == [3, 7]
    assert computed_rows([*rows, [3.0, 3.17, 2.5]], False) == [3, 7, 8]  # the mean of all raters, too
    assert computed_rows([row[:2] for row in rows], False) == [3, 7]


def test_halves_in_two_columns_are_a_raters() -> None:
    """The third rater gave the mean of the first two by chance."""
    assert computed_rows([[5, 4], [4, 5], [4.5, 4.5], [1, 2], [2, 1], [3, 3], [1, 5], [5, 1]], False) == []
