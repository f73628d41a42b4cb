"""Each department by itself: answers, items against its group, importance beside performance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from survey.language import in_both
from survey.parts import Part
from survey.services.results import comparisons
from survey.services.results.answer_counts import AnswerCounts
from survey.services.results.item_importance import importance_performance
from survey.services.results.ranking import LEVEL
from survey.services.results.scored_round import Material
from survey.wording import reasons

OVERALL_KEYS = (
    "bound",
    "rank",
    "rank_set",
    "adjusted",
    "ci",
    "mean",
    "se",
    "tier",
    "vs_average",
    "average_difference",
    "average_ci",
)


def profiles(material: Material, answers: AnswerCounts, facts: Part, latest: Material | None) -> list[Part]:
    """A profile a department; `facts` holds ranking, items, drivers, treatment and changes already."""
    level = item_level(material)
    against, since = _against(material, answers, level), _since(answers, latest, level)
    line, found = material.questionnaire.scale.warning_line, []
    for d, department in enumerate(material.questionnaire.departments):
        position = _position(facts["ranking"], department.name, department.group)
        shown = _items(material, answers, d, against, since)
        found.append(
            {
                "index": d,
                "name": department.name,
                "group": department.group,
                **position,
                "n": _raters(material, d),
                "line": _line(position["overall"], line),
                "satisfied": _satisfied(material, answers, d),
                "items": shown,
                "importance": importance_performance(facts["drivers"], shown, facts["items"], line),
                "changes": _changes(facts["changes"], department.name),
                "treatment": _treatment(facts["treatment"], department.name),
            }
        )
    return found


def item_level(material: Material) -> float:
    """Each item's joint level, so that all items of a department are right together at `LEVEL`."""
    return 1 - (1 - LEVEL) / len(material.questionnaire.items)


def _raters(material: Material, d: int) -> int | None:
    n = int(material.raters[d])
    return n if n >= material.threshold or n == 0 else None


def _position(ranking: Part, name: str, group: str) -> Part:
    within: Part = next((g for g in ranking["groups"] if g["name"] == group), {"departments": []})
    overall = _place(ranking["departments"], name)
    why = {e["name"]: (e["reason"], e["reason_en"]) for e in ranking["insufficient"]}
    zh, en = why.get(name, ("", "") if overall else in_both(reasons.NOTHING_RECEIVED))
    return {
        "ranked": overall is not None,
        "reason_zh": zh,
        "reason_en": en,
        "overall": overall,
        "in_group": _place(within["departments"], name),
    }


def _place(departments: Sequence[Part], name: str) -> Part | None:
    for entry in departments:
        if entry["name"] == name:
            return {key: entry.get(key, "") for key in OVERALL_KEYS} | {"of": len(departments)}
    return None


def _line(overall: Part | None, line: float) -> str | None:
    if overall is None or None in overall["ci"]:
        return None
    low, high = overall["ci"]
    if low > line:
        return "above"
    return "below" if high < line else "undecided"


def _satisfied(material: Material, answers: AnswerCounts, d: int) -> Part:
    n = sum(int(answers.counts[d, k].sum()) for k in material.weighted_items)
    if material.raters[d] < material.threshold:
        return {"share": None, "ratings": None, "reason": "threshold" if n else "none"}
    content = sum(answers.satisfied(d, k) for k in material.weighted_items)
    return {"share": content / n, "ratings": n, "reason": ""}


Family = Mapping[int, Mapping[str, Part]]


def _against(material: Material, answers: AnswerCounts, level: float) -> Family:
    """Item → department → against those of its group that show the item: no sum of all tells the others."""
    questionnaire = material.questionnaire
    found: dict[int, dict[str, Part]] = {}
    for group in questionnaire.groups:
        places = [d for d, department in enumerate(questionnaire.departments) if department.group == group]
        for k in range(len(questionnaire.items)):
            shown = [d for d in places if not answers.reasons[d][k]]
            errors = {material.names[d]: answers.error(d, k) for d in shown}
            found.setdefault(k, {}).update(comparisons.against_group(material, shown, k, level, errors))
    return found


def _since(answers: AnswerCounts, latest: Material | None, level: float) -> Family:
    if latest is None:
        return {}
    places = range(len(answers.material.questionnaire.items))
    then = AnswerCounts(latest)
    return {k: comparisons.item_changes(answers, then, k, level) for k in places}


def _items(material: Material, answers: AnswerCounts, d: int, against: Family, since: Family) -> list[Part]:
    return [_item(material, answers, d, k, against, since) for k in range(len(material.questionnaire.items))]


def _item(material: Material, answers: AnswerCounts, d: int, k: int, against: Family, since: Family) -> Part:
    item, reason, name = material.questionnaire.items[k], answers.reasons[d][k], material.names[d]
    head: Part = {"name": item.name, "name_en": item.name_en, "reason": reason}
    if reason:
        empty = ("n", "mean", "satisfied", "levels", "room", "not_known", "group", "change")
        return head | dict.fromkeys(empty)
    n = int(answers.counts[d, k].sum())
    return head | {
        "n": n,
        "mean": answers.told(d, k),
        "satisfied": answers.satisfied(d, k) / n,
        "levels": answers.counts[d, k].tolist(),
        "room": list(answers.room(d, k)),
        "not_known": int(answers.not_known[d, k]),
        "group": against.get(k, {}).get(name),
        "change": since.get(k, {}).get(name),
    }


def _changes(found: Sequence[Part], name: str) -> list[Part]:
    return [
        {"slug": since["slug"], "title": since["title"]} | _without(change)
        for since in found
        if since["possible"]
        for change in since["changes"]
        if change["department"] == name
    ]


def _treatment(found: Sequence[Part], name: str) -> list[Part]:
    return [
        {"stratum": stratum["stratum"]} | _without(difference)
        for stratum in found
        if stratum["possible"]
        for difference in stratum["differences"]
        if difference["department"] == name
    ]


def _without(entry: Part) -> Part:
    return {key: value for key, value in entry.items() if key != "department"}
