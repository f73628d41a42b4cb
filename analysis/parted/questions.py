"""What the marks leave open is asked of some of the parts, as it is of a file that is read whole."""

from __future__ import annotations

import numpy as np

from analysis.errors import InputError
from analysis.foreign.hints import Hints
from analysis.foreign.long import of_long
from analysis.foreign.questions.computed import computed_items
from analysis.foreign.questions.items import without_ticks
from analysis.foreign.questions.marks import ask_about_marks
from analysis.foreign.questions.near_names import ask_near_names
from analysis.parted.ratings import PartedRatings
from analysis.parted.summing import Fault, long_table, read_part


def ask(found: PartedRatings, hints: Hints) -> None:
    """Raise InputError or `Ambiguous` for what names and marks leave open: of the first part, and of those
    with the lowest and the highest mark."""
    lowest = int(np.argmin([told.lowest.min() for told in found.told]))
    highest = int(np.argmax([told.highest.max() for told in found.told]))
    for at in dict.fromkeys((0, lowest, highest)):
        read = read_part(found.dealt.paths[at], int(found.dealt.counts[at]), found.design)
        if isinstance(read, Fault):
            continue
        ratings, rows = read
        table = long_table(ratings, [found.dealt.place(row)[1] for row in rows.tolist()])
        ask_near_names(found.design.file, table)
        gone = computed_items(table)
        kept, _ = without_ticks(*of_long(found.design.file, table, hints))
        if gone or len(kept.score) < len(table.score):
            raise _not_items(gone)
        ask_about_marks(found.design.file, table, hints)


def _not_items(gone: list[str]) -> InputError:
    named = f"（{'、'.join(gone)}）" if gone else ""
    named_en = f" ({', '.join(gone)})" if gone else ""
    return InputError(
        f"有的指标像是由其他指标算出来的，或者只是勾选{named}，不应计入；分批计算时请先从文件中去掉。",
        f"Some items seem to be computed from others, or to be ticks{named_en}, and should not count; take "
        "them out of the files before ranking in parts.",
        column="item",
    )
