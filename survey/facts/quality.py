"""Facts on how carefully ballots were answered, and how reliable the items are."""

from __future__ import annotations

from survey.facts.base import Fact, Interval, Language, Possible, in_language
from survey.facts.response import LargestDifference


class SensitivityFacts(Fact):
    """Changes of scores and order that leaving out the careless-looking ballots would make."""

    n_flagged: int
    order_changes: int
    largest: LargestDifference
    summary_zh: str
    summary_en: str

    def summary(self, language: Language) -> str:
        return in_language(language, self.summary_zh, self.summary_en)


class QualityFacts(Possible):
    """Counts of careless-looking ballots, by sign of carelessness; null where a count or the count of the
    other ballots is below the threshold."""

    n: int
    flagged: int | None
    share: float | None
    one_mark: int | None
    """Ballots of one mark throughout."""
    straight: int | None
    inconsistent: int | None
    outlying: int | None
    contrary: int | None
    sensitivity: SensitivityFacts | None
    summary_zh: str = ""
    """Only in older rounds."""
    summary_en: str = ""


class ReliabilityFacts(Possible):
    """Reliability of the items of the score, as Cronbach's alpha and McDonald's omega."""

    alpha: float | None
    ci: Interval
    k: int
    """Items."""
    omega: float | None
    summary_zh: str
    summary_en: str

    def summary(self, language: Language) -> str:
        return in_language(language, self.summary_zh, self.summary_en)
