"""Pictures of pages for people to leaf through, taken when asked for: they cost a tenth of the time."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Locator, Page

WANTED = bool(os.environ.get("SCREENSHOTS") or os.environ.get("NIGHTLY"))


def take(what: Page | Locator, path: Path) -> None:
    """The whole page, or one element of it, as a PNG file at `path`; nothing unless SCREENSHOTS=1."""
    if not WANTED:
        return
    if isinstance(what, Page):
        what.screenshot(path=path, full_page=True)
    else:
        what.screenshot(path=path)
