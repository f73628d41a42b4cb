"""Process that reads a workbook: `python -m analysis.tables.workbook_process < FILE`.

Its limits are environment variables (analysis.tables.workbooks). It writes pickled messages, each after its
length: ("sheet", name, merged, formulas, kind, hidden rows, hidden columns, uncomputed formulas),
("rows", rows) as often as needed, and last ("book", hidden); or ("refused", class, values).
"""

import gc
import os
import pickle
import resource
import struct
import sys
from dataclasses import fields
from typing import Any

from analysis.tables.other_workbooks import parse
from analysis.tables.refusals import TableRefused, TooLarge
from analysis.tables.worksheet_scan import Limits

ROWS = 2_000


def main() -> None:
    """Read the workbook from standard input within the limits, and write the messages to standard output."""
    given = {f.name: int(os.environ[f"WORKBOOK_LIMIT_{f.name.upper()}"]) for f in fields(Limits)}
    limits = Limits(**given)  # type: ignore[arg-type]
    _confine(limits)
    gc.disable()  # nothing here is a cycle
    try:
        book = parse(sys.stdin.buffer, limits)
        for sheet in book.sheets:
            formulas = {c: list(r) for c, r in sheet.formulas.items()}
            _send(
                "sheet",
                sheet.name,
                sheet.merged,
                formulas,
                sheet.kind,
                sheet.hidden_rows,
                sheet.hidden_columns,
                sheet.uncomputed,
            )
            for start in range(0, len(sheet.rows), ROWS):
                _send("rows", sheet.rows[start : start + ROWS])
        _send("book", book.hidden)
    except MemoryError:
        _refuse(TooLarge("work"))
    except TableRefused as error:
        _refuse(error)


def _confine(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _refuse(error: TableRefused) -> None:
    _send("refused", type(error).__name__, error.values)


def _send(*piece: Any) -> None:
    content = pickle.dumps(piece, protocol=5)
    sys.stdout.buffer.write(struct.pack("<Q", len(content)) + content)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
