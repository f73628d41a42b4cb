"""Sentences on what became of departments between two rounds: renamed, merged, split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from survey.facts.profiles import Predecessor
from survey.language import gettext as _
from survey.language import speaking
from survey.wording.numbers import day


def former(name: str, predecessors: Sequence[Predecessor]) -> str:
    """Name of a department with the name that it had before, where it was renamed: 县水务局（原县水利局）."""
    old = next((p.name for p in predecessors if p.kind == "renamed"), "")
    return _("%(name)s（原%(old)s）", name=name, old=old) if old else name


def life(name: str, predecessors: Sequence[Predecessor]) -> Iterator[str]:
    """Sentences on whether the scores of a department are compared with those of before."""
    called = former(name, predecessors)
    if called != name:
        yield _("%(name)s只是改了名称，与改名前的结果连起来看。", name=called)
    if parted := [_parted(name, p) for p in predecessors if p.kind != "renamed"]:
        yield _(
            "%(what)s；%(name)s职责有变，得分不与在这以前开始的轮次比较。",
            name=name,
            what=_("，").join(parted),
        )


def lives_in_both(predecessors: Mapping[str, Sequence[Predecessor]]) -> tuple[str, str]:
    """Sentences on all departments whose life goes on under another name or was broken, in Chinese and in
    English; "" where there are none."""
    return _lives(predecessors, "zh"), _lives(predecessors, "en")


def _lives(predecessors: Mapping[str, Sequence[Predecessor]], language: str) -> str:
    with speaking("en" if language == "en" else "zh"):
        told = [said for name, found in predecessors.items() for said in life(name, found)]
    return (" " if language == "en" else "").join(told)


def _parted(name: str, step: Predecessor) -> str:
    values = {"name": name, "day": day(step.on), "other": step.name}
    if step.kind == "merged":
        return _("%(other)s于%(day)s并入%(name)s", **values)
    if step.kind == "merged_into":
        return _("%(name)s于%(day)s并入%(other)s", **values)
    if step.kind == "split":
        return _("%(name)s于%(day)s由%(other)s拆分而来", **values)
    return _("%(name)s于%(day)s拆分出%(other)s", **values)
