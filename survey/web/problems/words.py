"""Chinese words, translated to the current language, for stored codes of problems, comments and outside
indicators."""

from __future__ import annotations

from survey.facts.publication import Evidence
from survey.language import gettext as _
from survey.models import Decision, ProblemEvent, ProblemSource, Stage, Succession, SuccessionKind
from survey.services.followup.problem_candidates import Improvement
from survey.services.followup.problem_history import STEP_NAMES
from survey.wording import cells
from survey.wording import problems as said


def stage(value: str) -> str:
    return {
        Stage.RECORDED: _("已记录"),
        Stage.ASSIGNED: _("已转办"),
        Stage.WORKING: _("办理中"),
        Stage.ANSWERED: _("已回复，待核实"),
        Stage.VERIFIED: _("已核实"),
        Stage.WITHDRAWN: _("已撤销"),
    }[Stage(value)]


def step(event: ProblemEvent) -> str:
    """Words for what was done in a step."""
    return _(STEP_NAMES[event.done])


def succession(entry: Succession) -> str:
    """Clause on what became of a department."""
    values = {"before": entry.before, "after": entry.after}
    return {
        SuccessionKind.RENAMED: _("%(before)s更名为%(after)s", **values),
        SuccessionKind.MERGED: _("%(before)s并入%(after)s", **values),
        SuccessionKind.SPLIT: _("%(before)s拆分出%(after)s", **values),
    }[SuccessionKind(entry.kind)]


def succession_kind(value: str) -> str:
    return {
        SuccessionKind.RENAMED: _("更名"),
        SuccessionKind.MERGED: _("合并"),
        SuccessionKind.SPLIT: _("拆分"),
    }[SuccessionKind(value)]


def source(value: str) -> str:
    return {
        ProblemSource.LINE: _("警戒线"),
        ProblemSource.GAP: _("明显低于同类部门"),
        ProblemSource.COMMENTS: _("意见集中"),
        ProblemSource.INDICATOR: _("外部指标偏低"),
        ProblemSource.OTHER: _("其他"),
    }[ProblemSource(value)]


def kind(value: str) -> str:
    return cells.source(value)


def decision(value: str) -> str:
    return {Decision.RELEASE: _("转给部门"), Decision.WITHHOLD: _("不转")}[Decision(value)]


def size(count: int) -> str:
    """So many bytes in KB, or in MB with one decimal."""
    return f"{max(1, round(count / 1024))} KB" if count < 1 << 20 else f"{count / (1 << 20):.1f} MB"


def evidence(source_name: str, item: str, found: Evidence) -> str:
    """Sentence on the figures that a problem was recorded on; "" where it was written by hand."""
    return said.evidence(source_name, item, found)


def improvement(found: Improvement) -> str:
    """Sentence on whether a problem improved by a later round, with the joint interval."""
    return said.improvement(found.title, found.direction, found.change, (found.low, found.high))
