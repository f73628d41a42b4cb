"""Pages of a department's liaison: only the problems and published results of that department."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from survey.clock import today
from survey.database.paging import page_of_rows
from survey.documents.media_types import MEDIA
from survey.errors import N_, NotFound
from survey.language import gettext as _
from survey.models import Role, Round, Step, User
from survey.services.departments.lineage import Lineage, read_lineage
from survey.services.followup import (
    handing_over,
    problem_history,
    problem_ledger,
    problem_steps,
    problems,
)
from survey.services.followup.problem_candidates import improvements
from survey.services.publication import files
from survey.services.rounds import editions
from survey.services.rounds.real import get_real_round, real_rounds
from survey.web.problems.forms.problem import AcceptForm, TextForm
from survey.web.problems.ledger_file import ledger_file
from survey.web.problems.steps import steps_of
from survey.web.site.access import requires
from survey.web.site.downloads import attachment
from survey.web.site.listing import list_query
from survey.web.site.request import database, signed_in_user
from survey.web.site.round_view import questionnaire_of
from survey.web.waiting.task_lines import waiting_for

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("liaison", __name__, url_prefix="/liaison")
PER_PAGE = 50


@blueprint.get("/")
@requires(Role.LIAISON)
def home() -> ResponseReturnValue:
    user = signed_in_user()
    with database().read() as session:
        entries = problems.of_liaison(session, user, today())
        waiting = waiting_for(session, user, today())
        lineage = read_lineage(session)
        results = [
            r
            for r in real_rounds(session)
            if editions.current(session, r) is not None and _own(lineage, user, r) is not None
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
        found = get_real_round(session, slug)
        edition, name = editions.current(session, found), _own(read_lineage(session), user, found)
    content = edition.facts if edition else None
    own = [p for p in content.facts.profiles if p.name == name] if content else []
    if content is None or name is None or not own:
        raise NotFound(N_("这一轮没有公布贵部门的结果。"))
    return render_template(
        "liaison/results.html",
        round=found,
        edition=edition,
        profile=own[0],
        facts=content.facts,
        themes=next((t for t in content.themes if t.department == name), None),
        comments=content.comments.get(name, ()),
    )


@blueprint.get("/<slug>/letter.docx")
@requires(Role.LIAISON)
def letter(slug: str) -> Response:
    """Letter to the liaison's department, the same file that the reviewers have."""
    user = signed_in_user()
    with database().read() as session:
        found = get_real_round(session, slug)
        edition, name = editions.current(session, found), _own(read_lineage(session), user, found)
        if edition is None or name is None:
            raise NotFound(N_("这一轮没有公布贵部门的结果。"))
        content = files.letter(session, edition, name)
    return attachment(content, f"{found.title}反馈函-{name}.docx", MEDIA["docx"])


@blueprint.get("/<slug>/problems/<int:number>")
@requires(Role.LIAISON)
def problem(slug: str, number: int) -> ResponseReturnValue:
    return _page(slug, number)


@blueprint.post("/<slug>/problems/<int:number>/read")
@requires(Role.LIAISON)
def note_reading(slug: str, number: int) -> ResponseReturnValue:
    """Note that the department has read the problem; the page's script posts it, since looking changes
    nothing."""
    user, day = signed_in_user(), today()

    def note(session: Session) -> None:
        found = problems.get(session, get_real_round(session, slug), number, user)
        handing_over.mark_read(session, found, user, day)

    database().write(note)
    return redirect(url_for("liaison.problem", slug=slug, number=number))


def _page(slug: str, number: int, refused: FlaskForm | None = None) -> str:
    """Page of the problem; a refused form is shown with its errors instead of an empty one."""
    user = signed_in_user()
    with database().read() as session:
        found = get_real_round(session, slug)
        entry = problems.get(session, found, number, user)
        events, later = problems.shown_history(session, entry, user), improvements(session, entry)
        taken, unread = problems.taken(session, user, entry), handing_over.is_unread(session, entry, user)
    last = problem_history.last_step(events)
    return render_template(
        "liaison/problem.html",
        round=found,
        problem=entry,
        events=events,
        seen=last.number,
        sent_back=last.text if last.done == Step.SEND_BACK else "",
        taken=taken,
        unread=unread,
        improvements=later,
        overdue=problems.is_overdue(entry, today()),
        refused=refused,
        accept=refused if isinstance(refused, AcceptForm) else AcceptForm(formdata=None),
        text=refused if isinstance(refused, TextForm) else TextForm(formdata=None),
    )


take = steps_of("liaison.problem", get_real_round, _page)


def _own(lineage: Lineage, user: User, round: Round) -> str | None:
    """Name of the liaison's department in this round, under whatever name; None where it is not rated."""
    names = [department.name for department in questionnaire_of(round).departments]
    name = lineage.called(user.department, names)
    return name if name in names else None


@blueprint.post("/<slug>/problems/<int:number>/accept")
@requires(Role.LIAISON)
def accept_problem(slug: str, number: int) -> ResponseReturnValue:
    form = AcceptForm()
    given = {"responsible": form.responsible.data, "measures": form.measures.data}
    return take(slug, number, form, _("已记下责任人和措施。"), problem_steps.accept, **given)


@blueprint.post("/<slug>/problems/<int:number>/answer")
@requires(Role.LIAISON)
def answer_problem(slug: str, number: int) -> ResponseReturnValue:
    form = TextForm()
    return take(slug, number, form, _("已回复，等待回访核实。"), problem_steps.answer, text=form.text.data)
