"""Between kinds of enterprises, and between rounds: what differs beyond chance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from analysis.answers.ratings import Ratings
from analysis.blurring import p_class
from analysis.compare.combined import combine_rounds
from analysis.compare.contrast_family import family
from analysis.compare.groups import GroupComparison, GroupDifference, compare_groups
from analysis.compare.rounds import Change, compare_rounds
from analysis.compare.samples import centring, common_blocks, guarded_where_doubtful, sample_of
from analysis.errors import InputError
from analysis.explain import plain
from survey.parts import Part
from survey.services.disclosure import told
from survey.services.disclosure.released_ranking import Scores, release
from survey.services.results.answer_counts import AnswerCounts
from survey.services.results.ranking import LEVEL, SEED
from survey.services.results.respondents import (
    Class,
    class_name,
    class_of,
    classes,
    withheld,
    withheld_silence,
)
from survey.services.results.scored_round import Material, impossible
from survey.wording import reasons

MOST_EARLIER = 4
DRAWS = 10_000


def treatment(material: Material, ranking: Part) -> list[Part]:
    """For every stratum, whether its classes judge the same departments differently."""
    ranked = [d["name"] for d in ranking["departments"]]
    return [_between_classes(material, place, ranked) for place in range(len(material.questionnaire.strata))]


def _between_classes(material: Material, place: int, ranked: Sequence[str]) -> Part:
    stratum = material.questionnaire.strata[place]
    head: Part = {"stratum": stratum.name, "stratum_en": stratum.name_en}
    found = comparable(material, place, ranked)
    if len(found) < 2:
        return head | impossible(reasons.ONE_KIND)
    names = class_of(found)
    labels = {str(row): names[option] for row, option in enumerate(material.declared(place)) if option}
    try:
        ratings = material.ratings(departments=material.places(ranked))
        result = compare_groups(
            ratings, labels, level=LEVEL, threshold=material.threshold, draws=DRAWS, seed=SEED
        )
    except InputError:
        return head | impossible(reasons.ONE_KIND)  # the error advises those who collect, and names one class
    result = told.group_differences(_in_order(result, [class_name(c) for c in found]))
    said = replace(result, p_equal=p_class(result.p_equal))
    return head | {
        "possible": True,
        "groups": dict.fromkeys(result.groups) if withheld_silence(material, place) else result.groups,
        "merged": [list(c) for c in found if len(c) > 1],
        "p_equal": plain(result.p_equal),
        "differences": [
            {
                "department": d.department,
                "first": d.first,
                "second": d.second,
                "difference": d.difference,
                "ci": plain(d.ci),
                "p": plain(d.p_adjusted),
                "direction": _direction(d.significant, d.difference, "above", "below"),
            }
            for d in result.differences
        ],
        "not_compared": list(result.not_compared),
        "summary_zh": said.summary("zh"),
        "summary_en": _in_english(said, dict(english_names(material, place, found))).summary("en"),
    }


def english_names(material: Material, place: int, found: Sequence[Class]) -> Iterator[tuple[str, str]]:
    """Each class with its name in English, as far as the options have one."""
    stratum = material.questionnaire.strata[place]
    english = {o: en or o for o, en in zip(stratum.options, stratum.options_en, strict=True)}
    for options in found:
        yield class_name(options), class_name(tuple(english[option] for option in options))


def _in_english(result: GroupComparison, names: Mapping[str, str]) -> GroupComparison:
    differences = tuple(replace(d, first=names[d.first], second=names[d.second]) for d in result.differences)
    groups = {names[name]: n for name, n in result.groups.items()}
    return replace(result, groups=groups, differences=differences)


def _in_order(result: GroupComparison, names: Sequence[str]) -> GroupComparison:
    """The same with classes in the questionnaire's order, and without the note: it counts those who did
    not say, who may be few."""

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


def comparable(material: Material, place: int, ranked: Sequence[str]) -> list[Class]:
    """Classes in which at least half of the ranked departments reach the threshold."""
    declared, places = material.declared(place), material.places(ranked)
    rated = material.levels[:, places][:, :, material.weighted_items]
    answered: NDArray[np.bool_] = np.any((rated > 0) & (rated <= len(material.scale)), axis=2)

    def covered(options: Class) -> int:
        n = answered[[label in options for label in declared]].sum(axis=0)
        return int((n >= material.threshold).sum())

    options, hidden = material.questionnaire.strata[place].options, list(withheld(material, place))
    found = classes(options, covered, least=max(2, -(-len(places) // 2)), hidden=hidden)
    return [c for c in found if covered(c) >= 2] if len(found) > 1 else found


def _direction(significant: bool, difference: float, up: str, down: str) -> str:
    return (up if difference > 0 else down) if significant else "same"


def against_group(
    material: Material, places: Sequence[int], item: int, level: float, errors: Mapping[str, float]
) -> dict[str, Part]:
    """Department → its item against the average of these departments, jointly at `level`.

    errors: department → published less exact mean of the item, of these departments.
    """
    try:
        ratings = material.ratings(items=[item], departments=places)
        (sample,) = guarded_where_doubtful([sample_of(ratings, threshold=material.threshold, guard=False)])
        blocks = common_blocks([sample])
    except InputError:
        return {}
    found = family([sample], [centring(sample, blocks)], level=level, draws=DRAWS, seed=SEED)
    told_of: dict[str, float] = {}
    place = {name: i for i, name in enumerate(name for block in blocks for name in block)}
    for block in blocks:
        told_of |= told.centred({name: float(found.estimate[place[name]]) for name in block}, errors)
    sides = {
        name: _direction(bool(found.significant[i]), float(found.estimate[i]), "above", "below")
        for name, i in place.items()
    }
    return {
        name: {
            "difference": told_of[name],
            "ci": plain(
                told.interval(
                    float(found.estimate[i]), told_of[name], [found.lower[i], found.upper[i]], sides[name]
                )
            ),
            "p": plain(found.p[i]),
            "direction": sides[name],
        }
        for name, i in place.items()
    }


def changes(material: Material, earlier: Sequence[Material]) -> list[Part]:
    """Change since each of the latest earlier rounds, newest first."""
    return [_since(material, before) for before in list(earlier)[:MOST_EARLIER]]


def _since(material: Material, before: Material) -> Part:
    about = before.description
    head: Part = {name: getattr(about, name) for name in ("slug", "title", "opens_on", "closes_on")}
    if before.scale != material.scale:
        return head | impossible(reasons.OTHER_SCALE)
    try:
        hidden = before.bounded | material.bounded
        old, new = before.without(hidden), material.without(hidden)
        result = _compare(old, new, max(before.threshold, material.threshold), LEVEL)
    except InputError as error:
        return head | impossible(error)
    result = told.changes(result, told.half_point, told.half_point)
    return head | {
        "possible": True,
        "changes": [_change(c) for c in _entries(result)],
        "up": [c.department for c in result.moved("up")],
        "down": [c.department for c in result.moved("down")],
        "not_compared": list(result.not_compared),
        "summary_zh": result.summary("zh"),
        "summary_en": result.summary("en"),
    }


def item_changes(now: AnswerCounts, then: AnswerCounts, item: int, level: float) -> dict[str, Part]:
    """Department → change of one item since an earlier round; nothing when it was not asked alike."""
    material, before = now.material, then.material
    name = material.questionnaire.items[item].name
    names = [other.name for other in before.questionnaire.items]
    if before.scale != material.scale or name not in names:
        return {}
    threshold = max(before.threshold, material.threshold)
    try:
        asked = names.index(name)
        shown = now.shown(item) & then.shown(asked)
        old = before.ratings(items=[asked], departments=before.places(list(shown)))
        new = material.ratings(items=[item], departments=material.places(list(shown)))
        result = _compare(old, new, threshold, level)
    except InputError:
        return {}
    result = told.changes(result, partial(then.step_of, asked), partial(now.step_of, item))
    head = {"slug": before.description.slug}
    return {c.pop("department"): head | c for c in map(_change, _entries(result))}


def _compare(before: Ratings, after: Ratings, threshold: int, level: float) -> Change:
    return compare_rounds(before, after, level=level, threshold=threshold, draws=DRAWS, seed=SEED)


def _entries(result: Change) -> Iterable[Part]:
    return (plain(change) for change in result.changes)


def _change(entry: Part) -> Part:
    kept = ("department", "before", "after", "change", "ci", "direction")
    return {name: entry[name] for name in kept} | {"p": entry["p_adjusted"]}


def combined(material: Material, earlier: Sequence[Material]) -> Part:
    """The rounds of the calendar year up to this one as one ranking."""
    year = material.description.opens_on[:4]
    same = [m for m in earlier if m.description.opens_on[:4] == year and m.scale == material.scale]
    rounds = [*reversed(same), material]
    if len(rounds) < 2:
        return impossible(reasons.NO_EARLIER)
    try:
        threshold = max(m.threshold for m in rounds)
        hidden = frozenset[str]().union(*(m.bounded for m in rounds))
        result = combine_rounds([m.without(hidden) for m in rounds], threshold=threshold)
        ranking = result.ranking(level=LEVEL, draws=DRAWS, seed=SEED).to_dict()
    except InputError as error:
        return impossible(error)
    return {
        "possible": True,
        "rounds": [{"slug": m.description.slug, "title": m.description.title} for m in rounds],
        "ranking": release(ranking, _errors(rounds, result.names)),
        "not_combined": list(result.not_combined),
        "summary_zh": result.summary("zh"),
        "summary_en": result.summary("en"),
    }


def _errors(rounds: Sequence[Material], names: Sequence[str]) -> Scores:
    """The combined scores move as the published scores of the rounds were moved by rounding."""
    errors = {name: sum(m.rounding(name) for m in rounds) / len(rounds) for name in names}
    return Scores(rounds[-1].scale, rounds[-1].threshold, errors)
