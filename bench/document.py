"""Sets measured tables into docs/statistics.md between ``<!-- NAME begin -->`` and ``<!-- NAME end -->``."""

from __future__ import annotations

from pathlib import Path

DOCUMENT = Path(__file__).parents[1] / "docs" / "statistics.md"


def set_table(name: str, text: str) -> None:
    """Replace what stands between the markers of ``name``; nothing happens where there are none."""
    begin, end = f"<!-- {name} begin -->", f"<!-- {name} end -->"
    document = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    if begin in document:
        head, rest = document.split(begin)
        tail = rest.split(end)[1]
        DOCUMENT.write_text(f"{head}{begin}\n{text}\n{end}{tail}", encoding="utf-8")
