"""Base classes of all facts: frozen values, decoded strictly, whose field names are the names in the JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Literal, dataclass_transform

import msgspec
from msgspec import Struct

Language = Literal["zh", "en"]
Interval = tuple[float | None, float | None]
"""[low, high]; both null where there is none."""
RankSet = tuple[int, int]
"""[best, worst] rank."""
Side = Literal["above", "below", "same"]
"""same: cannot be told."""
Direction = Literal["up", "down", "same"]
"""same: within chance."""
Withheld = Literal["", "threshold", "unanimous", "complementary", "none", "not_compared"]
"""Why a figure is null: too few ballots stand behind it, it would say what every rater answered, another
could be worked out from it, nobody answered, or there is too little to compare; "" where it is shown."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class _Frozen(msgspec.StructMeta):
    """Metaclass that makes every class of facts frozen and its fields keyword-only."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any], **options: Any) -> _Frozen:
        return super().__new__(cls, name, bases, body, **{"frozen": True, "kw_only": True} | options)


class Fact(Struct, metaclass=_Frozen, forbid_unknown_fields=True, omit_defaults=True):
    """Frozen value with the names of the JSON. A field without a default is always written, if need be as
    null; one with a default is left out of the JSON where it has that value."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, dict):
                msgspec.structs.force_setattr(self, name, MappingProxyType(value))


class Possible(Fact, tag_field="possible", tag="yes"):
    """Base of the parts of the facts that could be worked out (`possible` is true in the JSON)."""

    possible: ClassVar[Literal[True]] = True


class Impossible(Fact, tag_field="possible", tag="no"):
    """Part of the facts that could not be worked out (`possible` is false in the JSON), and the reason."""

    possible: ClassVar[Literal[False]] = False
    reason_zh: str
    reason_en: str

    def reason(self, language: Language) -> str:
        return in_language(language, self.reason_zh, self.reason_en)


def in_language(language: Language, zh: str, en: str) -> str:
    """`en` for English where it is not empty, else `zh`."""
    return en if language == "en" and en else zh


def finite(value: float) -> float | None:
    """`value`; None where it is NaN or infinite, since JSON has no such number."""
    return float(value) if math.isfinite(value) else None


def interval(ci: Sequence[float]) -> Interval:
    """Interval [low, high] as facts have it; None for an end that is not finite."""
    low, high = ci
    return finite(low), finite(high)


def plain(fact: Struct) -> dict[str, Any]:
    """Dictionaries and lists of the fact, as parsed JSON has them. Raises ValueError for a number that is not
    finite."""
    written: dict[str, Any] = json.loads(
        json.dumps(msgspec.to_builtins(fact, enc_hook=dict), allow_nan=False)
    )
    return written
