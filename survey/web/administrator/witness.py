"""Pages of a round's second machine: one machine or two, freezing, its statements, closing without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from survey.errors import PingyiError, in_full
from survey.language import gettext as _
from survey.models import Role
from survey.protocol.canonical_json import canonical_json
from survey.services.rounds import closing, descriptions, lifecycle, witnessing
from survey.web.administrator.forms.witness import StatementFileForm, WithoutWitnessForm, WitnessFileForm
from survey.web.site.access import requires
from survey.web.site.blueprints import admin
from survey.web.site.downloads import attachment
from survey.web.site.forms.state import ConfirmForm
from survey.web.site.request import database, settings, signed_in_user
from survey.web.site.state_changes import change_state
from survey.web.staff.witness_steps import witness_view

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

PAGE = "admin.witness"
JSON = "application/json"


@admin.get("/rounds/<slug>/witness", endpoint="witness")
@requires(Role.ADMINISTRATOR)
def witness_page(slug: str) -> ResponseReturnValue:
    return _page(slug)


@admin.post("/rounds/<slug>/witness", endpoint="set_witness")
@requires(Role.ADMINISTRATOR)
def set_witness(slug: str) -> ResponseReturnValue:
    form, secret, actor = WitnessFileForm(), settings().secret_key, signed_in_user().name
    if not form.validate():
        return _page(slug, form), 400
    text = read_file(form.file.data)
    try:
        database().write(
            lambda s: (
                witnessing.set_witness(s, lifecycle.get_round(s, slug), text, secret_key=secret, actor=actor)
                and None
            )
        )
    except PingyiError as error:
        form.file.errors = [in_full(error, _)]
        return _page(slug, form), error.status
    flash(_("已存下监票机的公开资料。请和监票单位核对指纹，再定稿。"), "success")
    return redirect(url_for(PAGE, slug=slug))


@admin.post("/rounds/<slug>/witness/remove")
@requires(Role.ADMINISTRATOR)
def remove_witness(slug: str) -> ResponseReturnValue:
    actor, said = signed_in_user().name, _("已改回一台机器。")
    return change_state(slug, ConfirmForm(), lambda s, r: witnessing.remove_witness(s, r, actor), said, PAGE)


@admin.post("/rounds/<slug>/witness/freeze")
@requires(Role.ADMINISTRATOR, fresh=PAGE)
def freeze(slug: str) -> ResponseReturnValue:
    actor = signed_in_user().name
    return change_state(
        slug,
        ConfirmForm(),
        lambda s, r: witnessing.freeze(s, r, lifecycle.missing_before_issuing(s, r, _), actor) and None,
        _("已定稿。请下载 round.json，交给签发人和监票单位。"),
        PAGE,
    )


@admin.get("/rounds/<slug>/round.json")
@requires(Role.ADMINISTRATOR)
def round_json(slug: str) -> ResponseReturnValue:
    """Description of the round, for the issuer and the witness."""
    with database().read() as session:
        description = descriptions.describe(session, lifecycle.get_round(session, slug))
    return attachment(canonical_json(description.to_dict()), "round.json", JSON)


@admin.post("/rounds/<slug>/statement/fetch")
@requires(Role.ADMINISTRATOR)
def fetch_statement(slug: str) -> ResponseReturnValue:
    with database().read() as session:
        description = descriptions.describe(session, lifecycle.get_round(session, slug))
    try:
        return _accept(slug, witnessing.fetch_statement(description))
    except PingyiError as error:
        return _refused(slug, error)


@admin.post("/rounds/<slug>/statement")
@requires(Role.ADMINISTRATOR)
def upload_statement(slug: str) -> ResponseReturnValue:
    form = StatementFileForm(prefix="statement")
    if not form.validate():
        return _page(slug, statement_form=form), 400
    try:
        return _accept(slug, read_file(form.file.data))
    except PingyiError as error:
        form.file.errors = [in_full(error, _)]
        return _page(slug, statement_form=form), error.status


@admin.post("/rounds/<slug>/propose-closing-without-witness")
@requires(Role.ADMINISTRATOR, fresh=PAGE)
def propose_closing_without_witness(slug: str) -> ResponseReturnValue:
    form, user = WithoutWitnessForm(prefix="without"), signed_in_user()
    if not form.validate():
        return _page(slug, without=form), 400
    why = form.reason.data or ""
    return change_state(
        slug,
        None,
        lambda s, r: closing.propose_closing(s, r, user, without_witness=True, reason=why) and None,
        _("已提议不等监票机就截止。请一位评议员确认后才会真正截止。"),
    )


def read_file(file: FileStorage) -> str:
    """Text of an uploaded file; what is not UTF-8 is then refused as any other nonsense."""
    text: str = file.read().decode("utf-8-sig", errors="replace")
    return text


def _accept(slug: str, text: str) -> ResponseReturnValue:
    actor = signed_in_user().name

    def accept(session: Session) -> int:
        return witnessing.accept_statement(session, lifecycle.get_round(session, slug), text, actor).number

    number = database().write(accept)
    flash(_("已取到监票机的声明（第 %(number)s 份），签名无误。", number=number), "success")
    return redirect(url_for(PAGE, slug=slug))


def _refused(slug: str, error: PingyiError) -> ResponseReturnValue:
    flash(in_full(error, _), "error")
    return redirect(url_for(PAGE, slug=slug))


def _page(
    slug: str,
    form: WitnessFileForm | None = None,
    statement_form: StatementFileForm | None = None,
    without: WithoutWitnessForm | None = None,
) -> str:
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        facts = {
            "witness": witness_view(session, found),
            "missing": lifecycle.missing_before_issuing(session, found, _),
        }
    return render_template(
        "administrator/witness.html",
        round=found,
        step="machines",
        form=form or WitnessFileForm(formdata=None),
        statement_form=statement_form or StatementFileForm(formdata=None, prefix="statement"),
        without=without or WithoutWitnessForm(formdata=None, prefix="without"),
        base_url=settings().base_url,
        **facts,
    )
