"""Enterprise of the roster, as files carry it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RosterRow:
    """Enterprise of the roster: credit code in capitals; phone as digits; `strata` maps a stratum to its
    option, such as 规模 → 小."""

    credit_code: str
    name: str
    contact: str = ""
    phone: str = ""
    strata: dict[str, str] = field(default_factory=dict)
    email: str = ""
