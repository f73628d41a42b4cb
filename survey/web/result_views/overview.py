"""Tables of the overview page: departments at a glance, and who answered."""

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
    """Row of one ranked department: interval `low` to `high` and `adjusted` score in points, `vs_average`
    above, below or same; `alike`: indices of the departments from which it is not significantly different."""

    profile: Profile
    low: float | None
    high: float | None
    adjusted: float | None
    vs_average: str
    alike: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """Option of a stratum, drawn as a bar (share of ballots) with a tick (share of the roster), in drawing
    units."""

    option: OptionFacts
    width: float | None
    tick: float | None


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """Contents of the overview's tables: ranked departments on an axis, bars of the strata, departments not
    ranked."""

    rows: tuple[Glance, ...]
    axis: Axis
    bars: dict[str, tuple[Bar, ...]]
    insufficient: tuple[Profile, ...]


def overview_page(facts: Facts, scale: Scale) -> OverviewPage:
    """Contents of the overview's tables, from the facts alone."""
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
