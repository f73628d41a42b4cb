"""Responses that download a file: with a Chinese name, and never cached."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, request

from survey.documents.media_types import MEDIA
from survey.trial import PREFIX

XLSX, PDF = MEDIA["xlsx"], MEDIA["pdf"]
ZIP = "application/zip"
CSV = "text/csv; charset=utf-8"


def attachment(content: bytes, name: str, media_type: str) -> Response:
    """Response with `content` as a download called `name` (RFC 6266, RFC 8187); of a trial round, its name
    says so."""
    if str((request.view_args or {}).get("slug", "")).startswith(PREFIX):
        name = f"练习-{name}"
    response = Response(content, content_type=media_type)
    plain = name.encode("ascii", "ignore").decode().replace('"', "").strip() or "download"
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    )
    response.headers["Cache-Control"] = "no-store"
    return response
