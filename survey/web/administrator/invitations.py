"""Pages for issuing invitations in a job, and for fetching the file that it made, by its pickup code."""

from __future__ import annotations

from typing import TypedDict, Unpack

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from survey.clock import now, today
from survey.errors import N_, NotFound, PingyiError, in_full
from survey.language import gettext as _
from survey.models import Job, Mode, ProposalKind, Role, Round
from survey.services.invitations import growth, one_time_files, reissuing, sampling
from survey.services.invitations import issuing_job as issuing
from survey.services.invitations.issuing_job import Order
from survey.services.operations import jobs
from survey.services.operations.audit import record
from survey.services.people import proposals
from survey.services.roster import enterprises as rosters
from survey.services.rounds import contacts, keyholders, lifecycle
from survey.services.voting import participation
from survey.web.account.proving import proven
from survey.web.administrator.download_keys import code_of, new_public_key
from survey.web.administrator.forms.invitations import (
    AttributedForm,
    PickupForm,
    ReissueForm,
    SlipsForm,
)
from survey.web.administrator.forms.witness import CodesFileForm
from survey.web.administrator.message_length import message_length
from survey.web.people.forms.people import MoreForm
from survey.web.site.access import requires
from survey.web.site.blueprints import admin
from survey.web.site.downloads import CSV, PDF, XLSX, ZIP, attachment
from survey.web.site.forms.state import ConfirmForm
from survey.web.site.request import database, settings, signed_in_user
from survey.web.staff.jobs import state_of, workplace
from survey.web.staff.witness_steps import witness_view

TYPES = {"xlsx": XLSX, "pdf": PDF, "zip": ZIP}


@admin.get("/rounds/<slug>/invitations", endpoint="invitations")
@requires(Role.ADMINISTRATOR)
def invitations_page(slug: str) -> ResponseReturnValue:
    return _page(slug, AttributedForm(prefix="attributed"), SlipsForm(prefix="slips"))


@admin.post("/rounds/<slug>/invitations/attributed")
@requires(Role.ADMINISTRATOR, fresh="admin.invitations")
def issue_attributed(slug: str) -> ResponseReturnValue:
    form = AttributedForm(prefix="attributed")
    _offer(slug, form)
    if not form.validate():
        return _page(slug, form, SlipsForm(prefix="slips", formdata=None)), 400
    message = (form.message.data or "").strip()
    return _start(slug, Mode.ATTRIBUTED, message=message, sampled=form.whom.data == "sample")


@admin.post("/rounds/<slug>/invitations/slips")
@requires(Role.ADMINISTRATOR, fresh="admin.invitations")
def issue_slips(slug: str) -> ResponseReturnValue:
    form = SlipsForm(prefix="slips")
    if not form.validate():
        return _page(slug, AttributedForm(prefix="attributed", formdata=None), form), 400
    wanted: OrderedInvitations = {"count": form.count.data, "per_page": form.per_page.data}
    wanted |= {"printed": form.printed.data, "comments": form.comments.data, "sides": form.sides.data}
    return _start(slug, Mode.SLIP, **wanted)


@admin.get("/rounds/<slug>/invitations/job")
@requires(Role.ADMINISTRATOR)
def issuing_job(slug: str) -> ResponseReturnValue:
    return _job_page(slug, PickupForm(formdata=None))


def _job_page(slug: str, form: PickupForm) -> str:
    found, job, order = _job(slug)
    issued = issuing.KIND.result(job)
    until = one_time_files.kept_until(settings().data, issued.file) if issued else None
    facts = {
        "issued": issued.issued if issued else 0,
        "until": until,
        "pickup": code_of(order.public_key),
        "days": one_time_files.KEPT_DAYS,
        "form": form,
    }
    return render_template("administrator/issuing.html", round=found, job=job, order=order, **facts)


@admin.get("/rounds/<slug>/invitations/job.json")
@requires(Role.ADMINISTRATOR)
def issuing_state(slug: str) -> ResponseReturnValue:
    return state_of(_job(slug)[1])


@admin.post("/rounds/<slug>/invitations/cancel")
@requires(Role.ADMINISTRATOR)
def cancel_issuing(slug: str) -> ResponseReturnValue:
    jobs.cancel(database(), _job(slug)[1].id)
    return redirect(url_for("admin.issuing_job", slug=slug))


