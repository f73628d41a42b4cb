"""Composites: several electorates as one index; weights are fixed before closing, the result is computed once
every round is opened."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from survey.database.engine import Database
from survey.database.locking import locked
from survey.errors import N_, Conflict, InvalidInput, NotFound, Phrase
from survey.models import AuditEvent, Composite, CompositeFile, Indicator, Round, State
from survey.models.base import random_id
from survey.models.composite import Definition, PartDefinition
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.description import RoundDescription
from survey.services.operations.audit import Actor, record
from survey.services.operations.job_kinds import ById, JobKind, Nothing, Running
from survey.services.results.ranking import LEVEL, SEED, Report, score_table
from survey.services.rounds.descriptions import describe, questionnaire_of
from survey.services.rounds.lifecycle import get_round
from survey.wording import reasons

if TYPE_CHECKING:
    from analysis.electorates.composite import Composite as Combined
    from analysis.errors import InputError

ACTION = "composite.fix"
LONGEST = 60
TOTAL = 100.0
UNDECIDED = (State.DRAFT, State.OPEN)
"""Once a round is closed its key holders could open an exported box by themselves and then choose weights."""
UNITS = ("分", "%")
"""What a figure may be counted in to enter a sum of points."""
MEDIA = {
    "json": "application/json",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Figure = tuple[str, str, str]
"""JobKind, period and name of an outside figure."""


@dataclass(frozen=True, slots=True)
class CompositePart:
    """Part of a composite as asked for: a round (its slug) or an outside figure, with a name and a weight in
    per cent."""

    name: str
    weight: float
    slug: str = ""
    figure: Figure | None = None


def fix(
    session: Session, name: str, wanted: Sequence[CompositePart], different_raters: bool, actor: Actor
) -> Composite:
    """Fix parts and weights of a new composite for good, with their digest in the audit log.

    Raises `InvalidInput` for names and weights, and `Conflict` when one of the rounds is already closed.
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST:
        said = N_("“%(name)s”应为 1 到 %(longest)s 个字。")
        raise InvalidInput(said, name=Phrase(N_("名称")), longest=LONGEST)
    if session.scalar(select(Composite.id).where(Composite.name == name)):
        raise InvalidInput(N_("已经有一个综合得分叫“%(name)s”。"), name=name)
    _check(wanted)
    definition: Definition = {
        "parts": [_part(session, part) for part in wanted],
        "different_raters": different_raters,
    }
    event = record(
        session,
        actor=actor,
        action=ACTION,
        subject=name,
        weights=[f"{part.name} {part.weight:g}%" for part in wanted],
        digest=digest(name, definition),
    )
    found = Composite(
        id=random_id(), name=name, definition=definition, event=event.number, fixed_at=event.at, result=None
    )
    session.add(found)
    session.flush()
    return found


def _check(wanted: Sequence[CompositePart]) -> None:
    if len(wanted) < 2 or not any(part.slug for part in wanted):
        raise InvalidInput(N_("至少要有两个部分，其中至少一轮评议。"))
    names = [part.name.strip() for part in wanted]
    if not all(0 < len(text) <= LONGEST for text in names) or len(set(names)) < len(names):
        raise InvalidInput(N_("每个部分都要有一个各不相同的名称，不超过 60 个字。"))
    if not all(math.isfinite(part.weight) and part.weight > 0 for part in wanted):
        raise InvalidInput(N_("权重须为正数。"))
    if abs(sum(part.weight for part in wanted) - TOTAL) > 1e-6:
        raise InvalidInput(N_("权重之和应为 100%%，现在是 %(sum)g%%。"), sum=sum(p.weight for p in wanted))


