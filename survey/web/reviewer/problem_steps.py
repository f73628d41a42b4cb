"""Reviewers' page of one problem, and the steps that they take."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from survey.clock import today
from survey.language import gettext as _
from survey.models import Role, Step
from survey.services.followup import attachments, handing_over, problem_history, problem_steps, problems
from survey.services.followup.problem_candidates import improvements
from survey.services.followup.readers import readers, unheard
from survey.services.rounds.editions import current
from survey.web.problems import files
from survey.web.problems.forms.problem import (
    AssignForm,
    DeadlineForm,
    ReassignForm,
    RecallForm,
    SendBackForm,
    TextForm,
)
from survey.web.problems.steps import steps_of
from survey.web.reviewer.opened_round import opened_round
from survey.web.site.access import requires
from survey.web.site.blueprints import review
from survey.web.site.request import database, signed_in_user

USUAL_DAYS = 30


@review.get("/<slug>/problems/<int:number>")
@requires(Role.REVIEWER)
def problem(slug: str, number: int) -> ResponseReturnValue:
    return _page(slug, number)


def _page(slug: str, number: int, refused: FlaskForm | None = None) -> str:
    """Page of the problem; a refused form is shown with its errors instead of an empty one."""
    user, day = signed_in_user(), today()
    with database().read() as session:
        found = opened_round(session, slug)
        entry = problems.get(session, found, number, user)
        sent = attachments.sent(session, entry)
        events, later = problem_history.history(session, entry), improvements(session, entry)
        published = current(session, found) is not None
        who, targets = readers(session, entry.department), handing_over.targets(session, entry)
        silent = unheard(session, targets)
    forms = _forms(max(entry.deadline, day), day, refused)
    forms[ReassignForm].offer(targets, silent)
    return render_template(
        "reviewer/problem.html",
        round=found,
        problem=entry,
        events=events,
        sent=sent,
        answer=next((event for event in reversed(events) if event.done == Step.ANSWER), None),
        seen=problem_history.last_step(events).number,
        read=problem_history.first_reading(events),
        readers=who,
        unheard=silent,
        improvements=later,
        published=published,
        overdue=problems.is_overdue(entry, day),
        refused=refused,
        assign=forms[AssignForm],
        text=forms[TextForm],
        back=forms[SendBackForm],
        recall=forms[RecallForm],
        reassign=forms[ReassignForm],
        move=forms[DeadlineForm],
    )


def _forms(deadline: date, day: date, refused: FlaskForm | None) -> dict[type[FlaskForm], FlaskForm]:
    """Forms of the steps, with their usual days; the refused one in place of its empty one."""
    forms: dict[type[FlaskForm], FlaskForm] = {
        AssignForm: AssignForm(deadline=deadline),
        TextForm: TextForm(),
        SendBackForm: SendBackForm(prefix="back", deadline=day + timedelta(days=USUAL_DAYS)),
        RecallForm: RecallForm(prefix="recall"),
        ReassignForm: ReassignForm(prefix="to", deadline=deadline),
        DeadlineForm: DeadlineForm(prefix="day", deadline=deadline),
    }
    return forms | ({type(refused): refused} if refused is not None else {})


@review.get("/<slug>/problems/<int:number>/files/<int:file>")
@requires(Role.REVIEWER)
def problem_file(slug: str, number: int, file: int) -> Response:
    user = signed_in_user()
    return files.download(lambda s: problems.get(s, opened_round(s, slug), number, user), file)


take = steps_of("review.problem", opened_round, _page)


@review.post("/<slug>/problems/<int:number>/assign")
@requires(Role.REVIEWER)
def assign_problem(slug: str, number: int) -> ResponseReturnValue:
    form = AssignForm()
    given = {"deadline": form.deadline.data, "nobody": form.nobody.data}
    return take(slug, number, form, _("已转办。"), problem_steps.assign, **given)


@review.post("/<slug>/problems/<int:number>/recall")
@requires(Role.REVIEWER)
def recall_problem(slug: str, number: int) -> ResponseReturnValue:
    form = RecallForm(prefix="recall")
    given = {"reason": form.reason.data or ""}
    return take(slug, number, form, _("已撤回，可以改派或重新转办。"), handing_over.recall, **given)


@review.post("/<slug>/problems/<int:number>/reassign")
@requires(Role.REVIEWER)
def reassign_problem(slug: str, number: int) -> ResponseReturnValue:
    form, user = ReassignForm(prefix="to"), signed_in_user()
    with database().read() as session:
        found = problems.get(session, opened_round(session, slug), number, user)
        form.offer(handing_over.targets(session, found))
    names = ("department", "reason", "deadline", "nobody")
    given = {name: form[name].data for name in names}
    return take(slug, number, form, _("已改派。"), handing_over.reassign, **given)


@review.post("/<slug>/problems/<int:number>/deadline")
@requires(Role.REVIEWER)
def move_deadline(slug: str, number: int) -> ResponseReturnValue:
    form = DeadlineForm(prefix="day")
    given = {"deadline": form.deadline.data, "reason": form.reason.data}
    return take(slug, number, form, _("期限已改。"), handing_over.move_deadline, **given)


@review.post("/<slug>/problems/<int:number>/withdraw")
@requires(Role.REVIEWER)
def withdraw_problem(slug: str, number: int) -> ResponseReturnValue:
    form = TextForm()
    said = _("已撤销，记录仍然保留。")
    return take(slug, number, form, said, problem_steps.withdraw, reason=form.text.data)


@review.post("/<slug>/problems/<int:number>/verify")
@requires(Role.REVIEWER)
def verify_problem(slug: str, number: int) -> ResponseReturnValue:
    form = TextForm()
    return take(slug, number, form, _("已核实。"), problem_steps.verify, text=form.text.data)


@review.post("/<slug>/problems/<int:number>/send-back")
@requires(Role.REVIEWER)
def send_back_problem(slug: str, number: int) -> ResponseReturnValue:
    form = SendBackForm(prefix="back")
    given = {"text": form.text.data, "deadline": form.deadline.data}
    return take(slug, number, form, _("已退回继续办理。"), problem_steps.send_back, **given)
