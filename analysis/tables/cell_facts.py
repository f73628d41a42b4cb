"""Facts about a workbook's cells that a reader of values does not give: errors, per-cent formats,
formulas."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.tables.xml_scan import scan_xml

_BUILT_IN_PERCENT = {9, 10}
_SEVERAL = 3


@dataclass(slots=True)
class CellFacts:
    """Places of error values (with texts), per-cent cells and formulas, as column → rows; hidden rows and
    columns. All count from 1. `valueless`, `zero`: formulas without a stored value, and with the value 0,
    which some programs write instead.
    """

    errors: dict[int, tuple[array[int], list[str]]] = field(default_factory=dict)
    percents: dict[int, array[int]] = field(default_factory=dict)
    formulas: dict[int, array[int]] = field(default_factory=dict)
    valueless: dict[int, array[int]] = field(default_factory=dict)
    zero: dict[int, array[int]] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)

    def add_error(self, row: int, column: int, text: str) -> None:
        rows, texts = self.errors.setdefault(column, (array("I"), []))
        rows.append(row)
        texts.append(text)

    def add_percent(self, row: int, column: int) -> None:
        self.percents.setdefault(column, array("I")).append(row)

    def add_formula(self, row: int, column: int, valueless: bool) -> None:
        self.formulas.setdefault(column, array("I")).append(row)
        if valueless:
            self.valueless.setdefault(column, array("I")).append(row)

    def add_value(self, row: int, column: int, text: str) -> None:
        """Note the stored value of the formula that was added last, in this cell."""
        self.valueless[column].pop()
        if text.strip() == "0":
            self.zero.setdefault(column, array("I")).append(row)

    @property
    def uncomputed(self) -> dict[int, list[int]]:
        """Formulas that no spreadsheet program has computed: those without a value; all, if every value
        is 0."""
        zeros, all_of_them = (sum(map(len, of.values())) for of in (self.zero, self.formulas))
        found = self.zero if _SEVERAL <= zeros == all_of_them else self.valueless
        return {column: list(rows) for column, rows in found.items() if rows}

    def apply(self, rows: list[list[Any]]) -> None:
        """Write error texts into `rows`, and multiply per-cent cells by 100, so that 86.5 % becomes 86.5."""
        for column, (places, texts) in self.errors.items():
            for row, text in zip(places, texts, strict=True):
                _put(rows, row, column, text)
        for column, places in self.percents.items():
            for row in places:
                if row <= len(rows) and column <= len(rows[row - 1]):
                    value = rows[row - 1][column - 1]
                    if isinstance(value, int | float) and not isinstance(value, bool):
                        rows[row - 1][column - 1] = float(f"{value * 100:.12g}")


def _put(rows: list[list[Any]], row: int, column: int, text: str) -> None:
    if row <= len(rows) and column <= len(rows[row - 1]):
        rows[row - 1][column - 1] = text


def percent_styles(styles: bytes) -> frozenset[str]:
    """Indices (as text, as cells refer to them) of the cell styles that show a number as per cent."""
    codes: dict[int, str] = {}
    formats: list[int] = []
    inside: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "numFmt":
            codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name == "xf" and inside and inside[-1] == "cellXfs":
            formats.append(_number(attributes.get("numFmtId")))
        inside.append(name)

    scan_xml(styles, start, end=lambda _tag: inside.pop())
    found = (i for i, f in enumerate(formats) if f in _BUILT_IN_PERCENT or _is_percent(codes.get(f, "")))
    return frozenset(map(str, found))


def _is_percent(code: str) -> bool:
    """Whether a number format shows per cent: it has a % that is neither quoted nor escaped."""
    parts = code.split('"')[::2]
    return any("%" in part.replace("\\%", "") for part in parts)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() else -1


def sheet_parts(workbook: bytes, relations: bytes) -> Iterator[tuple[str, str]]:
    """Yield each sheet's name and its part in the archive, in the order of the workbook."""
    targets: dict[str, str] = {}
    sheets: list[tuple[str, str]] = []

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(" ")[2] == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "").replace("\\", "/")

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(" ")[2] == "sheet":
            ids: Sequence[str] = [v for k, v in attributes.items() if k.rpartition(" ")[2] == "id"]
            sheets.append((attributes.get("name", ""), ids[0] if ids else ""))

    scan_xml(relations, relation)
    scan_xml(workbook, sheet)
    for name, key in sheets:
        target = targets.get(key, "")
        yield name, target.lstrip("/") if target.startswith("/") else f"xl/{target}"
