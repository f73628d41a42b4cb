"""Planning of a round: number of enterprises to invite for a wanted precision.

Each of R raters rates m of D departments drawn at random; σ is the standard deviation of a rater's scores
about his own leniency and the department's merit. Then E A = R (m−1)/(D−1) (I − J/D), so that a difference of
two departments has variance 2σ²(D−1) / (R(m−1)): a balanced incomplete block design in expectation (Yates
1936). For all differences jointly, the critical value is the quantile of the range of Normal variables, at
the degrees of freedom of `statistics` §2.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.answers.ratings import Ratings
from analysis.errors import InputError
from analysis.explain import Result, level_text, number, pick, share
from analysis.inference.studentized import range_quantile
from analysis.model.cells import cells_of
from analysis.model.contrasts import fit
from analysis.sampling.planned_design import variances_of
from analysis.values.arguments import MOST_DEPARTMENTS, checked, instance, known, optional, real, whole
from analysis.values.arguments import ratings as comparable
from analysis.values.arrays import vector

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Assumptions(Result):
    """Assumptions of a plan; estimates from an earlier round (`assumptions_from`) are better than these
    defaults.

    >>> from analysis import Assumptions
    >>> Assumptions(sd_within=12).power
    0.8
    """

    sd_within: float = 15.0
    """Standard deviation σ of a rater's scores about his leniency and the department's merit, in points."""
    spread: float = 5.0
    """Standard deviation of the departments' true scores, in points."""
    response_rate: float = 1.0
    level: float = 0.95
    power: float = 0.8


@dataclass(frozen=True)
class Plan(Result):
    """Result of `plan`: expected precision of a round."""

    invited: int
    raters: int
    """Number of raters expected to answer."""
    departments: int
    ratings_per_rater: float
    ratings_per_department: float
    se: float
    """Standard error of the difference of two departments (the median pair when exposure is uneven)."""
    se_worst: float
    """Standard error of the least certain pair."""
    df: float
    """Degrees of freedom ν of a pair."""
    critical: float
    """Critical value for all pairs jointly, on the t scale."""
    margin: float
    """Half the simultaneous interval of a difference: what must be exceeded to tell two departments apart."""
    resolvable: float
    """True difference declared with the wanted power, jointly with all others."""
    pairs_resolved: float
    """Expected share of pairs told apart if true scores have the assumed spread."""
    rank_set_width: float
    """Expected number of ranks a department's rank set covers."""
    assumptions: Assumptions

    @property
    def verdict(self) -> str:
        """Resolution to expect: "fine" (three quarters of pairs are told apart), "coarse" (a quarter), else
        "extremes"."""
        if self.pairs_resolved >= 0.75:
            return "fine"
        return "coarse" if self.pairs_resolved >= 0.25 else "extremes"

    def summary(self, language: str = "zh") -> str:
        """Precision to expect, one paragraph in `language` ("zh" or "en")."""
        a, pairs = self.assumptions, self.departments * (self.departments - 1) // 2
        zh = (
            f"邀请 {self.invited} 家企业，预计 {self.raters} 家作答，每家评 {self.ratings_per_rater:g} 个，"
            f"共 {self.departments} 个部门：两个部门要差 {number(self.margin, 1)} 分以上才分得出先后"
            f"（全部 {pairs} 对同时成立，{level_text(a.level)}）；"
            f"真实差距 {number(self.resolvable, 1)} 分的两个部门，有 {a.power:.0%} 的把握分开。"
            f"若各部门真实得分的标准差为 {a.spread:g} 分，"
            f"约 {share(self.pairs_resolved)} 的部门对能分出先后，"
            f"每个部门的名次范围平均约 {number(self.rank_set_width, 0)} 个名次。"
        )
        en = (
            f"{self.invited} enterprises invited, {self.raters} expected to answer, each rating "
            f"{self.ratings_per_rater:g} of {self.departments} departments: two departments are told apart "
            f"when they differ by more than {number(self.margin, 1)} points (all {pairs} pairs jointly, "
            f"{level_text(a.level)}); "
            f"a true difference of {number(self.resolvable, 1)} points is found with power {a.power:.0%}. "
            f"If true scores have standard deviation {a.spread:g}, about {share(self.pairs_resolved)} of "
            f"pairs are told apart and a rank set covers about {number(self.rank_set_width, 0)} ranks."
        )
        return pick(language, zh + _VERDICTS[self.verdict][0], en + " " + _VERDICTS[self.verdict][1])


