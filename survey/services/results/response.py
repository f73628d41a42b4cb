"""Facts on response: ballots by stratum, the effect of weighting by the roster, and the smallest differences
that the round can detect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from statistics import median
from typing import cast

from numpy.typing import ArrayLike

from analysis.blurring import nearest
from analysis.errors import InputError
from analysis.model.cells import cells_of
from analysis.model.contrasts import fit
from analysis.sampling.planner import assumptions_from, invitations_needed, plan
from analysis.sampling.raking import rake_weights
from survey.facts.base import Impossible, Withheld
from survey.facts.ranking import ComparedPair, RankingFacts
from survey.facts.response import (
    LargestDifference,
    MergedClass,
    NeededEnterprises,
    ObservedPairs,
    OptionFacts,
    ResolutionFacts,
    ResponseFacts,
    SilentBallots,
    StratumFacts,
    Verdict,
    WeightedScore,
    WeightingFacts,
    WeightingNote,
)
from survey.services.disclosure import told
from survey.services.results.respondents import (
    NOT_SAID,
    class_of,
    classes,
    counts_of,
    withheld,
    withheld_silence,
)
from survey.services.results.scored_round import ScoredRound, impossible, large_enough
from survey.wording import reasons

Roster = Mapping[str, Mapping[str, int]]
DIFFERENCES = (3, 5, 10)


def response(scored: ScoredRound, roster: Roster) -> ResponseFacts:
    """Ballots by stratum beside the roster; counts below the threshold are withheld."""
    strata = scored.questionnaire.strata
    return ResponseFacts(
        ballots=scored.scores.valid,
        threshold=scored.threshold,
        roster=max((sum(margin.values()) for margin in roster.values()), default=None),
        strata=tuple(_stratum(scored, place, roster.get(s.name, {})) for place, s in enumerate(strata)),
    )


def _stratum(scored: ScoredRound, place: int, margin: Mapping[str, int]) -> StratumFacts:
    stratum = scored.questionnaire.strata[place]
    counts, hidden = counts_of(scored, place), withheld(scored, place)
    # Shares of those who said would tell how many did not: where that is withheld there are none.
    said = 0 if NOT_SAID in hidden else scored.scores.valid - counts[NOT_SAID]
    whole = sum(margin.get(option, 0) for option in stratum.options)
    options = []
    for option, option_en in zip(stratum.options, stratum.options_en, strict=True):
        reason: Withheld = hidden.get(option, "")
        ballots = None if reason else counts[option]
        options.append(
            OptionFacts(
                option=option,
                option_en=option_en,
                roster=margin.get(option, 0) if whole else None,
                roster_share=margin.get(option, 0) / whole if whole else None,
                ballots=ballots,
                share=ballots / said if ballots is not None and said else None,
                reason=reason,
            )
        )
    silent: Withheld = hidden.get(NOT_SAID, "")
    gaps = {
        o.option: abs(o.share - o.roster_share)
        for o in options
        if o.share is not None and o.roster_share is not None
    }
    furthest = max(gaps, key=gaps.__getitem__, default=None)
    return StratumFacts(
        name=stratum.name,
        name_en=stratum.name_en,
        options=tuple(options),
        not_said=SilentBallots(ballots=None if silent else counts[NOT_SAID], reason=silent),
        gap=gaps[furthest] if furthest is not None else None,
        gap_option=furthest,
    )


def weighting(
    scored: ScoredRound, roster: Roster, errors: Mapping[str, float]
) -> WeightingFacts | Impossible:
    """Effect of weighting ballots to the roster's margins (raking): effective number of ballots, and how far
    scores would move.

    errors: department → published less exact score, for departments whose scores comparisons may use.
    """
    if not errors:
        return impossible(reasons.NOTHING_RANKED)
    labels, margins, merged = _margins(scored, roster)
    if not margins:
        known = any(roster.get(stratum.name) for stratum in scored.questionnaire.strata)
        return impossible(reasons.STRATA_TOO_FEW if known else reasons.NO_ROSTER)
    try:
        weights = rake_weights(labels, margins)
    except InputError as error:
        return impossible(error)
    scores = _weighted_scores(scored, weights.values, errors)
    # The note on who did not say counts them, who may be few.
    notes = [note for note in weights.notes if note.code != "stratum_missing"]
    return WeightingFacts(
        strata=tuple(margins),
        not_said={name: _few_apart(scored, name) for name in margins},
        merged=tuple(merged),
        n=len(weights.values),
        effective_n=weights.effective_n,
        design_effect=weights.design_effect,
        low=float(weights.values.min()),
        high=float(weights.values.max()),
        trimmed=large_enough(weights.trimmed, len(weights.values), scored.threshold),
        notes=tuple(WeightingNote(code=note.code, zh=note.zh, en=note.en) for note in notes),
        scores=scores,
        largest=largest({score.name: score.difference for score in scores}),
    )


def _weighted_scores(
    scored: ScoredRound, weights: ArrayLike, errors: Mapping[str, float]
) -> tuple[WeightedScore, ...]:
    """Published scores of the departments in `errors`, without and with weights (R,) of the ballots."""
    names = list(errors)
    before, after = relative_scores(scored, names), relative_scores(scored, names, weights)
    moved = {name: nearest(after[name] - before[name], told.TENTH) for name in names}
    plain = told.centred(before, errors)
    return tuple(
        WeightedScore(
            name=name, adjusted=plain[name], weighted=plain[name] + moved[name], difference=moved[name]
        )
        for name in names
    )


def _few_apart(scored: ScoredRound, name: str) -> int | None:
    """Number of ballots that leave stratum `name` unanswered; None where that must be withheld."""
    place = [stratum.name for stratum in scored.questionnaire.strata].index(name)
    return None if withheld_silence(scored, place) else counts_of(scored, place)[NOT_SAID]


def _margins(
    scored: ScoredRound, roster: Roster
) -> tuple[dict[str, list[str | None]], dict[str, dict[str, int]], list[MergedClass]]:
    labels: dict[str, list[str | None]] = {}
    margins: dict[str, dict[str, int]] = {}
    merged: list[MergedClass] = []
    for place, stratum in enumerate(scored.questionnaire.strata):
        margin, counts = roster.get(stratum.name, {}), counts_of(scored, place)
        grouped = classes(
            stratum.options,
            partial(_usable, counts, margin),
            least=scored.threshold,
            hidden=list(withheld(scored, place)),
        )
        if len(grouped) < 2 or not any(margin.get(option) for option in stratum.options):
            continue
        names = class_of(grouped)
        labels[stratum.name] = [names[label] if label else None for label in scored.declared(place)]
        margins[stratum.name] = {names[c[0]]: sum(margin.get(option, 0) for option in c) for c in grouped}
        merged += [MergedClass(stratum=stratum.name, options=c) for c in grouped if len(c) > 1]
    return labels, margins, merged


def _usable(counts: Mapping[str, int], margin: Mapping[str, int], options: tuple[str, ...]) -> int:
    """Number of ballots of a class; 0 for one that the roster lacks, which cannot be weighted by itself."""
    known = sum(margin.get(option, 0) for option in options)
    return sum(counts[option] for option in options) if known else 0


def relative_scores(
    scored: ScoredRound, names: list[str], weight: ArrayLike | None = None
) -> dict[str, float]:
    """Scores of the departments `names` in points above their average, by name, adjusted for who rated whom.

    weight: (R,) weights of the ballots; equal for None.
    """
    ratings = scored.ratings(departments=scored.places(names), weight=weight)
    fitted = fit(cells_of(ratings))
    return dict(zip(ratings.department_names, fitted.theta.tolist(), strict=True))


def largest(differences: Mapping[str, float]) -> LargestDifference:
    """Largest absolute difference (points) in the mapping, with its department."""
    name = max(differences, key=lambda n: abs(differences[n]))
    return LargestDifference(name=name, difference=differences[name])


def resolution(scored: ScoredRound, ranking: RankingFacts) -> ResolutionFacts | Impossible:
    """Smallest differences (points) that this many ballots can detect, and numbers of ballots that smaller
    ones would need."""
    names = [d.name for d in ranking.departments]
    if len(names) < 2:
        return impossible(reasons.NOTHING_RANKED)
    places = scored.places(names)
    try:
        ratings = scored.ratings(departments=places)
        assumed = assumptions_from(ratings)
        if not assumed.sd_within > 0:
            return impossible(reasons.NOTHING_VARIES)
        each = float(scored.raters[places].sum()) / ratings.n_raters
        planned = plan(ratings.n_raters, len(names), each, assumed, exposure=scored.raters[places])
        wanted = [(x, invitations_needed(x, len(names), each, assumed).raters) for x in DIFFERENCES]
    except InputError as error:
        return impossible(error)
    return ResolutionFacts(
        raters=planned.raters,
        departments=planned.departments,
        ratings_per_rater=planned.ratings_per_rater,
        se=planned.se,
        margin=planned.margin,
        resolvable=planned.resolvable,
        pairs_resolved=planned.pairs_resolved,
        rank_set_width=planned.rank_set_width,
        verdict=cast("Verdict", planned.verdict),
        sd_within=assumed.sd_within,
        spread=assumed.spread,
        observed=_observed(ranking.pairs),
        needed=tuple(
            NeededEnterprises(difference=x, enterprises=n, factor=n / ratings.n_raters) for x, n in wanted
        ),
    )


def _observed(pairs: Sequence[ComparedPair]) -> ObservedPairs:
    ends = (p.ci for p in pairs)
    widths = [(high - low) / 2 for low, high in ends if low is not None and high is not None]
    return ObservedPairs(
        pairs=len(pairs),
        different=sum(p.significant for p in pairs),
        median_margin=median(widths) if widths else None,
    )
