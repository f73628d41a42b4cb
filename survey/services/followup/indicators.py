"""Outside indicators: scores of provincial assessments (省市评估) and 12345 hotline figures, beside the
survey's own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from msgspec.structs import replace
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from analysis.answers.spelling import clean_line
from survey.documents.uploads.indicator_row import IndicatorRow
from survey.errors import N_, InvalidInput, Phrase
from survey.facts.publication import OutsideFigure
from survey.models import Indicator, IndicatorKind
from survey.services.departments.lineage import read_lineage
from survey.services.operations.audit import Actor, record
from survey.texts import require_drawable

LINE = 70.0
POINTS = "分"
LONGEST_PERIOD = 40


@dataclass(frozen=True, slots=True)
class Imported:
    """Number of figures imported, and of figures of the same kind and period that they replaced."""

    added: int
    replaced: int


def import_indicators(
    session: Session, kind: str, period: str, rows: Sequence[IndicatorRow], actor: Actor
) -> Imported:
    """Replace all figures of this kind and period by `rows`; raises `InvalidInput` for an unknown kind or no
    period."""
    if kind not in set(IndicatorKind):
        raise InvalidInput(N_("请选择是评估得分还是 12345 数据。"))
    period = clean_line(period)
    if not 0 < len(period) <= LONGEST_PERIOD:
        raise InvalidInput(
            N_("“%(name)s”应为 1 到 %(longest)s 个字。"), name=Phrase(N_("时期")), longest=LONGEST_PERIOD
        )
    require_drawable([(N_("时期"), period)])
    for row in rows:
        require_drawable([(N_("部门"), row.department), (N_("指标"), row.name), (N_("单位"), row.unit)])
    same = (Indicator.kind == kind, Indicator.period == period)
    before = len(session.scalars(select(Indicator).where(*same)).all())
    session.execute(delete(Indicator).where(*same))
    session.flush()
    for position, row in enumerate(rows):
        session.add(_indicator(kind, period, position, row))
    session.flush()
    counts = {"rows": len(rows), "replaced": before}
    record(session, actor=actor, action="indicator.import", subject=period, kind=kind, **counts)
    return Imported(len(rows), before)


def remove(session: Session, kind: str, period: str, actor: Actor) -> int:
    """Delete all figures of one kind and period; returns how many there were."""
    same = (Indicator.kind == kind, Indicator.period == period)
    count = len(session.scalars(select(Indicator).where(*same)).all())
    session.execute(delete(Indicator).where(*same))
    record(session, actor=actor, action="indicator.remove", kind=kind, period=period, rows=count)
    return count


def periods(session: Session) -> list[tuple[str, str]]:
    """Pairs (kind, period) that have been imported, in descending order."""
    query = select(Indicator.kind, Indicator.period).distinct()
    return sorted(((kind, period) for kind, period in session.execute(query)), reverse=True)


def of_period(session: Session, kind: str, period: str) -> list[OutsideFigure]:
    """Figures of one import (kind and period), in the order of the file."""
    query = select(Indicator).where(Indicator.kind == kind, Indicator.period == period)
    return [_shown(row) for row in session.scalars(query.order_by(Indicator.position))]


def latest_of(session: Session, departments: Collection[str]) -> list[OutsideFigure]:
    """`latest`, with the figures of these departments under the names that they have here."""
    lineage = read_lineage(session)
    return [replace(f, department=lineage.called(f.department, departments)) for f in latest(session)]


def latest(session: Session) -> list[OutsideFigure]:
    """Figures of the newest period of each kind; `below` is True where a value in points is under 70."""
    found: list[OutsideFigure] = []
    known = periods(session)
    for kind in IndicatorKind:
        newest = next((period for k, period in known if k == kind), None)
        if newest is not None:
            found += of_period(session, kind, newest)
    return found


def _indicator(kind: str, period: str, position: int, row: IndicatorRow) -> Indicator:
    return Indicator(
        kind=kind,
        period=period,
        department=row.department,
        name=row.name,
        position=position,
        value=row.value,
        province=row.province,
        city=row.city,
        unit=row.unit,
    )


def _shown(row: Indicator) -> OutsideFigure:
    return OutsideFigure(
        kind="hotline" if row.kind == IndicatorKind.HOTLINE else "assessment",
        period=row.period,
        department=row.department,
        name=row.name,
        value=row.value,
        unit=row.unit,
        province=row.province,
        city=row.city,
        below=row.unit == POINTS and row.value < LINE,
    )
