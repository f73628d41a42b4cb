"""What axe is asked: one rule of contrast finds the faults of two."""

from __future__ import annotations

import axe
import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

# Contrast with white: 2.8, 4.9 and 7.1; large text may have less.
TEXTS = """<!doctype html><html lang="en"><title>x</title><main><h1>x</h1>
<p id="faint" style="color: #999">words</p><p id="weak" style="color: #707070">words</p>
<p id="good" style="color: #575757">words</p>
<p id="large" style="color: #707070; font-size: 30px">words</p>
<p id="large-faint" style="color: #999; font-size: 30px">words</p></main>"""


@pytest.mark.parametrize("strict", [True, False])
def test_every_faint_text_is_found(any_page: Page, strict: bool) -> None:
    any_page.set_content(TEXTS)
    found = axe.violations(any_page, strict=strict)
    ids = [node["target"][0] for rule in found for node in rule["nodes"]]
    assert ids == (["#faint", "#weak", "#large-faint"] if strict else ["#faint", "#large-faint"])
