"""Facts for English pages: names that were entered with an English name are replaced by it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from survey.facts.base import Impossible
from survey.facts.items import DriversFacts
from survey.facts.profiles import Profile, TreatmentDifference
from survey.facts.whole import Facts
from survey.language import current_language

Names = Mapping[str, str]


def in_page_language(facts: Facts) -> Facts:
    """`facts` on a Chinese page; on an English one a copy with English items, strata, options and notes.
    Names of departments and of their groups stay as entered."""
    if current_language() != "en":
        return facts
    items = {item.name: item.named("en") for item in facts.items}
    strata = {stratum.name: stratum.named("en") for stratum in facts.strata}
    options = {s.name: {o.option: o.named("en") for o in s.options} for s in facts.strata}
    return replace(
        facts,
        ranking=replace(facts.ranking, notes=facts.ranking.told("en")),
        items=tuple(replace(item, name=item.named("en")) for item in facts.items),
        drivers=_drivers(facts.drivers, items),
        profiles=tuple(_profile(profile, items, strata, options) for profile in facts.profiles),
    )


def _drivers(part: DriversFacts | Impossible, items: Names) -> DriversFacts | Impossible:
    if not part.possible:
        return part
    found = tuple(replace(driver, item=_named(driver.item, items)) for driver in part.items)
    return replace(part, outcome=_named(part.outcome, items), items=found)


def _profile(profile: Profile, items: Names, strata: Names, options: Mapping[str, Names]) -> Profile:
    return replace(
        profile,
        items=tuple(replace(item, name=_named(item.name, items)) for item in profile.items),
        importance=tuple(replace(entry, item=_named(entry.item, items)) for entry in profile.importance),
        treatment=tuple(
            _treated(entry, strata, options.get(entry.stratum, {})) for entry in profile.treatment
        ),
    )


def _treated(entry: TreatmentDifference, strata: Names, options: Names) -> TreatmentDifference:
    """Entry with stratum and classes under their English names; a class is one option or several joined by a
    slash, each of which is translated."""

    def named(merged: str) -> str:
        return options.get(merged) or "/".join(_named(option, options) for option in merged.split("/"))

    first, second = named(entry.first), named(entry.second)
    return replace(entry, stratum=_named(entry.stratum, strata), first=first, second=second)


def _named(name: str, names: Names) -> str:
    return names.get(name, name)
