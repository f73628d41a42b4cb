"""The roster of enterprises: list and search, and import by upload, preview, confirmation."""

from __future__ import annotations

import io
from typing import Any

from flask import flash, redirect, render_template, url_for

from survey.errors import PingyiError
from survey.forms.roster import RosterForm
from survey.models import Role
from survey.services import rosters
from survey.views.context import database, requires, signed_in_user
from survey.views.desks import admin
from survey.views.downloads import XLSX, attachment
from survey.views.paging import wanted
from survey.views.translating import gettext as _
from survey.views.uploads import drop_upload, keep_upload, kept_upload

SHOWN_PROBLEMS = 200
SHOWN_ROWS = 10


@admin.get("/roster")
@requires(Role.ADMINISTRATOR)
def roster() -> Any:
    want = wanted()
    with database().read() as session:
        page = rosters.list_enterprises(session, want.search, want.page)
        total = rosters.count_enterprises(session)
    return render_template("admin/roster.html", page=page, total=total, search=want.search, form=RosterForm())


@admin.get("/roster/template.xlsx", endpoint="roster_template")
@requires(Role.ADMINISTRATOR)
def template() -> Any:
    from survey.documents.roster_table import roster_template

    return attachment(roster_template(), "企业名录模板.xlsx", XLSX)


@admin.post("/roster/import")
@requires(Role.ADMINISTRATOR)
def upload_roster() -> Any:
    form = RosterForm()
    if not form.validate():
        flash(str(next(iter(form.errors.values()))[0]), "error")
        return redirect(url_for("admin.roster"))
    content, filename = form.file.data.read(), form.file.data.filename or ""
    try:
        report = _read(content, filename)
    except PingyiError as error:
        return render_template(
            "admin/roster_refused.html", error=error, filename=filename, form=form
        ), error.status
    keep_upload(content, filename)
    return render_template("admin/roster_preview.html", report=report, filename=filename, **_shown(report))


@admin.post("/roster/confirm")
@requires(Role.ADMINISTRATOR)
def import_roster() -> Any:
    content, filename = kept_upload()
    report, actor = _read(content, filename), signed_in_user().name
    if report.problems:
        return render_template(
            "admin/roster_preview.html", report=report, filename=filename, **_shown(report)
        ), 400
    done = database().write(lambda s: rosters.import_roster(s, report.rows, actor))
    drop_upload()
    counts = {"added": done.added, "updated": done.updated, "unchanged": done.unchanged}
    flash(
        _("名录已导入：新增 %(added)s 家，更新 %(updated)s 家，%(unchanged)s 家没有变化。", **counts),
        "success",
    )
    return redirect(url_for("admin.roster"))


@admin.post("/roster/discard")
@requires(Role.ADMINISTRATOR)
def discard_roster() -> Any:
    drop_upload()
    flash(_("没有导入，上传的文件已删除。"))
    return redirect(url_for("admin.roster"))


def _read(content: bytes, filename: str) -> Any:
    from survey.documents.roster_table import read_roster

    return read_roster(io.BytesIO(content), filename)


def _shown(report: Any) -> dict[str, Any]:
    return {"problems": report.problems[:SHOWN_PROBLEMS], "rows": report.rows[:SHOWN_ROWS]}
