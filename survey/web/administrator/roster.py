"""Pages of the roster of enterprises: list, search, export, and import by
upload, preview and confirmation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.errors import NotFound, PingyiError
from survey.language import gettext as _
from survey.models import Role
from survey.protocol.questionnaire import Stratum
from survey.services.operations import jobs
from survey.services.roster import enterprises as rosters
from survey.services.roster import importing, reading
from survey.services.roster import owners as roster_owners
from survey.services.roster.importing import ImportAsked
from survey.services.roster.reading import ByHand, ReadingAsked
from survey.web.administrator import roster_words
from survey.web.administrator.forms.roster import RosterForm
from survey.web.administrator.kept_upload import (
    drop_upload,
    follow_job,
    followed_job,
    keep_upload,
    kept_report,
    kept_upload,
)
from survey.web.site.access import requires
from survey.web.site.blueprints import admin
from survey.web.site.downloads import XLSX, attachment
from survey.web.site.listing import list_query
from survey.web.site.request import database, signed_in_user
from survey.web.staff.jobs import state_of, workplace

if TYPE_CHECKING:
    from survey.documents.uploads.roster_table import RosterReport

SHOWN_PROBLEMS = 200
SHOWN_ROWS = 10
INLINE_BYTES = 256 * 1024
"""Larger files are read by a job with its progress."""
INLINE_ROWS = 5_000
"""More rows are imported by a job."""
KEEP = "?"
"""Choice of no option: the value stays a fault."""


@admin.get("/roster")
@requires(Role.ADMINISTRATOR)
def roster() -> ResponseReturnValue:
    return _roster(RosterForm())


def _roster(form: RosterForm) -> str:
    want = list_query(rosters.SORTS)
    with database().read() as session:
        page = rosters.list_enterprises(session, want.search, want.page, sort=want.sort)
        total = rosters.count_enterprises(session)
    return render_template("administrator/roster.html", page=page, total=total, want=want, form=form)


@admin.get("/roster/template.xlsx", endpoint="roster_template")
@requires(Role.ADMINISTRATOR)
def template() -> ResponseReturnValue:
    from survey.documents.uploads.roster_files import roster_template

    return attachment(roster_template(_strata()), "企业名录模板.xlsx", XLSX)


@admin.get("/roster.xlsx")
@requires(Role.ADMINISTRATOR)
def export_roster() -> ResponseReturnValue:
    from survey.documents.uploads.roster_files import write_roster

    with database().read() as session:
        rows = rosters.every_row(session)
    return attachment(write_roster(rows), "企业名录.xlsx", XLSX)


@admin.post("/roster/import")
@requires(Role.ADMINISTRATOR)
def upload_roster() -> ResponseReturnValue:
    form = RosterForm()
    if not form.validate():
        return _roster(form), 400
    content = form.file.data.read()
    return _read(keep_upload(content, form.file.data.filename or ""), ByHand())


@admin.post("/roster/match")
@requires(Role.ADMINISTRATOR)
def match_columns() -> ResponseReturnValue:
    """Read the upload again with the sheets and columns chosen by hand.

    Columns were chosen on the sheet shown; if other sheets are chosen, only the sheets are taken over.
    """
    path, _filename = kept_upload()
    sheets = tuple(request.form.getlist("sheet"))
    if sheets and request.form.get("shown") != sheets[0]:
        return _read(path, ByHand(None, sheets))
    chosen = {name: request.form.get(f"column-{n}", "") for n, name in enumerate(_targets())}
    places = {name: int(text) for name, text in chosen.items() if text.isascii() and text.isdecimal()}
    return _read(path, ByHand(places or {"": 0}, sheets))


@admin.post("/roster/options")
@requires(Role.ADMINISTRATOR)
def match_options() -> ResponseReturnValue:
    """Read the upload again with an option for each value that is none, chosen once for all its rows."""
    from survey.documents.uploads.roster_problems import unknown_options

    report, _filename = kept_report()
    known = {stratum.name: ("", *stratum.options) for stratum in _strata()}
    meanings = {name: dict(options) for name, options in report.meanings.items()}
    for number, unknown in enumerate(unknown_options(report.problems)):
        option = request.form.get(f"option-{number}", KEEP)
        asked = request.form.get(f"value-{number}") == unknown.value  # the page may be an older one
        if asked and option in known.get(unknown.stratum, ()):
            meanings.setdefault(unknown.stratum, {})[unknown.value] = option
    path, _filename = kept_upload()
    return _read(path, ByHand(dict(report.places), report.read, meanings))


@admin.get("/roster/problems.xlsx")
@requires(Role.ADMINISTRATOR)
def roster_problems() -> ResponseReturnValue:
    from survey.documents.uploads.roster_problems import rows_to_correct

    report, filename = kept_report()
    path, _filename = kept_upload()
    with path.open("rb") as file:
        content = rows_to_correct(file, report, _)
    return attachment(content, f"{Path(filename).stem} {_('要改的行')}.xlsx", XLSX)


@admin.get("/roster/preview")
@requires(Role.ADMINISTRATOR)
def preview_roster() -> ResponseReturnValue:
    return _preview()


@admin.get("/roster/job")
@requires(Role.ADMINISTRATOR)
def roster_job() -> ResponseReturnValue:
    job = followed_job()
    is_import = job.kind == importing.KIND.name
    if job.state == "done" and (done := importing.KIND.result(job) if is_import else None):
        return _imported(done)
    if job.state == "done":
        return redirect(url_for("admin.preview_roster"))
    failed = not is_import and job.state == "failed"
    return render_template("administrator/roster_job.html", job=job, **(_columns() if failed else {}))


@admin.get("/roster/job.json")
@requires(Role.ADMINISTRATOR)
def roster_job_state() -> ResponseReturnValue:
    return state_of(followed_job())


@admin.post("/roster/confirm")
@requires(Role.ADMINISTRATOR)
def import_roster() -> ResponseReturnValue:
    """Import the rows of the upload; if some are faulty, only the good ones, and only if the form asks for
    that."""
    report, _filename = kept_report()
    if (report.problems and request.form.get("good") != "yes") or not report.rows:
        return _preview(), 400
    actor = signed_in_user().name
    if len(report.rows) > INLINE_ROWS:
        path, _name = kept_upload()
        follow_job(jobs.start(workplace(), importing.KIND, ImportAsked(path.name, actor)))
        return redirect(url_for("admin.roster_job"))
    return _imported(
        database().write(lambda s: rosters.import_roster(s, report.rows, actor, reading.brings(report)))
    )


@admin.post("/roster/discard")
@requires(Role.ADMINISTRATOR)
def discard_roster() -> ResponseReturnValue:
    drop_upload()
    flash(_("没有导入，上传的文件已删除。"))
    return redirect(url_for("admin.roster"))


def _imported(done: rosters.RosterImport) -> ResponseReturnValue:
    drop_upload()
    counts = {"added": done.added, "updated": done.updated, "unchanged": done.unchanged}
    said = _("名录已导入：新增 %(added)s 家，更新 %(updated)s 家，%(unchanged)s 家没有变化。", **counts)
    flash(said + roster_words.changed(done), "success")
    return redirect(url_for("admin.roster"))


def _read(path: Path, chosen: ByHand) -> ResponseReturnValue:
    strata = _strata()
    if path.stat().st_size > INLINE_BYTES:
        follow_job(jobs.start(workplace(), reading.KIND, ReadingAsked(path.name, strata, chosen)))
        return redirect(url_for("admin.roster_job"))
    try:
        reading.read(path, strata, chosen)
    except PingyiError as error:
        return _refused(error), error.status
    return _preview()


def _refused(error: PingyiError) -> str:
    """Page on why the file cannot be imported; if only the headings are unknown, with a form to match columns
    by hand."""
    _path, filename = kept_upload()
    columns = _columns()
    if not columns:
        drop_upload()
    return render_template("administrator/roster_refused.html", error=error, filename=filename, **columns)


def _columns() -> dict[str, object]:
    """Variables for the form that matches sheets and columns; empty if the
    upload could not be read at all."""
    try:
        report, _filename = kept_report(unread=True)
    except NotFound:
        return {}
    return {"report": report, "targets": _targets()}


def _preview() -> str:
    report, filename = kept_report()
    with database().read() as session:
        foreseen = rosters.foresee_import(session, report.rows, reading.brings(report))
        owners = roster_owners.owners(session, report)
    facts = _faults(report) | {
        "rows": report.rows[:SHOWN_ROWS],
        "owners": owners,
        "targets": _targets(),
        "changed": roster_words.changed(foreseen),
    }
    return render_template(
        "administrator/roster_preview.html", report=report, filename=filename, foreseen=foreseen, **facts
    )


def _faults(report: RosterReport) -> dict[str, object]:
    """Variables for the part of the preview that says what is wrong."""
    from survey.documents.uploads.roster_problems import by_kind, sorted_by_kind, unknown_options

    return {
        "problems": sorted_by_kind(report.problems)[:SHOWN_PROBLEMS],
        "kinds": by_kind(report.problems),
        "bad_rows": len({problem.where for problem in report.problems}),
        "unknown": unknown_options(report.problems),
        "options": {stratum.name: stratum.options for stratum in _strata()},
        "keep": KEEP,
    }


def _strata() -> tuple[Stratum, ...]:
    with database().read() as session:
        return rosters.strata_in_use(session)


def _targets() -> list[str]:
    from survey.documents.uploads.roster_columns import targets

    return targets(_strata())
