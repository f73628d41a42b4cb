"""Checks of the arguments of `composite`: parts, weights and who may share raters."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from analysis.answers.labels import by_text, category_labels
from analysis.answers.ratings import Ratings
from analysis.compare.pooling import labels_of
from analysis.errors import InputError
from analysis.values.arguments import flag, mapping, real, refusal
from analysis.values.arguments import ratings as comparable


def part(name: str, value: Any) -> Any:
    """Rule for a part of a composite: returns ratings, or the mapping from department to points, as given."""
    try:
        return mapping(real())(name, value) if isinstance(value, Mapping) else comparable(name, value)
    except InputError as error:
        zh, en = (
            "每一部分须是评分，或每个部门一个数",
            "each must be ratings, or one number for each department",
        )
        raise refusal(name, f"{zh}（{error.zh}）。", f"{en} ({error.en}).") from error


def weight(name: str, value: Any) -> float:
    try:
        return float(real(1e-12, 1e12)(name, value))
    except InputError as error:
        raise InputError("权重须为正数。", "Weights must be positive numbers.", column=name) from error


def sharing_of(name: str, value: Any) -> Any:
    """Rule for the argument `independent`: returns True, False, or a mapping from electorate to label, where
    electorates of one label may share raters."""
    if not isinstance(value, Mapping):
        return flag(name, value)
    return dict(zip(value, category_labels(name, value.values()), strict=True))


def weight_shares(parts: Mapping[str, Any], weights: Mapping[str, float]) -> dict[str, float]:
    """Weights of the parts scaled to sum 1, in the order of the parts.

    Raises InputError for fewer than two parts, or where names do not match.
    """
    if len(parts) < 2:
        raise InputError(
            "综合得分至少要有两个部分。", "A composite needs at least two parts.", column="parts"
        )
    if set(weights) != set(parts):
        odd = sorted(map(str, set(weights) ^ set(parts)))
        raise InputError(
            f"权重与各部分的名称对不上：{'、'.join(odd)}。",
            f"Weights and parts do not have the same names: {', '.join(odd)}.",
            column="weights",
        )
    values = np.array([weights[name] for name in parts])
    return dict(zip(parts, (values / values.sum()).tolist(), strict=True))


def rated_and_points(
    parts: Mapping[str, Ratings | Mapping[str, float]],
) -> tuple[dict[str, Ratings], dict[str, dict[str, float]]]:
    """Split the parts into electorates (name → ratings) and outside figures (name → department → points).

    Raises InputError without any ratings: outside figures alone have no error.
    """
    rated = {name: part for name, part in parts.items() if isinstance(part, Ratings)}
    points = {name: by_text(part, "parts") for name, part in parts.items() if not isinstance(part, Ratings)}
    if not rated:
        raise InputError(
            "至少要有一个评议人群体；只有外部指标时没有误差可言。",
            "At least one part must be ratings; outside figures alone have no error.",
            column="parts",
        )
    return rated, points


def electorate_labels(independent: bool | Mapping[str, Hashable], names: Sequence[str]) -> tuple[int, ...]:
    if not isinstance(independent, Mapping):
        return labels_of(independent, len(names))
    if not set(names) <= set(independent):
        raise InputError(
            "independent 须给每个评议人群体一个标签。",
            "independent must give a label for every electorate.",
            column="independent",
        )
    return labels_of([independent[name] for name in names], len(names))
