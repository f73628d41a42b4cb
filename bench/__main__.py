"""Run the measurements named on the command line, or all that do not say otherwise."""

from __future__ import annotations

import sys
from importlib import import_module

# name -> module with ``main() -> None`` that prints a table
REGISTRY = {
    "assumptions": "bench.simulations.assumption",
    "ballot": "bench.ballot",
    "bundle": "bench.bundle",
    "comparisons": "bench.simulations.comparison",
    "desk": "bench.desk",
    "documents": "bench.documents",
    "growth": "bench.growth.__main__",
    "joint": "bench.simulations.joint",
    "meeting": "bench.simulations.meeting",
    "opening": "bench.opening",
    "paper": "bench.paper",
    "paper-speed": "bench.paper_speed",
    "parted": "bench.growth.parted",
    "phone": "bench.phones.whole",
    "ranking": "bench.ranking_speed",
    "results": "bench.growth.results",
    "rounds": "bench.simulations.rounds",
    "serving": "bench.serving",
    "simulation": "bench.simulations.ranking",
    "strangers": "bench.held_up",
    "sums": "bench.simulations.sums",
    "top": "bench.simulations.near_the_top",
    "unanimous": "bench.simulations.unanimous",
    "witness": "bench.witness",
}
# Minutes long; run only when named.
ON_REQUEST = {
    "assumptions",
    "comparisons",
    "growth",
    "joint",
    "meeting",
    "paper",
    "parted",
    "results",
    "rounds",
    "simulation",
    "sums",
    "top",
    "unanimous",
}


def run(names: list[str]) -> None:
    unknown = [name for name in names if name not in REGISTRY]
    if unknown:
        sys.exit(f"no such measurement: {', '.join(unknown)}; there are {', '.join(REGISTRY)}")
    for name in names or [name for name in REGISTRY if name not in ON_REQUEST]:
        print(f"== {name}", flush=True)
        import_module(REGISTRY[name]).main()


if __name__ == "__main__":
    run(sys.argv[1:])
