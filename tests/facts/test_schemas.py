"""Schemas and tables of the documentation are those of the types, and hold for what the program writes."""

from __future__ import annotations

import json

import jsonschema
import numpy as np
import pytest
from test_decoding import generate, kept

from analysis import Ratings, composite, rank
from analysis.meeting.summary import for_meeting
from survey.documents.ranking.files import GroupRanking, ranking_json


def test_the_documentation_is_current() -> None:
    for path, text in generate.current():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is not current: make docs"


@pytest.mark.parametrize("name", ["facts", "ranking", "publication"])
def test_the_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(generate.schema(name))


@pytest.mark.parametrize(("name", "case"), [("facts", "2026-11-30"), ("publication", "edition")])
def test_what_was_kept_is_valid(name: str, case: str) -> None:
    jsonschema.validate(kept(case), generate.schema(name))


def test_every_field_is_explained_or_plain_from_its_name() -> None:
    for kind in generate.classes().values():
        assert kind.__doc__
        assert set(generate.meanings(kind)) <= set(kind.__struct_fields__)


def test_rankings_of_the_command_are_valid() -> None:
    rng = np.random.default_rng(3)
    scores = np.round(90 - 5 * np.arange(4) + rng.normal(0, 2, (20, 4)))
    scores[2:, 3] = np.nan
    ratings = Ratings.from_array(scores, department_names=["甲局", "乙局", "丙局", "丁局"])
    ranking = rank(ratings, draws=1000)
    found = composite({"企业": ratings, "代表": ratings}, {"企业": 2, "代表": 1}, draws=2000)
    for document in (
        ranking_json(ranking, groups=[GroupRanking("类", ranking)], meeting=for_meeting(ranking, ratings)),
        ranking_json(found.ranking, composite=found),
    ):
        jsonschema.validate(json.loads(document), generate.schema("ranking"))
