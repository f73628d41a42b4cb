"""Media types of the files that the program makes."""

from __future__ import annotations

from typing import Final

MEDIA: Final = {
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
}


def media_type(name: str) -> str:
    """Media type of a file by the ending of its name; raises `KeyError` for an ending that is not made."""
    return MEDIA[name.rpartition(".")[2]]
