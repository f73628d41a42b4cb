"""Fast reader for large plain CSV files of ratings: by column, with labels as codes.

Only for files that need no corrections: UTF-8, one line per row, every row as wide as the header, clean
labels, finite numbers. For all others `quick_ratings` returns None, and the careful reader takes over.
"""

from __future__ import annotations

import csv
import mmap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from analysis.answers.labels import Coded
from analysis.errors import InputError
from analysis.tables.text_tables import DELIMITERS, UTF16_MARKS

LEAST_BYTES: Final = 8 << 20
"""Smaller files are always read by the careful reader, which is fast enough for them."""
_MARKS: Final = (b"PK", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", *UTF16_MARKS)
_NUMBERS: Final = ("score", "weight")
Find = Callable[[Sequence[str]], Mapping[str, int] | None]
Clean = Callable[[str, list[str]], list[str]]


def quick_ratings(path: Path, find: Find, clean: Clean) -> dict[str, Any] | None:
    """Columns of a large plain CSV by key (rater, department, score …), or None if it needs the careful
    reader.

    find: returns the index of each column from the header, or None; clean: returns the labels of a column as
    the careful reader would, or raises InputError.
    """
    header, delimiter = _header(path)
    places = find(header) if header else None
    if places is None:
        return None
    try:
        table = _read(path, delimiter, places, len(header))
        if table is None:
            return None
        return {key: _column(key, table[f"f{at}"], clean) for key, at in places.items()}
    except (ValueError, OSError, InputError):  # pyarrow's errors are ValueErrors
        return None


def _header(path: Path) -> tuple[list[str], str]:
    """Cells of the first line, and the delimiter; ([], "") unless the file is large and plain."""
    with path.open("rb") as file:
        if path.stat().st_size < LEAST_BYTES:
            return [], ""
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            end = data.find(b"\n")
            if data[:4].startswith(_MARKS) or end < 0 or data.find(b"\0") >= 0:
                return [], ""
            line = data[:end]
    try:
        text = line.decode("utf-8-sig").rstrip("\r")
    except UnicodeDecodeError:
        return [], ""
    delimiter = max(DELIMITERS, key=text.count)
    cells = [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter), [])]
    return (cells if all(cells) and len(set(cells)) == len(cells) else []), delimiter


def _read(path: Path, delimiter: str, places: Mapping[str, int], width: int) -> Any:
    try:
        import pyarrow as pa
        from pyarrow import csv as arrow
    except ImportError:
        return None
    label = pa.dictionary(pa.int32(), pa.string())
    kinds = {f"f{at}": pa.float64() if key in _NUMBERS else label for key, at in places.items()}
    names = [f"f{i}" for i in range(width)]
    table = arrow.read_csv(
        path,
        read_options=arrow.ReadOptions(column_names=names, skip_rows=1, block_size=1 << 24),
        parse_options=arrow.ParseOptions(delimiter=delimiter),
        convert_options=arrow.ConvertOptions(
            column_types=kinds, include_columns=list(kinds), null_values=[], strings_can_be_null=False
        ),
    )
    if _lines(path) != len(table) + 1:
        return None  # cells of several lines, or blank lines: rows could not be named
    return table.unify_dictionaries() if len(table) else None


def _lines(path: Path) -> int:
    """Number of lines up to the last that is not blank."""
    count, tail = 1, b""
    with path.open("rb") as file:
        while block := file.read(1 << 24):
            count, tail = count + block.count(b"\n"), block
    return count - tail[len(tail.rstrip()) :].count(b"\n")


def _column(key: str, column: Any, clean: Clean) -> Any:
    if key in _NUMBERS:
        numbers = column.to_numpy()
        if not np.isfinite(numbers).all() or (key == "weight" and not (numbers > 0).all()):
            raise ValueError(key)
        return numbers
    names = column.chunk(0).dictionary.to_pylist()
    if clean(key, names) != names:
        raise ValueError(key)
    return Coded(np.concatenate([part.indices.to_numpy() for part in column.chunks]), tuple(names))
