"""One outside figure of a department, as files carry it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One figure of one department."""

    department: str
    name: str
    value: float
    province: float | None
    city: float | None
    unit: str
