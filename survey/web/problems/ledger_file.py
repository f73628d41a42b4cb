"""Download of the ledger of problems (整改台账), in the words of the current language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask import Response

from survey.documents.lists.ledger_xlsx import LedgerRow, LedgerStep, write_ledger
from survey.language import gettext as _
from survey.models import ProblemEvent, ProblemFile, Step
from survey.services.followup.problem_ledger import Line
from survey.web.problems import words as workflow_words
from survey.web.site.downloads import XLSX, attachment


def ledger_file(lines: Iterable[Line], about: str, day: date) -> Response:
    """Download of the ledger with these lines, with `about` and the day in the file name."""
    title = _("整改台账")
    content = write_ledger([_row(line) for line in lines], title=title, translate=_)
    return attachment(content, f"{about} {title} {day.isoformat()}.xlsx", XLSX)


def _row(line: Line) -> LedgerRow:
    problem = line.entry.problem
    taken = line.entry.taken
    answered, verified = line.newest(Step.ANSWER), line.newest(Step.VERIFY)
    return LedgerRow(
        title=line.entry.title,
        number=problem.number,
        department=taken.taken_from if taken else problem.department,
        source=workflow_words.source(problem.source),
        item=problem.item,
        task=problem.task,
        evidence=workflow_words.evidence(problem.source, problem.item, problem.evidence),
        responsible="" if taken else problem.responsible,
        measures="" if taken else problem.measures,
        deadline=None if taken else problem.deadline,
        stage=_("已撤回") if taken else workflow_words.stage(problem.stage),
        overdue=line.entry.overdue,
        assigned_on=_day(line.handing_over),
        read_on=_day(line.reading),
        answered_on=_day(answered),
        answer=_text(answered),
        verified_on=_day(verified),
        verification=_text(verified),
        steps=[_step(event, line.files.get(event.number, ())) for event in line.events],
    )


def _step(event: ProblemEvent, files: Iterable[ProblemFile]) -> LedgerStep:
    names = "\n".join(file.name for file in files)
    return LedgerStep(event.on, workflow_words.step(event), event.actor, event.text, names)


def _day(event: ProblemEvent | None) -> date | None:
    return event.on if event else None


def _text(event: ProblemEvent | None) -> str:
    return event.text if event else ""
