"""Sentence on departments that the figures of an item over all departments leave out, with the reasons."""

from __future__ import annotations

from survey.facts.whole import Facts
from survey.language import current_language
from survey.language import gettext as _
from survey.wording.cells import withheld
from survey.wording.names import is_long, listed

_WITHHELD = ("threshold", "unanimous", "complementary")


def left_out(facts: Facts) -> str:
    """Sentence naming the departments that the means in `facts["items"]` leave out, by item where that
    differs; "" where none.

    A mean over all departments would tell what is withheld of one.
    """
    items: dict[tuple[str, ...], list[str]] = {}
    for number, item in enumerate(facts.items):
        parts = ((p.name, p.items[number].reason) for p in facts.profiles)
        missing = tuple(
            _("%(name)s（%(why)s）", name=name, why=withheld(why)) for name, why in parts if why in _WITHHELD
        )
        items.setdefault(missing, []).append(item.named(current_language()))
    said = [_said(names, missing, len(items) == 1) for missing, names in items.items() if missing]
    return _("；").join(said) + _("。") if said else ""


def _said(items: list[str], missing: tuple[str, ...], alone: bool) -> str:
    names = _(" %(count)s 个部门", count=len(missing)) if is_long(missing) else listed(missing)
    if alone:
        return _("不含%(names)s", names=names)
    return _("%(items)s不含%(names)s", items=listed(items), names=names)
