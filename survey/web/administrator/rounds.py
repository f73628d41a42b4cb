"""Pages of rounds: the list, a new round, the overview of one, and changes of state."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from survey.clock import now, today
from survey.errors import InvalidInput, PingyiError, in_full
from survey.language import gettext as _
from survey.models import Role, Round, State, User
from survey.protocol.crypto.blind import RoundKey
from survey.protocol.questionnaire import Questionnaire
from survey.services.invitations import sampling
from survey.services.opening import closing_job
from survey.services.operations import upkeep
from survey.services.people import accounts, bodies
from survey.services.publication import trials
from survey.services.rounds import (
    cancelling,
    closing,
    contacts,
    deleting,
    editions,
    extending,
    keyholders,
    lifecycle,
)
from survey.services.rounds.copying import copied_questionnaire
from survey.services.rounds.defaults import default_departments, default_questionnaire
from survey.services.voting import participation, reminders
from survey.services.waiting import first_steps, telling
from survey.trial import PREFIX
from survey.web.administrator import setup_steps
from survey.web.administrator.forms.setup import NewRoundForm
from survey.web.administrator.roster_words import contacts_kept
from survey.web.site.access import requires
from survey.web.site.blueprints import admin
from survey.web.site.forms.state import CancelForm, ConfirmForm, DeleteForm, DeleteTrialForm, ExtendForm
from survey.web.site.listing import list_query, page_of_rounds
from survey.web.site.request import database, settings, signed_in_user
from survey.web.site.round_events import sentence
from survey.web.site.round_view import proposer_of, questionnaire_of
from survey.web.site.state_changes import change_state, erase_traces_of
from survey.web.site.timeline import early_confirm, timeline
from survey.web.staff.jobs import workplace
from survey.web.staff.witness_steps import witness_view
from survey.web.waiting.task_lines import waiting_for


@admin.get("/", endpoint="rounds")
@requires(Role.ADMINISTRATOR)
def list_rounds() -> ResponseReturnValue:
    want = list_query()
    with database().read() as session:
        page = page_of_rounds(lifecycle.list_rounds(session), want)
        rows = [(r, participation.totals(session, r, today())) for r in page]
        waiting = waiting_for(session, signed_in_user(), today())
        begun = first_steps.steps_taken(session)
    said = [
        trouble.say(_) for trouble in (*upkeep.troubles(settings().data), *telling.troubles(settings().data))
    ]
    return render_template(
        "administrator/rounds.html",
        rows=rows,
        page=page,
        want=want,
        day=today(),
        troubles=said,
        waiting=waiting,
        begun=begun,
    )


@admin.route("/rounds/new", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def new_round() -> ResponseReturnValue:
    """Page of the first step of a new round; makes a draft, on which the other steps follow."""
    form, base, reviewers, earlier = _basics_form()
    with database().read() as session:
        before = keyholders.holders(session, earlier) if earlier else []
    if not form.validate_on_submit():
        page = render_template(
            "administrator/new_round.html", form=form, reviewers=reviewers, earlier=earlier
        )
        return page, 400 if form.errors else 200
    try:
        new = setup_steps.new_round(form, base, reviewers, earlier, [h.user_id for h in before])
        secret, actor, key = settings().secret_key, signed_in_user().name, RoundKey.generate()
        made = database().write(
            lambda s: lifecycle.create_round(s, new, secret_key=secret, actor=actor, key=key)
        )
    except PingyiError as error:
        form.form_errors.append(in_full(error, _))
        page = render_template(
            "administrator/new_round.html", form=form, reviewers=reviewers, earlier=earlier
        )
        return page, error.status
    flash(_("草稿“%(title)s”已建好，请接着往下设置。", title=made.title), "success")
    if left_out := [holder.name for holder in before if holder.user_id not in new.holders]:
        said = _("没有照搬的持钥人（账号已停用，或不再是评议员）：%(names)s。", names="、".join(left_out))
        flash(said + _("请在“开箱与门槛”里补选，并核对到场人数。"), "error")
    return redirect(url_for("admin.setup", slug=made.slug, name="departments"))


@admin.get("/rounds/<slug>")
@admin.get(
    "/rounds/new/", defaults={"slug": "new"}
)  # a round that was called so before the word was reserved
@requires(Role.ADMINISTRATOR)
def overview(slug: str) -> ResponseReturnValue:
    return _overview(slug)


def _overview(slug: str, announced: dict[str, str] | None = None, **filled: FlaskForm) -> str:
    """Page of a round; `filled`: forms as they were sent, by name, instead of empty ones; `announced`: by the
    form's name, what will be public once it is sent again."""
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        facts = {
            "round": found,
            "questionnaire": questionnaire_of(found),
            "totals": participation.totals(session, found, today()),
            "missing": lifecycle.missing_before_issuing(session, found, _),
            "holders": keyholders.holders(session, found),
            "people": keyholders.people(session, found),
            "warning": keyholders.warning(session, found),
            "proposer": proposer_of(session, found),
            "contact": contacts.of_round(session, found),
            "holder_contacts": contacts.of_holders(session, found),
            "happenings": [(h, sentence(h)) for h in reminders.history(session, found)],
            "sample": sampling.sample_of(session, found),
            "cancelling": cancelling.waiting(session, found),
            "published": editions.published(session, found),
            "announced": announced or {},
            "witness": witness_view(session, found),
            "contacts_kept": contacts_kept(session, found, settings().contact_days),
        }
    forms = {
        "start": ConfirmForm(),
        "cancel": CancelForm(prefix="cancel"),
        "delete": DeleteForm(prefix="delete"),
        "delete_trial": DeleteTrialForm(prefix="trial"),
        "extend": ExtendForm(prefix="extend"),
    } | filled
    facts |= {"day": today(), "early_confirm": early_confirm(found, today())}
    facts["closing"] = closing_job.following(workplace(), found) if found.state == State.OPEN else None
    return render_template("administrator/overview.html", **facts, **forms, steps=timeline(found, today()))


