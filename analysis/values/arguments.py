"""Rules that check the arguments of public functions before anything is computed.

``@checked(level=proportion, draws=whole(1))`` assigns a rule to each argument; a rule takes the name and the
value of the argument, and returns the value in the form the function works with, or raises an InputError that
names the argument. Plain Python; rules for arrays are in `analysis.values.arrays`.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from numbers import Real
from typing import Any, ParamSpec, TypeVar

from analysis.errors import InputError

P = ParamSpec("P")
R = TypeVar("R")
Rule = Callable[[str, Any], Any]

MOST_DRAWS = 10_000_000
MOST_DEPARTMENTS = 5_000
"""Most departments: all their differences are 25 million numbers each for estimates, errors and intervals."""
LARGEST = 1e50
"""Largest number accepted; fourth powers of larger ones overflow double precision."""


def checked(**rules: Rule) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorator that passes each named argument through its rule before the call; defaults are not
    checked."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            given = signature.bind(*args, **kwargs)
            for name in rules.keys() & given.arguments.keys():
                given.arguments[name] = rules[name](name, given.arguments[name])
            return function(*given.args, **given.kwargs)

        return call

    return decorate


def refusal(
    argument: str, zh: str, en: str, *, row: int | None = None, name: str | None = None
) -> InputError:
    """Make the InputError for an argument; its message starts with the argument's name."""
    return InputError(f"参数 {argument}：{zh}", f"{argument}: {en}", row=row, column=argument, name=name)


def shown(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:
        text = type(value).__name__
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:39] + "…"


