"""An invented review as a table of levels, and files in the shapes that tools and people give it."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable
from pathlib import Path

import xlsxwriter

DEPARTMENTS = ("行政审批局", "税务局", "公安局", "供电公司")
ITEMS = ("服务态度", "办事效率", "廉洁自律")
WORDS = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
POINTS = {5: 100, 4: 80, 3: 60, 2: 40, 1: 20}
RATERS = 14
Level = int | None
Row = dict[tuple[str, str], int]


def review(seed: int = 7, items: Iterable[str] = ITEMS) -> list[Row]:
    """Levels 1 to 5 by department and item, a dictionary a rater; every rater rates something."""
    draw = random.Random(seed)
    rows: list[Row] = []
    for _ in range(RATERS):
        row = {
            (d, i): draw.choice((1, 2, 3, 4, 4, 5)) for d in DEPARTMENTS for i in items if draw.random() < 0.7
        }
        row[DEPARTMENTS[0], next(iter(items))] = draw.randint(1, 5)
        rows.append(row)
    return rows


REVIEW = review()
FLAT = review(items=("",))
PAIRS = [(d, i) for d in DEPARTMENTS for i in ITEMS]
SINGLE = [(d, "") for d in DEPARTMENTS]


def cells(
    row: Row, shown: Callable[[int], object], empty: object = "", pairs: Iterable = PAIRS
) -> list[object]:
    """Cells of a rater's row in the order of `pairs`."""
    return [shown(row[pair]) if pair in row else empty for pair in pairs]


def wide(
    shown: Callable[[int], object] = POINTS.get, empty: object = "", heads: Iterable[str] = DEPARTMENTS
) -> list[list[object]]:
    """Rows of `FLAT`: the rater's name, then a column a department."""
    rows: list[list[object]] = [["企业", *heads]]
    return rows + [[f"企业{n}", *cells(row, shown, empty, SINGLE)] for n, row in enumerate(FLAT, 1)]


def text(
    path: Path, rows: Iterable[Iterable[object]], encoding: str = "utf-8-sig", delimiter: str = ","
) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def excel(path: Path, sheets: dict[str, list[list[object]]], merged: Iterable[tuple] = ()) -> Path:
    """Workbook with these sheets; merged: first row and column, last row and column, text, of the first."""
    with xlsxwriter.Workbook(path, {"strings_to_numbers": False}) as book:
        for at, (name, rows) in enumerate(sheets.items()):
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value not in (None, ""):
                        sheet.write(number, column, value)
            if at == 0:
                for region in merged:
                    sheet.merge_range(*region)
    return path
