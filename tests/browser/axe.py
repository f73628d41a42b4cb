"""What axe finds wrong with a page: its default rules, enhanced contrast (7:1) and the size of targets."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}
# Without it axe writes down every element that it has nothing to say of, which takes longest.
ONLY = {"resultTypes": ["violations"]}
RUN = "(options) => axe.run(options).then((found) => found.violations)"
_AXE = Axe()


def violations(page: Page, *, strict: bool = True) -> list[dict[str, Any]]:
    """The violations on the page as it stands; not strict: of axe's default rules alone."""
    options = ONLY | ({"rules": RULES} if strict else {})
    # Axe().run would load axe again for every screen of one document, and hand back the whole report.
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_AXE.axe_script)
    found: list[dict[str, Any]] = page.evaluate(RUN, options)
    return found