def _part(session: Session, part: CompositePart) -> PartDefinition:
    said: PartDefinition = {"name": part.name.strip(), "weight": part.weight}
    if part.slug:
        found = locked(session, get_round(session, part.slug))
        if found.state not in UNDECIDED:
            raise Conflict(N_("“%(title)s”已经截止或取消，不能再为它定权重。"), title=found.title)
        return {**said, "round": found.id.hex(), "slug": found.slug}
    rows = _figures(session, part.figure or ("", "", ""))
    if not rows:
        raise InvalidInput(N_("没有这个外部指标，或它不是以分或百分比计的。"))
    points = {row.department: row.value for row in rows}
    return {**said, "figure": list(part.figure or ()), "points": points}


def _figures(session: Session, figure: Figure) -> list[Indicator]:
    kind, period, name = figure
    same = (Indicator.kind == kind, Indicator.period == period, Indicator.name == name)
    query = select(Indicator).where(*same, Indicator.unit.in_(UNITS)).order_by(Indicator.position)
    return list(session.scalars(query))


def digest(name: str, definition: Definition) -> str:
    """SHA-256 of name and definition, as canonical JSON."""
    text = json.dumps([name, definition], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def every(session: Session) -> list[Composite]:
    """All stored composites, newest first."""
    return list(session.scalars(select(Composite).order_by(Composite.fixed_at.desc(), Composite.name)))


def by_id(session: Session, key: str) -> Composite:
    """Composite with this hexadecimal id; raises `NotFound`."""
    try:
        found = session.get(Composite, bytes.fromhex(key))
    except ValueError:
        found = None
    if found is None:
        raise NotFound(N_("没有这个综合得分。"))
    return found


def available(session: Session) -> tuple[list[Round], list[Figure]]:
    """Rounds that may still become part of a composite, and outside figures in points or per cent."""
    query = select(Round).where(Round.state.in_(UNDECIDED)).order_by(Round.opens_on, Round.slug)
    figures = (
        select(Indicator.kind, Indicator.period, Indicator.name)
        .where(Indicator.unit.in_(UNITS))
        .distinct()
        .order_by(Indicator.kind, Indicator.period.desc(), Indicator.name)
    )
    return list(session.scalars(query)), [(k, p, n) for k, p, n in session.execute(figures)]


def unaltered(session: Session, found: Composite) -> bool:
    """Whether parts and weights are still those whose digest is in the audit log."""
    event = session.get(AuditEvent, found.event)
    return (
        event is not None
        and (event.action, event.subject) == (ACTION, found.name)
        and event.detail.get("digest") == digest(found.name, found.definition)
    )


def lacking(session: Session, definition: Definition) -> dict[str, list[str]]:
    """Departments of the rounds for which an outside part has no points, by part; they get no composite
    score."""
    rated: dict[str, None] = {}
    for part in definition["parts"]:
        if "round" in part and (found := session.get(Round, bytes.fromhex(part["round"]))):
            rated |= dict.fromkeys(d.name for d in questionnaire_of(found).departments)
    outside = {part["name"]: part["points"] for part in definition["parts"] if "points" in part}
    missing = {name: [d for d in rated if d not in points] for name, points in outside.items()}
    return {name: departments for name, departments in missing.items() if departments}


def rounds_of(session: Session, found: Composite) -> list[tuple[PartDefinition, Round | None]]:
    """Parts that are rounds, each with its round (None where that no longer exists)."""
    parts = [part for part in found.definition["parts"] if "round" in part]
    return [(part, session.get(Round, bytes.fromhex(part["round"]))) for part in parts]


def is_ready(session: Session, found: Composite) -> bool:
    """Whether every round of the composite is opened, and the weights are unaltered."""
    opened = [r is not None and r.state == State.OPENED for _part, r in rounds_of(session, found)]
    return all(opened) and unaltered(session, found)


def work_out(database: Database, key: str, progress: Report | None = None) -> None:
    """Compute and store the result of a composite, then its files; repeating gives the same.

    Raises `Conflict` before all rounds are opened, or when the weights are not those of the audit log.
    """
    report = progress or (lambda *_: None)
    with database.read() as session:
        found = by_id(session, key)
        if not is_ready(session, found):
            raise Conflict(N_("还有轮次没有开箱，或权重与操作日志不符，不能计算。"))
        definition, name = found.definition, found.name
        boxes = [
            (part["name"], describe(session, r), score_table(session, r))
            for part, r in rounds_of(session, found)
            if r is not None
        ]
    report(N_("计算综合得分"), 0, 1)
    result, made = _result(definition, boxes)
    database.write(lambda s: _keep(s, key, result, {}))
    if made is not None:
        report(N_("制作图表和文档"), 0, 1)
        files = _drawn(made, name)
        database.write(lambda s: _keep(s, key, result, files))


def _run(running: Running[ById, Nothing]) -> None:
    work_out(running.database, running.asked.id, running)


KIND = JobKind("composite", ById, Nothing, _run)


def _result(
    definition: Definition, boxes: Sequence[tuple[str, RoundDescription, ScoreTable]]
) -> tuple[dict[str, object], Combined | None]:
    """Result as it is stored and shown, and the composite object (None where it could not be computed)."""
    from analysis.electorates.composite import composite
    from analysis.errors import InputError
    from survey.services.disclosure import told
    from survey.services.results.scored_round import Material

    materials = {name: Material(description, scores) for name, description, scores in boxes}
    if len({material.scale for material in materials.values()}) > 1:
        return _impossible(reasons.OTHER_SCALES), None
    parts = definition["parts"]
    # A department of which only a bound is published is left out: the rest of a composite would tell its
    # score.
    hidden = frozenset[str]().union(*(material.bounded for material in materials.values()))
    try:
        made = composite(
            {
                p["name"]: {n: x for n, x in p["points"].items() if n not in hidden}
                if "points" in p
                else materials[p["name"]].without(hidden)
                for p in parts
            },
            {p["name"]: p["weight"] for p in parts},
            independent=definition["different_raters"],
            level=LEVEL,
            threshold=max(material.threshold for material in materials.values()),
            seed=SEED,
        )
    except InputError as error:
        return _impossible(error), None
    errors = {name: {d: m.rounding(d) for d in m.means if d not in hidden} for name, m in materials.items()}
    made = told.composite(made, errors, next(iter(materials.values())).told)
    said = {"summary_zh": made.summary("zh"), "summary_en": made.summary("en")}
    return {"possible": True, **made.to_dict(), **said}, made


def _impossible(why: InputError | str) -> dict[str, object]:
    from survey.services.results.scored_round import why_not

    zh, en = why_not(why)
    return {"possible": False, "reason_zh": zh, "reason_en": en}


def _drawn(made: Combined, name: str) -> dict[str, bytes]:
    from survey.documents.ranking.extras import electorates_extra
    from survey.documents.ranking.files import ranking_files

    files = ranking_files(made.ranking, title=name, composite=made)
    return files | electorates_extra(made, "zh").files()


def _keep(session: Session, key: str, result: dict[str, object], files: dict[str, bytes]) -> None:
    found = by_id(session, key)
    found.result = result
    session.execute(delete(CompositeFile).where(CompositeFile.composite_id == found.id))
    session.add_all(
        CompositeFile(composite_id=found.id, name=name, media_type=MEDIA[name.rpartition(".")[2]], content=c)
        for name, c in files.items()
    )


def files_of(session: Session, found: Composite) -> list[tuple[str, int]]:
    """Pairs (name, bytes) of the composite's files."""
    query = select(CompositeFile.name, func.length(CompositeFile.content))
    rows = session.execute(query.where(CompositeFile.composite_id == found.id).order_by(CompositeFile.name))
    return [(name, size) for name, size in rows]


def file_of(session: Session, found: Composite, name: str) -> CompositeFile:
    """File of the composite with this name; raises `NotFound`."""
    kept = session.get(CompositeFile, (found.id, name))
    if kept is None:
        raise NotFound(N_("没有这个文件。"))
    return kept
