"""Files between the machines: canonical JSON of known fields, and signatures over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from survey.errors import InvalidInput
from survey.protocol.canonical_json import canonical_json
from survey.protocol.plain_json import strict_json


class _Written(Protocol):
    def to_dict(self) -> dict[str, Any]:
        """The JSON object that was read."""


T = TypeVar("T", bound=_Written)

VERSION = 1


def read_known(text: str | bytes | dict[str, Any], of: Callable[[dict[str, Any]], T], refusal: str) -> T:
    """Result of `of`, which reads a JSON object, after checking that its `to_dict()` gives the same JSON
    back.

    Raises `InvalidInput` with the message id `refusal` (its placeholder is `why`) for another format, an
    unknown field or a value of another type.
    """
    try:
        value = text if isinstance(text, dict) else strict_json(text)
        found = of(value)
        written, given = canonical_json(found.to_dict()), canonical_json(value)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InvalidInput(refusal, why=error) from error
    if written != given:
        raise InvalidInput(refusal, why="fields")
    return found


def check_format(value: dict[str, Any], form: str) -> None:
    """Raise `ValueError` for a file of another format or version."""
    if (value["format"], value["version"]) != (form, VERSION) or type(value["version"]) is not int:
        raise ValueError(f"{value['format']} {value['version']}")


def check_count(number: Any) -> int:
    """`number`, checked to be an int of 0 or more; raises `ValueError`."""
    if type(number) is not int or number < 0:
        raise ValueError(f"{number!r}")
    return number