@admin.post("/rounds/<slug>/start")
@requires(Role.ADMINISTRATOR)
def start(slug: str) -> ResponseReturnValue:
    actor = signed_in_user().name
    return change_state(
        slug, ConfirmForm(), lambda s, r: lifecycle.start_round(s, r, actor), _("已开始收票。")
    )


@admin.post("/rounds/<slug>/propose-closing")
@requires(Role.ADMINISTRATOR, fresh="admin.overview")
def propose_closing(slug: str) -> ResponseReturnValue:
    user = signed_in_user()
    return change_state(
        slug,
        ConfirmForm(),
        lambda s, r: closing.propose_closing(s, r, user),
        _("已提议截止。请一位评议员确认后才会真正截止。"),
    )


@admin.post("/rounds/<slug>/withdraw-closing")
@requires(Role.ADMINISTRATOR)
def withdraw_closing(slug: str) -> ResponseReturnValue:
    user = signed_in_user()
    said = _("已撤回截止提议，继续收票。")
    return change_state(slug, None, lambda s, r: closing.withdraw_closing(s, r, user), said)


@admin.post("/rounds/<slug>/cancel")
@requires(Role.ADMINISTRATOR, fresh="admin.overview")
def cancel(slug: str) -> ResponseReturnValue:
    """Cancel a draft, or propose to a reviewer to cancel a round that collects; what will be public is shown
    first."""
    form, user = CancelForm(prefix="cancel"), signed_in_user()
    with database().read() as session:
        collecting = lifecycle.get_round(session, slug).state == State.OPEN
    if not form.validate():
        return _overview(slug, cancel=form), 400
    reason = form.reason.data or ""
    if request.form.get("shown") != reason:
        return _overview(slug, cancel=form, announced={"cancel": reason})
    if collecting:
        said = _("已提出取消，等本轮的一位评议员在“变更确认”页确认。确认之前仍在收票。")
        return change_state(
            slug, None, lambda s, r: cancelling.propose(s, r, user, reason, now()) and None, said
        )
    change = lambda s, r: lifecycle.cancel_round(s, r, user.name, reason)  # noqa: E731
    return change_state(slug, None, change, _("这一轮已取消。"), after=erase_traces_of)


@admin.post("/rounds/<slug>/delete-trial")
@requires(Role.ADMINISTRATOR, fresh="admin.overview")
def delete_trial(slug: str) -> ResponseReturnValue:
    form, actor = DeleteTrialForm(prefix="trial"), signed_in_user().name
    if not form.validate():
        return _overview(slug, delete_trial=form), 400
    trials.delete_trial(database(), settings().data, slug, actor)
    flash(_("练习轮已经整轮删除。"), "success")
    return redirect(url_for("admin.rounds"))


@admin.post("/rounds/<slug>/delete")
@requires(Role.ADMINISTRATOR, fresh="admin.overview")
def delete_draft(slug: str) -> ResponseReturnValue:
    form, actor = DeleteForm(prefix="delete"), signed_in_user().name
    if not form.validate():
        return _overview(slug, delete=form), 400
    database().write(lambda s: deleting.delete_draft(s, lifecycle.get_round(s, slug), actor))
    flash(_("草稿已删除。"), "success")
    return redirect(url_for("admin.rounds"))


@admin.post("/rounds/<slug>/extend")
@requires(Role.ADMINISTRATOR, fresh="admin.overview")
def extend(slug: str) -> ResponseReturnValue:
    """Move the last day; what will be public is shown first."""
    form, actor = ExtendForm(prefix="extend"), signed_in_user().name
    change = lambda s, r: extending.extend_round(s, r, form.closes_on.data, form.reason.data, actor)  # noqa: E731
    if not form.validate():
        return _overview(slug, extend=form), 400
    with database().read() as session:
        last = lifecycle.get_round(session, slug).closes_on
    said = extending.extension_notice(form.closes_on.data, form.reason.data or "")
    if form.closes_on.data > last and request.form.get("shown") != said:
        return _overview(slug, extend=form, announced={"extend": said})
    try:
        return change_state(slug, None, change, _("截止日期已延后。"))
    except InvalidInput as error:
        form.closes_on.errors = [error.say(_)]
    return _overview(slug, extend=form), 400


def _basics_form() -> tuple[NewRoundForm, Questionnaire, list[User], Round | None]:
    """Form with suggested values, the questionnaire to start from, all reviewers, and the round to copy (None
    if none)."""
    with database().read() as session:
        reviewers = accounts.list_users(session, Role.REVIEWER)
        others = lifecycle.list_rounds(session)
        taken, titles = {r.slug for r in others}, setup_steps.titles_of(others)
        source = request.args.get("copy")
        earlier = lifecycle.get_round(session, source) if source else None
        listed = bodies.listed(session)
        copied = copied_questionnaire(session, earlier) if earlier else None
    values = setup_steps.suggestions(today(), taken, titles)
    if earlier is not None:
        values |= setup_steps.copied(earlier)
        values["slug"] = setup_steps.free_slug(earlier.slug.removeprefix(PREFIX), taken)
    elif not set(bodies.of_text(setup_steps.DEFAULT_BODY)) <= set(listed):
        values["body"] = ""
    form = NewRoundForm(data=values)
    form.body.offer(listed, earlier.body if earlier else "")
    form.refuse_titles(titles)
    base = copied or default_questionnaire(default_departments())
    return form, base, reviewers, earlier