@admin.post("/rounds/<slug>/invitations/download")
@requires(Role.ADMINISTRATOR, fresh="admin.issuing_job")
def download_issued(slug: str) -> ResponseReturnValue:
    """Send the file to whoever has its pickup code, as often as it is asked for until it is destroyed."""
    _found, job, order = _job(slug)
    issued, form, actor = issuing.KIND.result(job), PickupForm(), signed_in_user().name
    try:
        code = form.code.data or code_of(order.public_key)
        content = one_time_files.fetch(settings().data, issued.file if issued else "", code)
    except one_time_files.NotYours as error:
        form.code.errors = [in_full(error, _)]
        return _job_page(slug, form), error.status
    database().write(lambda s: record(s, actor=actor, action="invitation.fetch", subject=slug) and None)
    if (kind := request.form.get("merge", "")) and order.ending == "xlsx":
        return _merged(slug, content, kind)
    title = _("无记名票") if order.is_slips else _("邀请链接")
    return attachment(content, f"{title}-{slug}.{order.ending}", TYPES[order.ending])


def _merged(slug: str, links: bytes, kind: str) -> Response:
    """The list as a merge file for a gateway; its name says how many have no telephone."""
    from survey.documents.lists.merge_csv import merge_file

    content, without = merge_file(links, kind)
    title, missing = _("合并文件"), _("（%(count)s 家没有电话）", count=without) if without else ""
    return attachment(content, f"{title}-{slug}{missing}.csv", CSV)


@admin.post("/rounds/<slug>/invitations/destroy")
@requires(Role.ADMINISTRATOR)
def destroy_issued(slug: str) -> ResponseReturnValue:
    """Destroy the file before its time, once it is kept elsewhere."""
    issued = issuing.KIND.result(_job(slug)[1])
    if issued is not None:
        one_time_files.drop(settings().data, issued.file)
        flash(_("服务器上的文件已经销毁。"), "success")
    return redirect(url_for("admin.issuing_job", slug=slug))


@admin.post("/rounds/<slug>/invitations/more")
@requires(Role.ADMINISTRATOR)
def propose_more(slug: str) -> ResponseReturnValue:
    """Propose further invitations while the round is collecting; a reviewer of the round has to confirm."""
    user = signed_in_user()
    with database().read() as session:
        form = _more_form(lifecycle.get_round(session, slug))
    if not (form.validate() and proven(form)):
        return _page(slug, AttributedForm(prefix="attributed"), SlipsForm(prefix="slips"), form), 400
    kind, count, reason = form.kind.data, form.count.data or 0, form.reason.data or ""
    database().write(
        lambda s: (
            proposals.propose_invitations(s, user, lifecycle.get_round(s, slug), kind, count, reason, now())
            and None
        )
    )
    flash(_("已提出增发，等评议员在“变更确认”页确认。"), "success")
    return redirect(url_for("admin.invitations", slug=slug))


@admin.post("/rounds/<slug>/invitations/lost")
@requires(Role.ADMINISTRATOR)
def propose_reissue(slug: str) -> ResponseReturnValue:
    """Propose new codes in place of the unused ones of a lost list; a reviewer has to confirm."""
    user = signed_in_user()
    with database().read() as session:
        form = _lost_form(lifecycle.get_round(session, slug))
    if form.validate() and proven(form):
        kind, reason = form.kind.data, form.reason.data or ""
        try:
            database().write(
                lambda s: (
                    reissuing.propose(s, user, lifecycle.get_round(s, slug), kind, reason, now()) and None
                )
            )
        except PingyiError as error:
            form.kind.errors = [in_full(error, _)]
        else:
            flash(_("已提出整批换发，等评议员在“变更确认”页确认。"), "success")
            return redirect(url_for("admin.invitations", slug=slug))
    return _page(slug, AttributedForm(prefix="attributed"), SlipsForm(prefix="slips"), lost=form), 400


