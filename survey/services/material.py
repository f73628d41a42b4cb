"""An opened round as arrays: what every fact is computed from. Imported only where facts are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import InputError
from analysis.ratings import Ratings
from survey.ballot.description import RoundDescription
from survey.ballot.questionnaire import Questionnaire
from survey.ballot.scoretable import ScoreTable

Floats = NDArray[np.float64]
Part = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Material:
    """A round's description with its scores: R ballots, D departments, K items."""

    description: RoundDescription
    scores: ScoreTable

    @property
    def questionnaire(self) -> Questionnaire:
        return self.description.questionnaire

    @property
    def threshold(self) -> int:
        return self.description.threshold

    @property
    def names(self) -> list[str]:
        """(D,) departments."""
        return [department.name for department in self.questionnaire.departments]

    @property
    def weighted_items(self) -> list[int]:
        """Places of the items that enter a department's score."""
        return [k for k, item in enumerate(self.questionnaire.items) if item.weight > 0]

    @property
    def scale(self) -> tuple[float, ...]:
        """Points of the levels, best first; rounds compare only on the same scale."""
        return tuple(level.points for level in self.questionnaire.scale.levels)

    @cached_property
    def levels(self) -> NDArray[np.uint8]:
        """(R, D, K) as in the score table."""
        return self.scores.ratings()

    @cached_property
    def points(self) -> Floats:
        """(R, D, K), NaN where not rated or not known."""
        of_level = np.full(256, np.nan)
        of_level[1 : len(self.scale) + 1] = self.scale
        return np.asarray(of_level[self.levels])

    @cached_property
    def raters(self) -> NDArray[np.intp]:
        """(D,) ballots with a rating of a weighted item."""
        rated = ~np.isnan(self.points[:, :, self.weighted_items])
        return np.asarray(rated.any(axis=2).sum(axis=0))

    def ratings(
        self,
        *,
        items: Sequence[int] | None = None,
        departments: Sequence[int] | None = None,
        weight: ArrayLike | None = None,
    ) -> Ratings:
        """Some items (the weighted ones unless given) of some departments; raters are named by their row.

        Raises InputError when nothing was rated.
        """
        chosen = self.weighted_items if items is None else list(items)
        places = range(len(self.names)) if departments is None else departments
        weights = {self.questionnaire.items[k].name: self.questionnaire.items[k].weight for k in chosen}
        # An importance analysis may look at an item that has no weight in the score.
        usable = len(weights) > 1 and min(weights.values()) > 0
        return Ratings.from_array(
            self.points[:, list(places)][:, :, chosen],
            department_names=[self.names[d] for d in places],
            item_names=list(weights),
            weight=weight,
            item_weights=weights if usable else None,
        )

    def declared(self, stratum: int) -> list[str | None]:
        """(R,) the option that each ballot says, None where it says none."""
        options = (None, *self.questionnaire.strata[stratum].options)
        return [options[code] for code in self.scores.strata_columns()[:, stratum].tolist()]

    def places(self, names: Sequence[str]) -> list[int]:
        """Places of departments, in the order of the questionnaire."""
        wanted = set(names)
        return [d for d, name in enumerate(self.names) if name in wanted]


_OF_DATA: Final = (None, "ratings", "score")
_TOO_LITTLE: Final = (
    "这一轮的数据不足以作这项分析。",
    "The data of this round are not enough for this analysis.",
)


def impossible(why: InputError | tuple[str, str]) -> Part:
    """A part of the facts that could not be worked out, with the reason in two languages."""
    if isinstance(why, InputError):
        # What is wrong with an argument is said to who wrote the call, and to nobody else.
        why = (why.zh, why.en) if why.column in _OF_DATA else _TOO_LITTLE
    zh, en = why
    return {"possible": False, "reason_zh": zh, "reason_en": en}


def require_ballots(material: Material) -> None:
    """Raise InputError when all ballots together stay below the threshold."""
    if material.scores.valid < material.threshold:
        raise InputError(
            f"本轮有效选票不足 {material.threshold} 张，不作分析。",
            f"There are fewer than {material.threshold} valid ballots; nothing is analysed.",
        )


def large_enough(count: int, of: int, threshold: int) -> int | None:
    """A count of ballots that may be told: neither it nor its complement is 1 … threshold − 1."""
    small = 0 < count < threshold or 0 < of - count < threshold
    return None if small else count
