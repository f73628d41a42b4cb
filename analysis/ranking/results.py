"""Result types of a ranking: frozen values with serialisation and summaries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from analysis.answers.frames import Library, department_columns, framed
from analysis.ranking.pairs import Pairs
from analysis.ranking.sentences import summarise
from analysis.values.arguments import checked, known, language, proportion
from analysis.values.frozen import same

Language = Literal["zh", "en"]
VsAverage = Literal["above", "below", "same"]
Source = Literal["adjusted", "estimate", "composite", "combined"]
Interval = tuple[float, float]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Note:
    """Note for the reader of a result; ``code`` is stable, the texts are for people.

    >>> from analysis import Note
    >>> Note("few", "评议人少。", "Few raters.").text("en")
    'Few raters.'
    """

    code: str
    zh: str
    en: str

    def text(self, language: Language = "zh") -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class GlobalTest:
    """Omnibus test that all departments are equal; df2 is None for a chi-squared statistic.

    method "max-t": statistic is the largest standardised difference of a pair and p_value the smallest
    adjusted p of a pair or of a department against the average, so that it rejects exactly when something is
    declared different.

    >>> from analysis import GlobalTest
    >>> print(GlobalTest(20.0, 2, None, 0.00005, "Friedman").summary("en"))
    Departments are not all rated alike (Friedman, χ² = 20.00, df = 2, p < 0.001).
    """

    statistic: float
    df1: float
    df2: float | None
    p_value: float
    method: str

    @checked(language=language, alpha=proportion)
    def summary(self, language: Language = "zh", alpha: float = 0.05) -> str:
        """Outcome of the omnibus test in words, with its figures."""
        from analysis.explain import p_text, significant

        p = f"p {p_text(self.p_value)}"
        largest = self.method == "max-t"
        figures = f"max |t| = {self.statistic:.2f}, {p}"
        if not largest:
            figures = f"{self.method}, χ² = {self.statistic:.2f}, df = {self.df1:g}, {p}"
        if significant(self.p_value, 1 - alpha):
            zh, en = "各部门的评价不全相同", "Departments are not all rated alike"
        else:
            zh, en = "没有发现部门之间有差别", "No difference between departments was found"
        return f"{zh}（{figures}）。" if language == "zh" else f"{en} ({figures})."

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe values under their own names; numbers that are not finite become None."""
        from analysis.explain import plain

        return dict(plain(self))


@dataclass(frozen=True)
class DepartmentResult:
    """Result of one ranked department.

    n: raters who rated it (None when estimates were given); mean: raw mean; adjusted: mean had everybody
    rated every department; se: of adjusted; ci: right for all departments and differences together; rank_set:
    best and worst rank, jointly valid over all departments; tier: letters, two departments share one exactly
    when they are not declared different; vs_average and average_*: against the average of all departments of
    its component, in one family with all pairs; 0 lies inside average_ci exactly when vs_average is "same";
    df: the largest of its pairs.

    >>> from analysis import Ratings, rank
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 4, department_names=list("ABC"))
    >>> best = rank(ratings, draws=1000)["A"]
    >>> best.n, best.mean, best.rank_set
    (12, 8.0, (1, 2))
    """

    name: str
    n: int | None
    mean: float
    adjusted: float
    se: float
    ci: Interval
    rank: int
    rank_set: tuple[int, int]
    tier: str
    vs_average: VsAverage
    component: int
    average_difference: float
    average_ci: Interval
    df: float
    bound: str = ""
    """"at_least" or "at_most" where mean and adjusted are published as bounds only."""


@dataclass(frozen=True)
class Insufficient:
    """Department left out of the ranking (样本不足), with n raters; code: threshold | compared | isolated |
    df | part.

    n is None where the number itself may not be published.

    >>> from analysis import Ratings, rank
    >>> scores = [[9, 7, 5]] * 3 + [[9, 7, None], [8, 6, None], [9, 8, None]] * 3
    >>> ratings = Ratings.from_array(scores, department_names=list("ABC"))
    >>> [(entry.name, entry.n, entry.code) for entry in rank(ratings, draws=1000).insufficient]
    [('C', 3, 'threshold')]
    """

    name: str
    n: int | None
    code: str
    zh: str
    en: str

    def reason(self, language: Language = "zh") -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, eq=False, repr=False)