@checked(ratings=comparable)
def assumptions_from(ratings: Ratings, **options: float) -> Assumptions:
    """Estimate the assumptions of a plan (σ and spread) from an earlier round; options: response_rate, level,
    power.

    σ² is the residual mean square of the rater–department scores about the additive fit (R + D − C parameters
    for C components); the spread is that of the fitted departments less its own sampling variance, at least
    0. Raises InputError when nothing is left over to estimate σ from.

    >>> from analysis import Ratings, assumptions_from
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 4, department_names=list("ABC"))
    >>> round(assumptions_from(ratings).sd_within, 2)
    0.75
    """
    known(_told, options, "")
    fitted = fit(cells_of(ratings))
    cells = fitted.cells
    own = cells.total / cells.n
    rates = cells.size[cells.rater] > 1
    off = own - fitted.theta[cells.department]
    centre = np.bincount(cells.rater, off, minlength=cells.n_raters) / np.maximum(cells.size, 1)
    residual = (off - centre[cells.rater])[rates]
    df = int(rates.sum() - (cells.size > 1).sum() - cells.n_departments + fitted.n_components)
    if df < 1:
        raise InputError(
            "评分太少，估计不出评分的离散程度；请直接填写标准差。",
            "Too few ratings to estimate their spread; give the standard deviation instead.",
            column="ratings",
        )
    variance = float((residual**2).sum() / df)
    spread = float(fitted.theta.var(ddof=1)) - variance * float(np.trace(fitted.inverse)) / (
        cells.n_departments - fitted.n_components
    )
    found = Assumptions(sd_within=math.sqrt(variance), spread=math.sqrt(max(spread, 0.0)), **_told(**options))
    if variance > 0:
        _check_assumptions(found)
    return found


_SHARE = real(0, 1, above=True, below=True)


@checked(response_rate=real(0, 1, above=True), level=_SHARE, power=_SHARE)
def _told(*, response_rate: float = 1.0, level: float = 0.95, power: float = 0.8) -> dict[str, float]:
    """Options of `assumptions_from`, checked."""
    return {"response_rate": response_rate, "level": level, "power": power}


_VERDICTS = {
    "fine": ("可以排出较细的名次。", "A fairly fine order is possible."),
    "coarse": (
        "只能分出几个档次，不能逐名排列。",
        "Only a few tiers can be told apart, not single ranks.",
    ),
    "extremes": (
        "只能认出最好和最差的少数部门，不能细排名次。",
        "Only the few best and worst stand out; no fine order is possible.",
    ),
}


