"""Facts of a ranking, of all departments and of each group: version 1 of ranking.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeVar

from survey.facts.base import Fact, Interval, Language, RankSet, Side, in_language
from survey.facts.composite import CompositeFacts
from survey.facts.meeting import MeetingFacts

Bound = Literal["", "at_least", "at_most"]


class OmnibusTest(Fact):
    """Test of the hypothesis that all departments are equal."""

    statistic: float | None
    """max-t: the largest standardised difference; homogeneity: chi-squared."""
    df1: float | None
    df2: float | None
    """null."""
    p_value: float | None
    """max-t: the least adjusted p."""
    method: str | None = None
    """"max-t" or "homogeneity"; absent where nothing could be ranked."""


class RankedDepartment(Fact):
    """Department that is ranked; scores and differences in points."""

    name: str
    n: int | None
    """Raters who rated it; null without ratings."""
    mean: float | None
    """Raw mean."""
    adjusted: float
    """The mean had every rater rated every department; the estimate where estimates were given."""
    se: float | None
    """Standard error of adjusted."""
    ci: Interval
    """Of adjusted; right for all departments and differences together."""
    rank: int
    """By adjusted, 1 the best."""
    rank_set: RankSet
    """Best and worst rank; right for all departments together."""
    tier: str
    """Letters; two departments share one exactly when they are not declared different."""
    vs_average: Side
    """Declared against the average of its component."""
    component: int
    """Number of the set of departments that raters link, from 0; ranks hold within one."""
    average_difference: float | None
    """Points above the average of its component."""
    average_ci: Interval
    """Of average_difference; holds 0 exactly when vs_average is same."""
    df: float | None
    """Degrees of freedom, the largest of its pairs; null where infinite."""
    bound: Bound | None = None
    """at_least or at_most where adjusted and mean are published as bounds; "" where they are scores; absent
    where nothing was rounded."""


class ComparedPair(Fact):
    """Comparison of two departments that raters link; `a` is ranked before `b`."""

    a: str
    b: str
    difference: float
    """adjusted of a less that of b."""
    se: float | None
    p_adjusted: float | None
    """The larger of p_additive and p_latent, both simultaneous."""
    ci: Interval
    """Leaves 0 out exactly when significant; none beside a bound."""
    df: float | None
    significant: bool
    """p_adjusted <= 1 - level."""
    p_additive: float | None
    """In points."""
    p_latent: float | None
    """On the ordinal scale; null where it was not asked."""
    se_cr0: float | None
    """Standard error without correction for few raters, to compare with other programs; null without
    ratings."""


class NotRanked(Fact):
    """Department that is not ranked, and the reason."""

    name: str
    n: int | None
    """null where it may not be told."""
    code: str
    """threshold, df, isolated, compared or part."""
    reason: str
    reason_en: str | None = None
    """Absent in ranking.json, which has the language of its file."""

    def why(self, language: Language) -> str:
        return in_language(language, self.reason, self.reason_en or "")


class RankingMethod(Fact):
    """Settings with which a ranking was worked out, and the critical values used."""

    threshold: int
    draws: int
    seed: int
    stepdown: bool
    latent_guard: bool
    n_components: int
    critical_values: Mapping[str, float | None]
    """pairs, average, adjusted, latent, latent_average: max-t quantiles on the normal scale, as computed."""
    scale: tuple[float, float] | None
    """[worst, best mark], within which scores and their intervals keep, where it was given."""


class RankingPart(Fact, kw_only=True):
    """Fields that the ranking of all departments and the ranking within a group share."""

    departments: tuple[RankedDepartment, ...]
    """In ranked order."""
    notes: tuple[str, ...]
    """What the reader must know; in ranking.json in the language of the file."""
    pairs: tuple[ComparedPair, ...] = ()
    insufficient: tuple[NotRanked, ...] = ()
    notes_en: tuple[str, ...] | None = None
    """Absent in ranking.json and in rankings of several rounds or electorates."""
    note_codes: tuple[str, ...] = ()
    """The code of each note, stable; absent where nothing could be ranked."""
    method: RankingMethod | None = None
    """Absent where nothing could be ranked."""
    pairs_left_out: int | None = None
    """How many pairs are not written: above 200 departments, unless --pairs; absent where all are."""
    method_version: int | None = None
    """Which version of the statistical method made it; absent in ranking.json and in older ones."""
    composite: CompositeFacts | None = None
    """Only of --combine."""
    meeting: MeetingFacts | None = None
    """Of all departments; absent where nothing could be ranked and in rounds opened before there was one."""

    def told(self, language: Language) -> tuple[str, ...]:
        """`notes` in the language; in Chinese where there are none in English."""
        return self.notes if language == "zh" or self.notes_en is None else self.notes_en


AnyRanking = TypeVar("AnyRanking", bound=RankingPart)


class GroupRankingFacts(RankingPart, kw_only=True):
    """Ranking within a group of departments; one that could not be made has only a note why."""

    name: str
    version: Literal[1] | None = None
    n_raters: int | None = None
    n_ratings: int | None = None
    level: float | None = None
    global_test: OmnibusTest | None = None


class RankingFacts(RankingPart, kw_only=True):
    """Ranking of all departments, with the rankings within groups."""

    version: Literal[1]
    n_raters: int | None
    """Raters handed in; null where estimates were given, or electorates or rounds combined."""
    n_ratings: int | None
    """Ratings handed in; null likewise, and where a department is not ranked, whose ratings it would tell."""
    level: float
    """Joint confidence of everything that the ranking states."""
    global_test: OmnibusTest
    groups: tuple[GroupRankingFacts, ...] = ()
    """The ranking within each group of departments."""
