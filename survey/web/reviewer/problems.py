"""Reviewers' pages of a round's list of problems (问题清单) and its ledger (整改台账)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.clock import today
from survey.errors import N_, InvalidInput
from survey.language import gettext as _
from survey.models import ProblemSource, Role, Round, Stage
from survey.services.followup import problem_ledger, problems
from survey.services.followup import problem_list as problem_lists
from survey.services.followup.problem_candidates import Candidate, candidates, improvements_of
from survey.services.followup.problem_list import Asked
from survey.services.followup.problems import NewProblem
from survey.web.problems.forms.problem import ProblemForm
from survey.web.problems.ledger_file import ledger_file
from survey.web.reviewer.opened_round import opened_round
from survey.web.site.access import requires
from survey.web.site.blueprints import review
from survey.web.site.listing import ListQuery, list_query
from survey.web.site.request import database, signed_in_user
from survey.web.site.round_view import questionnaire_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

USUAL_DAYS = 60
EARLIER = 50
"""Problems of earlier rounds shown at once."""


@review.get("/<slug>/problems")
@requires(Role.REVIEWER)
def problem_list(slug: str) -> ResponseReturnValue:
    return _list_page(slug, _empty_form())


@review.post("/<slug>/problems")
@requires(Role.REVIEWER)
def record_problem(slug: str) -> ResponseReturnValue:
    form, user, day = ProblemForm(), signed_in_user(), today()
    with database().read() as session:
        found = opened_round(session, slug)
        known = {_key(c): c for c in candidates(session, found)}
    form.offer(_departments(found))
    if not form.validate():
        return _list_page(slug, form), 400
    new = _new_problem(form, known)
    problem = database().write(lambda s: problems.record(s, opened_round(s, slug), new, user, day))
    flash(_("已记入问题清单，编号 %(number)s。", number=problem.number), "success")
    return redirect(url_for("review.problem_list", slug=slug))


@review.get("/<slug>/problems.xlsx")
@requires(Role.REVIEWER)
def ledger_of_round(slug: str) -> Response:
    day, want = today(), list_query(problem_lists.SORTS)
    with database().read() as session:
        found = opened_round(session, slug)
        lines = problem_ledger.of_round(session, found, day, _asked(want, _offered(session, found)))
    return ledger_file(lines, found.title, day)


def _list_page(slug: str, form: ProblemForm) -> str:
    day, want = today(), list_query(problem_lists.SORTS)
    with database().read() as session:
        found = opened_round(session, slug)
        departments = _departments(found)
        offered = _offered(session, found)
        asked = _asked(want, offered)
        page = problem_lists.list_problems(session, found, day, asked, want.page, sort=want.sort)
        suggested = [c for c in candidates(session, found) if not c.known]
        names = [asked.department] if asked.department else departments
        earlier = problems.of_departments(session, names, found)
        shown = earlier[:EARLIER]
        later = improvements_of(session, [entry for _round, entry in shown], found.opens_on)
        told = [(before, entry, changes) for (before, entry), changes in zip(shown, later, strict=True)]
    form.offer(departments)
    return render_template(
        "reviewer/problems.html",
        round=found,
        page=page,
        overdue={p.number for p in page if problems.is_overdue(p, day)},
        suggested=_by_department([c for c in suggested if asked.department in ("", c.department)]),
        earlier=told,
        left=len(earlier) - len(told),
        departments=offered,
        stages=[*Stage, problem_lists.OVERDUE],
        asked=asked,
        sort=want.sort,
        form=form,
    )


def _asked(want: ListQuery, departments: list[str]) -> Asked:
    """Filter of the list from the query string; an unknown department or stage is ignored."""
    department, stage = (request.args.get(name, "") for name in ("department", "stage"))
    return Asked(
        search=want.search,
        department=department if department in departments else "",
        stage=stage if stage in (*Stage, problem_lists.OVERDUE) else "",
    )


def _empty_form() -> ProblemForm:
    return ProblemForm(deadline=today() + timedelta(days=USUAL_DAYS))


def _departments(found: Round) -> list[str]:
    return [d.name for d in questionnaire_of(found).departments]


def _offered(session: Session, found: Round) -> list[str]:
    """Departments to filter the list by: the round's, then those that its problems were reassigned to."""
    return list(dict.fromkeys((*_departments(found), *problem_lists.departments(session, found))))


def _by_department(found: list[Candidate]) -> dict[str, list[tuple[str, Candidate]]]:
    """Findings by department, each with the key by which the form names it."""
    grouped: dict[str, list[tuple[str, Candidate]]] = {}
    for candidate in found:
        grouped.setdefault(candidate.department, []).append((_key(candidate), candidate))
    return grouped


def _key(candidate: Candidate) -> str:
    return "\t".join((candidate.source, candidate.item, candidate.department))


def _new_problem(form: ProblemForm, known: dict[str, Candidate]) -> NewProblem:
    task, deadline = form.task.data, form.deadline.data
    if not form.found.data:
        return NewProblem(form.department.data, task, deadline, ProblemSource.OTHER)
    found = known.get(form.found.data)
    if found is None:
        raise InvalidInput(N_("这条发现已经不在清单里。"), remedy=N_("请刷新页面再试。"))
    return NewProblem(found.department, task, deadline, found.source, found.item, found.evidence)
