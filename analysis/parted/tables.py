"""Files of ratings read a stretch at a time: Parquet and CSV in long format that need no corrections.

What the reader of whole files corrects (spellings of one name, rows of totals, level words) takes all of a
file at once; such files are refused here, with what would have been corrected.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from analysis.errors import InputError
from analysis.files.columns import ColumnReader
from analysis.files.status import unfinished_values, void_values
from analysis.files.table import DataTable
from analysis.foreign.questions.direction import asked_direction, says_low_is_best
from analysis.foreign.questions.near_names import of_periods
from analysis.tables.text_tables import DELIMITERS

ROLES: Final = ("rater", "department", "score", "item", "weight", "cluster")
_NUMBERS: Final = ("score", "weight")
_ROWS: Final = 1 << 20
_A_ROW: Final = 24
"""Bytes that a row of a CSV takes, about, to reckon how many parts to make."""


@dataclass(frozen=True)
class LongFile:
    """File of ratings in long format; places: its columns by role; rows: about how many there are."""

    path: Path
    header: tuple[str, ...]
    places: Mapping[str, int]
    rows: int
    delimiter: str = ""

    def batches(self) -> Iterator[dict[str, Any]]:
        """Yield columns by role, Arrow arrays of some hundred thousand rows."""
        import pyarrow as pa

        try:
            for batch in self._read():
                yield {role: _typed(role, batch.column(at)) for role, at in self._among().items()}
        except pa.ArrowInvalid as error:
            raise InputError(
                f"“{self.path}”读不了，或者有的评分、权重不是数字（{error}）。",
                f"{self.path} cannot be read, or a score or weight is no number ({error}).",
            ) from error

    def _among(self) -> dict[str, int]:
        return {role: at for at, role in enumerate(self.places)}

    def _read(self) -> Any:
        names = [self.header[at] for at in self.places.values()]
        if not self.delimiter:
            from pyarrow import parquet

            for batch in parquet.ParquetFile(self.path).iter_batches(_ROWS, columns=names):
                yield batch.select(names)
            return
        import pyarrow as pa
        from pyarrow import csv as arrow

        kinds = {
            self.header[at]: pa.float64() if role in _NUMBERS else pa.string()
            for role, at in self.places.items()
        }
        yield from arrow.open_csv(
            self.path,
            read_options=arrow.ReadOptions(column_names=list(self.header), skip_rows=1, block_size=1 << 25),
            parse_options=arrow.ParseOptions(delimiter=self.delimiter),
            convert_options=arrow.ConvertOptions(column_types=kinds, include_columns=names, null_values=[""]),
        )


def _typed(role: str, column: Any) -> Any:
    import pyarrow as pa

    if role in _NUMBERS:
        return column.cast(pa.float64())
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_floating(column.type):
        raise pa.ArrowInvalid(f"{role}: {column.type}")
    return column.cast(pa.string())


def long_files(paths: Sequence[Path], names: Mapping[str, str], best: str | None = None) -> list[LongFile]:
    """Files to read, in the order given; `names`: headings by role.

    Raises InputError for a file that is not there or has other columns than the first.
    """
    found = [_opened(path, names) for path in paths]
    first = found[0]
    for file in found:
        if set(file.places) != set(first.places):
            raise InputError(
                f"“{file.path.name}”和“{first.path.name}”的列不同，不能合在一起。",
                f"{file.path.name} and {first.path.name} have different columns; they are no one table.",
            )
        said = says_low_is_best([file.path.stem, *(file.header[at] for at in file.places.values())])
        if said and best is None:
            raise asked_direction(file.path.name, 1, 5, said)
    return found


def _opened(path: Path, names: Mapping[str, str]) -> LongFile:
    try:
        with path.open("rb") as file:
            mark = file.read(4)
    except OSError as error:
        raise InputError(
            f"“{path}”读不了（{error.strerror}）。", f"{path} cannot be read ({error.strerror})."
        ) from error
    header, rows, delimiter = _of_parquet(path) if mark == b"PAR1" else _of_csv(path)
    reader = ColumnReader(DataTable(path.name, header, [()] * len(header), ()), names)
    reader.header("rater"), reader.header("department"), reader.header("score")
    places = {role: at for role in ROLES if (at := reader.place(role)) is not None}
    others = [heading for at, heading in enumerate(header) if at not in places.values()]
    if telling := [h for h in others if void_values(h) or unfinished_values(h) or of_periods(h)] + (
        [header[at]] if (at := reader.place("stratum")) is not None else []
    ):
        raise InputError(
            f"“{path.name}”的“{telling[0]}”列会影响哪些评分计入、怎样计算，分批计算时不读它。"
            "请先在文件中按它筛选，去掉这一列。",
            f"{path.name}: the column {telling[0]!r} bears on which ratings count and how, and is not read "
            "in parts. Apply it in the file first, and drop the column.",
            column=telling[0],
        )
    return LongFile(path, header, places, rows, delimiter)


def _of_parquet(path: Path) -> tuple[tuple[str, ...], int, str]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise InputError(
            f"“{path}”不是完整的 Parquet 文件。", f"{path} is no complete Parquet file."
        ) from error
    return tuple(file.schema_arrow.names), file.metadata.num_rows, ""


def _of_csv(path: Path) -> tuple[tuple[str, ...], int, str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            line = file.readline(1 << 16).rstrip("\r\n")
    except UnicodeDecodeError:
        line = ""
    delimiter = max(DELIMITERS, key=line.count)
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    if not all(cells) or len(cells) < len(("rater", "department", "score")):
        raise InputError(
            f"“{path.name}”不能分批计算：要 Parquet，或 UTF-8 编码的 CSV，第一行是表头，每行一条评分。",
            f"{path.name} cannot be ranked in parts: give Parquet, or CSV in UTF-8 with headings in its "
            "first row and one rating a row.",
        )
    return tuple(cells), path.stat().st_size // _A_ROW, delimiter
