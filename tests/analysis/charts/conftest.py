"""Made-up rankings of any size, with names as long as counties make them."""

from collections.abc import Callable

import numpy as np
import pytest

from analysis.compare.groups import GroupComparison, GroupDifference
from analysis.compare.rounds import Change, DepartmentChange
from analysis.items.performance import ImportancePerformance
from analysis.ranking.pairs import Pairs
from analysis.ranking.results import DepartmentResult, GlobalTest, Insufficient, Ranking

NAMES = (
    "行政审批局",
    "住房和城乡建设局（住房公积金管理中心、房屋征收与补偿服务中心）",
    "Ministry of Housing and Urban Development",
    "自然资源和规划局",
    "市场监督管理局",
    "Department-of-Economic-Affairs",
    "公安局",
)
LETTERS = "".join(map(chr, (*range(97, 123), *range(65, 91), *range(0x4E00, 0x4F00))))


def names_of(count: int) -> list[str]:
    return [NAMES[i % len(NAMES)] + (str(i) if i >= len(NAMES) else "") for i in range(count)]


def _tiers(different: np.ndarray) -> list[str]:
    """Letters for departments in order, where being different grows with distance."""
    count = len(different)
    ends = [
        max(j for j in range(i, count) if not different[i : j + 1, i : j + 1].any()) for i in range(count)
    ]
    spans = [(i, end) for i, end in enumerate(ends) if i == 0 or end > max(ends[:i])]
    return ["".join(LETTERS[k] for k, (a, b) in enumerate(spans) if a <= i <= b) for i in range(count)]


def _ranking(count: int = 5, *, seed: int = 1, names: list[str] | None = None) -> Ranking:
    rng = np.random.default_rng(seed)
    names = names or names_of(count)
    adjusted = np.sort(rng.normal(80, 6, count))[::-1]
    se = rng.uniform(0.8, 1.2, count)
    gap = adjusted[:, None] - adjusted[None, :]
    different = np.abs(gap) > 5
    a, b = np.triu_indices(count, 1)
    half = 3 * se
    average = adjusted.mean()
    tiers = _tiers(different)
    departments = tuple(
        DepartmentResult(
            name=names[i],
            n=int(rng.integers(10, 400)),
            mean=float(adjusted[i] + rng.normal()),
            adjusted=float(adjusted[i]),
            se=float(se[i]),
            ci=(float(adjusted[i] - half[i]), float(adjusted[i] + half[i])),
            rank=i + 1,
            rank_set=(1 + int((gap[:, i] > 5).sum()), count - int((gap[i] > 5).sum())),
            tier=tiers[i],
            vs_average="above"
            if adjusted[i] - half[i] > average
            else "below"
            if adjusted[i] + half[i] < average
            else "same",
            component=0,
            average_difference=float(adjusted[i] - average),
            average_ci=(float(adjusted[i] - average - half[i]), float(adjusted[i] - average + half[i])),
            df=40.0,
        )
        for i in range(count)
    )
    difference = gap[a, b]
    p = np.where(different[a, b], 0.001, 0.4)
    pairs = Pairs(
        names=tuple(names),
        a=a,
        b=b,
        difference=difference,
        se=np.ones(a.size),
        se_cr0=np.ones(a.size),
        df=np.full(a.size, 40.0),
        p_adjusted=p,
        p_additive=p,
        p_latent=p,
        lower=difference - 5,
        upper=difference + 5,
        significant=different[a, b],
    )
    return Ranking(
        n_raters=400,
        n_ratings=3_000,
        level=0.95,
        threshold=10,
        draws=10_000,
        seed=1,
        global_test=GlobalTest(50.0, float(count - 1), None, 0.001, "friedman"),
        departments=departments,
        pairs=pairs,
        insufficient=(Insufficient("供水公司", 6, "threshold", "评议数少于 10", "fewer than 10 raters"),),
    )


@pytest.fixture
def make_ranking() -> Callable[..., Ranking]:
    return _ranking


def _change(names: list[str], not_compared: tuple[str, ...] = ()) -> Change:
    """Changes of -2.5, -1.5 …, each ± 1.5."""
    moves = [i - 2.5 for i in range(len(names))]
    ways = ["up" if m > 1.5 else "down" if m < -1.5 else "same" for m in moves]
    changes = tuple(
        DepartmentChange(name, 80.0, 80 + m, m, 0.5, 30.0, (m - 1.5, m + 1.5), 0.5, way)
        for name, m, way in zip(names, moves, ways, strict=True)
    )
    return Change(changes, 3.0, 0.95, 10, not_compared)


def _comparison(names: list[str], pairs: list[tuple[str, str]]) -> GroupComparison:
    """Differences of -2.5, -1.5 …, each ± 1.5; only the first department's is declared."""
    differences = tuple(
        GroupDifference(name, first, second, i - 2.5, 0.5, 30.0, (i - 4.0, i - 1.0), 0.5, i == 0)
        for first, second in pairs
        for i, name in enumerate(names)
    )
    return GroupComparison({"本地": 200, "外来": 100}, differences, 0.01, 3.0, 0.95, 10, ("供水公司",), ())


def _importance(
    items: list[str], performance: list[float], department: str | None = None
) -> ImportancePerformance:
    share = np.full(len(items), 1 / len(items))
    n = np.full(len(items), 50)
    return ImportancePerformance(
        department, tuple(items), share, 0.9 * share, 1.1 * share, np.array(performance), n
    )


@pytest.fixture
def make_change() -> Callable[..., Change]:
    return _change


@pytest.fixture
def make_comparison() -> Callable[..., GroupComparison]:
    return _comparison


@pytest.fixture
def make_importance() -> Callable[..., ImportancePerformance]:
    return _importance
