"""Media types of the files that the program hands out."""

from __future__ import annotations

from typing import Final

MEDIA: Final = {
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "png": "image/png",
    "jpg": "image/jpeg",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
}


def media_type(name: str) -> str:
    """Media type of a file by the ending of its name; raises `KeyError` for another ending."""
    return MEDIA[name.rpartition(".")[2]]
