"""Responses that download a file: with a Chinese name, and never cached."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"
ZIP = "application/zip"
CSV = "text/csv; charset=utf-8"


def attachment(content: bytes, name: str, media_type: str) -> Response:
    """Response with `content` as a download called `name` (RFC 6266, RFC 8187)."""
    response = Response(content, content_type=media_type)
    plain = name.encode("ascii", "ignore").decode().replace('"', "").strip() or "download"
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    )
    response.headers["Cache-Control"] = "no-store"
    return response
