"""Editions of invented rounds, with facts that the real analysis worked out."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from rounds_of_scores import round_json

from survey.documents.edition.content import Edition
from survey.documents.layout.canonical import canonical
from survey.facts.wire import edition_from
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.description import RoundDescription
from survey.protocol.questionnaire import Department, Item, Level, Questionnaire, Scale, Stratum
from survey.services.results.facts import EarlierRound

LONG = "县自然资源和规划局不动产登记中心行政审批服务大厅第一窗口分局综合股"
SIZES = ("大", "中", "小")
ROSTER = {"规模": {"大": 40, "中": 60, "小": 100}}
COUNTS = {
    "invited": 200,
    "collected": 90,
    "cast": 84,
    "replaced": 1,
    "merkle_root": "ab" * 32,
}


def names(count: int) -> list[str]:
    """Distinct names, the first of 30 characters and more."""
    return [LONG, *(f"第{number}局" for number in range(2, count + 1))]


def describe(count: int, slug: str, opens_on: str, closes_on: str, groups: int) -> RoundDescription:
    levels = tuple(Level(f"级{n}", f"Level {n}", p) for n, p in enumerate((100.0, 80.0, 60.0, 40.0, 20.0), 1))
    questionnaire = Questionnaire(
        items=(Item("态度", "Attitude"), Item("效率", "Speed"), Item("总体", "Overall", overall=True)),
        scale=Scale(levels, 3, 70.0, "不了解", "Don't know"),
        departments=tuple(
            Department(name, f"{'甲乙丙'[place % groups]}组") for place, name in enumerate(names(count))
        ),
        strata=(Stratum("规模", "Size", SIZES, ("Large", "Medium", "Small")),),
    )
    return RoundDescription(
        "0" * 32, slug, f"{slug} 评议", "县人大常委会、县政协", opens_on, closes_on,
        b"", 65537, "", 2, (), questionnaire, threshold=10,
    )  # fmt: skip


def table(about: RoundDescription, seed: int, raters: int) -> ScoreTable:
    """The first departments are good, the last is bad; the last but one is rated by four."""
    chance = np.random.default_rng(seed)
    count = len(about.questionnaire.departments)
    merit = np.linspace(1.0, -1.0, count)[None, :, None]
    leniency = chance.normal(0, 0.5, (raters, 1, 1))
    view = 2.4 - merit - leniency + chance.normal(0, 0.8, (raters, count, 3))
    rated = np.clip(np.rint(view), 1, 5).astype(np.uint8)
    rated[chance.random((raters, count)) < 0.2] = 0
    rated[4:, count - 2] = 0
    declared = chance.integers(1, 4, (raters, 1), dtype=np.uint8)
    rows = np.concatenate([rated.reshape(raters, -1), declared], axis=1)
    return ScoreTable.build(about, [row.tobytes() for row in rows])


def make_edition(
    count: int = 8,
    *,
    rounds: int = 2,
    groups: int = 2,
    period: str = "quarter",
    raters: int = 84,
    extras: Mapping[str, Any] | None = None,
) -> Edition:
    """An edition of `count` departments; its round is the last of `rounds` in one year."""
    months = [(f"2026-{3 * n + 1:02d}-01", f"2026-{3 * n + 3:02d}-28") for n in range(4)][4 - rounds :]
    about = [describe(count, f"2026-q{5 - rounds + n}", *days, groups) for n, days in enumerate(months)]
    held = [EarlierRound(d, table(d, seed, raters)) for seed, d in enumerate(about, start=7)]
    facts = round_json(
        held[-1].description, held[-1].scores, ROSTER, held[-2::-1], counts=COUNTS, period=period
    )
    content = _content(facts, names(count)) | dict(extras or {})
    digest = sha256(canonical(content)).hexdigest()
    return Edition(edition_from(content), 1, digest)


def _content(facts: dict[str, Any], known: Sequence[str]) -> dict[str, Any]:
    themes = [{"department": n, "n": None, "reason": "threshold", "themes": []} for n in known]
    themes[0] = {
        "department": known[0], "n": 24, "reason": "",
        "themes": [
            {"name": "办事拖延", "n": 12, "reason": ""},
            {"name": "服务态度", "n": None, "reason": "threshold"},
        ],
    }  # fmt: skip
    content = {
        "format": "pingyi-publication",
        "version": 1,
        "round": {name: facts["round"][name] for name in ("slug", "title", "body")},
        "departments": [{"name": p["name"], "group": p["group"]} for p in facts["profiles"]],
        "facts": facts,
        "themes": themes,
        "comments": {known[0]: [{"text": "材料要了三遍，\n请一次说清。", "themes": ["反复跑腿"]}]},
        "problems": [
            {"number": 1, "department": known[-1], "source": "line", "item": "效率", "task": "压缩审批时限",
             "evidence": {}, "deadline": "2027-01-31"}
        ],
        "indicators": [
            {"kind": "assessment", "period": "2026 年", "department": known[0], "name": "政务服务",
             "value": 81.25, "unit": "分", "province": 80.5, "city": None, "below": False}
        ],
    }  # fmt: skip
    read: dict[str, Any] = json.loads(canonical(content))
    return read
