"""Ratings from files dealt out to parts on disk, each with all ratings of its raters and owners.

Ratings of one rater may stand anywhere in the files. Each goes to the part that a hash of the rater's owner,
or of the rater, names; so parts are about equally large and independent of each other. A part is an Arrow
file; how many rows it must have is kept here, and checked when it is read.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analysis.errors import InputError
from analysis.files.columns import ColumnReader
from analysis.files.rating_rows import totals
from analysis.files.table import DataTable
from analysis.parted.tables import LongFile

AT_ONCE: Final = 1_000_000
"""Ratings that a part should have, about; a worker takes some 0.2 GB for so many."""
MOST: Final = 400
"""Most parts, whose files are open together."""
_SAID: Final = {"rater": ("评议人", "rater"), "department": ("部门", "department"), "item": ("指标", "item")}
Show = Callable[[int], None]


@dataclass(eq=False)
class Dealt:
    """Parts on disk: paths and the ratings of each; names of departments and items in order of appearance;
    files, first row of each among all, rows without a score."""

    paths: list[Path]
    counts: NDArray[np.intp]
    files: list[LongFile]
    names: dict[str, dict[str, int]]
    starts: list[int] = field(default_factory=list)
    unanswered: int = 0

    @property
    def unused(self) -> list[str]:
        """Headings of columns that were not read."""
        file = self.files[0]
        return [heading for at, heading in enumerate(file.header) if at not in file.places.values()]

    def place(self, row: int) -> tuple[str, int]:
        """Name of the file, and row in it (the headings are row 1), of one of all rows."""
        at = int(np.searchsorted(self.starts, row, side="right")) - 1
        return self.files[at].path.name, row - self.starts[at] + 2


def number_of_parts(rows: int, workers: int, at_once: int = AT_ONCE) -> int:
    """How many parts to make of so many rows."""
    return min(MOST, max(workers, -(-rows // at_once), 1))


def deal(
    files: Sequence[LongFile], folder: Path, parts: int, show: Show, missing: Sequence[float] = ()
) -> Dealt:
    """Read all files once and deal their ratings out to `parts` files in the folder; missing: codes for no
    answer.

    Raises InputError, naming file and row, for names that the reader of whole files would correct.
    """
    import pyarrow as pa

    paths = [folder / f"{i:03d}.arrow" for i in range(parts)]
    names: dict[str, dict[str, int]] = {
        role: {} for role in ("department", "item") if role in files[0].places
    }
    dealt = Dealt(paths, np.zeros(parts, dtype=np.intp), list(files), names)
    seen = 0
    with ExitStack() as stack:
        writers: list[Any] = [None] * parts
        for file in files:
            dealt.starts.append(seen)
            for batch in file.batches():
                columns, owner = _columns(batch, dealt, seen, missing)
                seen += len(batch["score"])
                table = pa.table(columns)
                for i, rows in _by_part(owner, parts):
                    part = table.take(rows).combine_chunks()
                    if writers[i] is None:
                        writers[i] = stack.enter_context(pa.OSFile(str(paths[i]), "wb"))
                        writers[i] = stack.enter_context(pa.ipc.new_file(writers[i], table.schema))
                    writers[i].write_table(part)
                    dealt.counts[i] += len(part)
                show(seen)
    if not dealt.counts.sum():
        raise InputError("没有一行有评分。", "No row has a score.")
    return dealt


def _columns(
    batch: dict[str, Any], dealt: Dealt, first: int, missing: Sequence[float]
) -> tuple[dict[str, Any], list[Any]]:
    """Columns of the rows with a score, departments and items as codes, and keys by which they are dealt out;
    first: number of the batch's first row."""
    import pyarrow as pa

    scored = np.asarray(batch["score"].is_valid())
    if missing:
        scored &= ~np.isin(batch["score"].to_numpy(zero_copy_only=False), missing)
    dealt.unanswered += int((~scored).sum())
    rows = np.flatnonzero(scored)
    batch = {role: column.take(pa.array(rows)) for role, column in batch.items()}
    rows += first
    columns: dict[str, Any] = {"row": rows}
    for role, column in batch.items():
        if role != "cluster" and column.null_count:
            raise _refused(dealt, role, int(rows[np.argmin(column.is_valid())]), "")
        columns[role] = _codes(role, column, rows, dealt) if role in dealt.names else column
    return columns, _owners(batch)


