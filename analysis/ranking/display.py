"""Display of a ranking in a console (text) and in a notebook (HTML)."""

from __future__ import annotations

import unicodedata
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.ranking.results import DepartmentResult, Ranking

_ROWS = 12
_HEAD = ("rank", "range", "tier", "department", "score", "interval")


def text(ranking: Ranking) -> str:
    """Text table of the first twelve departments, below a line with the size and level of the ranking."""
    rows = [_HEAD, *(_cells(d) for d in ranking.departments[:_ROWS])]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = [_title(ranking)]
    for row in rows:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join(cells).rstrip())
    rest = len(ranking.departments) - _ROWS
    return "\n".join([*lines, f"… and {rest} more"] if rest > 0 else lines)


def html(ranking: Ranking) -> str:
    """HTML table of all departments, below a line with the size and level of the ranking."""
    head = "".join(f"<th>{name}</th>" for name in _HEAD)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in _cells(d)) + "</tr>"
        for d in ranking.departments
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<div><p>{escape(_title(ranking))}</p>{table}</div>"


def _title(ranking: Ranking) -> str:
    told = int(ranking.pairs.significant.sum())
    source = "estimates" if ranking.n_raters is None else f"{ranking.n_raters:,d} raters"
    pairs = f"{told} of {len(ranking.pairs)} pairs told apart"
    return (
        f"Ranking of {len(ranking.departments)} departments by {source}, {ranking.level:.4g} joint: {pairs}"
    )


def _cells(d: DepartmentResult) -> tuple[str, ...]:
    best, worst = d.rank_set
    return (
        str(d.rank),
        f"{best}-{worst}" if best < worst else str(best),
        d.tier if len(d.tier) <= 6 else d.tier[:5] + "…",
        d.name,
        f"{d.adjusted:.4g}",
        f"{d.ci[0]:.4g} to {d.ci[1]:.4g}",
    )


def _width(cell: str) -> int:
    """Width of a cell in console columns; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in cell)
