"""Composites: several electorates as one index; weights are fixed before closing."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.database.locking import locked
from survey.errors import N_, Conflict, InvalidInput, NotFound, Phrase
from survey.models import AuditEvent, Composite, Indicator, Round, State
from survey.models.base import random_id
from survey.models.composite import Definition, PartDefinition
from survey.services.departments.lineage import read_lineage
from survey.services.operations.audit import Actor, record
from survey.services.rounds.descriptions import questionnaire_of
from survey.services.rounds.real import get_real_round

ACTION = "composite.fix"
LONGEST = 60
TOTAL = 100.0
UNDECIDED = (State.DRAFT, State.OPEN)
"""Once a round is closed its key holders could open an exported box by themselves and then choose weights."""
UNITS = (N_("分"), "%")
"""What a figure may be counted in to enter a sum of points."""
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
    composite = Composite(
        id=random_id(), name=name, definition=definition, event=event.number, fixed_at=event.at, result=None
    )
    session.add(composite)
    session.flush()
    return composite


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
        round = locked(session, get_real_round(session, part.slug))
        if round.state not in UNDECIDED:
            raise Conflict(N_("“%(title)s”已经截止或取消，不能再为它定权重。"), title=round.title)
        return {**said, "round": round.id.hex(), "slug": round.slug}
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
        composite = session.get(Composite, bytes.fromhex(key))
    except ValueError:
        composite = None
    if composite is None:
        raise NotFound(N_("没有这个综合得分。"))
    return composite


def available(session: Session) -> tuple[list[Round], list[Figure]]:
    """Rounds that may still become part of a composite, and outside figures in points or per cent."""
    query = select(Round).where(Round.state.in_(UNDECIDED), ~Round.trial).order_by(Round.opens_on, Round.slug)
    figures = (
        select(Indicator.kind, Indicator.period, Indicator.name)
        .where(Indicator.unit.in_(UNITS))
        .distinct()
        .order_by(Indicator.kind, Indicator.period.desc(), Indicator.name)
    )
    return list(session.scalars(query)), [(k, p, n) for k, p, n in session.execute(figures)]


def unaltered(session: Session, composite: Composite) -> bool:
    """Whether parts and weights are still those whose digest is in the audit log."""
    event = session.get(AuditEvent, composite.event)
    return (
        event is not None
        and (event.action, event.subject) == (ACTION, composite.name)
        and event.detail.get("digest") == digest(composite.name, composite.definition)
    )


def lacking(session: Session, definition: Definition) -> dict[str, list[str]]:
    """Departments of the rounds for which an outside part has no points, by part; they get no composite
    score."""
    rated: dict[str, None] = {}
    for part in definition["parts"]:
        if "round" in part and (round := session.get(Round, bytes.fromhex(part["round"]))):
            rated |= dict.fromkeys(d.name for d in questionnaire_of(round).departments)
    outside = {part["name"]: part["points"] for part in definition["parts"] if "points" in part}
    lineage = read_lineage(session)
    missing = {
        name: [d for d in rated if lineage.called(d, points) not in points]
        for name, points in outside.items()
    }
    return {name: departments for name, departments in missing.items() if departments}


def rounds_of(session: Session, composite: Composite) -> list[tuple[PartDefinition, Round | None]]:
    """Parts that are rounds, each with its round (None where that no longer exists)."""
    parts = [part for part in composite.definition["parts"] if "round" in part]
    return [(part, session.get(Round, bytes.fromhex(part["round"]))) for part in parts]


def is_ready(session: Session, composite: Composite) -> bool:
    """Whether every round of the composite is opened, and the weights are unaltered."""
    opened = [r is not None and r.state == State.OPENED for _part, r in rounds_of(session, composite)]
    return all(opened) and unaltered(session, composite)
