"""Words in the current language for codes that the models store."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from survey import errors
from survey.errors import PingyiError
from survey.language import gettext as _
from survey.models import Job, Mode, Period, State
from survey.services.operations import job_threads
from survey.texts import grouped
from survey.wording.numbers import day

if TYPE_CHECKING:
    from survey.documents.uploads.roster_table import RowProblem
    from survey.protocol.questionnaire import Scale


def state(value: str) -> str:
    return {
        State.DRAFT: _("筹备中"),
        State.OPEN: _("收票中"),
        State.CLOSED: _("已截止"),
        State.OPENED: _("已开箱"),
        State.CANCELLED: _("已取消"),
    }[State(value)]


def period(value: str) -> str:
    return {
        Period.MONTH: _("月度通报"),
        Period.QUARTER: _("季度分析"),
        Period.HALF_YEAR: _("半年总结"),
        Period.YEAR: _("年度总排名"),
    }[Period(value)]


def mode(value: str) -> str:
    return {
        Mode.ATTRIBUTED: _("记名邀请（发给指定企业）"),
        Mode.SLIP: _("无记名票（打印、抽取）"),
        Mode.BOTH: _("两种都用"),
    }[Mode(value)]


def planned(value: date | None) -> str:
    """Note with the announced last day, for a round closed before it; "" for None."""
    return _("（原定%(day)s）", day=day(value)) if value else ""


def grade_lines(scale: Scale) -> str:
    """Sentence with the lowest score of each grade."""
    best, good, fair = (f"{line:g}" for line in scale.grade_lines)
    return _(
        "优秀 %(best)s 分以上，良好 %(good)s 分以上，一般 %(fair)s 分以上，其余较差",
        best=best,
        good=good,
        fair=fair,
    )


def fingerprint(value: str) -> str:
    """Digest in hexadecimal, in groups of four that two people can read to each other."""
    return grouped(value)


def said(problem: PingyiError | RowProblem) -> str:
    """Message of a problem, in the page's language."""
    return problem.say(_)


def remedy(problem: PingyiError | RowProblem) -> str:
    """Advice on what to do about a problem, in the page's language."""
    return problem.say_remedy(_)


def in_full(problem: PingyiError | RowProblem) -> str:
    """Message and advice in one, in the page's language."""
    return errors.in_full(problem, _)


def translated(text: str) -> str:
    """Stored text in the page's language. Templates' own `_` would take a % in it for a placeholder."""
    return _(text)


def why_failed(job: Job) -> list[str]:
    """Reason why a job failed, line by line, in the page's language."""
    return job_threads.why(job, _)


def holder(body: str, person: str) -> str:
    """Name of a key holder, as body and person, since a body may hold several keys."""
    return _("%(body)s（%(name)s）", body=body, name=person) if body and body != person else person


def size(value: int) -> str:
    """Text of a file size in KB or MB."""
    return f"{value / 1024:.0f} KB" if value < 1024 * 1024 else f"{value / 1024 / 1024:.1f} MB"


def file_name(name: str) -> str:
    """Description of a file made from a round, by its name; an unknown one keeps the name."""
    known = {
        "ranking.png": _("排名图（PNG）"),
        "ranking.svg": _("排名图（SVG）"),
        "ranking.pdf": _("排名图（PDF）"),
        "ranking.xlsx": _("排名表（Excel）"),
        "bulletin.docx": _("通报（Word）"),
        "facts.json": _("全部数据（JSON）"),
        "ranking.json": _("全部数字（JSON）"),
        "report.html": _("排名报告（网页，可打印）"),
    }
    return known.get(name, name)
