"""Outside indicator of a department, as files carry it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """Value of one indicator for one department, with the averages of province and city (None where not
    given)."""

    department: str
    name: str
    value: float
    province: float | None
    city: float | None
    unit: str