def _codes(role: str, column: Any, rows: NDArray[np.intp], dealt: Dealt) -> NDArray[np.int32]:
    """Codes of a column of departments or items."""
    encoded, known = column.dictionary_encode(), dealt.names[role]
    given = encoded.indices.to_numpy()
    labels = encoded.dictionary.to_pylist()
    for at, name in enumerate(labels):
        if name not in known and not is_clean(role, [name]):
            raise _refused(dealt, role, int(rows[np.argmax(given == at)]), name)
    codes = np.array([known.setdefault(name, len(known)) for name in labels], dtype=np.int32)
    return np.asarray(codes[given])


def is_clean(role: str, names: list[str]) -> bool:
    """Whether the reader of whole files would leave these distinct names as they are."""
    table = ColumnReader(DataTable("", (role,), [names], range(2, 2 + len(names))), {})
    try:
        if totals(table.table, [names], names if role == "rater" else ())[0]:
            return False
        return table.names(role, role, role) == names
    except InputError:
        return False


def _owners(batch: dict[str, Any]) -> list[Any]:
    """For each row the owner of its rater, or the rater, as columns of codes and texts that say which."""
    raters = batch["rater"].dictionary_encode()
    found = [(raters.indices.to_numpy(), [f"r{name}" for name in raters.dictionary.to_pylist()], None)]
    if "cluster" in batch:
        owners = batch["cluster"].fill_null("").dictionary_encode()
        labels = [name.strip() for name in owners.dictionary.to_pylist()]
        has = np.array([bool(name) for name in labels])
        codes = owners.indices.to_numpy()
        found.append((codes, [f"o{name}" for name in labels], has[codes]))
    return found


def _by_part(owner: list[Any], parts: int) -> list[tuple[int, NDArray[np.intp]]]:
    """Rows of each part that has some, in their order."""
    part: Any = None
    for codes, texts, where in owner:
        own = np.array([zlib.crc32(text.encode()) % parts for text in texts], dtype=np.int16)[codes]
        part = own if part is None else np.where(where, own, part)
    order = np.argsort(part, kind="stable")
    edges = np.searchsorted(part[order], np.arange(parts + 1))
    return [(i, order[edges[i] : edges[i + 1]]) for i in range(parts) if edges[i] < edges[i + 1]]


def _refused(dealt: Dealt, role: str, row: int, name: str) -> InputError:
    file, number = dealt.place(row)
    return refused_name(role, file, number, name)


def refused_name(role: str, file: str, number: int, name: str) -> InputError:
    """Refusal of a name that would have to be corrected; "" for an empty cell."""
    zh, en = _SAID.get(role, (role, role))
    if not name.strip():
        return InputError(
            f"“{file}”第 {number} 行：{zh}是空的，请补上或删去这一行。",
            f"{file}, row {number}: the {en} is empty; fill it in or delete the row.",
            row=number,
            column=role,
        )
    return InputError(
        f"“{file}”第 {number} 行：{zh}“{name}”要先整理（多余的空格、全角字符、合计行等），"
        "分批计算时不改名称。请在文件中改好，或不用 --workers、--dask 一次读入。",
        f"{file}, row {number}: the {en} {name!r} would need correcting (spaces, width of letters, rows of "
        "totals); names are not corrected in parts. Mend the file, or read it whole without --workers and "
        "--dask.",
        row=number,
        column=role,
        name=name,
    )
