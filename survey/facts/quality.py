"""How good the answers are."""

from __future__ import annotations

from survey.facts.base import Fact, Interval, Language, Possible, in_language
from survey.facts.response import LargestDifference


class SensitivityFacts(Fact):
    """The scores without the careless ballots."""

    n_flagged: int
    order_changes: int
    largest: LargestDifference
    summary_zh: str
    summary_en: str

    def summary(self, language: Language) -> str:
        return in_language(language, self.summary_zh, self.summary_en)


class QualityFacts(Possible):
    """Careless ballots; a count is null that is below the threshold, or whose complement is."""

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
    """Whether the items of the score measure one thing."""

    alpha: float | None
    ci: Interval
    k: int
    """Items."""
    omega: float | None
    summary_zh: str
    summary_en: str

    def summary(self, language: Language) -> str:
        return in_language(language, self.summary_zh, self.summary_en)
