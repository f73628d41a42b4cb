"""What axe finds wrong with a page: its default rules, enhanced contrast (7:1) and the size of targets."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "color-contrast-enhanced": {"enabled": True},
    "color-contrast": {"enabled": False},
    "target-size": {"enabled": True},
}
# Of itself the enhanced rule passes over what the default one finds, and each looks behind every word, which
# takes two thirds of the time. Without its lower bound it finds the faults of both (desk/test_axe.py).
CONTRAST = {"contrastRatio": {"normal": {"minThreshold": 0}, "large": {"minThreshold": 0}}}
STRICT = {"rules": RULES, "checks": {"color-contrast-enhanced": {"options": CONTRAST}}}
# Without it axe writes down every element that it has nothing to say of, which takes longest.
ONLY = {"resultTypes": ["violations"]}
RUN = "(options) => axe.run(options).then((found) => found.violations)"
_AXE = Axe()


def violations(page: Page, *, strict: bool = True) -> list[dict[str, Any]]:
    """The violations on the page as it stands; not strict: of axe's default rules alone."""
    options = ONLY | (STRICT if strict else {})
    # Axe().run would load axe again for every screen of one document, and hand back the whole report.
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_AXE.axe_script)
    found: list[dict[str, Any]] = page.evaluate(RUN, options)
    return found
