"""Pages that analyse a file of ratings that somebody already has: no round, and no claim of anonymity."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from analysis.errors import InputError
from survey.errors import N_, Conflict
from survey.language import current_language
from survey.language import gettext as _
from survey.models import Job, RatingAnalysis, Role
from survey.services.operations import jobs
from survey.services.operations.job_kinds import ById
from survey.services.ratings import analyses, ranking, reading
from survey.services.ratings.labels import on_page
from survey.services.ratings.reading import Choices
from survey.web.ratings import words
from survey.web.ratings.forms.ratings import ChoicesForm, MappingForm, RankForm, RatingsForm
from survey.web.site.access import requires
from survey.web.site.downloads import attachment
from survey.web.site.request import database, settings, signed_in_user
from survey.web.staff.jobs import state_of, workplace

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("ratings", __name__, url_prefix="/ratings")
BOTH = (Role.ADMINISTRATOR, Role.REVIEWER)


@blueprint.get("/")
@requires(*BOTH)
def overview() -> ResponseReturnValue:
    return _overview(RatingsForm(formdata=None))


@blueprint.post("/")
@requires(*BOTH)
def upload() -> ResponseReturnValue:
    form, name = RatingsForm(), signed_in_user().name
    if not form.validate():
        return _overview(form), 400
    filename = form.file.data.filename or ""
    key = database().write(lambda session: analyses.add(session, filename, name))
    analyses.keep_upload(settings().data, key, filename, form.file.data.read())
    jobs.start(workplace(), reading.KIND, ById(key))
    return redirect(url_for("ratings.analysis", analysis=key))


@blueprint.get("/<id:analysis>", endpoint="analysis")
@requires(*BOTH)
def analysis_page(analysis: str) -> ResponseReturnValue:
    return _page(analysis)


@blueprint.post("/<id:analysis>/read")
@requires(*BOTH)
def read_again(analysis: str) -> ResponseReturnValue:
    """Read the upload by other choices; a button of the question says one of its readings."""
    form, place = _choices_form(), request.form.get("reading", "")
    if not form.validate():
        return _page(analysis, choices=form), 400
    analyses.upload_of(settings().data, analysis)
    database().write(lambda session: _choose(session, analysis, form, place))
    jobs.start(workplace(), reading.KIND, ById(analysis))
    return redirect(url_for("ratings.analysis", analysis=analysis))


@blueprint.get("/<id:analysis>/mapping.json")
@requires(*BOTH)
def mapping(analysis: str) -> ResponseReturnValue:
    """How the file was read, as a file to be edited."""
    with database().read() as session:
        found = analyses.by_id(session, analysis)
        content, title = reading.mapping_of(found), found.title
    return attachment(content, f"{title}-{reading.MAPPING}", "application/json")


@blueprint.post("/<id:analysis>/mapping.json")
@requires(*BOTH)
def read_mapped(analysis: str) -> ResponseReturnValue:
    """Read the upload by an edited mapping; one that is wrong changes nothing."""
    form = MappingForm()
    valid = form.validate()
    analyses.upload_of(settings().data, analysis)
    if not valid:
        return _page(analysis, mapped=form), 400
    data, filename = form.mapping.data.read(), form.mapping.data.filename or ""
    try:
        database().write(lambda session: _map(session, analysis, data, filename))
    except InputError as error:
        form.mapping.errors = (on_page(error.zh, error.en)[0 if current_language() == "zh" else 1],)
        return _page(analysis, mapped=form), 400
    jobs.start(workplace(), reading.KIND, ById(analysis))
    return redirect(url_for("ratings.analysis", analysis=analysis))


@blueprint.post("/<id:analysis>/rank")
@requires(*BOTH)
def rank(analysis: str) -> ResponseReturnValue:
    form = RankForm()
    if not form.validate():
        return _page(analysis, ranked=form), 400
    analyses.upload_of(settings().data, analysis)
    database().write(lambda session: _set_ranked(session, analysis, form))
    jobs.start(workplace(), ranking.KIND, ById(analysis))
    return redirect(url_for("ratings.analysis", analysis=analysis))


@blueprint.post("/<id:analysis>/keep")
@requires(*BOTH)
def keep(analysis: str) -> ResponseReturnValue:
    database().write(lambda session: _keep(session, analysis))
    flash(_("已保留，以后都在这里。"), "success")
    return redirect(url_for("ratings.analysis", analysis=analysis))


@blueprint.post("/<id:analysis>/delete")
@requires(*BOTH)
def delete(analysis: str) -> ResponseReturnValue:
    with database().read() as session:
        analyses.by_id(session, analysis)
    if request.form.get("confirm") != "yes":
        raise Conflict(N_("请先勾选确认。"))
    analyses.remove(database(), settings().data, analysis)
    flash(_("已删除，连同上传的文件和全部结果。"), "success")
    return redirect(url_for("ratings.overview"))


@blueprint.get("/<id:analysis>/job.json")
@requires(*BOTH)
def job(analysis: str) -> ResponseReturnValue:
    with database().read() as session:
        analyses.by_id(session, analysis)
    return state_of(_job(analysis))


@blueprint.get("/<id:analysis>/files/<name>", endpoint="file")
@requires(*BOTH)
def analysis_file(analysis: str, name: str) -> ResponseReturnValue:
    with database().read() as session:
        found = analyses.by_id(session, analysis)
        kept = analyses.file_of(session, found, name)
    return attachment(kept.content, f"{found.title}-{kept.name}", kept.media_type)


def _overview(form: RatingsForm) -> str:
    with database().read() as session:
        known = analyses.every(session)
    return render_template("ratings/list.html", known=known, form=form)


def _page(
    key: str,
    choices: ChoicesForm | None = None,
    ranked: RankForm | None = None,
    mapped: MappingForm | None = None,
) -> str:
    job = _job(key)
    with database().read() as session:
        found = analyses.by_id(session, key)
        files = analyses.files_of(session, found)
    known = reading.choices_of(found)
    return render_template(
        "ratings/analysis.html",
        found=found,
        files=files,
        job=job,
        said=(found.said or {}).get(current_language(), []),
        question=words.question(reading.question_of(found)),
        understood=words.understood(found.understood),
        readable=analyses.has_upload(settings().data, key),
        mapped=mapped or MappingForm(formdata=None),
        changed=words.changed(known),
        choices=choices or _choices_form(known),
        ranked=ranked or RankForm(formdata=None, data={"title": found.title, "threshold": found.threshold}),
    )


def _choices_form(known: Choices | None = None) -> ChoicesForm:
    """Form as it was sent, or with what is `known`."""
    form = ChoicesForm() if known is None else ChoicesForm(formdata=None, data=asdict(known))
    form.tool.choices = [SelectChoice(*choice) for choice in words.tools()]
    return form


def _choose(session: Session, key: str, form: ChoicesForm, place: str) -> None:
    found: RatingAnalysis = analyses.by_id(session, key)
    sent: dict[str, Any] = {name: form.data[name] or "" for name in asdict(Choices()) if name in form.data}
    wanted, question = Choices(**sent), reading.question_of(found)
    if question is not None and place.isascii() and place.isdecimal() and len(place) < 3:
        wanted = reading.answered(wanted, question, int(place))
    found.choices, found.understood, found.question = asdict(wanted), None, None


def _map(session: Session, key: str, data: bytes, filename: str) -> None:
    found: RatingAnalysis = analyses.by_id(session, key)
    wanted = reading.mapped(found, data, filename)
    found.choices, found.understood, found.question = asdict(wanted), None, None


def _set_ranked(session: Session, key: str, form: RankForm) -> None:
    found = analyses.by_id(session, key)
    if found.understood is None or found.question is not None:
        raise Conflict(N_("还不知道这份文件怎样读，不能排名。"))
    found.title, found.threshold = form.title.data or "", form.threshold.data or 1


def _keep(session: Session, key: str) -> None:
    found = analyses.by_id(session, key)
    if found.said is None:
        raise Conflict(N_("还没有结果可以保留。"))
    found.kept = True


def _job(key: str) -> Job | None:
    """The newest job on the analysis."""
    found = (jobs.latest(workplace(), kind, None, ById(key)) for kind in (reading.KIND, ranking.KIND))
    return max((one for one in found if one is not None), key=lambda one: one.created_at, default=None)
