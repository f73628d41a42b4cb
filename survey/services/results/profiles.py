"""Profiles of departments: answers, items against the group, importance beside performance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from survey.facts.base import Impossible, Interval, Withheld
from survey.facts.items import AgainstGroup, DriversFacts, ItemChange, ItemFacts, ItemTotal
from survey.facts.profiles import (
    ChangeSince,
    Line,
    Predecessor,
    Profile,
    SatisfiedShare,
    Standing,
    TreatmentDifference,
)
from survey.facts.ranking import RankedDepartment, RankingFacts
from survey.language import in_both
from survey.services.results import item_comparisons
from survey.services.results.answer_counts import AnswerCounts
from survey.services.results.comparisons import Since, Treated
from survey.services.results.item_importance import importance_performance
from survey.services.results.ranking import LEVEL
from survey.services.results.scored_round import ScoredRound
from survey.wording.reasons import NOTHING_RECEIVED


@dataclass(frozen=True)
class RoundFindings:
    """Results over all departments that the profiles are made from."""

    ranking: RankingFacts
    items: tuple[ItemTotal, ...]
    drivers: DriversFacts | Impossible
    treatment: tuple[Treated, ...]
    changes: tuple[Since, ...]
    lives: Mapping[str, tuple[Predecessor, ...]]
    """What became of departments since the earlier rounds, by name."""


def profiles(
    scored: ScoredRound, answers: AnswerCounts, facts: RoundFindings, latest: ScoredRound | None
) -> tuple[Profile, ...]:
    """Profile of each department, with all counts of answers: `small_counts.protect` withholds the small
    ones."""
    level = item_level(scored)
    against, since = _against(scored, answers, level), _since(answers, latest, level)
    line, listed = scored.questionnaire.scale.warning_line, []
    for d, department in enumerate(scored.questionnaire.departments):
        overall, within = _places(facts.ranking, department.name, department.group)
        zh, en = _why_not_ranked(facts.ranking, department.name, overall)
        shown = _items(scored, answers, d, against, since)
        listed.append(
            Profile(
                index=d,
                name=department.name,
                group=department.group,
                ranked=overall is not None,
                reason_zh=zh,
                reason_en=en,
                overall=overall,
                in_group=within,
                n=_raters(scored, d),
                line=None if overall is None else against_line(overall.ci, line),
                satisfied=_satisfied(scored, answers, d),
                items=shown,
                importance=importance_performance(facts.drivers, shown, facts.items, line),
                changes=_changes(facts.changes, department.name),
                treatment=_treatment(facts.treatment, department.name),
                predecessors=facts.lives.get(department.name, ()),
                name_en=department.name_en,
            )
        )
    return tuple(listed)


def item_level(scored: ScoredRound) -> float:
    """Joint confidence level for each item, so that all items of a department hold together at `LEVEL`."""
    return 1 - (1 - LEVEL) / len(scored.questionnaire.items)


def _raters(scored: ScoredRound, d: int) -> int | None:
    n = int(scored.raters[d])
    return n if n >= scored.threshold or n == 0 else None


def _places(ranking: RankingFacts, name: str, group: str) -> tuple[Standing | None, Standing | None]:
    """Places of the department among all departments, and within the group."""
    within = next((g.departments for g in ranking.groups if g.name == group), ())
    return _place(ranking.departments, name), _place(within, name)


def _why_not_ranked(ranking: RankingFacts, name: str, overall: Standing | None) -> tuple[str, str]:
    why = {e.name: (e.reason, e.reason_en or "") for e in ranking.insufficient}
    return why.get(name, ("", "") if overall else in_both(NOTHING_RECEIVED))


def _place(departments: Sequence[RankedDepartment], name: str) -> Standing | None:
    entry = next((d for d in departments if d.name == name), None)
    if entry is None:
        return None
    return Standing(
        rank=entry.rank,
        rank_set=entry.rank_set,
        adjusted=entry.adjusted,
        bound=entry.bound or "",
        ci=entry.ci,
        mean=entry.mean,
        se=entry.se,
        tier=entry.tier,
        vs_average=entry.vs_average,
        average_difference=entry.average_difference,
        average_ci=entry.average_ci,
        of=len(departments),
    )


def against_line(ci: Interval, line: float) -> Line | None:
    """Whether the interval of a score lies above or below the line; None without an interval."""
    low, high = ci
    if low is None or high is None:
        return None
    if low > line:
        return "above"
    return "below" if high < line else "undecided"


def _satisfied(scored: ScoredRound, answers: AnswerCounts, d: int) -> SatisfiedShare:
    n = sum(int(answers.counts[d, k].sum()) for k in scored.weighted_items)
    reason: Withheld = "threshold" if n else "none"
    if scored.raters[d] < scored.threshold:
        return SatisfiedShare(share=None, ratings=None, reason=reason, at_least=None, at_most=None)
    share = sum(answers.satisfied(d, k) for k in scored.weighted_items) / n
    return SatisfiedShare(share=share, ratings=n, reason="", at_least=None, at_most=None)


Against = Mapping[int, Mapping[str, AgainstGroup]]
SinceLatest = Mapping[int, Mapping[str, ItemChange]]


def _against(scored: ScoredRound, answers: AnswerCounts, level: float) -> Against:
    """Item → department → comparison with the departments of the group that show the item, so that no average
    tells the others."""
    questionnaire = scored.questionnaire
    by_item: dict[int, dict[str, AgainstGroup]] = {}
    for group in questionnaire.groups:
        places = [d for d, department in enumerate(questionnaire.departments) if department.group == group]
        for k in range(len(questionnaire.items)):
            shown = [d for d in places if not answers.reasons[d][k]]
            errors = {scored.names[d]: answers.error(d, k) for d in shown}
            by_item.setdefault(k, {}).update(item_comparisons.against_group(scored, shown, k, level, errors))
    return by_item


def _since(answers: AnswerCounts, latest: ScoredRound | None, level: float) -> SinceLatest:
    if latest is None:
        return {}
    places = range(len(answers.scored.questionnaire.items))
    then = AnswerCounts(latest)
    return {k: item_comparisons.item_changes(answers, then, k, level) for k in places}


def _items(
    scored: ScoredRound, answers: AnswerCounts, d: int, against: Against, since: SinceLatest
) -> tuple[ItemFacts, ...]:
    places = range(len(scored.questionnaire.items))
    return tuple(_item(scored, answers, d, k, against, since) for k in places)


def _item(
    scored: ScoredRound, answers: AnswerCounts, d: int, k: int, against: Against, since: SinceLatest
) -> ItemFacts:
    item, reason, name = scored.questionnaire.items[k], answers.reasons[d][k], scored.names[d]
    n = 0 if reason else int(answers.counts[d, k].sum())
    return ItemFacts(
        name=item.name,
        name_en=item.name_en,
        reason=reason,
        n=None if reason else n,
        mean=None if reason else answers.told(d, k),
        satisfied=None if reason else answers.satisfied(d, k) / n,
        satisfied_at_least=None,
        satisfied_at_most=None,
        classes=None,
        not_known=None if reason else int(answers.not_known[d, k]),
        group=None if reason else against.get(k, {}).get(name),
        change=None if reason else since.get(k, {}).get(name),
    )


def _changes(changes: Sequence[Since], name: str) -> tuple[ChangeSince, ...]:
    return tuple(
        ChangeSince(
            slug=since.slug,
            title=since.title,
            before=change.before,
            after=change.after,
            change=change.change,
            ci=change.ci,
            direction=change.direction,
            p=change.p,
        )
        for since in changes
        if since.possible
        for change in since.changes
        if change.department == name
    )


def _treatment(strata: Sequence[Treated], name: str) -> tuple[TreatmentDifference, ...]:
    return tuple(
        TreatmentDifference(
            stratum=stratum.stratum,
            first=difference.first,
            second=difference.second,
            difference=difference.difference,
            ci=difference.ci,
            p=difference.p,
            direction=difference.direction,
        )
        for stratum in strata
        if stratum.possible
        for difference in stratum.differences
        if difference.department == name
    )
