"""Comparisons of one item: against the group of a department, and since the latest earlier round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from analysis.compare.contrast_family import family
from analysis.compare.rounds import DepartmentChange
from analysis.compare.samples import centring, common_blocks, guarded_where_doubtful, sample_of
from analysis.errors import InputError
from survey.facts.base import finite, interval
from survey.facts.items import AgainstGroup, ItemChange
from survey.services.disclosure import told
from survey.services.results.answer_counts import AnswerCounts
from survey.services.results.comparisons import DRAWS, compare, direction, side
from survey.services.results.ranking import SEED
from survey.services.results.scored_round import ScoredRound


def against_group(
    scored: ScoredRound, places: Sequence[int], item: int, level: float, errors: Mapping[str, float]
) -> dict[str, AgainstGroup]:
    """Item against the average of the departments at `places`, by department, jointly at `level`; empty where
    it cannot be compared.

    errors: department → published less exact mean of the item, for these departments.
    """
    try:
        ratings = scored.ratings(items=[item], departments=places)
        (sample,) = guarded_where_doubtful([sample_of(ratings, threshold=scored.threshold, guard=False)])
        blocks = common_blocks([sample])
    except InputError:
        return {}
    joint = family([sample], [centring(sample, blocks)], level=level, draws=DRAWS, seed=SEED)
    told_of: dict[str, float] = {}
    place = {name: i for i, name in enumerate(name for block in blocks for name in block)}
    for block in blocks:
        told_of |= told.centred({name: float(joint.estimate[place[name]]) for name in block}, errors)
    sides = {name: side(bool(joint.significant[i]), float(joint.estimate[i])) for name, i in place.items()}
    return {
        name: AgainstGroup(
            difference=told_of[name],
            ci=interval(
                told.interval(
                    float(joint.estimate[i]), told_of[name], [joint.lower[i], joint.upper[i]], sides[name]
                )
            ),
            p=finite(joint.p[i]),
            direction=sides[name],
        )
        for name, i in place.items()
    }


def item_changes(now: AnswerCounts, then: AnswerCounts, item: int, level: float) -> dict[str, ItemChange]:
    """Change of item `item` since an earlier round, by department; empty when it was not asked alike."""
    scored, before = now.scored, then.scored
    name = scored.questionnaire.items[item].name
    names = [other.name for other in before.questionnaire.items]
    if before.scale != scored.scale or name not in names:
        return {}
    threshold = max(before.threshold, scored.threshold)
    try:
        asked = names.index(name)
        shown = (now.shown(item) & then.shown(asked)) - before.apart
        old = before.ratings(items=[asked], departments=before.places(list(shown)))
        new = scored.ratings(items=[item], departments=scored.places(list(shown)))
        result = compare(old, new, threshold, level)
    except InputError:
        return {}
    result = told.changes(result, partial(then.step_of, asked), partial(now.step_of, item))
    return {c.department: _item_change(before.description.slug, c) for c in result.changes}


def _item_change(slug: str, c: DepartmentChange) -> ItemChange:
    return ItemChange(
        slug=slug,
        before=c.before,
        after=c.after,
        change=c.change,
        ci=interval(c.ci),
        direction=direction(c.direction),
        p=finite(c.p_adjusted),
    )
