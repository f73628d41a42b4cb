"""Time and memory of reading 100 forms of 4 pages with `pingyi paper read`, two processes.

`python -m bench paper-speed`; PAPER_PAGES sets another number of pages. Twenty distinct pages are drawn and
come again and again, elsewhere in another file each time: each is read anew, since a station knows a page
by its file, and none is easier than another. With PAPER_SCANS=FOLDER they are drawn once and kept there.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

# The printed and drawn forms of the tests.
sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests" / "support")]

from survey.documents.paper.layout import Style  # noqa: E402
from survey.paper.scans.reading import PageRead  # noqa: E402
from survey.paper.station.folder import Station  # noqa: E402
from tests.paper import degraded, drawing  # noqa: E402
from tests.paper.printed import clean_form  # noqa: E402
from tests.paper.rounds import described, questionnaire  # noqa: E402

SHAPE = (40, 3, 5)
"""Departments, items, levels: a form of 4 pages and 776 boxes."""
DISTINCT = 5
WORKERS = 2


def drawn_pages(kept: Path) -> list[Image.Image]:
    """Distinct scanned pages of 200 dpi, drawn when they are not kept yet."""
    if not (kept / "done").exists():
        layout, clean = clean_form(*SHAPE, Style())
        for number in range(DISTINCT):
            rng = np.random.default_rng((8, number))
            filled, _ = drawing.draw(clean, layout, rng)
            for at, page in enumerate(filled):
                degraded.moved(page, rng, 200 / 25.4).save(kept / f"{number}-{at}.jpg", quality=75)
        (kept / "done").touch()
    return [Image.open(path).convert("L") for path in sorted(kept.glob("*.jpg"))]


def scans(folder: Path, drawn: list[Image.Image], pages: int) -> list[Path]:
    """PDF files of at most 100 pages."""
    files = []
    for start in range(0, pages, 100):
        some = [drawn[(start + n) % len(drawn)] for n in range(min(100, pages - start))]
        files.append(folder / f"{start}.pdf")
        some[0].save(files[-1], save_all=True, append_images=some[1:], resolution=200, title=str(start))
    return files


def main() -> None:
    count = int(os.environ.get("PAPER_PAGES", "400"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = Path(os.environ.get("PAPER_SCANS") or folder / "drawn")
        kept.mkdir(parents=True, exist_ok=True)
        drawn = drawn_pages(kept)
        files = scans(folder, drawn, count)
        station = Station.begin(folder / "station", described(questionnaire(*SHAPE)), "http://a.example/s/a")
        command = [sys.executable, "-m", "survey.cli", "paper", "read", str(station.folder), *map(str, files)]
        begun, cpu, most = time.perf_counter(), _cpu(), 0
        process = subprocess.Popen([*command, "--workers", str(WORKERS)], stdout=subprocess.DEVNULL)
        while process.poll() is None:
            most = max(most, _resident(process.pid))
            time.sleep(0.1)
        wall, cpu = time.perf_counter() - begun, _cpu() - cpu
        found = station.pages()
    read = sum(isinstance(page.found, PageRead) for page in found)
    print(f"{len(found)} pages ({len(drawn)} distinct), {read} read by {WORKERS} processes")
    print(f"wall {wall:.0f} s ({wall / count:.3f} s a page), load of the machine {os.getloadavg()[0]:.1f}")
    print(f"CPU {cpu:.0f} s ({cpu / count:.3f} s a page): {cpu / WORKERS:.0f} s on {WORKERS} free cores")
    print(f"memory of all processes together {most / 1024:.0f} MB at most")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _resident(process: int) -> int:
    """Memory of a process and all that it began, in kB."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8")
    except OSError:
        return 0
    own = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0)
    return own + sum(_resident(int(child)) for child in children.split())


if __name__ == "__main__":
    main()
