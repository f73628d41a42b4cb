"""Pages for adding several people from a table: read, corrected, added; sheets to hand out."""

from __future__ import annotations

from collections.abc import Sequence

from flask import make_response, render_template
from flask.typing import ResponseReturnValue

from survey.clock import now, today
from survey.documents.uploads import people_table
from survey.errors import Phrase, PingyiError, in_full
from survey.language import gettext as _
from survey.models import Role
from survey.services.departments import known
from survey.services.people import bodies, enrolment, list_of_people
from survey.services.people.list_of_people import Added
from survey.web.account.proving import proven
from survey.web.people.accounts import blueprint
from survey.web.people.forms.listed import PeopleFileForm, PeopleForm
from survey.web.site.access import requires
from survey.web.site.downloads import XLSX, attachment
from survey.web.site.qr_picture import qr_picture
from survey.web.site.request import database, settings, signed_in_user
from survey.wording import staff


@blueprint.get("/list")
@requires(Role.ADMINISTRATOR)
def add_list() -> ResponseReturnValue:
    return _page(PeopleFileForm(formdata=None), PeopleForm())


@blueprint.get("/list/template.xlsx")
@requires(Role.ADMINISTRATOR)
def list_template() -> ResponseReturnValue:
    return attachment(people_table.people_template(), "人员名单模板.xlsx", XLSX)


@blueprint.post("/list/read")
@requires(Role.ADMINISTRATOR)
def read_list() -> ResponseReturnValue:
    """Page with the people of the file; nobody is added yet, and the file is not kept."""
    upload = PeopleFileForm()
    if not upload.validate():
        return _page(upload, PeopleForm(formdata=None)), 400
    try:
        read = people_table.read_people(upload.file.data)
    except PingyiError as error:
        upload.file.errors = [in_full(error, _)]
        return _page(upload, PeopleForm(formdata=None)), error.status
    rows = [{"name": r.name, "role": r.role, "body": r.body, "department": r.department} for r in read.rows]
    form = PeopleForm(formdata=None, data={"rows": rows})
    _faultless(form)
    return _page(PeopleFileForm(formdata=None), form, read.remarks)


@blueprint.post("/list")
@requires(Role.ADMINISTRATOR)
def add_listed() -> ResponseReturnValue:
    """Add everybody, or nobody where something is wrong; what is handed out is shown once."""
    form, upload = PeopleForm(), PeopleFileForm(formdata=None)
    right = form.validate()
    if not (_faultless(form) and right and proven(form)):
        return _page(upload, form), 400
    people, actor, base_url = form.people, signed_in_user(), settings().base_url
    try:
        added = database().write(lambda s: list_of_people.add(s, people, actor, base_url, now()))
    except PingyiError as error:
        form.form_errors.append(in_full(error, _))
        return _page(upload, form), error.status
    return _sheets(added)


def _faultless(form: PeopleForm) -> bool:
    """Whether everybody in the form can be added; what is wrong is put at its field."""
    with database().read() as session:
        found = list_of_people.problems(session, form.people)
    for row, wrong in zip(form.named, found, strict=True):
        for name, error in wrong.items():
            row[name].errors = [*row[name].errors, in_full(error, _)]
    if not form.named and form.is_submitted():
        form.form_errors.append(_("没有要添加的人。"))
    return bool(form.named) and not any(found)


def _page(upload: PeopleFileForm, form: PeopleForm, remarks: Sequence[Phrase] = ()) -> str:
    with database().read() as session:
        facts = {"bodies": bodies.listed(session), "departments": known.names(session)}
    faults = sum(any(row[name].errors for name in row.data) for row in form.named)
    return render_template(
        "people/add_list.html", upload=upload, form=form, remarks=remarks, faults=faults, **facts
    )


def _sheets(added: Sequence[Added]) -> ResponseReturnValue:
    """Page of one sheet a person; its links are nowhere else."""
    rows = [(one, qr_picture(one.link) if one.link else "") for one in added]
    page = render_template(
        "people/sheets.html",
        rows=rows,
        role=staff.role,
        until=today() + enrolment.VALID,
        valid=enrolment.VALID.days,
        address=settings().base_url,
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
