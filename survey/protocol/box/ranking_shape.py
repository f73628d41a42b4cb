"""Shape of a ranking of version 1: an export may hold no other fields, which nobody would look at."""

from __future__ import annotations

from typing import Any

from survey.protocol.plain_json import plain

# Shape: a kind as text ("?" allows null), a list with the shape of all entries (or null), or a mapping from
# field to shape ("*": any field).
_INTERVAL = ["float?"]
_DEPARTMENT = {
    **dict.fromkeys(("name", "tier", "vs_average"), "str"),
    **dict.fromkeys(("n", "rank", "component"), "int?"),
    **dict.fromkeys(("mean", "adjusted", "se", "average_difference", "df"), "float?"),
    "ci": _INTERVAL,
    "average_ci": _INTERVAL,
    "rank_set": ["int"],
}
_PAIR = {
    **dict.fromkeys(("a", "b"), "str"),
    **dict.fromkeys(("difference", "se", "p_adjusted", "df", "p_additive", "p_latent", "se_cr0"), "float?"),
    "ci": _INTERVAL,
    "significant": "bool",
}
_FIELDS: dict[str, Any] = {
    **dict.fromkeys(("version", "n_raters", "n_ratings"), "int?"),
    "level": "float",
    "global_test": {
        **dict.fromkeys(("statistic", "df1", "df2", "p_value"), "float?"),
        "method": "str",
    },
    "departments": [_DEPARTMENT],
    "pairs": [_PAIR],
    "notes": ["str"],
    "note_codes": ["str"],
    "insufficient": [{"name": "str", "n": "int?", "code": "str", "reason": "str"}],
    "method": {
        **dict.fromkeys(("threshold", "draws", "seed", "n_components"), "int?"),
        **dict.fromkeys(("stepdown", "latent_guard"), "bool"),
        "critical_values": {"*": "float?"},
        "scale": ["float"],
    },
}
SHAPE = _FIELDS | {"method_version": "int?", "groups": [{"name": "str"} | _FIELDS]}


def check_ranking(value: dict[str, Any]) -> None:
    """Raise `TypeError` or `ValueError` unless `value` has the shape of a ranking of version 1."""
    if type(value.get("version")) is not int or value["version"] != 1:
        raise ValueError("version")
    _check(value, SHAPE)


def _check(value: Any, shape: Any) -> None:
    if isinstance(shape, str):
        if value is not None or not shape.endswith("?"):
            plain(shape.removesuffix("?"), value)
    elif isinstance(shape, list):
        if not isinstance(value, list | None):
            raise TypeError("list")
        for entry in value or ():
            _check(entry, shape[0])
    else:
        if not isinstance(value, dict):
            raise TypeError("object")
        for name, part in value.items():
            if name not in shape and "*" not in shape:
                raise ValueError(name)
            _check(part, shape.get(name) or shape["*"])
