"""Rules for records of JSON files: a mapping with known fields becomes a dataclass, errors name the field.

A rule (see `analysis.values.arguments`) takes the field's path, such as ``levels[2, 满意].points``, and its
value; places of a list count from 1.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import MISSING, fields
from difflib import get_close_matches
from typing import Any, Final

from analysis.values.arguments import Rule, refusal, shown

_LONGEST: Final = 1000
_LABEL: Final = 20


def record(kind: type, label: str = "", **rules: Rule) -> Rule:
    """Rule: a mapping with the fields of the dataclass `kind`, each checked by its rule; fields with defaults
    may be missing. label: the field that names a record in messages."""
    needed = [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]

    def check(path: str, value: Any) -> Any:
        if isinstance(value, Mapping) and isinstance(named := value.get(label), str) and named:
            path = f"{path[:-1]}, {named[:_LABEL]}]"
        _refuse_fields(path, value, rules, needed)
        return kind(**{name: rules[name](_below(path, name), member) for name, member in value.items()})

    return check


def entries(rule: Rule) -> Rule:
    """Rule: a list, each of whose members passes `rule`; as a tuple."""

    def check(path: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            got = shown(value)
            raise refusal(path, f"应是列表 [ … ]，得到 {got}。", f"needs a list [ … ], not {got}.")
        return tuple(rule(f"{path}[{place}]", member) for place, member in enumerate(value, 1))

    return check


def line(path: str, value: Any) -> str:
    """Rule: a text of one line, perhaps empty."""
    if not isinstance(value, str):
        raise refusal(path, f"应是文字，得到 {shown(value)}。", f"needs a text, not {shown(value)}.")
    if len(value) > _LONGEST:
        zh = f"有 {len(value)} 个字，最多 {_LONGEST} 个。"
        raise refusal(path, zh, f"has {len(value)} characters, at most {_LONGEST}.")
    return value


def _refuse_fields(path: str, value: Any, known: Collection[str], needed: Collection[str]) -> None:
    if not isinstance(value, Mapping):
        got = shown(value)
        raise refusal(path or "{}", f"应是 {{ … }}，得到 {got}。", f"needs {{ … }}, not {got}.")
    listed = ", ".join(known)
    for name in value:
        if name not in known:
            near = get_close_matches(str(name), known, 1)
            zh, en = (f"，是不是 {near[0]}？", f"; is it {near[0]}?") if near else ("。", ".")
            raise refusal(
                _below(path, str(name)),
                f"没有这一项{zh}可以有：{listed}。",
                f"is unknown{en} Known: {listed}.",
            )
    for name in needed:
        if name not in value:
            raise refusal(_below(path, name), "少了这一项，请补上。", "is missing; add it.")


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
