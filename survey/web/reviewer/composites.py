"""Pages of composites (several rounds as one index): weights fixed before closing, computed once all are
opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from survey.errors import N_, Conflict, PingyiError, in_full
from survey.facts.wire import composite_result_from
from survey.language import gettext as _
from survey.models import Job, Role
from survey.services.operations import jobs
from survey.services.operations.job_kinds import ById
from survey.services.results import composite_results, composites
from survey.services.results.composites import CompositePart, Figure
from survey.web.problems import words
from survey.web.site.access import requires
from survey.web.site.blueprints import review
from survey.web.site.downloads import attachment
from survey.web.site.request import database, signed_in_user
from survey.web.staff.jobs import state_of, workplace

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@review.get("/composites", endpoint="composites")
@requires(Role.REVIEWER)
def composite_list() -> ResponseReturnValue:
    return _list_page("")


@review.post("/composites")
@requires(Role.REVIEWER)
def fix_composite() -> ResponseReturnValue:
    actor, form = signed_in_user().name, request.form
    try:
        if form.get("confirm") != "yes":
            raise Conflict(N_("请先勾选确认。"))
        wanted = list(_wanted())
        found = database().write(lambda s: _fix(s, form, wanted, actor))
    except PingyiError as error:
        return _list_page(in_full(error, _)), 400
    flash(_("权重已定，并记入操作日志。"), "success")
    return redirect(url_for("review.composite", composite=found))


@review.get("/composites/<id:composite>", endpoint="composite")
@requires(Role.REVIEWER)
def composite_page(composite: str) -> ResponseReturnValue:
    with database().read() as session:
        found = composites.by_id(session, composite)
        facts = {
            "found": found,
            "result": composite_result_from(found.result) if found.result else None,
            "rounds": {part["name"]: r for part, r in composites.rounds_of(session, found)},
            "unaltered": composites.unaltered(session, found),
            "ready": composites.is_ready(session, found),
            "files": composite_results.files_of(session, found),
            "lacking": composites.lacking(session, found.definition),
        }
    job = _job(composite)
    return render_template("reviewer/composite.html", figure_words=_figure_words, job=job, **facts)


@review.post("/composites/<id:composite>")
@requires(Role.REVIEWER)
def work_out_composite(composite: str) -> ResponseReturnValue:
    with database().read() as session:
        if not composites.is_ready(session, composites.by_id(session, composite)):
            raise Conflict(N_("还有轮次没有开箱，或权重与操作日志不符，不能计算。"))
    jobs.start(workplace(), composite_results.KIND, ById(composite))
    return redirect(url_for("review.composite", composite=composite))


@review.get("/composites/<id:composite>/job.json")
@requires(Role.REVIEWER)
def composite_job(composite: str) -> ResponseReturnValue:
    with database().read() as session:
        composites.by_id(session, composite)
    return state_of(_job(composite))


@review.get("/composites/<id:composite>/files/<name>")
@requires(Role.REVIEWER)
def composite_file(composite: str, name: str) -> ResponseReturnValue:
    with database().read() as session:
        found = composites.by_id(session, composite)
        kept = composite_results.file_of(session, found, name)
    return attachment(kept.content, f"{found.name}-{kept.name}", kept.media_type)


def _fix(session: Session, form: MultiDict[str, str], wanted: list[CompositePart], actor: str) -> str:
    """Fix the composite's parts and weights for good and return its id (hex).

    Raises `Conflict`, so that the transaction keeps nothing, if an outside part lacks departments and the
    reviewer has not ticked the checkbox that accepts this.
    """
    found = composites.fix(session, form.get("name", ""), wanted, "different" in form, actor)
    if form.get("lacking") != "yes" and (lacking := composites.lacking(session, found.definition)):
        raise Conflict(
            N_("%(parts)s：缺的部门不会有综合得分，定下以后不能补。"),
            remedy=N_("请先补全外部指标；仍要这样定，请勾选“缺的部门不参加”。"),
            parts="；".join(f"“{part}”里没有{'、'.join(names)}" for part, names in lacking.items()),
        )
    return found.id.hex()


def _job(composite: str) -> Job | None:
    return jobs.latest(workplace(), composite_results.KIND, None, ById(composite))


def _wanted() -> Iterator[CompositePart]:
    """Parts in the form that have a weight."""
    with database().read() as session:
        rounds, figures = composites.available(session)
    for found in rounds:
        if weight := request.form.get(f"weight-{found.slug}", "").strip():
            name = request.form.get(f"name-{found.slug}", "").strip() or found.title
            yield CompositePart(name, _number(weight), slug=found.slug)
    for figure in figures:
        if weight := request.form.get(f"figure-{_key(figure)}", "").strip():
            yield CompositePart(_figure_words(figure), _number(weight), figure=figure)


def _number(text: str) -> float:
    try:
        return float(text.removesuffix("%").removesuffix("％"))
    except ValueError:
        return float("nan")


def _key(figure: Figure) -> str:
    return "\t".join(figure)


def _figure_words(figure: Figure) -> str:
    kind, period, name = figure
    return f"{words.kind(kind)} {period} {name}"[: composites.LONGEST]


def _list_page(problem: str) -> str:
    with database().read() as session:
        rounds, figures = composites.available(session)
        known = [
            (found, composites.is_ready(session, found), composites.unaltered(session, found))
            for found in composites.every(session)
        ]
    named = [(_key(figure), _figure_words(figure)) for figure in figures]
    return render_template(
        "reviewer/composites.html",
        rounds=rounds,
        outside=named,
        known=known,
        problem=problem,
        typed=request.form,
    )
