"""Subtraction between editions of one round: figures whose difference discloses few respondents.

The sum behind a figure of one edition minus that of the other belongs to those who joined or left alone.
Plain arithmetic without numpy, since a web request runs it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.explain import Result, counted, listed, pick
from analysis.values.arguments import checked, mapping, whole


@dataclass(frozen=True)
class Exposure(Result):
    """Group of n respondents, fewer than the threshold, disclosed by subtracting these figures."""

    figures: tuple[str, ...]
    n: int

    def text(self, language: str = "zh") -> str:
        """Phrase that names the figures and how many respondents they disclose."""
        return pick(
            language,
            f"把{listed(self.figures, 'zh')}相减，可得到仅 {self.n} 份答卷的数字",
            f"combining {listed(self.figures, 'en')} gives a figure of only {counted(self.n, 'response')}",
        )


@dataclass(frozen=True)
class Subtraction(Result):
    """Result of `compare_editions` or `compare_figures`: all exposures found; none means safe."""

    exposures: tuple[Exposure, ...]
    threshold: int

    @property
    def safe(self) -> bool:
        """Whether no exposure was found."""
        return not self.exposures

    def summary(self, language: str = "zh") -> str:
        """One sentence: safe, or what is disclosed and what to do."""
        if self.safe:
            return pick(
                language,
                f"各项数字相减，得不到少于 {self.threshold} 份答卷的结果。",
                f"No subtraction of figures leaves fewer than {counted(self.threshold, 'response')}.",
            )
        found = "；".join(e.text("zh") for e in self.exposures)
        found_en = "; ".join(e.text("en") for e in self.exposures)
        return pick(
            language,
            f"不能这样发布：{found}。请等新增答卷满 {self.threshold} 份，或沿用前一版。",
            f"Do not release: {found_en}. Wait for {self.threshold} new responses, or keep the old edition.",
        )


@checked(before=mapping(whole(0)), after=mapping(whole(0)), threshold=whole(1))
def compare_editions(
    before: Mapping[str, int], after: Mapping[str, int], *, threshold: int = 10
) -> Subtraction:
    """Exposures between two editions of one round; before, after: label of a figure → its number of
    respondents.

    Ballots only ever join or leave a figure, so a difference of 1 to threshold − 1 discloses those few.
    Figures that only one edition has are ignored.

    >>> from analysis import compare_editions
    >>> found = compare_editions({"A": 40, "B": 30}, {"A": 40, "B": 33})
    >>> [(exposure.figures[0], exposure.n) for exposure in found.exposures]
    [('B', 3)]
    """
    exposures = [
        Exposure((label, label), abs(n - before[label]))
        for label, n in after.items()
        if label in before and 0 < abs(n - before[label]) < threshold
    ]
    return Subtraction(tuple(exposures), threshold)
