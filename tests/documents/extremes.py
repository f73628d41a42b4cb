"""Counties at the edges: five departments, 120, one group, no comments, no earlier round, long names.

Each is an edition with the questionnaire that ships (six items, five levels, four strata) and facts that the
real analysis worked out.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any, Final

import numpy as np
from rounds_of_scores import round_json

from survey.documents.edition.content import Edition
from survey.documents.layout.canonical import canonical
from survey.facts.wire import edition_from
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.description import RoundDescription
from survey.protocol.questionnaire import Department, Questionnaire
from survey.services.results.facts import EarlierRound
from survey.services.rounds.defaults import ITEMS, STRATA, UNITS, default_questionnaire

GROUPS: Final = tuple(UNITS)
PLACES: Final = (
    "清河",
    "安宁",
    "石桥",
    "平原",
    "东关",
    "北郊",
    "柳林",
    "新城",
    "南马庄",
    "大王庄",
    "西张村",
    "高家堡",
    "双井",
    "十里铺",
)
OFFICES: Final = (
    "人民政府",
    "市场监督管理所",
    "税务分局",
    "自然资源所",
    "派出所",
    "供电所",
    "行政综合服务中心",
    "综合行政执法队",
    "人力资源和社会保障服务所",
)
LONGEST: Final = 30
_TAIL: Final = "行政审批与便民服务中心不动产登记和企业开办联合窗口管理办公室综合服务科"
COMMENT: Final = (
    "材料要了三遍，\n每次说的都不一样；“一窗受理”成了“多窗往返”。请一次说清，办不了的当场告诉我们为什么。"
)
TASK: Final = "压缩审批时限，公开办理流程和收费依据，逐件回访半年内的投诉，并把结果在窗口和网上公示"


@dataclass(frozen=True)
class Extreme:
    """What is extreme about a county; everything else is as in most."""

    departments: int = 12
    groups: int = 3
    rounds: int = 2
    raters: int = 160
    long_names: bool = False
    silent: bool = False
    """Nobody wrote a comment, nothing is on the list of problems, no figures from elsewhere."""
    alike: bool = False
    """No department is better than another."""
    period: str = "quarter"
    share: float = 0.6
    """Of the departments that an enterprise rates."""
    strata: int = len(STRATA)
    """Of the questionnaire; each is compared with every department, which takes long where there are many."""


EXTREMES: Final = {
    "five": Extreme(5, raters=90),
    "many": Extreme(120, raters=300, share=0.4),
    "one-group": Extreme(30, groups=1, raters=200),
    "silent": Extreme(silent=True, period="half_year"),
    "first": Extreme(rounds=1, period="month"),
    "long": Extreme(30, long_names=True, raters=260, rounds=3),
    "alike": Extreme(9, alike=True, raters=60, period="year"),
}
# Of several things at once, for every change: what is small in every way, and what is long in every way.
SMALL: Final = Extreme(5, groups=1, rounds=1, raters=60, silent=True, period="month")
LONG: Final = Extreme(34, long_names=True, raters=150, period="year")
WORST: Final = Extreme(120, long_names=True, rounds=4, raters=400, share=0.3, period="year")


def department_names(extreme: Extreme) -> list[str]:
    """Distinct names; of exactly `LONGEST` characters where they are to be long."""
    if extreme.long_names:
        heads = [f"{place}{office}" for office in OFFICES for place in PLACES]
        return [(head + _TAIL)[:LONGEST] for head in heads[: extreme.departments]]
    units = [
        unit.rstrip("*")
        for units in zip(*map(_padded, UNITS.values()), strict=True)
        for unit in units
        if unit
    ]
    branches = [f"{place}{office}" for place in PLACES for office in OFFICES]
    return [*units, *branches][: extreme.departments]


def _padded(units: Iterable[str]) -> list[str]:
    most = max(map(len, UNITS.values()))
    return [*units, *[""] * (most - len([*units]))]


def extreme_edition(extreme: Extreme) -> Edition:
    """The published edition of the last of its rounds."""
    names = department_names(extreme)
    held = [_held(extreme, names, number) for number in range(extreme.rounds)]
    now, earlier = held[-1], held[-2::-1]
    counts = {"invited": 2 * extreme.raters, "collected": extreme.raters + 9, "cast": extreme.raters,
              "replaced": 1, "merkle_root": "5e" * 32}  # fmt: skip
    roster = {
        s.name: {o: 40 + 20 * place for place, o in enumerate(s.options)}
        for s in now.description.questionnaire.strata
    }
    facts = round_json(now.description, now.scores, roster, earlier, counts=counts, period=extreme.period)
    content: dict[str, Any] = json.loads(canonical(_content(extreme, facts, names)))
    digest = sha256(canonical(content)).hexdigest()
    return Edition(edition_from(content), 1, digest, date(2027, 1, 5))


def questionnaire_of(extreme: Extreme, departments: Sequence[Department]) -> Questionnaire:
    return replace(default_questionnaire(departments), strata=STRATA[: extreme.strata])


def _held(extreme: Extreme, names: Sequence[str], number: int) -> EarlierRound:
    quarter = 5 - extreme.rounds + number
    departments = tuple(Department(name, GROUPS[i % extreme.groups]) for i, name in enumerate(names))
    about = RoundDescription(
        id="0" * 32, slug=f"2026-q{quarter}",
        title=f"2026 年第{'一二三四'[quarter - 1]}季度政务服务评议", body="县人大常委会、县政协",
        opens_on=f"2026-{3 * quarter - 2:02d}-01", closes_on=f"2026-{3 * quarter:02d}-28",
        blind_key_n=b"", blind_key_e=65537, blind_key_fingerprint="", quorum=2, holders=(),
        questionnaire=questionnaire_of(extreme, departments), threshold=10,
    )  # fmt: skip
    return EarlierRound(about, _scores(extreme, about, seed=7 + number))


def _scores(extreme: Extreme, about: RoundDescription, seed: int) -> ScoreTable:
    """Departments from good to bad; the last but one was rated by four."""
    chance = np.random.default_rng(seed)
    raters, count, items = extreme.raters, extreme.departments, len(ITEMS)
    merit = np.linspace(0.9, -0.9, count)[None, :, None] * (not extreme.alike)
    view = 2.1 - merit - chance.normal(0, 0.5, (raters, 1, 1)) + chance.normal(0, 0.8, (raters, count, items))
    view += np.linspace(-0.2, 0.2, items)
    rated = np.clip(np.rint(view), 1, 5).astype(np.uint8)
    rated[chance.random((raters, count)) > extreme.share] = 0
    rated[4:, count - 2] = 0
    declared = np.stack(
        [chance.integers(0, len(s.options) + 1, raters) for s in about.questionnaire.strata], axis=1
    )
    rows = np.concatenate([rated.reshape(raters, -1), declared.astype(np.uint8)], axis=1)
    return ScoreTable.build(about, [row.tobytes() for row in rows])


def _content(extreme: Extreme, facts: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    said = not extreme.silent
    told = enumerate(names[::3] if said else [], start=1)
    return {
        "format": "pingyi-publication",
        "version": 1,
        "round": {name: facts["round"][name] for name in ("slug", "title", "body")},
        "departments": [{"name": p["name"], "group": p["group"]} for p in facts["profiles"]],
        "facts": facts,
        "themes": [_themes(name, said and name == names[0]) for name in names],
        "comments": {names[0]: [{"text": COMMENT, "themes": ["反复跑腿"]}] * 7} if said else {},
        "problems": [_problem(number, name) for number, name in told],
        "indicators": [_indicator(name) for name in names[::4]] if said else [],
    }


def _themes(name: str, counted: bool) -> dict[str, Any]:
    if not counted:
        return {"department": name, "n": None, "reason": "threshold", "themes": []}
    themes = [
        {"name": "办事拖延", "n": 12, "reason": ""},
        {"name": "服务态度", "n": None, "reason": "threshold"},
    ]
    return {"department": name, "n": 24, "reason": "", "themes": themes}


def _problem(number: int, name: str) -> dict[str, Any]:
    return {"number": number, "department": name, "source": "line", "item": "办事效率", "task": TASK,
            "evidence": {}, "deadline": "2027-01-31"}  # fmt: skip


def _indicator(name: str) -> dict[str, Any]:
    return {"kind": "assessment", "period": "2026 年上半年", "department": name,
            "name": "政务服务能力第三方评估", "value": 81.25, "unit": "分", "province": 80.5, "city": None,
            "below": False}  # fmt: skip
