"""Guard against formulas: typed text stays text when a table is opened in Excel."""

from datetime import UTC, datetime
from typing import Final

_LEADS: Final = ("=", "+", "-", "@", "\t", "\r")
WORKBOOK_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
"""Of every workbook that is written: no text becomes a formula, a link or a number."""
CREATED: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The date in every workbook's properties: the same content gives the same bytes."""


def inert(text: str) -> str:
    """`text` for a cell of a CSV, with an apostrophe in front where Excel would take it for a formula."""
    return f"'{text}" if text.startswith(_LEADS) else text