def _single(name: str, value: Any) -> float:
    """Check that `value` is one real number, maybe infinite (no truth value, text, array or NaN); return it
    as float."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item() if not hasattr(value, "mask") else None
    if isinstance(value, bool) or not isinstance(value, Real):
        raise refusal(name, f"应是一个数，得到 {shown(value)}。", f"needs a number, not {shown(value)}.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isnan(number):
        raise refusal(name, "不能是 NaN。", "must not be NaN.")
    return number


def real(low: float = -LARGEST, high: float = LARGEST, *, above: bool = False, below: bool = False) -> Rule:
    """Rule: a number between low and high; ``above`` and ``below`` exclude the ends."""

    def rule(name: str, value: Any) -> float:
        number = _single(name, value)
        if number < low or number > high or (above and number == low) or (below and number == high):
            zh = f"应{'大于' if above else '不小于'} {low:g}、{'小于' if below else '不大于'} {high:g}"
            en = f"must be {'above' if above else 'at least'} {low:g} and "
            en += f"{'below' if below else 'at most'} {high:g}"
            raise refusal(name, f"{zh}，得到 {number:g}。", f"{en}, not {number:g}.")
        return number

    return rule


def proportion(name: str, value: Any) -> float:
    """Rule: a proportion strictly between 0 and 1, such as a confidence level."""
    number = _single(name, value)
    if 1 < number < 100:
        raise refusal(
            name,
            f"{number:g} 应写成比例 {number / 100:g}。",
            f"write {number:g} per cent as {number / 100:g}.",
        )
    return float(real(0, 1, above=True, below=True)(name, number))


def confidence(name: str, value: Any) -> float:
    """Rule: a joint confidence level, at least 0.5 and below 1."""
    number = proportion(name, value)
    if number < 0.5:
        raise refusal(
            name,
            f"置信度 {number:g} 应在 0.5 与 1 之间，例如 0.95。",
            f"the level {number:g} must lie between 0.5 and 1, such as 0.95.",
        )
    return number


def whole(least: int, most: int = 2**63 - 1) -> Rule:
    """Rule: a whole number from least to most; 1e4 is one, True and 1.5 are not."""

    def rule(name: str, value: Any) -> int:
        number = _single(name, value)
        if not number.is_integer():
            raise refusal(name, f"应是整数，得到 {shown(value)}。", f"needs a whole number, not {number:g}.")
        exact = int(value) if isinstance(value, int) else int(number)
        if not least <= exact <= most:
            limit_zh = f"至少为 {least}" if exact < least else f"最多为 {most}"
            limit_en = f"at least {least}" if exact < least else f"at most {most}"
            raise refusal(name, f"{limit_zh}，得到 {number:g}。", f"must be {limit_en}, not {number:g}.")
        return exact

    return rule


seed = whole(0)
draws = whole(1, MOST_DRAWS)
threshold = whole(1, 2**53)


def flag(name: str, value: Any) -> bool:
    """Rule: True or False; values that merely count as true or false are refused."""
    if isinstance(value, bool) or (type(value).__name__ in ("bool", "bool_") and hasattr(value, "item")):
        return bool(value)
    raise refusal(
        name, f"应是 True 或 False，得到 {shown(value)}。", f"needs True or False, not {shown(value)}."
    )


def choice(*options: str) -> Rule:
    """Rule: one of the given texts."""

    def rule(name: str, value: Any) -> str:
        if isinstance(value, str) and value in options:
            return str(value)
        listed = ", ".join(options)
        raise refusal(
            name, f"应是 {listed} 之一，得到 {shown(value)}。", f"one of {listed}, not {shown(value)}."
        )

    return rule


language = choice("zh", "en")


def text(name: str, value: Any) -> str:
    """Rule: a text that is not blank."""
    if isinstance(value, str) and value.strip():
        return str(value)
    raise refusal(name, f"应是文字，得到 {shown(value)}。", f"needs a text, not {shown(value)}.")


def optional(rule: Rule) -> Rule:
    """Rule: None, or what `rule` accepts."""
    return lambda name, value: None if value is None else rule(name, value)


def instance(path: str) -> Rule:
    """Rule: an object of a class of this package, named by path, such as ``answers.ratings.Ratings``."""
    module, _, cls = path.rpartition(".")

    def rule(name: str, value: Any) -> Any:
        if isinstance(value, getattr(import_module(f"analysis.{module}"), cls)):
            return value
        raise refusal(name, f"应是 {cls}，得到 {shown(value)}。", f"needs a {cls}, not {shown(value)}.")

    return rule


def known(function: Callable[..., Any], options: Mapping[str, Any], without: str) -> None:
    """Raise InputError for an option that is not among the arguments of `function` but `without`."""
    names = [name for name in inspect.signature(function).parameters if name != without]
    for name in options:
        if name not in names:
            listed = ", ".join(names)
            raise refusal(name, f"没有这个选项；有 {listed}。", f"is no option; there are {listed}.")


def several(rule: Rule, least: int = 1) -> Rule:
    """Rule: a sequence (or other iterable, but no text or mapping) of at least `least` members, each checked
    by `rule`."""

    def check(name: str, value: Any) -> tuple[Any, ...]:
        scalar = getattr(value, "ndim", 1) == 0 or not hasattr(value, "__iter__")
        if scalar or isinstance(value, str | bytes | Mapping | set | frozenset):
            got = shown(value)
            raise refusal(name, f"应是一列，得到 {got}。", f"needs a sequence, not {got}.")
        members = tuple(rule(name, member) for member in value)
        if len(members) < least:
            raise refusal(name, f"至少要有 {least} 个。", f"needs at least {least}.")
        return members

    return check


def mapping(rule: Rule) -> Rule:
    """Rule: a mapping whose values pass `rule`; keys stay."""

    def check(name: str, value: Any) -> dict[Any, Any]:
        if not isinstance(value, Mapping):
            got = shown(value)
            raise refusal(name, f"应是对照表，得到 {got}。", f"needs a mapping, not {got}.")
        return {key: rule(name, member) for key, member in value.items()}

    return check


def function(name: str, value: Any) -> Any:
    """Rule: something callable."""
    if callable(value):
        return value
    raise refusal(name, f"应是函数，得到 {shown(value)}。", f"needs a function, not {shown(value)}.")


def both(*rules: Rule) -> Rule:
    """Rule that applies several rules in turn, each to the result of the one before."""

    def check(name: str, value: Any) -> Any:
        for rule in rules:
            value = rule(name, value)
        return value

    return check


def limited_departments(n: int, name: str) -> None:
    """Raise InputError for more than `MOST_DEPARTMENTS` departments, whose pairs would not fit into
    memory."""
    if n > MOST_DEPARTMENTS:
        size = 8 * n * n / 2**30
        raise refusal(
            name,
            f"有 {n} 个部门，最多 {MOST_DEPARTMENTS} 个：两两比较的每张表就要 {size:.1f} GiB。请分组排名。",
            f"{n:,d} departments, at most {MOST_DEPARTMENTS:,d}: each table of their pairs would take "
            f"{size:,.1f} GiB. Rank them in groups.",
        )


def ratings(name: str, value: Any) -> Any:
    """Rule: `Ratings` of at most `MOST_DEPARTMENTS` departments."""
    found = instance("answers.ratings.Ratings")(name, value)
    limited_departments(found.n_departments, name)
    return found


def names_of(name: str, value: Sequence[Any] | Any) -> Any:
    """Rule: a sequence of texts, none blank or repeated."""
    members = several(text)(name, value)
    if len(set(members)) < len(members):
        raise refusal(name, "名称有重复。", "a name is repeated.")
    return members


@contextmanager
def renamed(**names: str) -> Iterator[None]:
    """Context in which an InputError about an inner function's argument names the caller's:
    ``covariance="scores"``."""
    try:
        yield
    except InputError as error:
        error.column = names.get(error.column or "", error.column)
        raise


def enough_draws(draws: int | None, level: float) -> None:
    """Raise InputError for too few draws: on average at least ten must lie beyond the quantile at `level`."""
    if draws is not None and draws < 1 / (1 - level) * 10 * (1 - 1e-9):
        raise refusal(
            "draws", f"抽样次数 {draws} 太少，请用 10000 次左右。", f"{draws} are too few; use about 10,000."
        )
