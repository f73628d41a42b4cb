"""Read-only arrays and equality with NaN for frozen result dataclasses."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


def freeze(value: Any) -> None:
    """Make the array fields of a frozen dataclass read-only; does not import numpy."""
    for field in dataclasses.fields(value):
        array = getattr(value, field.name)
        if hasattr(array, "setflags") and hasattr(array, "view"):
            own = array.view()
            own.setflags(write=False)
            object.__setattr__(value, field.name, own)


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal, NaN equal to NaN; the texts (zh, en) of notes and reasons are not
    compared."""
    if hasattr(a, "dtype") or hasattr(b, "dtype"):
        import numpy as np

        a, b = np.asarray(a), np.asarray(b)
        return a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f" == b.dtype.kind)
    if dataclasses.is_dataclass(a) and not isinstance(a, type):
        if type(a) is not type(b):
            return False
        names = [field.name for field in dataclasses.fields(a)]
        told = {"zh", "en"} if "code" in names else set()
        return all(same(getattr(a, name), getattr(b, name)) for name in names if name not in told)
    if isinstance(a, list | tuple):
        return isinstance(b, list | tuple) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, Mapping):
        return isinstance(b, Mapping) and a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return bool(a == b or (a != a and b != b))