class Ranking:
    """Ranking: departments in ranked order, with all statements that hold jointly at confidence ``level``.

    n_raters and n_ratings count what was handed in (None when estimates were given). critical_values: max-t
    quantiles on the normal scale of "pairs" and "average" (one family in `rank`), "adjusted", "latent".
    scale: worst and best mark, where they were given.

    >>> from analysis import Ratings, rank
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 4, department_names=list("ABC"))
    >>> ranking = rank(ratings, draws=1000)
    >>> [(d.rank, d.name, round(d.adjusted, 1)) for d in ranking.departments]
    [(1, 'A', 8.0), (2, 'B', 7.3), (3, 'C', 4.0)]
    """

    n_raters: int | None
    n_ratings: int | None
    level: float
    threshold: int
    draws: int
    seed: int
    global_test: GlobalTest
    departments: tuple[DepartmentResult, ...]
    pairs: Pairs
    insufficient: tuple[Insufficient, ...] = ()
    notes: tuple[Note, ...] = ()
    n_components: int = 1
    stepdown: bool = False
    latent_guard: bool = True
    critical_values: dict[str, float] = field(default_factory=dict)
    scale: tuple[float, float] | None = None

    @property
    def source(self) -> Source:
        """Kind of scores: "adjusted" (from ratings), "estimate" (given), "composite" (electorates),
        "combined" (rounds)."""
        if self.n_raters is not None:
            return "adjusted"
        codes = {note.code for note in self.notes}
        if "composite" in codes:
            return "composite"
        return "combined" if "combined" in codes else "estimate"

    def __getitem__(self, name: str) -> DepartmentResult:
        """Result of the department `name`. Raises KeyError if it is not ranked."""
        for department in self.departments:
            if department.name == name:
                return department
        raise KeyError(name)

    def levels(self) -> Iterator[tuple[DepartmentResult, Interval]]:
        """Each department with the interval of its score as it is held against lines.

        Ends have 12 digits, so that rounding decides nothing. An interval that is missing, or that has no
        width because all ratings are alike, tells nothing: its ends are infinite.
        """
        for department in self.departments:
            low, high = (float(f"{end:.12g}") for end in department.ci)
            yield department, (low, high) if low < high else (-np.inf, np.inf)

    def __eq__(self, other: object) -> bool:
        """Whether two rankings are equal, NaN counting as equal; notes are compared by code, not by text."""
        return same(self, other) if isinstance(other, Ranking) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.seed, self.pairs.names))

    def __repr__(self) -> str:
        from analysis.ranking.display import text

        return text(self)

    def _repr_html_(self) -> str:
        from analysis.ranking.display import html

        return html(self)

    def to_frame(self, library: Library | None = None) -> Any:
        """Data frame with a row per department, in the library named or the first installed; InputError if
        none is."""
        return framed(department_columns(self), library)

    @classmethod
    def from_json(cls, document: str | bytes) -> Ranking:
        """`Ranking` from JSON that `to_json` wrote, also by older versions.

        Raises InputError for anything else.
        """
        from analysis.ranking.reading_json import ranking_from_json

        return ranking_from_json(document)

    @checked(language=language)
    def plot(self, language: Language = "zh", **options: Any) -> Any:
        """Chart of this ranking as a matplotlib figure; options: title, warning_line."""
        from analysis.charts.ranking import ranking_chart

        known(ranking_chart, options, "ranking")
        return ranking_chart(self, language=language, **options)

    @checked(language=language)
    def to_dict(self, language: Language = "zh") -> dict[str, Any]:
        """Ranking in format version 1 of ranking.json: JSON-safe, unrounded, notes as texts in
        ``language``."""
        from analysis.ranking.json import ranking_to_dict

        return ranking_to_dict(self, language)

    @checked(language=language)
    def to_json(self, language: Language = "zh", **extra: Any) -> bytes:
        """UTF-8 JSON of `to_dict` with extra keys, without NaN; quick for hundreds of thousands of pairs."""
        from analysis.ranking.json import ranking_to_json

        return ranking_to_json(self, language, extra)

    @checked(language=language)
    def summary(self, language: Language = "zh") -> str:
        """Ranking in sentences that say no more than the joint confidence allows."""
        return summarise(self, language)
