"""Comparisons between kinds of enterprises, and between rounds: what differs beyond chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.answers.ratings import Ratings
from analysis.blurring import p_class
from analysis.compare.combined import Combined, combine_rounds
from analysis.compare.group_samples import Fits
from analysis.compare.groups import GroupComparison, GroupDifference, compare_groups
from analysis.compare.rounds import Change, DepartmentChange, compare_rounds
from analysis.electorates.composite import Composite
from analysis.errors import InputError
from analysis.ranking.scaled import within_scale
from survey.facts.analysed import as_facts
from survey.facts.base import Direction, Impossible, Side, finite, interval
from survey.facts.comparisons import (
    ChangesFacts,
    CombinedFacts,
    CombinedRound,
    DepartmentMove,
    RoundNotCompared,
    StratumNotCompared,
    TreatedDifferently,
    TreatmentFacts,
)
from survey.facts.profiles import Predecessor
from survey.protocol.questionnaire import Stratum
from survey.services.disclosure import told
from survey.services.disclosure.released_ranking import Scores, release
from survey.services.results.ranking import LEVEL, SEED
from survey.services.results.respondents import (
    Class,
    class_name,
    class_of,
    classes,
    withheld,
    withheld_silence,
)
from survey.services.results.scored_round import ScoredRound, impossible, why_not
from survey.wording import reasons
from survey.wording.department import lives_in_both

Treated = TreatmentFacts | StratumNotCompared
Since = ChangesFacts | RoundNotCompared
MOST_EARLIER = 4
DRAWS = 10_000


@dataclass(frozen=True)
class Kinds:
    """Classes of the options of stratum `place` that can be compared, and the fits that questions about them
    share; `fits` raises InputError where there is nothing to fit."""

    scored: ScoredRound
    place: int
    compared: Sequence[Class]
    fits: Callable[[], Fits]

    @property
    def stratum(self) -> Stratum:
        return self.scored.questionnaire.strata[self.place]

    def labels(self, ratings: Ratings) -> list[str | None]:
        """Name of each rater's class, None for who did not say."""
        names, declared = class_of(self.compared), self.scored.declared(self.place)
        options = (declared[int(row)] for row in ratings.rater_names)
        return [names[option] if option else None for option in options]


def treatment(kinds: Kinds) -> Treated:
    """Comparison whether the classes of a stratum judge the same departments differently."""
    scored, place, stratum = kinds.scored, kinds.place, kinds.stratum
    if len(kinds.compared) < 2:
        return not_compared(stratum)
    try:
        fits = kinds.fits()
        result = compare_groups(
            fits.ratings,
            kinds.labels(fits.ratings),
            level=LEVEL,
            threshold=scored.threshold,
            draws=DRAWS,
            seed=SEED,
            fits=fits,
        )
    except InputError:
        return not_compared(stratum)  # the error's text is advice for collecting, and names one class
    compared = kinds.compared
    result = told.group_differences(_in_order(result, [class_name(c) for c in compared]))
    said = replace(result, p_equal=p_class(result.p_equal))
    english = _in_english(said, dict(english_names(scored, place, compared)))
    return TreatmentFacts(
        stratum=stratum.name,
        stratum_en=stratum.name_en,
        groups=dict.fromkeys(result.groups) if withheld_silence(scored, place) else dict(result.groups),
        merged=tuple(c for c in compared if len(c) > 1),
        p_equal=finite(result.p_equal),
        differences=tuple(map(_difference, result.differences)),
        not_compared=tuple(result.not_compared),
        summary_zh=said.summary("zh"),
        summary_en=english.summary("en"),
    )


def not_compared(stratum: Stratum) -> StratumNotCompared:
    """Entry of the facts for a stratum whose classes are too small to be compared, with the reason."""
    zh, en = why_not(reasons.ONE_KIND)
    return StratumNotCompared(stratum=stratum.name, stratum_en=stratum.name_en, reason_zh=zh, reason_en=en)


