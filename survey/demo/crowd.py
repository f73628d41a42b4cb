"""Simulated answers of a county's enterprises, reproducible from a seed, for demonstrations and tests."""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from random import Random

from survey.demo.remarks import remark
from survey.protocol.answers import NOT_KNOWN, NOT_RATED, Answers
from survey.protocol.questionnaire import Department, Item, Questionnaire

QUALITY_SD = 0.4  # between departments, the same in every round
DRIFT_SD = 0.15  # of a department between rounds
ITEM_SD = 0.15  # of a department's items around its quality
LENIENCY_SD = 0.7  # between enterprises
HALO_SD = 0.45  # of an enterprise's view of a department
NOISE_SD = 0.45  # of a single rating
BEST_CUT, WORST_CUT = 0.5, -2.1  # where the best and the worst level begin

FEWEST, MOST = 4, 14  # departments that an enterprise deals with
COMMON_WEIGHT = 4.0
SHARE_STRAIGHT = 0.1  # enterprises that give every item of a department the same level
SHARE_NOT_KNOWN = 0.05
SHARE_DECLARED = 0.85
SIZES = {"大": 5, "中": 18, "小": 42, "微": 35}


class Crowd:
    """Simulated enterprises of one round; `answers(i)` is the same at every call.

    A rating is quality of the department + leniency of the enterprise + noise, cut into levels. Enterprises
    choose departments, so that plain means of departments are not comparable. Strata of an enterprise come
    from `facts` (stratum → option, by number), as on the roster; without them they are drawn.
    """

    def __init__(
        self, questionnaire: Questionnaire, seed: int, facts: Sequence[Mapping[str, str]] = ()
    ) -> None:
        self._questionnaire = questionnaire
        self._facts = facts
        self._seed = seed
        self._quality = [self._qualities(department) for department in questionnaire.departments]
        self._popularity = [_popularity(department) for department in questionnaire.departments]
        levels = len(questionnaire.scale.levels)
        step = (BEST_CUT - WORST_CUT) / (levels - 2)
        self._cuts = [WORST_CUT + step * number for number in range(levels - 1)]

    def answers(self, number: int) -> Answers:
        """Answers of enterprise `number`."""
        random = Random(f"enterprise:{self._seed}:{number}")  # noqa: S311 - a simulation, not a secret
        leniency, straight = random.gauss(0, LENIENCY_SD), random.random() < SHARE_STRAIGHT
        chosen = self._choose(random)
        ratings, comments = [], {}
        room = self._questionnaire.comment_bytes if self._questionnaire.comments else 0
        for index, department in enumerate(self._questionnaire.departments):
            rated = self._rate(random, index, leniency, straight=straight) if index in chosen else self._blank
            ratings.append(rated)
            said = remark(random, department.name, rated, len(self._cuts) + 1)
            size = 4 + len(said.encode())
            if said and len(said) <= self._questionnaire.comment_chars and size <= room:
                comments[index], room = said, room - size
        return Answers(tuple(ratings), self._declare(random, number), comments)

    @property
    def _blank(self) -> tuple[int, ...]:
        return (NOT_RATED,) * len(self._questionnaire.items)

    def _qualities(self, department: Department) -> list[float]:
        lasting = Random(f"quality:{department.name}")  # noqa: S311
        drift = Random(f"drift:{self._seed}:{department.name}").gauss(0, DRIFT_SD)  # noqa: S311
        quality = lasting.gauss(0, QUALITY_SD) + drift
        return [quality + _ease(item) + lasting.gauss(0, ITEM_SD) for item in self._questionnaire.items]

    def _choose(self, random: Random) -> set[int]:
        """Departments drawn without replacement, popular ones more often (Efraimidis, Spirakis 2006)."""
        keys = [(random.random() ** (1 / weight), index) for index, weight in enumerate(self._popularity)]
        return {index for _, index in sorted(keys, reverse=True)[: random.randint(FEWEST, MOST)]}

    def _rate(self, random: Random, department: int, leniency: float, *, straight: bool) -> tuple[int, ...]:
        view = leniency + random.gauss(0, HALO_SD)
        if straight:
            quality = self._quality[department]
            return (self._level(view + sum(quality) / len(quality)),) * len(quality)
        return tuple(
            NOT_KNOWN
            if random.random() < SHARE_NOT_KNOWN
            else self._level(view + quality + random.gauss(0, NOISE_SD))
            for quality in self._quality[department]
        )

    def _level(self, value: float) -> int:
        return len(self._cuts) + 1 - bisect.bisect(self._cuts, value)

    def _declare(self, random: Random, number: int) -> tuple[int, ...]:
        answers = []
        for stratum in self._questionnaire.strata:
            weights = [SIZES.get(option, 20) for option in stratum.options]
            option = random.choices(range(1, len(weights) + 1), weights)[0]
            if self._facts:
                known = self._facts[number].get(stratum.name)
                option = 1 + stratum.options.index(known) if known in stratum.options else 0
            answers.append(option if random.random() < SHARE_DECLARED else 0)
        return tuple(answers)


def _popularity(department: Department) -> float:
    known = 0.5 + Random(f"popularity:{department.name}").random()  # noqa: S311
    return known * (COMMON_WEIGHT if department.common else 1.0)


def _ease(item: Item) -> float:
    """Amount, in latent units of `Crowd`, by which all departments are rated higher on this item."""
    return {"服务态度": 0.15, "办事效率": -0.2, "廉洁自律": 0.2}.get(item.name, 0.0)
