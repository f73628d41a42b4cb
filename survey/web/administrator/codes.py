"""Pages that import the issuer's list of codes: read, shown with what it would do, and then kept."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.errors import N_, Conflict, PingyiError, in_full
from survey.language import gettext as _
from survey.models import Role
from survey.protocol.witness.code_lists import CodeList
from survey.services.invitations import imported_codes
from survey.services.rounds import lifecycle
from survey.web.administrator.forms.witness import CodesFileForm
from survey.web.administrator.kept_upload import drop_upload, keep_upload, kept_upload
from survey.web.site.access import requires
from survey.web.site.blueprints import admin
from survey.web.site.request import database, signed_in_user

ISSUING = "admin.invitations"


class AnotherFile(Conflict):
    """The upload is no longer the one that was shown."""

    remedy = N_("什么都没有导入。请重新上传，看清楚再确认。")

    def __init__(self) -> None:
        super().__init__(N_("等待确认的已经不是您看过的那一份名单。"))


@admin.post("/rounds/<slug>/codes")
@requires(Role.ADMINISTRATOR)
def upload_codes(slug: str) -> ResponseReturnValue:
    form = CodesFileForm(prefix="codes")
    if not form.validate():
        flash(str(form.file.errors[0]), "error")
        return redirect(url_for(ISSUING, slug=slug))
    content = form.file.data.read()
    try:
        CodeList.from_json(content)
    except PingyiError as error:
        flash(in_full(error, _), "error")
        return redirect(url_for(ISSUING, slug=slug))
    keep_upload(content, form.file.data.filename or "")
    return redirect(url_for("admin.preview_codes", slug=slug))


@admin.get("/rounds/<slug>/codes")
@requires(Role.ADMINISTRATOR)
def preview_codes(slug: str) -> ResponseReturnValue:
    """What was understood of the list, and why it would be refused; nothing is stored."""
    codes, filename = _kept()
    refusal, planned = None, None
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        try:
            planned = imported_codes.plan(session, found, codes)
        except PingyiError as error:
            refusal = error
    return render_template(
        "administrator/codes_preview.html",
        round=found,
        codes=codes,
        filename=filename,
        planned=planned,
        refusal=refusal,
    )


@admin.post("/rounds/<slug>/codes/confirm")
@requires(Role.ADMINISTRATOR)
def import_codes(slug: str) -> ResponseReturnValue:
    codes, _filename = _kept()
    if request.form.get("digest") != codes.digest:
        raise AnotherFile
    actor = signed_in_user().name
    count = database().write(
        lambda s: imported_codes.import_codes(s, lifecycle.get_round(s, slug), codes, actor)
    )
    drop_upload()
    flash(
        _("已导入 %(count)s 个邀请码。请和监票单位核对两边的份数和摘要，再取声明。", count=count), "success"
    )
    return redirect(url_for(ISSUING, slug=slug))


@admin.post("/rounds/<slug>/codes/discard")
@requires(Role.ADMINISTRATOR)
def discard_codes(slug: str) -> ResponseReturnValue:
    drop_upload()
    flash(_("没有导入。"))
    return redirect(url_for(ISSUING, slug=slug))


def _kept() -> tuple[CodeList, str]:
    path, filename = kept_upload()
    return CodeList.from_json(path.read_bytes()), filename