def _difference(d: GroupDifference) -> TreatedDifferently:
    return TreatedDifferently(
        department=d.department,
        first=d.first,
        second=d.second,
        difference=d.difference,
        ci=interval(d.ci),
        p=finite(d.p_adjusted),
        direction=side(d.significant, d.difference),
    )


def english_names(scored: ScoredRound, place: int, compared: Sequence[Class]) -> Iterator[tuple[str, str]]:
    """Yield (name of a class, its English name); an option without an English name keeps its Chinese one."""
    stratum = scored.questionnaire.strata[place]
    english = {o: en or o for o, en in zip(stratum.options, stratum.options_en, strict=True)}
    for options in compared:
        yield class_name(options), class_name(tuple(english[option] for option in options))


def _in_english(result: GroupComparison, names: Mapping[str, str]) -> GroupComparison:
    differences = tuple(replace(d, first=names[d.first], second=names[d.second]) for d in result.differences)
    groups = {names[name]: n for name, n in result.groups.items()}
    return replace(result, groups=groups, differences=differences)


def _in_order(result: GroupComparison, names: Sequence[str]) -> GroupComparison:
    """`result` with classes in the questionnaire's order, and without notes, which count the ballots that
    leave the stratum unanswered, who may be few."""

    def turned(d: GroupDifference) -> GroupDifference:
        if names.index(d.first) < names.index(d.second):
            return d
        low, high = d.ci
        return replace(d, first=d.second, second=d.first, difference=-d.difference, ci=(-high, -low))

    differences = sorted(
        map(turned, result.differences), key=lambda d: (names.index(d.first), names.index(d.second))
    )
    groups = {name: result.groups[name] for name in names}
    return replace(result, groups=groups, differences=tuple(differences), notes=())


