"""Contents of the page of one department, and of two departments side by side, from the facts alone.

Reviewers see them after the opening; a liaison's page may show the same from a published edition.
"""

from __future__ import annotations

from dataclasses import dataclass

from survey.facts.items import ItemFacts
from survey.facts.profiles import Profile
from survey.facts.whole import Facts
from survey.language import current_language
from survey.protocol.questionnaire import Scale
from survey.web.result_views.ranking import Axis, RankingTable, ranking_page
from survey.web.result_views.svg import Map, Segment, answer_bar, difference_axis, importance_map
from survey.wording import department as words
from survey.wording.round import compared


@dataclass(frozen=True, slots=True)
class ItemBar:
    """Item and the bar of its answers; no bar where the answers are withheld."""

    item: ItemFacts
    bar: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """Contents of a department's page."""

    profile: Profile
    standing: tuple[str, ...]
    item_sentences: tuple[str, ...]
    items: tuple[ItemBar, ...]
    item_axis: Axis
    map: Map | None
    importance: str
    changes: tuple[str, ...]
    treatment: tuple[str, ...]
    group: RankingTable | None
    level_labels: tuple[str, ...]


def profile_page(facts: Facts, index: int, scale: Scale) -> ProfilePage:
    """Contents of the page of the department at `index` of the questionnaire."""
    profile = facts.profiles[index]
    labels = level_labels(facts)
    tables = {table.name: table for table in ranking_page(facts.ranking, scale).groups}
    group = tables.get(profile.group)
    return ProfilePage(
        profile=profile,
        standing=tuple(words.standing(profile, facts.scale.warning_line)),
        item_sentences=tuple(words.items(profile)),
        items=_rows(profile, labels),
        item_axis=difference_axis(i.group.ci for i in profile.items if i.group),
        map=importance_map(profile.importance, facts.scale.warning_line),
        importance=words.importance(profile),
        changes=tuple(words.changes(profile)),
        treatment=tuple(words.treatment(profile)),
        group=group,
        level_labels=labels,
    )


def level_labels(facts: Facts) -> tuple[str, ...]:
    """Labels of the scale's levels in the page's language, best first."""
    return tuple(level.named(current_language()) for level in facts.scale.levels)


def _rows(profile: Profile, labels: tuple[str, ...]) -> tuple[ItemBar, ...]:
    return tuple(ItemBar(item, tuple(answer_bar(item.classes or (), labels))) for item in profile.items)


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Contents of the page of two departments side by side."""

    first: Profile
    second: Profile
    sentence: str
    rows: tuple[tuple[ItemBar, ItemBar], ...]
    level_labels: tuple[str, ...]


def compare_page(facts: Facts, first: Profile, second: Profile) -> ComparePage:
    """Contents of the page of two profiles: the sentence on both, and their items next to each other."""
    labels = level_labels(facts)
    return ComparePage(
        first=first,
        second=second,
        sentence=compared(facts, first.name, second.name),
        rows=tuple(zip(_rows(first, labels), _rows(second, labels), strict=True)),
        level_labels=labels,
    )
