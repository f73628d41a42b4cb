"""Errors of this package that are shown to people: input that cannot be analysed."""

from __future__ import annotations


class InputError(ValueError):
    """Data that cannot be analysed as given.

    ``zh`` and ``en`` say what is wrong and how to mend it; ``str()`` gives both. ``row`` counts from 1 in the
    arrays handed in, ``column`` names the argument, ``name`` the label concerned, where these are known.

    >>> from analysis import InputError, Ratings
    >>> try:
    ...     Ratings.from_columns(["r1", "r2"], ["A", ""], [5, 4])
    ... except InputError as error:
    ...     print(error.row, error.column)
    2 department
    """

    def __init__(
        self,
        zh: str,
        en: str,
        *,
        row: int | None = None,
        column: str | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en
        self.row = row
        self.column = column
        self.name = name


class NothingToRankError(InputError):
    """No two departments can be compared with the ratings at hand.

    >>> from analysis import NothingToRankError, Ratings, rank
    >>> try:
    ...     rank(Ratings.from_array([[9, 7]] * 3))
    ... except NothingToRankError:
    ...     print("too few raters")
    too few raters
    """
