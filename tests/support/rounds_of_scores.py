"""Opened rounds from plain arrays of levels, without ballots or a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from survey.facts.wire import written
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.description import RoundDescription
from survey.protocol.questionnaire import Department, Item, Level, Questionnaire, Scale, Stratum
from survey.services.results.facts import round_facts
from survey.services.results.working_out import counted_alone

POINTS = np.array([np.nan, 100.0, 80.0, 60.0, 40.0, 20.0])
ITEMS = ("态度", "效率", "质量", "总体")
GROUPS = ("管理", "管理", "管理", "服务", "服务", "服务")
DEPARTMENTS = ("甲局", "乙局", "丙局", "丁局", "戊局", "己局")
STRATA = (
    Stratum("规模", "Size", ("大", "中", "小"), ("Large", "Medium", "Small")),
    Stratum("来源", "Origin", ("本地", "外来"), ("Local", "Elsewhere")),
)
Levels = NDArray[np.int64]


def round_json(
    about: RoundDescription,
    table: ScoreTable,
    *given: Any,
    counts: Mapping[str, Any] | None = None,
    **named: Any,
) -> dict[str, Any]:
    """The facts of a round as JSON has them, which a test may change; counts: of `BallotCounts`, as far as
    known."""
    known = replace(counted_alone(table), **(counts or {}))
    return written(round_facts(about, table, *given, counts=known, **named))


def description(
    slug: str = "2026-q4",
    opens_on: str = "2026-10-01",
    points: Sequence[float] = (100.0, 80.0, 60.0, 40.0, 20.0),
    departments: int = 6,
) -> RoundDescription:
    questionnaire = Questionnaire(
        items=tuple(Item(name, name, overall=name == "总体") for name in ITEMS),
        scale=Scale(
            levels=tuple(Level(f"级{n}", f"Level {n}", p) for n, p in enumerate(points, start=1)),
            satisfied=3,
            warning_line=70.0,
            not_known="不了解",
            not_known_en="Don't know",
        ),
        departments=tuple(
            Department(name, group)
            for name, group in zip(DEPARTMENTS[:departments], GROUPS[:departments], strict=True)
        ),
        strata=STRATA,
    )
    return RoundDescription(
        id="0" * 32,
        slug=slug,
        title=f"{slug} 评议",
        body="县人大常委会",
        opens_on=opens_on,
        closes_on="2026-12-31",
        blind_key_n=b"",
        blind_key_e=65537,
        blind_key_fingerprint="",
        quorum=2,
        holders=(),
        questionnaire=questionnaire,
        threshold=10,
    )


def levels(seed: int, raters: int = 60, departments: int = 6) -> Levels:
    """(R, D, K): everybody rates everything; departments differ, raters differ in leniency."""
    chance = np.random.default_rng(seed)
    merit = np.linspace(0.8, -0.8, departments)[None, :, None]
    view = (
        2.4 - merit - chance.normal(0, 0.5, (raters, 1, 1)) + chance.normal(0, 0.8, (raters, departments, 4))
    )
    return np.clip(np.rint(view), 1, 5).astype(np.int64)


def strata(raters: int, sizes: Sequence[int], origins: Sequence[int]) -> Levels:
    """(R, 2): so many of 没说, 大, 中, 小 and of 没说, 本地, 外来."""
    columns = [np.repeat(np.arange(len(counts)), counts) for counts in (sizes, origins)]
    assert [len(column) for column in columns] == [raters, raters]
    return np.stack([columns[0], columns[1][::-1]], axis=1)


def scores(
    rated: Levels, declared: Levels | None = None, about: RoundDescription | None = None
) -> ScoreTable:
    """The score table of (R, D, K) levels and (R, 2) strata."""
    given = np.zeros((len(rated), 2), dtype=np.int64) if declared is None else declared
    rows = np.concatenate([rated.reshape(len(rated), -1), given], axis=1).astype(np.uint8)
    known = about or description(departments=rated.shape[1])
    return ScoreTable.build(known, [row.tobytes() for row in rows])
