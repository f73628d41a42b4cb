"""Pages of a department's liaison: only the problems and published results of that department."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from survey.clock import today
from survey.database.paging import page_of_rows
from survey.errors import N_, NotFound
from survey.language import gettext as _
from survey.models import Role
from survey.services.followup import problem_ledger, problems
from survey.services.followup.problem_candidates import improvements
from survey.services.rounds import editions, lifecycle
from survey.web.problems.forms.problem import AcceptForm, TextForm
from survey.web.problems.ledger_file import ledger_file
from survey.web.problems.steps import steps_of
from survey.web.site.access import requires
from survey.web.site.listing import list_query
from survey.web.site.request import database, signed_in_user
from survey.web.site.round_view import questionnaire_of
from survey.web.waiting.task_lines import waiting_for

blueprint = Blueprint("liaison", __name__, url_prefix="/liaison")
PER_PAGE = 50
take = steps_of("liaison.problem", lifecycle.get_round)


@blueprint.get("/")
@requires(Role.LIAISON)
def home() -> ResponseReturnValue:
    user = signed_in_user()
    with database().read() as session:
        entries = problems.of_liaison(session, user, today())
        waiting = waiting_for(session, user, today())
        results = [
            r
            for r in lifecycle.list_rounds(session)
            if editions.current(session, r) is not None
            and user.department in {d.name for d in questionnaire_of(r).departments}
        ]
    return render_template(
        "liaison/home.html",
        page=page_of_rows(entries, list_query().page, PER_PAGE),
        results=results,
        department=user.department,
        waiting=waiting,
    )


@blueprint.get("/problems.xlsx")
@requires(Role.LIAISON)
def own_ledger() -> Response:
    user, day = signed_in_user(), today()
    with database().read() as session:
        lines = problem_ledger.of_liaison(session, user, day)
    return ledger_file(lines, user.department, day)


@blueprint.get("/<slug>/results")
@requires(Role.LIAISON)
def results(slug: str) -> ResponseReturnValue:
    user = signed_in_user()
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        edition = editions.current(session, found)
    content = edition.facts if edition else None
    profiles = content.facts.profiles if content else ()
    own = [p for p in profiles if user.department and p.name == user.department]
    if content is None or not own:
        raise NotFound(N_("这一轮没有公布贵部门的结果。"))
    return render_template(
        "liaison/results.html",
        round=found,
        edition=edition,
        profile=own[0],
        facts=content.facts,
        themes=next((t for t in content.themes if t.department == user.department), None),
        comments=content.comments.get(user.department, ()),
    )


@blueprint.get("/<slug>/problems/<int:number>")
@requires(Role.LIAISON)
def problem(slug: str, number: int) -> ResponseReturnValue:
    user = signed_in_user()
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        entry = problems.get(session, found, number, user)
        events, later = problems.history(session, entry), improvements(session, entry)
    return render_template(
        "liaison/problem.html",
        round=found,
        problem=entry,
        events=events,
        improvements=later,
        overdue=problems.is_overdue(entry, today()),
        accept=AcceptForm(),
        text=TextForm(),
    )


@blueprint.post("/<slug>/problems/<int:number>/accept")
@requires(Role.LIAISON)
def accept_problem(slug: str, number: int) -> ResponseReturnValue:
    form = AcceptForm()
    given = {"responsible": form.responsible.data, "measures": form.measures.data}
    return take(slug, number, form, _("已记下责任人和措施。"), problems.accept, **given)


@blueprint.post("/<slug>/problems/<int:number>/answer")
@requires(Role.LIAISON)
def answer_problem(slug: str, number: int) -> ResponseReturnValue:
    form = TextForm()
    return take(slug, number, form, _("已回复，等待回访核实。"), problems.answer, text=form.text.data)
