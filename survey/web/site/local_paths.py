"""Check of return addresses, so that none leads to another site."""

from __future__ import annotations

from urllib.parse import urlsplit

# Browsers read a backslash as a slash and drop tabs and line ends, so none of them may appear.
REFUSED = frozenset("\\\t\r\n\x00")


def local_path(target: str | None, fallback: str) -> str:
    """`target` when it is a path on this site, else `fallback`."""
    if not target or REFUSED & set(target) or not target.startswith("/") or target.startswith("//"):
        return fallback
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else fallback
