"""docs/formats.md describes every field of ranking.json."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from analysis import Ratings, composite, rank, rank_estimates
from analysis.meeting.summary import for_meeting
from survey.documents.ranking.files import GroupRanking, ranking_json

TEXT = (Path(__file__).parents[3] / "docs" / "formats.md").read_text(encoding="utf-8")
SECTION = TEXT.split("## Ranking (`ranking.json`, version 1)")[1].split("\n## ")[0]


def ratings():
    rng = np.random.default_rng(3)
    scores = np.round(90 - 5 * np.arange(4) + rng.normal(0, 2, (20, 4)))
    scores[2:, 3] = np.nan
    return Ratings.from_array(scores, department_names=["甲局", "乙局", "丙局", "丁局"])


def keys(value):
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set().union(*map(keys, value)) if isinstance(value, list) else set()


def documents():
    ranking = rank(ratings(), draws=1000)
    yield ranking_json(ranking, groups=[GroupRanking("类", ranking)], meeting=for_meeting(ranking, ratings()))
    found = composite({"企业": ratings(), "代表": ratings()}, {"企业": 2, "代表": 1}, draws=2000)
    yield ranking_json(found.ranking, composite=found)
    many = rank_estimates([f"u{i}" for i in range(201)], np.arange(201.0), np.ones(201), draws=500)
    yield ranking_json(many, all_pairs=False)


def test_every_field_of_a_ranking_is_described():
    written = set().union(*(keys(json.loads(document)) for document in documents()))
    words = set(re.findall(r"\w+", SECTION))
    assert {"pairs_left_out", "composite", "meeting", "groups"} <= written
    assert written - words == set()


@pytest.mark.parametrize("name", ["ranking.json", "Ranking.from_json"])
def test_the_section_says_what_writes_and_reads_it(name):
    assert name in TEXT
