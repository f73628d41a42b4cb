"""Comparison of groups of raters: do e.g. local and other enterprises judge the same departments differently?

For each department d, Δ_d = θ̂_d(first) − θ̂_d(second), both centred over the departments that both groups
can compare, so leniency drops out; intervals are max-t over all departments and pairs of groups, and equal
treatment is tested by the same maximum. Where distances between levels can matter, a difference is declared
only if the latent scale declares it too: with 61 % top marks and one group 12 points more lenient, the
additive scale alone was wrong in 19 % of simulated rounds, both together in at most 5 %. Owners with raters
in several groups count as one unit. Whether one group scores higher throughout cannot be told from its
leniency, and is not reported.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from analysis.answers.ratings import Ratings
from analysis.compare import relabelled
from analysis.compare.contrast_family import ContrastFamily, family
from analysis.compare.group_samples import Fits, fits_of, group_labels, group_samples, rater_groups
from analysis.compare.samples import Sample, centring, common_blocks, left_out
from analysis.explain import NOT_CARRIED, Result, counted, level_text, listed, number, p_text, pick, share
from analysis.ranking.results import Note
from analysis.values.arguments import (
    MOST_DRAWS,
    checked,
    choice,
    confidence,
    enough_draws,
    flag,
    instance,
    optional,
    whole,
)
from analysis.values.arguments import ratings as comparable

Floats = NDArray[np.float64]
Against = Literal["pairs", "rest"]


@dataclass(frozen=True)
class GroupDifference(Result):
    """Difference between two groups of raters about one department, leniency removed."""

    department: str
    first: str
    second: str
    """A group, or "rest" when compared with all the others."""
    difference: float
    """First minus second, in points, relative to the average department."""
    se: float
    df: float
    ci: tuple[float, float]
    p_adjusted: float
    significant: bool


@dataclass(frozen=True)
class GroupComparison(Result):
    """Result of `compare_groups`: differences by department and pair of groups; they hold jointly at
    `level`."""

    groups: dict[str, int]
    """Number of raters by group."""
    differences: tuple[GroupDifference, ...]
    """By pair of groups, then by department in the order of the ratings."""
    p_equal: float
    """Max-t p-value of the hypothesis that all groups treat all departments alike."""
    critical: float
    level: float
    threshold: int
    not_compared: tuple[str, ...]
    notes: tuple[Note, ...]

    @property
    def significant(self) -> tuple[GroupDifference, ...]:
        """The differences that are significant jointly."""
        return tuple(d for d in self.differences if d.significant)

    def summary(self, language: str = "zh") -> str:
        """Significant differences, what cannot be compared, and notes, one paragraph in `language` ("zh" or
        "en")."""
        names = list(self.groups)
        zh = f"比较{listed([_enterprises(name) for name in names], 'zh')}对各部门的评价"
        zh += f"（{level_text(self.level)} 同时成立）："
        en = f"Ratings by {listed(names, 'en')} enterprises compared, {level_text(self.level)} jointly: "
        if not self.significant:
            zh += f"没有发现差别对待（p {p_text(self.p_equal)}）。"
            en += f"no sign of unequal treatment (p {p_text(self.p_equal)})."
        else:
            zh += "；".join(_sentence(d, "zh") for d in self.significant) + "。"
            en += "; ".join(_sentence(d, "en") for d in self.significant) + "."
        zh += "各组总体分数高低与打分宽严分不开，这里只比较部门之间的相对差别。"
        en += (
            " A group's overall level cannot be told from its leniency; "
            "only relative differences are compared."
        )
        if self.significant:
            zh, en = zh + NOT_CARRIED[0], f"{en} {NOT_CARRIED[1]}"
        if self.not_compared:
            zh += f"样本不足、未比较：{listed(self.not_compared, 'zh')}。"
            en += f" Too few ratings to compare: {listed(self.not_compared, 'en')}."
        for note in self.notes:
            zh += note.zh
            en += " " + note.en
        return pick(language, zh, en)


def _enterprises(group: str) -> str:
    return group if group.endswith("企业") else f"{group}企业"


def _sentence(d: GroupDifference, language: str) -> str:
    low, high, size = (number(x, 1, 0) for x in (*d.ci, abs(d.difference)))
    first, second_zh, second_en = _enterprises(d.first), _enterprises(d.second), d.second
    if d.second == "rest":
        second_zh, second_en = "其他企业", "the rest"
    way_zh, way_en = ("高", "higher") if d.difference > 0 else ("低", "lower")
    return pick(
        language,
        f"{d.department}：{first}的评价比{second_zh}相对{way_zh} {size} 分（{low} 至 {high}）",
        f"{d.department}: rated {size} points {way_en} by {d.first} than by "
        f"{second_en}, relatively ({low} to {high})",
    )


@checked(
    ratings=comparable,
    groups=rater_groups,
    against=choice("pairs", "rest"),
    level=confidence,
    threshold=whole(1),
    draws=whole(1, MOST_DRAWS),
    seed=whole(0),
    latent_guard=flag,
    fits=optional(instance("compare.group_samples.Fits")),
)
def compare_groups(
    ratings: Ratings,
    groups: Sequence[Any] | Mapping[str, Any],
    *,
    against: Against = "pairs",
    level: float = 0.95,
    threshold: int = 10,
    draws: int = 10_000,
    seed: int = 20260101,
    latent_guard: bool = True,
    fits: Fits | None = None,
) -> GroupComparison:
    """Compare groups of raters department by department.

    groups: (R,) labels in the order of ratings.rater_names, or rater name → label; None, NaN or blank
    where unknown. against: "pairs" compares every two groups over the departments both can compare,
    "rest" each group with the average of the others over the departments all can compare. fits: of these
    ratings at this threshold, shared with other questions. Raises InputError when fewer than two groups can
    compare two departments at the threshold, naming the group.

    >>> from analysis import Ratings, compare_groups
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 8, department_names=list("ABC"))
    >>> size = ["small"] * 12 + ["large"] * 12
    >>> compare_groups(ratings, size, draws=1000).significant
    ()
    """
    enough_draws(draws, level)
    labels = group_labels(ratings, groups)
    shared = fits_of(ratings, threshold, fits)
    of_group = shared.members(labels)
    samples = group_samples(shared, of_group, latent_guard)
    if against == "pairs":
        statements, contrasts, blocks = _pairs(samples)
    else:
        statements, contrasts, blocks = _rest(samples)
    every = list(samples.values())
    found = family(every, contrasts, level=level, draws=draws, seed=seed)
    found, held = relabelled.gate(found, every, contrasts, level, seed)
    return GroupComparison(
        groups={name: s.n_raters for name, s in samples.items()},
        differences=_differences(statements, found),
        p_equal=float(found.p.min()),
        critical=found.critical,
        level=level,
        threshold=threshold,
        not_compared=left_out(samples, blocks),
        notes=(*_notes(labels), *_of_test(ratings, of_group, every, found, held)),
    )


_EXCHANGED = Note(
    "exchanged",
    "把企业在各组之间任意调换，也常常出现这么大的差别，所以没有认定差别对待。",
    "Exchanging enterprises between the groups often gives differences as large as these, so that none is "
    "declared.",
)


def _of_test(
    ratings: Ratings,
    of_group: Mapping[str, NDArray[np.bool_]],
    samples: Sequence[Sample],
    found: ContrastFamily,
    held: bool,
) -> list[Note]:
    """Notes on the exchange of raters: that it held everything back, or that it is only approximate."""
    if held:
        return [_EXCHANGED]
    marks = (ratings.score[who[ratings.rater]] for who in of_group.values())
    unlike = relabelled.doubtful(found, samples, marks)
    return [Note("unlike_marks", *relabelled.UNLIKE_MARKS)] if unlike else []


Statement = tuple[str, str, str]
"""(department, first, second)."""


def _pairs(samples: Mapping[str, Sample]) -> tuple[list[Statement], list[Floats], list[list[str]]]:
    names = list(samples)
    statements: list[Statement] = []
    rows: list[list[Floats]] = [[] for _ in names]
    used: list[list[str]] = []
    for i, j in itertools.combinations(range(len(names)), 2):
        blocks = common_blocks([samples[names[i]], samples[names[j]]])
        used += blocks
        departments = [d for block in blocks for d in block]
        statements += [(d, names[i], names[j]) for d in departments]
        for k, sample in enumerate(samples.values()):
            sign = (k == i) - (k == j)
            empty = np.zeros((len(departments), len(sample.names)))
            rows[k].append(sign * centring(sample, blocks) if sign else empty)
    return statements, [np.concatenate(part) for part in rows], used


def _rest(samples: Mapping[str, Sample]) -> tuple[list[Statement], list[Floats], list[list[str]]]:
    names = list(samples)
    blocks = common_blocks(list(samples.values()))
    departments = [d for block in blocks for d in block]
    raters = np.array([samples[name].n_raters for name in names], dtype=float)
    contrasts = []
    for k, sample in enumerate(samples.values()):
        part = centring(sample, blocks)
        signs = [1.0 if i == k else -raters[k] / (raters.sum() - raters[i]) for i in range(len(names))]
        contrasts.append(np.concatenate([sign * part for sign in signs]))
    return [(d, name, "rest") for name in names for d in departments], contrasts, blocks


def _differences(statements: Sequence[Statement], found: ContrastFamily) -> tuple[GroupDifference, ...]:
    return tuple(
        GroupDifference(
            department=department,
            first=first,
            second=second,
            difference=float(found.estimate[i]),
            se=float(found.se[i]),
            df=float(found.df[i]),
            ci=(float(found.lower[i]), float(found.upper[i])),
            p_adjusted=float(found.p[i]),
            significant=bool(found.significant[i]),
        )
        for i, (department, first, second) in enumerate(statements)
    )


def _notes(labels: Sequence[str | None]) -> tuple[Note, ...]:
    missing = sum(label is None for label in labels)
    if not missing:
        return ()
    return (
        Note(
            "group_missing",
            f"{missing} 个评议人（{share(missing / len(labels))}）没有填写类别，未参加比较。",
            f"Left out for want of a group: {counted(missing, 'rater')} ({share(missing / len(labels))}).",
        ),
    )
