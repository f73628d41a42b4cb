"""The public page of an edition in English names departments in English, where they have such a name."""

from __future__ import annotations

import json

from msgspec.structs import replace

from survey.facts.wire import written_edition
from survey.language import speaking
from survey.models import Publication
from survey.services.rounds.defaults import SCALE
from survey.web.result_views.edition import publication_page
from tests.documents.edition_data import make_edition


def test_departments_are_called_by_their_english_names() -> None:
    content = make_edition(5, rounds=1).content
    first, *others = content.facts.profiles
    named = (replace(first, name_en="Water Bureau"), *others)
    content = replace(content, facts=replace(content.facts, profiles=named))
    kept = Publication(
        edition=1, digest=bytes(32), correction="", content=json.dumps(written_edition(content))
    )
    with speaking("en"):
        english = publication_page(kept, None, SCALE)
    assert {row.name for row in english.ranking.overall.rows} >= {"Water Bureau"}
    assert first.name not in str([english.ranking, english.facts.profiles, english.themes])
    assert english.themes[0].department == "Water Bureau"
    assert "Water Bureau" in " ".join(english.ranking.sentences)
    with speaking("zh"):
        assert first.name in {row.name for row in publication_page(kept, None, SCALE).ranking.overall.rows}
