"""Sampling of enterprises for a round, so that anybody can repeat the draw from the printed seed.

Within each stratum the enterprises with the smallest SHA-256(seed ‖ ":" ‖ credit code) are drawn. Frame and
draw are archived as one table with its digest; the first invitation freezes them.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, NamedTuple, cast

from msgspec import convert
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.database.locking import locked
from survey.documents.layout.inert import inert
from survey.errors import N_, Conflict, Frozen, InvalidInput
from survey.models import Enterprise, Round, State
from survey.models.roster import Sample
from survey.services.operations.audit import Actor, record

UNKNOWN = "未填"
ALL = "全部"
JOINED = " × "
HEADINGS = ("统一社会信用代码", "企业名称", "层", "层内企业数", "层内抽取数", "随机数", "抽中")


@dataclass(frozen=True, slots=True)
class SampleDesign:
    """Design of a sample: `strata` are names of the roster's strata; `method` as in
    `analysis.sampling.allocation`; `size`: enterprises in all.

    `response_rate` and `ratings` (departments an enterprise rates) are assumptions of the plan.
    """

    strata: tuple[str, ...]
    method: str
    size: int
    seed: str
    minimum: int = 0
    power: float = 0.5
    response_rate: float = 0.6
    ratings: float = 6.0


class Cell(NamedTuple):
    """Stratum of the design: `size` enterprises, of which `drawn` are drawn."""

    name: str
    size: int
    drawn: int

    @property
    def weight(self) -> float:
        """Number of enterprises that one drawn enterprise stands for; 0 where none is drawn."""
        return self.size / self.drawn if self.drawn else 0.0


class _Unit(NamedTuple):
    credit_code: str
    name: str
    cell: str


def strata_of_roster(session: Session) -> dict[str, Counter[str]]:
    """Strata in the roster, each with the number of enterprises by option."""
    found: dict[str, Counter[str]] = {}
    total = 0
    for strata in session.scalars(select(Enterprise.strata).where(~Enterprise.retired)):
        total += 1
        for name, option in strata.items():
            found.setdefault(name, Counter())[option] += 1
    for counts in found.values():
        missing = total - counts.total()
        if missing:
            counts[UNKNOWN] += missing
    return found


def allocation(session: Session, design: SampleDesign) -> list[Cell]:
    """Strata with the numbers that the design would draw, without drawing; raises `InvalidInput`."""
    return _allocate(_frame(session, design), design)


def draw(session: Session, round: Round, design: SampleDesign, actor: Actor, today: date) -> Sample:
    """Draw the sample and archive it; replaces an earlier draw. Raises `Frozen`
    after the first invitation."""
    round = locked(session, round)
    if round.frozen or round.state != State.DRAFT:
        raise Frozen(N_("邀请已经签发，样本不能再改。"))
    units = _frame(session, design)
    cells = _allocate(units, design)
    content, drawn = _table(units, cells, design.seed)
    digest = hashlib.sha256(content).digest()
    drop(session, round)
    sample = Sample(
        round_id=round.id,
        design=asdict(design) | {"cells": [list(cell) for cell in cells]},
        seed=design.seed,
        drawn_on=today,
        frame_size=len(units),
        drawn=drawn,
        frame=gzip.compress(content, mtime=0),
        digest=digest,
    )
    session.add(sample)
    detail = {"frame": len(units), "drawn": drawn, "seed": design.seed, "digest": digest.hex()}
    record(session, actor=actor, action="sample.draw", subject=round.slug, **detail)
    return sample


def drop(session: Session, round: Round) -> None:
    """Delete the round's sample, so that the whole roster is invited; raises `Frozen` after the first
    invitation."""
    round = locked(session, round)
    if round.frozen:
        raise Frozen(N_("邀请已经签发，样本不能再改。"))
    sample = session.get(Sample, round.id)
    if sample is not None:
        session.delete(sample)
        session.flush()


def sample_of(session: Session, round: Round) -> Sample | None:
    """Archived sample of the round; None when the whole roster is invited."""
    return session.get(Sample, round.id)


def design_of(sample: Sample) -> SampleDesign:
    """Design of an archived sample."""
    return convert(sample.design, SampleDesign)


def cells_of(sample: Sample) -> list[Cell]:
    """Strata of an archived sample."""
    return [Cell(name, size, drawn) for name, size, drawn in sample.design["cells"]]


def table_of(sample: Sample) -> bytes:
    """Frame and draw as CSV in UTF-8; its SHA-256 is the archived digest."""
    return gzip.decompress(sample.frame)


def drawn_codes(sample: Sample) -> list[str]:
    """Credit codes of the enterprises drawn."""
    rows = csv.reader(io.StringIO(table_of(sample).decode()))
    next(rows)
    return [row[0] for row in rows if row[-1] == "1"]


def drawn_enterprises(session: Session, round: Round) -> list[Enterprise]:
    """Enterprises drawn for the round; raises `Conflict` without a sample, or
    when one has left the roster."""
    sample = sample_of(session, round)
    if sample is None:
        raise Conflict(N_("本轮还没有抽样。"), remedy=N_("请先抽样，或者选择邀请整个名录。"))
    wanted = set(drawn_codes(sample))
    found = [
        e for e in session.scalars(select(Enterprise).where(~Enterprise.retired)) if e.credit_code in wanted
    ]
    if len(found) < len(wanted):
        raise Conflict(N_("抽中的企业有的已不在名录里。"), remedy=N_("请重新抽样。"))
    return found


def _frame(session: Session, design: SampleDesign) -> list[_Unit]:
    """Enterprises of the roster by credit code, each with its stratum; raises `InvalidInput` for an empty
    roster."""
    query = (
        select(Enterprise.credit_code, Enterprise.name, Enterprise.strata)
        .where(~Enterprise.retired)
        .order_by(Enterprise.credit_code)
    )
    units = [_Unit(code, name, _cell(strata, design.strata)) for code, name, strata in session.execute(query)]
    if not units:
        raise InvalidInput(N_("名录还是空的。"), remedy=N_("请先导入企业名录。"))
    return units


def _cell(strata: Mapping[str, str], names: Sequence[str]) -> str:
    return JOINED.join(strata.get(name) or UNKNOWN for name in names) or ALL


def _allocate(units: Sequence[_Unit], design: SampleDesign) -> list[Cell]:
    from analysis.errors import InputError
    from analysis.sampling.allocation import Method, allocate

    if not 1 <= len(design.seed) <= 64:
        raise InvalidInput(N_("种子应为 1 到 64 个字符。"))
    sizes = Counter(unit.cell for unit in units)
    names = sorted(sizes, key=lambda name: (-sizes[name], name))
    _check(design, list(sizes.values()))
    method = cast("Method", design.method)
    try:
        drawn = allocate(
            [sizes[name] for name in names], design.size, method, minimum=design.minimum, power=design.power
        )
    except InputError as error:
        raise InvalidInput.bilingual(error.zh, error.en) from error
    return [Cell(name, sizes[name], count) for name, count in zip(names, drawn, strict=True)]


def _check(design: SampleDesign, sizes: Sequence[int]) -> None:
    everybody, least = sum(sizes), sum(min(size, design.minimum) for size in sizes)
    if not 1 <= design.size <= everybody:
        raise InvalidInput(N_("样本应在 1 到 %(most)s 家之间。"), most=everybody)
    if least > design.size:
        raise InvalidInput(
            N_("每层至少 %(minimum)s 家，一共要 %(least)s 家，多于样本的 %(size)s 家。"),
            remedy=N_("请增加样本，或者降低每层下限。"),
            minimum=design.minimum,
            least=least,
            size=design.size,
        )


def _table(units: Sequence[_Unit], cells: Sequence[Cell], seed: str) -> tuple[bytes, int]:
    known = {cell.name: cell for cell in cells}
    keys = {unit.credit_code: random_key(seed, unit.credit_code) for unit in units}
    waiting: dict[str, list[str]] = {cell.name: [] for cell in cells}
    for unit in units:
        waiting[unit.cell].append(unit.credit_code)
    drawn = {
        code
        for name, codes in waiting.items()
        for code in sorted(codes, key=keys.__getitem__)[: known[name].drawn]
    }
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEADINGS)
    for unit in units:
        cell, code = known[unit.cell], unit.credit_code
        row: list[Any] = [code, inert(unit.name), inert(unit.cell), cell.size, cell.drawn, keys[code]]
        writer.writerow([*row, int(code in drawn)])
    return buffer.getvalue().encode(), len(drawn)


def random_key(seed: str, credit_code: str) -> str:
    """Hexadecimal number of the enterprise; those with the smallest ones are drawn."""
    return hashlib.sha256(f"{seed}:{credit_code}".encode()).hexdigest()
