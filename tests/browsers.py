"""Which browser the tests drive, and how it is started."""

from __future__ import annotations

import os
from pathlib import Path

FULL = Path("/usr/bin/chromium")
# The same engine without the windows of a desktop, which nobody sees: half of the processor time.
_SHELL = Path("/usr/lib/chromium/chromium-headless-shell")
CHROMIUM = _SHELL if _SHELL.exists() and os.environ.get("NIGHTLY") != "1" else FULL
"""`make nightly` takes the browser that people have."""
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
MISSING = "NO BROWSER: chromium is missing, no browser test ran (sh tests/install-system.sh installs it)"
