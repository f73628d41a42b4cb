"""One part of the ratings: its cells, kept on disk, and what is said of its ratings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analysis.answers.checks import check_scores, rater_clusters, rater_weights
from analysis.answers.labels import Coded
from analysis.answers.ratings import Ratings
from analysis.errors import InputError
from analysis.files.ratings import RatingsTable
from analysis.foreign.questions.raters import refuse_nobody
from analysis.model.cells import Cells, cells_of, item_counts
from analysis.parted.splitting import is_clean

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
_COLUMNS: Final = (
    *("rater", "department", "n", "total", "weight"),
    *("item_n", "item_total", "item_score", "cluster"),
)


@dataclass(frozen=True, eq=False)
class Design:
    """What all parts have in common: name of the first file; names of departments and items; weights of items
    as given, and as shares (K,), None without items; top: mark whose frequency is asked."""

    file: str
    departments: tuple[str, ...]
    items: tuple[str, ...]
    item_weights: Mapping[str, float] | None
    shares: Floats | None
    top: float | None


@dataclass(frozen=True)
class Fault:
    """What is wrong with the ratings of a part: with a rater's name, weight or cluster; or with their count.

    said: the refusal itself, in Chinese and English, where it needs no row.
    """

    column: str
    row: int = 0
    name: str = ""
    said: tuple[str, str] | None = None


@dataclass(frozen=True, eq=False)
class Told:
    """What is said of a part: numbers of ratings, raters, units and repeated ratings; whether a unit has
    several raters, and whether cells differ in their items; lowest and highest mark of each department (D,);
    least, most and sum of the weights; number of ratings with the highest mark and with the mark asked; first
    row (R,) of each rater.

    fault: what is wrong with the ratings, the other fields then being of no use.
    """

    ratings: int = 0
    raters: int = 0
    units: int = 0
    repeated: int = 0
    clustered: bool = False
    unbalanced: bool = False
    lowest: Floats = field(default_factory=lambda: np.empty(0))
    highest: Floats = field(default_factory=lambda: np.empty(0))
    weight: tuple[float, float, float] = (1.0, 1.0, 0.0)
    at_highest: int = 0
    at_top: int = 0
    first: Ints = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    fault: Fault | None = None


def table_of(path: Path) -> Any:
    """Arrow table of a part, its rows in the order of the files."""
    import pyarrow as pa

    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_file(file).read_all()


def raters_of(table: Any) -> tuple[NDArray[np.int32], list[str]]:
    """Codes of the raters of a part's table in order of appearance, (N,), and their names."""
    encoded = table["rater"].combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy(), encoded.dictionary.to_pylist()


def read_part(path: Path, count: int, design: Design) -> tuple[Ratings, Ints] | Fault:
    """Ratings of a part, raters in order of appearance, and the row of each rating among all (N,); or what is
    wrong with them."""
    table = table_of(path)
    if len(table) != count:
        return Fault("count", name=path.name)
    rows, (codes, names) = table["row"].to_numpy(), raters_of(table)
    if not is_clean("rater", names):
        at = next((i for i, name in enumerate(names) if not is_clean("rater", [name])), 0)
        return Fault("rater", int(rows[np.argmax(codes == at)]), names[at])
    there = [role for role in ("department", "item", "score", "weight") if role in table.column_names]
    present = {role: table[role].to_numpy() for role in there}
    try:
        weight = rater_weights(present.get("weight"), codes, names, count)
        cluster = None
        if "cluster" in table.column_names:
            cluster = rater_clusters(table["cluster"].to_pylist(), codes, names, count)
        score = check_scores(present["score"])
    except InputError as error:
        at = names.index(error.name) if error.name in names else int(codes[(error.row or 1) - 1])
        return Fault(error.column or "", int(rows[np.argmax(codes == at)]), names[at])
    many = len(design.items) > 1
    ratings = Ratings(
        rater=codes,
        department=present["department"],
        score=score,
        department_names=design.departments,
        rater_names=tuple(names),
        weight=weight,
        item=present["item"] if many else None,
        item_names=design.items if many else (),
        item_weights=design.shares,
        cluster=cluster,
    )
    return ratings, rows


def prepare(task: tuple[Path, int], design: Design) -> Told:
    """Make the cells of a part, keep them beside it, and say what is to be known of its ratings."""
    path, count = task
    found = read_part(path, count, design)
    if isinstance(found, Fault):
        return Told(fault=found)
    ratings, rows = found
    try:
        refuse_nobody(design.file, long_table(ratings))
    except InputError as error:
        return Told(fault=Fault("rater", said=(error.zh, error.en)))
    cells = cells_of(ratings)
    with kept_at(path).open("wb") as file:
        np.savez(file, **{name: of for name in _COLUMNS if (of := getattr(cells, name)) is not None})
    lowest, highest = np.full(cells.n_departments, np.inf), np.full(cells.n_departments, -np.inf)
    np.minimum.at(lowest, ratings.department, ratings.score)
    np.maximum.at(highest, ratings.department, ratings.score)
    first = np.empty(ratings.n_raters, dtype=np.intp)
    first[ratings.rater[::-1]] = rows[::-1]
    w = ratings.weight
    return Told(
        ratings=ratings.n_ratings,
        raters=ratings.n_raters,
        units=cells.n_units,
        repeated=ratings.n_ratings - _distinct(ratings),
        clustered=cells.clustered,
        unbalanced=cells.n_items > 0,
        lowest=lowest,
        highest=highest,
        weight=(float(w.min()), float(w.max()), float(w.sum())),
        at_highest=int((ratings.score == highest.max()).sum()),
        at_top=0 if design.top is None else int((ratings.score == design.top).sum()),
        first=first,
    )


def long_table(ratings: Ratings, numbers: Sequence[int] = ()) -> RatingsTable:
    """Ratings as the questions about files take them; numbers: row of each in its file."""
    return RatingsTable(
        Coded(ratings.rater, ratings.rater_names),
        Coded(ratings.department, ratings.department_names),
        ratings.score,
        item=None if ratings.item is None else Coded(ratings.item, ratings.item_names),
        numbers=numbers,
    )


def _distinct(ratings: Ratings) -> int:
    """Number of distinct things that were rated: by a rater, a department, on an item."""
    key = ratings.rater.astype(np.int64) * ratings.n_departments + ratings.department
    if ratings.item is not None:
        key = key * len(ratings.item_names) + ratings.item
    return int(np.unique(key).size)


def kept_at(path: Path) -> Path:
    """Where the cells of a part are kept."""
    return path.with_suffix(".npz")


def numbers_at(path: Path) -> Path:
    """Where the codes (R,) of a part's raters among all are kept."""
    return path.with_suffix(".npy")


@dataclass(frozen=True)
class CellsOfPart:
    """Reader of the cells of a part; unbalanced: whether some cell of some part lacks an item."""

    path: Path
    n_departments: int
    item_weights: Floats | None
    unbalanced: bool

    def __call__(self) -> Cells:
        with np.load(kept_at(self.path)) as kept:
            arrays = {name: kept[name] for name in kept.files}
        number = np.load(numbers_at(self.path))
        cells = Cells(
            **arrays, n_departments=self.n_departments, item_weights=self.item_weights, number=number
        )
        return replace(cells, item_n=item_counts(cells)) if self.unbalanced else cells
