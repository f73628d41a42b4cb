"""The phone as a person meets it, and its cryptography alone, on a slow machine: `python -m bench phone`.

Other programs only ever add to these times, and six times as much on the slowed phone; where there are any,
`chrt -r 1 python -m bench phone` (Linux, root) lets Chromium go before them.
"""

from __future__ import annotations

import os
from typing import Any

from bench.phones import arrival, cryptography, taps, two_machines


def main() -> list[dict[str, Any]]:
    """Measure and print; the figures as dictionaries with `name`, `value`, `unit` and `target`."""
    waiting, cores = os.getloadavg()[0], os.cpu_count() or 1
    if waiting > cores / 2:
        print(f"BUSY: load {waiting:.1f} on {cores} cores; these times are too long without chrt -r 1")
    return [*arrival.main(), *two_machines.main(), *taps.main(), *cryptography.main()]


if __name__ == "__main__":
    main()
