"""Facts on the round itself: its days, ballots, scale, and the settings of the analysis."""

from __future__ import annotations

from survey.facts.base import Fact, Language, in_language


class RoundFacts(Fact):
    """Identity of the round, its days and its threshold."""

    id: str
    slug: str
    title: str
    body: str
    opens_on: str
    closes_on: str
    """The true last day."""
    threshold: int
    """The least number of ballots behind a published figure."""
    period: str
    digest: str
    """Hex, of the score table."""
    planned_closes_on: str | None = None
    """The announced last day, where the round was closed before it."""
    at_least: int = 1
    """What a firm says of itself was kept where so many said the same; what was not counts as not said."""


class BallotCounts(Fact):
    """Numbers of invitations and ballots; null where not known (opened offline)."""

    invited: int | None
    collected: int | None
    cast: int | None
    replaced: int | None
    valid: int
    invalid: int
    merkle_root: str | None

    @property
    def response_rate(self) -> float | None:
        """Share of valid ballots among those invited, each once: a replaced invitation is no second firm.
        None where not known."""
        once = (self.invited or 0) - (self.replaced or 0)
        return self.valid / once if once > 0 else None


class LevelFacts(Fact):
    """Answer level of the scale, worth `points`."""

    label: str
    label_en: str
    points: float

    def named(self, language: Language) -> str:
        return in_language(language, self.label, self.label_en)


class ScaleFacts(Fact):
    """Answer levels of the questionnaire, which of them count as satisfied, and
    the warning line in points."""

    levels: tuple[LevelFacts, ...]
    """Best first."""
    satisfied: int
    """First so many levels count as 满意."""
    warning_line: float


class MethodFacts(Fact):
    """Settings of the analysis that the figures were worked out with."""

    seed: int
    draws: int
    level: float
    threshold: int
    item_level: float
    """Joint over a group's departments and all items."""
    step: float | None = None
    """Of scores; absent in facts from before, which are not published."""