@admin.post("/rounds/<slug>/invitations/reissue")
@requires(Role.ADMINISTRATOR, fresh="admin.invitations")
def reissue(slug: str) -> ResponseReturnValue:
    """Start the job that a reviewer has confirmed, with the message and the layout of the lost list."""
    kind, form = request.form.get("kind", ""), ConfirmForm()
    if kind not in (Mode.ATTRIBUTED, Mode.SLIP) or not form.validate():
        flash(_("请先勾选确认。"), "error")
        return redirect(url_for("admin.invitations", slug=slug))
    with database().read() as session:
        job = _latest(lifecycle.get_round(session, slug))
    lost = issuing.KIND.asked(job) if job else None
    wanted: OrderedInvitations = {"reissue": True}
    if lost is not None and lost.kind == kind:
        wanted |= {"message": lost.message, "per_page": lost.per_page, "printed": lost.printed}
        wanted |= {"comments": lost.comments, "sides": lost.sides}
    return _start(slug, kind, **wanted)


def _more_form(found: Round) -> MoreForm:
    form = MoreForm(prefix="more")
    form.offer(found.mode, _("记名邀请：名录里还没有邀请的企业"), _("无记名票"))
    return form


def _lost_form(found: Round) -> ReissueForm:
    form = ReissueForm(prefix="lost")
    form.offer(found.mode)
    return form


class OrderedInvitations(TypedDict, total=False):
    """What a form asks of an `Order`."""

    message: str
    sampled: bool
    reissue: bool
    count: int
    per_page: int
    printed: str
    comments: bool
    sides: str


def _start(slug: str, kind: str, **wanted: Unpack[OrderedInvitations]) -> ResponseReturnValue:
    order = Order(kind, settings().base_url, signed_in_user().name, new_public_key(), **wanted)
    issuing.start(workplace(), slug, order)
    flash(_("已经开始签发。请先把取件码记下来。"))
    return redirect(url_for("admin.issuing_job", slug=slug))


def _job(slug: str) -> tuple[Round, Job, Order]:
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
    job = _latest(found)
    order = issuing.KIND.asked(job) if job else None
    if job is None or order is None:
        raise NotFound(N_("这一轮还没有签发过邀请。"), remedy=N_("请从“签发邀请”页面开始。"))
    return found, job, order


def _latest(found: Round) -> Job | None:
    return jobs.latest(workplace(), issuing.KIND, found.id)


def _offer(slug: str, form: AttributedForm) -> tuple[Round, dict[str, object]]:
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        sample = sampling.sample_of(session, found)
        count = rosters.count_enterprises(session)
        facts: dict[str, object] = {
            "missing": lifecycle.missing_before_issuing(session, found, _),
            "warning": keyholders.warning(session, found),
            "marked": lifecycle.odd_signs(found) if found.frozen else [],
            "totals": participation.totals(session, found, today()),
            "enterprises": count,
            "sample": sample,
        }
    drawn = _("抽中的 %(count)s 家企业", count=sample.drawn) if sample else ""
    form.offer(_("名录里的全部企业（%(count)s 家）", count=count), drawn)
    return found, facts


def _page(
    slug: str,
    attributed: AttributedForm,
    slips: FlaskForm,
    more: MoreForm | None = None,
    lost: ReissueForm | None = None,
) -> str:
    from survey.documents.lists.links_xlsx import usual_message

    found, facts = _offer(slug, attributed)
    if attributed.message.data is None:
        with database().read() as session:
            asked = bool(contacts.of_round(session, found))
        attributed.message.data = usual_message(asked=asked, typed=request.args.get("words") == "typed")
    facts["sms"] = message_length(found, attributed.message.data)
    facts |= {"job": _latest(found), "more": more or _more_form(found), "lost": lost or _lost_form(found)}
    facts |= {"codes": CodesFileForm(formdata=None, prefix="codes"), "base_url": settings().base_url}
    with database().read() as session:
        kinds = (Mode.ATTRIBUTED, Mode.SLIP)
        facts["permissions"] = {str(kind): growth.permission(session, found, kind) for kind in kinds}
        facts["witness"] = witness_view(session, found)
        lost_lists = {str(k): growth.permission(session, found, k, ProposalKind.REISSUE) for k in kinds}
        facts["reissues"] = [kind for kind, given in lost_lists.items() if given]
        facts["entries"] = [e for e in proposals.listed(session) if e.proposal.round_id == found.id]
    return render_template(
        "administrator/invitations.html", round=found, attributed=attributed, slips=slips, **facts
    )
