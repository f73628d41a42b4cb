"""What axe finds wrong with a page: its default rules, enhanced contrast (7:1) and the size of targets."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}
# Without it axe writes down every element that it has nothing to say of, which takes longest.
ONLY = {"resultTypes": ["violations"]}


def violations(page: Page, *, strict: bool = True) -> list[dict[str, Any]]:
    """The violations on the page as it stands; not strict: of axe's default rules alone."""
    options = ONLY | ({"rules": RULES} if strict else {})
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return found
