"""Translation of facts for an English page: items, strata and options stand under the English name entered
for them."""

from __future__ import annotations

from collections.abc import Mapping

from survey.language import current_language
from survey.parts import Part


def in_page_language(facts: Part) -> Part:
    """`facts` on a Chinese page; on an English one a copy with English items, strata, options and notes.
    Names of departments and of their groups stay as entered."""
    if current_language() != "en":
        return facts
    items = {item["name"]: item["name_en"] or item["name"] for item in facts["items"]}
    strata, options = _strata(facts)
    return facts | {
        "ranking": _noted(facts["ranking"]),
        "items": [_named(item, items, "name") for item in facts["items"]],
        "drivers": _drivers(facts["drivers"], items),
        "profiles": [_profile(profile, items, strata, options) for profile in facts["profiles"]],
    }


def _noted(ranking: Part) -> Part:
    return ranking | {"notes": ranking.get("notes_en", ranking["notes"])}


def _strata(facts: Part) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Two dictionaries: stratum → English name; stratum → option → English name."""
    listed = facts["response"]["strata"]
    names = {s["name"]: s["name_en"] or s["name"] for s in listed}
    return names, {
        s["name"]: {o["option"]: o["option_en"] or o["option"] for o in s["options"]} for s in listed
    }


def _named(entry: Part, names: Mapping[str, str], *keys: str) -> Part:
    return entry | {key: names.get(entry[key], entry[key]) for key in keys}


def _drivers(part: Part, items: Mapping[str, str]) -> Part:
    if not part["possible"]:
        return part
    return _named(part, items, "outcome") | {"items": [_named(d, items, "item") for d in part["items"]]}


def _profile(
    profile: Part,
    items: Mapping[str, str],
    strata: Mapping[str, str],
    options: Mapping[str, Mapping[str, str]],
) -> Part:
    return profile | {
        "items": [_named(item, items, "name") for item in profile["items"]],
        "importance": [_named(entry, items, "item") for entry in profile["importance"]],
        "treatment": [
            _named(_classes(entry, options[entry["stratum"]]), strata, "stratum")
            for entry in profile["treatment"]
        ],
    }


def _classes(entry: Part, options: Mapping[str, str]) -> Part:
    """`entry` with both classes, which are options joined by a slash, in English."""
    return entry | {
        key: options.get(entry[key]) or "/".join(options.get(o, o) for o in entry[key].split("/"))
        for key in ("first", "second")
    }
