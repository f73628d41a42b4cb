"""Run the measurements named on the command line, or all that do not say otherwise."""

from __future__ import annotations

import sys
from importlib import import_module

# name -> module with ``main() -> None`` that prints a table
REGISTRY = {
    "assumptions": "bench.assumption_simulation",
    "ballot": "bench.ballot",
    "bundle": "bench.bundle",
    "comparisons": "bench.comparison_simulation",
    "desk": "bench.desk",
    "documents": "bench.documents",
    "joint": "bench.joint_simulation",
    "meeting": "bench.meeting_simulation",
    "opening": "bench.opening",
    "phone": "bench.phone",
    "ranking": "bench.ranking_speed",
    "rounds": "bench.rounds_simulation",
    "serving": "bench.serving",
    "simulation": "bench.ranking_simulation",
    "strangers": "bench.held_up",
    "unanimous": "bench.unanimous_simulation",
    "witness": "bench.witness",
}
# Minutes long; run only when named.
ON_REQUEST = {"assumptions", "comparisons", "joint", "meeting", "rounds", "simulation", "unanimous"}


def run(names: list[str]) -> None:
    unknown = [name for name in names if name not in REGISTRY]
    if unknown:
        sys.exit(f"no such measurement: {', '.join(unknown)}; there are {', '.join(REGISTRY)}")
    for name in names or [name for name in REGISTRY if name not in ON_REQUEST]:
        print(f"== {name}", flush=True)
        import_module(REGISTRY[name]).main()


if __name__ == "__main__":
    run(sys.argv[1:])
