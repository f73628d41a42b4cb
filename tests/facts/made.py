"""Facts of which a test says what matters; whatever else a type wants is null."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from survey.facts.base import Fact

T = TypeVar("T", bound=Fact)


def made(kind: type[T], /, **values: Any) -> T:
    """A value of this type, unchecked."""
    wanted = [field.name for field in msgspec.structs.fields(kind) if field.required]
    return kind(**dict.fromkeys(wanted) | values)