def comparable(scored: ScoredRound, place: int, ranked: Sequence[str]) -> list[Class]:
    """Classes of stratum `place` in which at least half of the ranked departments reach the threshold."""
    places, codes = scored.places(ranked), scored.scores.strata_columns()[:, place]
    rated = scored.levels[:, places][:, :, scored.weighted_items]
    answered: NDArray[np.bool_] = np.any((rated > 0) & (rated <= len(scored.scale)), axis=2)
    options = scored.questionnaire.strata[place].options
    n = {option: answered[codes == code].sum(axis=0) for code, option in enumerate(options, start=1)}

    def covered(options: Class) -> int:
        return int((sum(n[option] for option in options) >= scored.threshold).sum())

    hidden = list(withheld(scored, place))
    compared = classes(options, covered, least=max(2, -(-len(places) // 2)), hidden=hidden)
    return [c for c in compared if covered(c) >= 2] if len(compared) > 1 else compared


def side(significant: bool, difference: float) -> Side:
    """Sign of a difference as facts state it: "above" or "below" 0, "same" where it is not significant."""
    if not significant:
        return "same"
    return "above" if difference > 0 else "below"


def changes(scored: ScoredRound, earlier: Sequence[ScoredRound]) -> tuple[Since, ...]:
    """Changes since each of the latest earlier rounds, newest first; `earlier`: newest first."""
    return tuple(_since(scored, before) for before in list(earlier)[:MOST_EARLIER])


def _since(scored: ScoredRound, before: ScoredRound) -> Since:
    if before.scale != scored.scale:
        return _round_not_compared(before, reasons.OTHER_SCALE)
    try:
        hidden = before.not_joined | scored.bounded
        old, new = before.without(hidden), scored.without(hidden)
        result = compare(old, new, max(before.threshold, scored.threshold), LEVEL)
    except InputError as error:
        return _round_not_compared(before, error)
    result, about = told.changes(result, told.half_point, told.half_point), before.description
    summary = with_lives(result, before.predecessors)
    return ChangesFacts(
        slug=about.slug,
        title=about.title,
        opens_on=about.opens_on,
        closes_on=about.closes_on,
        changes=tuple(map(_change, result.changes)),
        up=tuple(c.department for c in result.moved("up")),
        down=tuple(c.department for c in result.moved("down")),
        not_compared=tuple(result.not_compared),
        summary_zh=summary[0],
        summary_en=summary[1],
    )


def with_lives(
    result: Change | Combined | Composite, predecessors: Mapping[str, Sequence[Predecessor]]
) -> tuple[str, str]:
    """Summaries of `result` in Chinese and English, with what became of departments in between."""
    zh, en = lives_in_both(predecessors)
    return result.summary("zh") + zh, f"{result.summary('en')} {en}".rstrip()


def _round_not_compared(before: ScoredRound, why: InputError | str) -> RoundNotCompared:
    (zh, en), about = why_not(why), before.description
    return RoundNotCompared(
        slug=about.slug,
        title=about.title,
        opens_on=about.opens_on,
        closes_on=about.closes_on,
        reason_zh=zh,
        reason_en=en,
    )


def _change(c: DepartmentChange) -> DepartmentMove:
    return DepartmentMove(
        department=c.department,
        before=c.before,
        after=c.after,
        change=c.change,
        ci=interval(c.ci),
        direction=direction(c.direction),
        p=finite(c.p_adjusted),
    )


def direction(told_as: str) -> Direction:
    """Direction of a change as facts state it, from the analysis: "up" and "down" stay, others are "same"."""
    return "up" if told_as == "up" else "down" if told_as == "down" else "same"


def compare(before: Ratings, after: Ratings, threshold: int, level: float) -> Change:
    """Changes of departments from one round to the other, in points, with intervals that hold jointly at
    `level`.

    threshold: fewest raters that a department needs in both rounds. Raises InputError where fewer than two
    departments have them.
    """
    return compare_rounds(before, after, level=level, threshold=threshold, draws=DRAWS, seed=SEED)


def combined(scored: ScoredRound, earlier: Sequence[ScoredRound]) -> CombinedFacts | Impossible:
    """Ranking that combines the rounds of the calendar year up to this one."""
    year = scored.description.opens_on[:4]
    same = [m for m in earlier if m.description.opens_on[:4] == year and m.scale == scored.scale]
    rounds = [*reversed(same), scored]
    if len(rounds) < 2:
        return impossible(reasons.NO_EARLIER)
    try:
        threshold = max(m.threshold for m in rounds)
        hidden = frozenset[str]().union(*(m.not_joined for m in rounds))
        result = combine_rounds([m.without(hidden) for m in rounds], threshold=threshold)
        ends = min(scored.scale), max(scored.scale)
        ranking = within_scale(result.ranking(level=LEVEL, draws=DRAWS, seed=SEED), *ends)
    except InputError as error:
        return impossible(error)
    summary = with_lives(result, known_lives(same))
    return CombinedFacts(
        rounds=tuple(CombinedRound(slug=m.description.slug, title=m.description.title) for m in rounds),
        ranking=release(as_facts(ranking), _errors(rounds, result.names)),
        not_combined=tuple(result.not_combined),
        summary_zh=summary[0],
        summary_en=summary[1],
    )


def known_lives(earlier: Sequence[ScoredRound]) -> dict[str, tuple[Predecessor, ...]]:
    """What became of departments since any of these rounds, by present name."""
    names = dict.fromkeys(name for before in earlier for name in before.predecessors)
    return {
        name: tuple(dict.fromkeys(p for before in earlier for p in before.predecessors.get(name, ())))
        for name in names
    }


def _errors(rounds: Sequence[ScoredRound], names: Sequence[str]) -> Scores:
    """Rule for publishing combined scores, which move as rounding moved the
    published scores of the rounds."""
    errors = {name: sum(m.rounding(name) for m in rounds) / len(rounds) for name in names}
    scale = rounds[-1].scale
    return Scores(scale, rounds[-1].threshold, errors, (min(scale), max(scale)))
