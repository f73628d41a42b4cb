"""Pages of changes that take two people: proposed by one, confirmed or refused by a reviewer."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey.clock import now
from survey.errors import NotFound, PingyiError, in_full
from survey.language import gettext as _
from survey.models import Proposal, ProposalKind, Role
from survey.services.people import accounts, bodies, confirmations, enrolment, proposals
from survey.services.people.passwords import UNSET
from survey.services.rounds import cancelling
from survey.web.account.proving import first_error, proven
from survey.web.people import words
from survey.web.people.accounts import link_page
from survey.web.people.forms.people import BodyForm
from survey.web.site.access import requires
from survey.web.site.forms.proof import ProvenConfirmForm, ProvenForm
from survey.web.site.request import database, settings, signed_in_user
from survey.web.site.state_changes import erase_traces_of
from survey.wording import staff as staff_words

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("changes", __name__, url_prefix="/changes")
BOTH = (Role.ADMINISTRATOR, Role.REVIEWER)


@blueprint.app_context_processor
def _words() -> dict[str, ModuleType]:
    return {"change": words}


@blueprint.get("/")
@requires(*BOTH)
def overview() -> ResponseReturnValue:
    return _page(BodyForm(formdata=None))


@blueprint.get("/<id:proposal>", endpoint="proposal")
@requires(*BOTH)
def proposal_page(proposal: str) -> ResponseReturnValue:
    return _proposal_page(proposal, ProvenConfirmForm())


@blueprint.post("/<id:proposal>/confirm")
@requires(Role.REVIEWER)
def confirm(proposal: str) -> ResponseReturnValue:
    form, user, base_url = ProvenConfirmForm(), signed_in_user(), settings().base_url
    if not (form.validate() and proven(form)):
        return _proposal_page(proposal, form), 400
    with database().read() as session:
        asked = _found(session, proposal)
    subject = asked.subject
    if asked.kind == ProposalKind.CANCEL:
        database().write(lambda s: cancelling.confirm(s, _found(s, proposal), user, now()) and None)
        erase_traces_of(subject)
        flash(_("这一轮已取消。"), "success")
        return redirect(url_for("changes.overview"))
    made = database().write(lambda s: confirmations.confirm(s, _found(s, proposal), user, base_url, now()))
    if not made:
        flash(_("已确认：%(subject)s。", subject=subject), "success")
        return redirect(url_for("changes.overview"))
    with database().read() as session:
        person = next(u for u in accounts.list_users(session) if u.name == subject)
    return link_page(person, made, url_for("changes.overview"), with_code=True)


@blueprint.post("/<id:proposal>/refuse")
@requires(*BOTH)
def refuse(proposal: str) -> ResponseReturnValue:
    """Refuse the proposed change, or withdraw it as an administrator; nothing is changed."""
    user = signed_in_user()
    database().write(lambda s: proposals.refuse(s, _found(s, proposal), user))
    said = _("已撤回，什么都没有改变。") if user.role == Role.ADMINISTRATOR else _("已拒绝，什么都没有改变。")
    flash(said, "success")
    return redirect(url_for("changes.overview"))


@blueprint.post("/bodies")
@requires(Role.ADMINISTRATOR)
def add_body() -> ResponseReturnValue:
    form, user = BodyForm(), signed_in_user()
    if not (form.validate() and proven(form)):
        return _page(form), 400
    try:
        database().write(lambda s: proposals.propose_body(s, user, form.name.data or "", now()) and None)
    except PingyiError as error:
        form.name.errors = [*form.name.errors, in_full(error, _)]
        return _page(form), error.status
    flash(_("已提出，等评议员确认。"), "success")
    return redirect(url_for("changes.overview"))


@blueprint.post("/bodies/remove")
@requires(Role.ADMINISTRATOR)
def remove_body() -> ResponseReturnValue:
    form, user = BodyForm(), signed_in_user()
    if not (form.validate() and proven(form)):
        flash(first_error(form), "error")
        return redirect(url_for("changes.overview"))
    name = form.name.data or ""
    database().write(lambda s: proposals.propose_body(s, user, name, now(), remove=True) and None)
    flash(_("已提出，等评议员确认。"), "success")
    return redirect(url_for("changes.overview"))


def _found(session: Session, given: str) -> Proposal:
    return proposals.get(session, bytes.fromhex(given))


def _page(form: ProvenForm) -> str:
    with database().read() as session:
        staff = [u for role in BOTH for u in accounts.list_users(session, role)]
        facts = {
            "entries": proposals.listed(session),
            "staff": [(u, enrolment.fingerprint(u)) for u in staff],
            "bodies": bodies.listed(session),
        }
    return render_template("people/changes.html", form=form, role=staff_words.role, unset=UNSET, **facts)


def _proposal_page(given: str, form: ProvenConfirmForm) -> str:
    with database().read() as session:
        entry = next((e for e in proposals.listed(session) if e.proposal.id.hex() == given), None)
    if entry is None:
        raise NotFound(_("这件事已经办过，或者撤回了。"), remedy=_("请回到“变更确认”看现在的情况。"))
    return render_template("people/change.html", form=form, entry=entry)
