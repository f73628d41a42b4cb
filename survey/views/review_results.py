"""What an opened round says: ranking, comments, files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from flask import render_template

from survey.models import Role
from survey.services import box_files, rankings
from survey.services.facts import known_facts
from survey.views import figures, premise_sentences
from survey.views.access import requires
from survey.views.context import database, signed_in_user
from survey.views.desks import review
from survey.views.downloads import attachment
from survey.views.firmness import firmness
from survey.views.ranking_tables import ranking_page
from survey.views.results import opened_round
from survey.views.round_facts import questionnaire_of

JSON_LINES = "application/x-ndjson"


@review.get("/<slug>/ranking")
@requires(Role.REVIEWER)
def ranking(slug: str) -> Any:
    with database().read() as session:
        found = opened_round(session, slug)
        result = rankings.ranking_of(session, found)
        files = rankings.artifacts(session, found)
        missing = rankings.not_drawn(session, found)
        facts = known_facts(session, found)
        firm = firmness(facts)
    if result is None:
        return render_template("review/unfinished.html", round=found), 404
    scale = questionnaire_of(found).scale
    # As it is published: in steps, with the notes in both languages.
    page = ranking_page(facts["ranking"] if facts else result, scale)
    said = {"figures": figures, "premise": premise_sentences}
    return render_template(
        "review/ranking.html",
        round=found,
        page=page,
        files=files,
        missing=missing,
        scale=scale,
        facts=facts,
        **said,
        firm=firm,
    )


@review.get("/<slug>/files/<name>")
@requires(Role.REVIEWER)
def file(slug: str, name: str) -> Any:
    with database().read() as session:
        found = opened_round(session, slug)
        artifact = rankings.artifact(session, found, name)
    return attachment(artifact.content, f"{slug}-{artifact.name}", artifact.media_type)


@review.get("/<slug>/box.jsonl")
@requires(Role.REVIEWER)
def box(slug: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "box.jsonl"
        box_files.export_box(database(), slug, path)
        actor = signed_in_user().name
        database().write(lambda s: box_files.record_export(s, slug, actor))
        return attachment(path.read_bytes(), f"票箱-{slug}.jsonl", JSON_LINES)
