"""A department's page of one problem: its steps, and the files that go with an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from survey.clock import today
from survey.language import gettext as _
from survey.models import Role, Step
from survey.services.followup import attachments, handing_over, problem_history, problem_steps, problems
from survey.services.followup.problem_candidates import improvements
from survey.services.rounds.real import get_real_round
from survey.web.problems import files
from survey.web.problems.forms.problem import AcceptForm, AnswerForm
from survey.web.problems.steps import steps_of
from survey.web.site.access import requires
from survey.web.site.blueprints import liaison as blueprint
from survey.web.site.request import database, signed_in_user

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


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
        waiting, sent = attachments.waiting(session, entry, user), attachments.sent(session, entry)
        taken, unread = problems.taken(session, user, entry), handing_over.is_unread(session, entry, user)
    last = problem_history.last_step(events)
    return render_template(
        "liaison/problem.html",
        round=found,
        problem=entry,
        events=events,
        seen=last.number,
        sent_back=last.text if last.done == Step.SEND_BACK else "",
        waiting=waiting,
        sent=sent,
        accepted=files.ACCEPTED,
        taken=taken,
        unread=unread,
        improvements=later,
        overdue=problems.is_overdue(entry, today()),
        refused=refused,
        accept=refused if isinstance(refused, AcceptForm) else AcceptForm(formdata=None),
        text=refused if isinstance(refused, AnswerForm) else AnswerForm(formdata=None),
    )


take = steps_of("liaison.problem", get_real_round, _page)


@blueprint.post("/<slug>/problems/<int:number>/accept")
@requires(Role.LIAISON)
def accept_problem(slug: str, number: int) -> ResponseReturnValue:
    form = AcceptForm()
    given = {"responsible": form.responsible.data, "measures": form.measures.data}
    return take(slug, number, form, _("已记下责任人和措施。"), problem_steps.accept, **given)


@blueprint.route("/<slug>/problems/<int:number>/answer", methods=("GET", "POST"))
@requires(Role.LIAISON)
def answer_problem(slug: str, number: int) -> ResponseReturnValue:
    """Attach files, remove one, or send the answer: all from one form, whose text stays. Asked for, it is the
    problem's page, where what was typed comes back after signing in."""
    if request.method == "GET":
        return _page(slug, number)
    form, asked = AnswerForm(), request.form.get("do", "")
    find = _finding(slug, number)
    if wrong := files.take(find, form.files.data, needed=asked == files.ATTACH):
        form.validate()
        form.files.errors = wrong
        return _page(slug, number, form), 400
    if asked:
        files.remove(find, asked)
        return _page(slug, number, form)
    return take(slug, number, form, _("已回复，等待回访核实。"), problem_steps.answer, text=form.text.data)


@blueprint.get("/<slug>/problems/<int:number>/files/<int:file>")
@requires(Role.LIAISON)
def problem_file(slug: str, number: int, file: int) -> Response:
    return files.download(_finding(slug, number), file)


def _finding(slug: str, number: int) -> files.Find:
    user = signed_in_user()
    return lambda session: problems.get(session, get_real_round(session, slug), number, user)
