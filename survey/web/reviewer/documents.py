"""Pages for the documents of a published edition: made in a job, downloaded as one zip, by reviewers only."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey.language import gettext as _
from survey.models import Job, Publication, Role, Round
from survey.services.operations import jobs
from survey.services.operations.job_kinds import ById
from survey.services.publication import files
from survey.services.rounds import editions
from survey.web.reviewer.opened_round import opened_round
from survey.web.site.access import requires
from survey.web.site.blueprints import review
from survey.web.site.downloads import ZIP, attachment
from survey.web.site.request import database
from survey.web.staff.jobs import state_of, workplace


@review.get("/<slug>/documents")
@requires(Role.REVIEWER)
def documents(slug: str) -> ResponseReturnValue:
    with database().read() as session:
        found = opened_round(session, slug)
        published = editions.published(session, found)
        sizes = files.sizes(session, published)
    job = _job(found)
    return render_template(
        "reviewer/documents/documents.html", round=found, published=published, sizes=sizes, job=job
    )


@review.post("/<slug>/documents/<int:number>")
@requires(Role.REVIEWER)
def make_documents(slug: str, number: int) -> ResponseReturnValue:
    found, edition = _edition(slug, number)
    jobs.start(workplace(), files.KIND, ById(edition.id.hex()), found.id)
    flash(_("正在制作第 %(edition)s 版的全部文件，约需一分钟。", edition=number), "success")
    return redirect(url_for("review.documents", slug=slug))


@review.get("/<slug>/documents/job.json")
@requires(Role.REVIEWER)
def documents_job(slug: str) -> ResponseReturnValue:
    with database().read() as session:
        found = opened_round(session, slug)
    return state_of(_job(found))


@review.get("/<slug>/documents/<int:number>.zip")
@requires(Role.REVIEWER)
def download_documents(slug: str, number: int) -> Response:
    found, edition = _edition(slug, number)
    with database().read() as session:
        content = files.content(session, edition)
    return attachment(content, f"{found.slug}-v{number} {found.title}.zip", ZIP)


def _job(found: Round) -> Job | None:
    return jobs.latest(workplace(), files.KIND, found.id)


def _edition(slug: str, number: int) -> tuple[Round, Publication]:
    with database().read() as session:
        found = opened_round(session, slug)
        return found, editions.edition(session, found, number)
