"""Invitations by mail: whom they go to, what became of each, and what is asked of a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.errors import N_, Conflict, Malformed, PingyiError, in_full
from survey.language import gettext as _
from survey.models import Job, Role, Round
from survey.services.invitations import issuing_job, one_time_files
from survey.services.mailing import deliveries, sending_job
from survey.services.mailing.deliveries import MailStanding
from survey.services.operations import jobs, mail_server
from survey.services.rounds import lifecycle
from survey.web.administrator.download_keys import code_of
from survey.web.administrator.forms.invitations import PickupForm
from survey.web.mailing import words
from survey.web.site.access import requires
from survey.web.site.listing import list_query
from survey.web.site.request import database, settings, signed_in_user
from survey.web.staff.jobs import state_of, workplace

blueprint = Blueprint("mailing", __name__, url_prefix="/admin/rounds/<slug>/mail")


@blueprint.get("")
@requires(Role.ADMINISTRATOR)
def overview(slug: str) -> ResponseReturnValue:
    return _page(slug, PickupForm(formdata=None))


@blueprint.get("/job.json")
@requires(Role.ADMINISTRATOR)
def state(slug: str) -> ResponseReturnValue:
    return state_of(_job(_round(slug)))


@blueprint.post("/send")
@requires(Role.ADMINISTRATOR, fresh="mailing.overview")
def send(slug: str) -> ResponseReturnValue:
    """Send what waits, and what was refused if that is asked for; pressed twice, it is sent once."""
    form, actor = PickupForm(), signed_in_user().name
    code = form.code.data or _code(_round(slug))
    try:
        sending_job.start(
            workplace(), slug, settings().smtp_url, code, actor, refused=bool(request.form.get("refused"))
        )
    except one_time_files.NotYours as error:
        form.code.errors = [in_full(error, _)]
        return _page(slug, form), error.status
    except PingyiError as error:
        form.form_errors.append(in_full(error, _))
        return _page(slug, form), error.status
    return redirect(url_for("mailing.overview", slug=slug))


@blueprint.post("/stop")
@requires(Role.ADMINISTRATOR)
def stop(slug: str) -> ResponseReturnValue:
    job = _job(_round(slug))
    if job is not None:
        jobs.cancel(database(), job.id)
    return redirect(url_for("mailing.overview", slug=slug))


@blueprint.post("/settle")
@requires(Role.ADMINISTRATOR)
def settle(slug: str) -> ResponseReturnValue:
    """Keep what an enterprise said of a mail that may have gone out."""
    found, actor, said = _round(slug), signed_in_user().name, request.form.get("said", "")
    try:
        key = bytes.fromhex(request.form.get("key", ""))
    except ValueError as error:
        raise Malformed(N_("填写的结果无法识别。")) from error
    if said not in ("arrived", "missing"):
        raise Malformed(N_("填写的结果无法识别。"))
    if _is_running(_job(found)):
        raise Conflict(N_("正在发邮件，请等它发完再记。"))
    database().write(lambda s: deliveries.settle(s, found, key, actor, arrived=said == "arrived"))
    flash(_("已记下：收到了。") if said == "arrived" else _("已记下：没有收到，下次再发。"), "success")
    return redirect(url_for("mailing.overview", slug=slug, show=MailStanding.UNSURE))


def _page(slug: str, form: PickupForm) -> str:
    want, only, found = list_query(), _only(), _round(slug)
    job = _job(found)
    running = _is_running(job)
    with database().read() as session:
        page = deliveries.listed(session, found, only, want.search, want.page)
        counts = deliveries.counts(session, found)
    facts: dict[str, Any] = {
        "round": found,
        "job": job,
        "running": running,
        "page": page,
        "counts": counts,
        "standings": words.STANDINGS,
        "reason": words.reason,
        "possible": found.state in deliveries.POSSIBLE,
        "sender": mail_server.given(settings().smtp_url, "from"),
        "rate": mail_server.rate(settings().smtp_url) if settings().smtp_url else 0,
        "until": _kept_until(found),
        "pickup": _code(found),
    }
    return render_template("mailing/mail.html", form=form, want=want, only=only, **facts)


def _round(slug: str) -> Round:
    with database().read() as session:
        return lifecycle.get_round(session, slug)


def _job(found: Round) -> Job | None:
    return jobs.latest(workplace(), sending_job.KIND, found.id)


def _is_running(job: Job | None) -> bool:
    return job is not None and job.is_running


def _issuing(found: Round) -> Job | None:
    return jobs.latest(workplace(), issuing_job.KIND, found.id)


def _code(found: Round) -> str:
    """Pickup code of the newest list, if this browser has it."""
    job = _issuing(found)
    order = issuing_job.KIND.asked(job) if job else None
    return code_of(order.public_key) if order else ""


def _kept_until(found: Round) -> datetime | None:
    """Until when the newest list of links can be unsealed; None where there is none."""
    job = _issuing(found)
    order, issued = (issuing_job.KIND.asked(job), issuing_job.KIND.result(job)) if job else (None, None)
    if order is None or issued is None or order.is_slips:
        return None
    return one_time_files.kept_until(settings().data, issued.file)


def _only() -> MailStanding | None:
    text = request.args.get("show", "")
    return MailStanding(text) if text in list(MailStanding) else None
