"""Pages for the office's own Word template of the bulletin (通报)."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey.documents.edition.office_template.checking import MOST_BYTES, TemplateRefused, specimen_of
from survey.documents.media_types import MEDIA
from survey.errors import N_, NotFound, PingyiError, in_full
from survey.language import current_language
from survey.language import gettext as _
from survey.models import Role
from survey.services.publication import bulletin_template
from survey.web.reviewer.forms.template import TemplateForm
from survey.web.reviewer.template_names import BLOCKS, FIELDS, ROW
from survey.web.site.access import requires
from survey.web.site.blueprints import review
from survey.web.site.downloads import attachment
from survey.web.site.request import database, settings, signed_in_user

_DOCX = MEDIA["docx"]


@review.get("/template")
@requires(Role.REVIEWER)
def template() -> ResponseReturnValue:
    return _page(TemplateForm(), [])


@review.post("/template")
@requires(Role.REVIEWER)
def take_template() -> ResponseReturnValue:
    form = TemplateForm()
    if not form.validate():
        return _page(form, []), 400
    given = form.file.data
    content = given.stream.read(MOST_BYTES + 1)
    try:
        bulletin_template.take(
            database(), signed_in_user(), given.filename or "", content, settings().scan_command
        )
    except TemplateRefused as error:
        form.file.errors = [in_full(error, _)]
        between = " " if current_language() == "en" else ""
        return _page(form, [between.join(phrase.say(_) for phrase in line) for line in error.lines]), 400
    except PingyiError as error:
        form.file.errors = [in_full(error, _)]
        return _page(form, []), 400
    flash(_("模板已经收下，试填通过。下一次制作文件就用它。"), "success")
    return redirect(url_for("review.template"))


@review.post("/template/default")
@requires(Role.REVIEWER)
def drop_template() -> ResponseReturnValue:
    user = signed_in_user()
    database().write(lambda session: bulletin_template.drop(session, user))
    flash(_("已换回默认模板。"), "success")
    return redirect(url_for("review.template"))


@review.get("/template/default.docx")
@requires(Role.REVIEWER)
def default_template_file() -> Response:
    return attachment(_default(), "通报模板（默认）.docx", _DOCX)


@review.get("/template/own.docx")
@requires(Role.REVIEWER)
def own_template_file() -> Response:
    with database().read() as session:
        found, content = bulletin_template.current(session), bulletin_template.content(session)
    if found is None or content is None:
        raise NotFound(N_("没有上传过模板，用的是默认模板。"))
    return attachment(content, found.name, _DOCX)


@review.get("/template/specimen.docx")
@requires(Role.REVIEWER)
def specimen_file() -> Response:
    with database().read() as session:
        content = bulletin_template.content(session)
    made = specimen_of("通报模板.docx", content or _default())
    return attachment(made, "通报样张.docx", _DOCX)


def _default() -> bytes:
    from survey.documents.edition.bulletin import default_template  # with Word's library

    return default_template()


def _page(form: TemplateForm, problems: list[str]) -> str:
    with database().read() as session:
        own = bulletin_template.current(session)
    return render_template(
        "reviewer/documents/template.html",
        form=form,
        problems=problems,
        own=own,
        fields=FIELDS,
        blocks=BLOCKS,
        row=ROW,
    )
