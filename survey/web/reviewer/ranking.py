"""Pages with the ranking and the files of an opened round."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import render_template
from flask.typing import ResponseReturnValue

from survey.models import Role
from survey.services.opening import box_files
from survey.services.results import ranking as rankings
from survey.services.results.facts import known_facts
from survey.web.result_views.ranking import ranking_page
from survey.web.reviewer.opened_round import opened_round
from survey.web.site.access import requires
from survey.web.site.blueprints import review
from survey.web.site.downloads import attachment
from survey.web.site.request import database, signed_in_user
from survey.web.site.round_view import questionnaire_of
from survey.wording.meeting import firmness

JSON_LINES = "application/x-ndjson"


@review.get("/<slug>/ranking")
@requires(Role.REVIEWER)
def ranking(slug: str) -> ResponseReturnValue:
    with database().read() as session:
        found = opened_round(session, slug)
        kept = rankings.ranking_of(session, found)
        files = rankings.artifacts(session, found)
        missing = rankings.not_drawn(session, found)
        facts = known_facts(session, found)
        firm = firmness(facts)
    if kept is None:
        return render_template("reviewer/unfinished.html", round=found), 404
    scale = questionnaire_of(found).scale
    # As it is published: in steps, with the notes in both languages.
    page = ranking_page(facts.ranking if facts else kept, scale)
    return render_template(
        "reviewer/ranking.html",
        round=found,
        page=page,
        files=files,
        missing=missing,
        scale=scale,
        facts=facts,
        firm=firm,
    )


@review.get("/<slug>/files/<name>")
@requires(Role.REVIEWER)
def file(slug: str, name: str) -> ResponseReturnValue:
    with database().read() as session:
        found = opened_round(session, slug)
        artifact = rankings.artifact(session, found, name)
    return attachment(artifact.content, f"{slug}-{artifact.name}", artifact.media_type)


@review.get("/<slug>/box.jsonl")
@requires(Role.REVIEWER)
def box(slug: str) -> ResponseReturnValue:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "box.jsonl"
        box_files.export_box(database(), slug, path)
        actor = signed_in_user().name
        database().write(lambda s: box_files.record_export(s, slug, actor))
        return attachment(path.read_bytes(), f"票箱-{slug}.jsonl", JSON_LINES)
