"""Public pages of the published editions of a round, and the open data."""

from __future__ import annotations

from types import ModuleType

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from survey.clock import today
from survey.errors import N_, NotFound
from survey.models import Publication, Round
from survey.services.followup import problems
from survey.services.publication.open_data import open_data, open_data_file
from survey.services.rounds import editions
from survey.web.problems import words
from survey.web.public.rounds import blueprint, known_round
from survey.web.result_views.edition import publication_page
from survey.web.site.downloads import attachment
from survey.web.site.request import database
from survey.web.site.round_view import questionnaire_of
from survey.wording import composites, premises
from survey.wording import editions as edition_words
from survey.wording.correction import sentences as corrections


@blueprint.app_context_processor
def _words() -> dict[str, ModuleType]:
    return {
        "workflow": words,
        "premise": premises,
        "composite_words": composites,
        "edition_words": edition_words,
        "correction_words": corrections,
    }


@blueprint.get("/public/<slug>/results")
def results(slug: str) -> ResponseReturnValue:
    """Page of the newest edition."""
    with database().read() as session:
        found = known_round(session, slug)
        newest = editions.current(session, found)
    if newest is None:
        raise NotFound(N_("这一轮的结果还没有公布。"), remedy=N_("公布之后，公示页上会有链接。"))
    return _page(found, newest)


@blueprint.get("/public/<slug>/results/<int:number>")
def edition(slug: str, number: int) -> ResponseReturnValue:
    return _page(*_edition(slug, number))


@blueprint.get("/public/<slug>/results/<int:number>/<name>")
def data(slug: str, number: int, name: str) -> Response:
    found, wanted = _edition(slug, number)
    name, media_type, content = open_data_file(wanted, name)
    response = attachment(content, f"{found.slug}-v{number}-{name}", media_type)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def _edition(slug: str, number: int) -> tuple[Round, Publication]:
    with database().read() as session:
        found = known_round(session, slug)
        return found, editions.edition(session, found, number)


def _page(found: Round, shown: Publication) -> ResponseReturnValue:
    day = today()
    with database().read() as session:
        listed = problems.of_round(session, found)
        every = editions.published(session, found)
        before = editions.before(session, shown)
    scale = questionnaire_of(found).scale
    return render_template(
        "public/results.html",
        round=found,
        edition=shown,
        editions=every,
        page=publication_page(shown, before, scale, {p.number: p.stage for p in listed}),
        scale=scale,
        overdue={p.number for p in listed if problems.is_overdue(p, day)},
        files=[(name, len(content)) for name, _kind, content in open_data(shown)],
    )
