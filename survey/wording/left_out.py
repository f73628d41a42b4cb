"""Which departments the figures of an item over all departments leave out, and why."""

from typing import Final, Literal

from survey.parts import Part
from survey.wording.ranking import is_long

Language = Literal["zh", "en"]
WHY: Final = {
    "threshold": ("评议数少于门槛", "too few ratings"),
    "unanimous": ("答案几乎一致", "answers nearly all alike"),
    "complementary": ("防止推算", "protects others"),
}


def left_out(facts: Part, language: Language = "zh") -> str:
    """A sentence naming who is not in `facts["items"]`, item by item where they differ; empty if nobody.

    What is withheld of one department would follow from a mean over all of them.
    """
    place = language == "en"
    items: dict[tuple[str, ...], list[str]] = {}
    for number, item in enumerate(facts["items"]):
        parts = ((p["name"], p["items"][number]["reason"]) for p in facts["profiles"])
        missing = tuple(_named(name, WHY[why][place], place) for name, why in parts if why in WHY)
        items.setdefault(missing, []).append((place and item["name_en"]) or item["name"])
    said = [_said(names, missing, len(items) == 1, place) for missing, names in items.items() if missing]
    if not said:
        return ""
    return "; ".join(said) + "." if place else "；".join(said) + "。"


def _named(name: str, why: str, english: bool) -> str:
    return f"{name} ({why})" if english else f"{name}（{why}）"


def _said(items: list[str], missing: tuple[str, ...], alone: bool, english: bool) -> str:
    if english:
        names = f"{len(missing)} departments" if is_long(missing) else ", ".join(missing)
        return f"Without {names}" if alone else f"{', '.join(items)}: without {names}"
    names = f" {len(missing)} 个部门" if is_long(missing) else "、".join(missing)
    return f"不含{names}" if alone else f"{'、'.join(items)}不含{names}"