@checked(
    invited=whole(-(10**6), 10**12),
    departments=whole(-(10**6), MOST_DEPARTMENTS),
    ratings_per_rater=real(),
    assumptions=optional(instance("sampling.planner.Assumptions")),
    exposure=optional(vector()),
)
def plan(
    invited: int,
    departments: int,
    ratings_per_rater: float,
    assumptions: Assumptions | None = None,
    *,
    exposure: ArrayLike | None = None,
) -> Plan:
    """Expected precision of a round with `invited` invitations.

    ratings_per_rater: departments an enterprise rates on average, more than 1, at most all; exposure: (D,)
    relative chance that an enterprise dealt with each department, equal unless given. Raises InputError
    naming the argument that is out of range.

    >>> from analysis import plan
    >>> few, many = plan(100, 10, 6), plan(400, 10, 6)
    >>> many.margin < few.margin
    True
    """
    a = assumptions or Assumptions()
    _check(invited, departments, ratings_per_rater, a)
    raters = max(round(invited * a.response_rate), 1)
    variances, df_unit = variances_of(departments, ratings_per_rater, exposure)
    se = a.sd_within * float(np.sqrt(np.median(variances) / raters))
    df = max(raters * df_unit - 1, 1.0)
    critical = _to_t(range_quantile(a.level, departments) / math.sqrt(2), df)
    resolved = 2 * special.ndtr(-critical * se / math.hypot(math.sqrt(2) * a.spread, se))
    return Plan(
        invited=invited,
        raters=raters,
        departments=departments,
        ratings_per_rater=ratings_per_rater,
        ratings_per_department=raters * ratings_per_rater / departments,
        se=se,
        se_worst=a.sd_within * float(np.sqrt(variances.max() / raters)),
        df=df,
        critical=critical,
        margin=critical * se,
        resolvable=(critical + _to_t(float(special.ndtri(a.power)), df)) * se,
        pairs_resolved=float(resolved),
        rank_set_width=1 + (departments - 1) * (1 - float(resolved)),
        assumptions=a,
    )


@checked(
    difference=real(),
    departments=whole(-(10**6), MOST_DEPARTMENTS),
    ratings_per_rater=real(),
    assumptions=optional(instance("sampling.planner.Assumptions")),
)
def invitations_needed(
    difference: float, departments: int, ratings_per_rater: float, assumptions: Assumptions | None = None
) -> Plan:
    """Plan of the smallest round in which a true difference of `difference` points is found with the wanted
    power.

    Raises InputError when ten million invitations do not suffice.

    >>> from analysis import invitations_needed
    >>> few, many = (invitations_needed(d, 10, 6).invited for d in (10, 5))
    >>> few < many
    True
    """
    if not difference > 1e-12:
        raise InputError(
            "想分辨的差距须为正数。", "The difference to resolve must be positive.", column="difference"
        )

    def enough(invited: int) -> bool:
        return plan(invited, departments, ratings_per_rater, assumptions).resolvable <= difference

    high = 2
    while not enough(high):
        high *= 2
        if high > 10_000_000:
            raise InputError(
                f"要分辨 {difference:g} 分的差距需要一千万家以上的企业，请放宽要求。",
                f"Resolving {difference:g} points takes over ten million enterprises; ask for less.",
                column="difference",
            )
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return plan(high, departments, ratings_per_rater, assumptions)


def _to_t(z: float, df: float) -> float:
    return float(special.stdtrit(df, special.ndtr(z)))


def _check(invited: int, D: int, m: float, a: Assumptions) -> None:
    rules = (
        ("invited", invited >= 1, "邀请数须至少为 1。", "At least one invitation is needed."),
        ("departments", D >= 2, "部门至少两个。", "At least two departments are needed."),
        (
            "ratings_per_rater",
            1 < m <= D,
            f"每家所评部门数须大于 1、不超过 {D}：只评一个部门的答卷不能比较部门。",
            f"Ratings per rater must be over 1 and at most {D}: one rating alone compares nothing.",
        ),
    )
    for name, holds, zh, en in rules:
        if not holds:
            raise InputError(zh, en, column=name)
    _check_assumptions(a)


def _check_assumptions(a: Assumptions) -> None:
    for value in (a.sd_within, a.spread, a.response_rate, a.level, a.power):
        real()("assumptions", value)
    rules = (
        (1e-12 < a.sd_within < 1e12, "评分的标准差须为正数。", "The spread of ratings must be positive."),
        (0 <= a.spread < 1e12, "部门得分的标准差不能为负。", "The spread of departments cannot be negative."),
        (0 < a.response_rate <= 1, "回收率须在 0 与 1 之间。", "The response rate lies between 0 and 1."),
        (0 < a.level < 1 and 0 < a.power < 1, "置信度与把握须在 0 与 1 之间。", "Level and power: 0 to 1."),
    )
    for holds, zh, en in rules:
        if not holds:
            raise InputError(zh, en, column="assumptions")
