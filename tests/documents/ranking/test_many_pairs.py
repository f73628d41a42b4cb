"""Above 200 departments the pairs are written on request only, and the file reads back without them."""

from __future__ import annotations

import json

import numpy as np

from analysis import Ranking, rank_estimates
from survey.documents.ranking.files import GroupRanking, ranking_json


def ranking(D: int) -> Ranking:
    names = [f"u{i}" for i in range(D)]
    return rank_estimates(names, np.arange(D), np.ones(D), draws=200, level=0.9)


def test_pairs_of_many_departments_are_left_out_and_counted():
    many = ranking(201)
    short = ranking_json(many, all_pairs=False, groups=[GroupRanking("g", many)])
    whole = ranking_json(many)
    assert len(short) < len(whole) / 8
    document = json.loads(short)
    assert document["pairs"] == document["groups"][0]["pairs"] == []
    assert document["pairs_left_out"] == 201 * 200 // 2
    back = Ranking.from_json(short)
    assert back.departments == many.departments
    assert len(back.pairs) == 0
    assert Ranking.from_json(whole) == many


def test_pairs_of_few_are_always_there():
    few = ranking(200)
    assert ranking_json(few, all_pairs=False) == ranking_json(few)
