"""The overview's own tables: departments at a glance, and who answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from survey.facts.profiles import Profile
from survey.facts.ranking import ComparedPair, RankedDepartment
from survey.facts.response import OptionFacts, StratumFacts
from survey.facts.whole import Facts
from survey.protocol.questionnaire import Scale
from survey.web.result_views.ranking import WIDTH, Axis, axis_of


@dataclass(frozen=True, slots=True)
class Glance:
    """One ranked department among all; `alike` are the indices of those it cannot be told from."""

    profile: Profile
    low: float | None
    high: float | None
    adjusted: float | None
    vs_average: str
    alike: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """An option of a stratum: share of the ballots as a bar, share of the roster as a tick."""

    option: OptionFacts
    width: float | None
    tick: float | None


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """What the overview draws."""

    rows: tuple[Glance, ...]
    axis: Axis
    bars: dict[str, tuple[Bar, ...]]
    insufficient: tuple[Profile, ...]


def overview_page(facts: Facts, scale: Scale) -> OverviewPage:
    """Everything drawn on the overview, from the facts alone."""
    profiles = {profile.name: profile for profile in facts.profiles}
    alike = _alike(facts.ranking.pairs, profiles)
    ranked = facts.ranking.departments
    return OverviewPage(
        rows=tuple(_glance(profiles[d.name], d, alike) for d in ranked),
        axis=axis_of(ranked, scale),
        bars={stratum.name: _bars(stratum) for stratum in facts.strata},
        insufficient=tuple(p for p in facts.profiles if not p.ranked),
    )


def _alike(pairs: Sequence[ComparedPair], profiles: dict[str, Profile]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for pair in pairs:
        if not pair.significant:
            found.setdefault(pair.a, []).append(profiles[pair.b].index)
            found.setdefault(pair.b, []).append(profiles[pair.a].index)
    return found


def _glance(profile: Profile, place: RankedDepartment, alike: dict[str, list[int]]) -> Glance:
    low, high = place.ci
    return Glance(
        profile=profile,
        low=low,
        high=high,
        adjusted=place.adjusted,
        vs_average=place.vs_average,
        alike=tuple(sorted(alike.get(profile.name, []))),
    )


def _bars(stratum: StratumFacts) -> tuple[Bar, ...]:
    shares = [v for o in stratum.options for v in (o.share, o.roster_share) if v is not None]
    most = max(shares, default=0) or 1.0

    def x(share: float | None) -> float | None:
        return None if share is None else round(WIDTH * share / most, 2)

    return tuple(Bar(o, x(o.share), x(o.roster_share)) for o in stratum.options)
