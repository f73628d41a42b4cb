"""Results of composites: computed once every round is opened, kept with files."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec import convert
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from analysis.blurring import STEP
from survey.database.engine import Database
from survey.documents.media_types import media_type
from survey.errors import N_, Conflict, NotFound
from survey.facts.base import Impossible
from survey.facts.publication import CompositeResult
from survey.facts.wire import written_composite
from survey.models import Composite, CompositeFile
from survey.models.composite import Definition
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.description import RoundDescription
from survey.services.departments.lineage import Lineage, read_lineage
from survey.services.operations import own_process
from survey.services.operations.job_kinds import ById, JobKind, Nothing, Running
from survey.services.results.composites import by_id, is_ready, rounds_of
from survey.services.results.facts import joined
from survey.services.results.ranking import LEVEL, SEED, Report, score_table
from survey.services.rounds.descriptions import describe
from survey.wording import reasons

if TYPE_CHECKING:
    from analysis.electorates.composite import Composite as Combined
    from analysis.errors import InputError
    from survey.services.results.scored_round import ScoredRound


def work_out(database: Database, key: str, progress: Report | None = None) -> None:
    """Compute and store the result of a composite, then its files; repeating gives the same.

    Raises `Conflict` before all rounds are opened, or when the weights are not those of the audit log.
    """
    report = progress or (lambda *_: None)
    with database.read() as session:
        composite = by_id(session, key)
        if not is_ready(session, composite):
            raise Conflict(N_("还有轮次没有开箱，或权重与操作日志不符，不能计算。"))
        definition, name = composite.definition, composite.name
        boxes = [
            (part["name"], describe(session, r), score_table(session, r))
            for part, r in rounds_of(session, composite)
            if r is not None
        ]
        lineage = read_lineage(session)
    report(N_("计算综合得分"), 0, 1)
    result, made = own_process.work_out(progress, _worked_out, definition, boxes, lineage)
    database.write(lambda s: _keep(s, key, result, {}))
    if made is not None:
        report(N_("制作图表和文档"), 0, 1)
        files = own_process.work_out(progress, _drawn, made, name)
        database.write(lambda s: _keep(s, key, result, files))


def _run(running: Running[ById, Nothing]) -> None:
    work_out(running.database, running.asked.id, running)


KIND = JobKind("composite", ById, Nothing, _run)


def _worked_out(
    definition: Definition,
    boxes: Sequence[tuple[str, RoundDescription, ScoreTable]],
    lineage: Lineage,
    _report: Report,
) -> tuple[dict[str, object], Combined | None]:
    """Result as it is stored, and the composite object (None where it could not be computed)."""
    result, made = _result(definition, boxes, lineage)
    return written_composite(result), made


def _result(
    definition: Definition, boxes: Sequence[tuple[str, RoundDescription, ScoreTable]], lineage: Lineage
) -> tuple[CompositeResult | Impossible, Combined | None]:
    """Result as facts, and the composite object (None where it could not be computed)."""
    from analysis.electorates.composite import composite
    from analysis.errors import InputError
    from survey.services.disclosure import told
    from survey.services.results.comparisons import known_lives, with_lives

    scored_rounds, names = _scored(boxes, lineage)
    if len({scored.scale for scored in scored_rounds.values()}) > 1:
        return _impossible(reasons.OTHER_SCALES), None
    parts = definition["parts"]
    # A department of which only a bound is published is left out: the rest of a composite would tell its
    # score.
    hidden = frozenset[str]().union(*(scored.not_joined for scored in scored_rounds.values()))
    points = {p["name"]: _points(p["points"], names, lineage, hidden) for p in parts if "points" in p}
    try:
        made = composite(
            {
                name: points[name] if name in points else scored_rounds[name].without(hidden)
                for name in (p["name"] for p in parts)
            },
            {p["name"]: p["weight"] for p in parts},
            independent=definition["different_raters"],
            level=LEVEL,
            threshold=max(scored.threshold for scored in scored_rounds.values()),
            seed=SEED,
        )
    except InputError as error:
        return _impossible(error), None
    errors = {
        name: {d: scored.rounding(d) for d in scored.means if d not in hidden}
        for name, scored in scored_rounds.items()
    }
    ends = _ends(made, {name: scored.scale for name, scored in scored_rounds.items()}, points)
    made = told.composite(made, errors, replace(next(iter(scored_rounds.values())).told, ends=ends))
    summary = with_lives(made, known_lives(list(scored_rounds.values())))
    said = dict(zip(("summary_zh", "summary_en"), summary, strict=True))
    return convert({"possible": "yes", **made.to_dict(), **said}, CompositeResult), made


def _ends(
    made: Combined, scales: Mapping[str, Sequence[float]], points: Mapping[str, Mapping[str, float]]
) -> tuple[float, float]:
    """Lowest and highest composite that is possible: of marks from the worst to the best, and of the figures;
    in whole steps, as no published score may lie outside."""
    can_be = {**scales, **{name: [*given.values()] for name, given in points.items()}}
    low = sum(e.weight * min(can_be[e.name]) for e in made.electorates)
    high = sum(e.weight * max(can_be[e.name]) for e in made.electorates)
    return math.floor(low / STEP) * STEP, math.ceil(high / STEP) * STEP


def _scored(
    boxes: Sequence[tuple[str, RoundDescription, ScoreTable]], lineage: Lineage
) -> tuple[dict[str, ScoredRound], list[str]]:
    """Rounds by name of their part, all with the names of departments in the newest one, and these names."""
    newest = max((about for _name, about, _scores in boxes), key=lambda about: about.opens_on)
    scored = {name: joined(lineage, about, scores, newest).scored() for name, about, scores in boxes}
    return scored, [department.name for department in newest.questionnaire.departments]


def _points(
    points: Mapping[str, float], names: Collection[str], lineage: Lineage, hidden: Collection[str]
) -> dict[str, float]:
    """Outside figures by the names that departments have in the rounds; one of that very name comes first."""
    called = {lineage.called(name, names): x for name, x in points.items() if name not in names}
    found = called | {name: x for name, x in points.items() if name in names}
    return {name: x for name, x in found.items() if name not in hidden}


def _impossible(why: InputError | str) -> Impossible:
    from survey.services.results.scored_round import why_not

    zh, en = why_not(why)
    return Impossible(reason_zh=zh, reason_en=en)


def _drawn(made: Combined, name: str, _report: Report) -> dict[str, bytes]:
    from survey.documents.ranking.extras import electorates_extra
    from survey.documents.ranking.files import ranking_files

    files = ranking_files(made.ranking, title=name, composite=made)
    return files | electorates_extra(made).files("zh")


def _keep(session: Session, key: str, result: dict[str, object], files: dict[str, bytes]) -> None:
    composite = by_id(session, key)
    composite.result = result
    session.execute(delete(CompositeFile).where(CompositeFile.composite_id == composite.id))
    session.add_all(
        CompositeFile(composite_id=composite.id, name=name, media_type=media_type(name), content=c)
        for name, c in files.items()
    )


def files_of(session: Session, composite: Composite) -> list[tuple[str, int]]:
    """Pairs (name, bytes) of the composite's files."""
    query = select(CompositeFile.name, func.length(CompositeFile.content))
    rows = session.execute(
        query.where(CompositeFile.composite_id == composite.id).order_by(CompositeFile.name)
    )
    return [(name, size) for name, size in rows]


def file_of(session: Session, composite: Composite, name: str) -> CompositeFile:
    """File of the composite with this name; raises `NotFound`."""
    kept = session.get(CompositeFile, (composite.id, name))
    if kept is None:
        raise NotFound(N_("没有这个文件。"))
    return kept
