"""Marks read wrong without a doubt, and doubtful ones, by kind of mark: drawn, degraded and read forms.

`python -m bench paper`: 500 scans, 500 photos and 20 forms of each accident, ten minutes of one core.
PAPER_FORMS sets another number, PAPER_SEED another seed, PAPER_KINDS=scans,stained some kinds alone; with
PAPER_KEEP=FILE a run that was ended goes on, as long as the program reads and draws as before.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

# The printed and drawn forms of the tests.
sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests" / "support")]

from survey.documents.paper.layout import FormLayout, Style  # noqa: E402
from survey.paper.scans.judge import judge  # noqa: E402
from survey.paper.scans.locate import Located, locate  # noqa: E402
from survey.paper.scans.measure import measure  # noqa: E402
from tests.paper import accidents, degraded, drawing  # noqa: E402
from tests.paper.printed import clean_form  # noqa: E402

SHAPES = (
    (30, 1, 5, Style()),
    (16, 2, 5, Style()),
    (24, 3, 3, Style()),
    (10, 4, 5, Style()),
    (9, 2, 5, Style(large=True)),
)
"""Departments, items, levels and style of the forms; all have more than 100 boxes."""


@dataclass
class Counts:
    """Boxes, questions, doubtful and wrong ones by kind of mark; pages that were not located."""

    boxes: Counter[str] = field(default_factory=Counter)
    questions: Counter[str] = field(default_factory=Counter)
    doubtful: Counter[str] = field(default_factory=Counter)
    doubtful_boxes: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    details: list[str] = field(default_factory=list)
    pages: int = 0
    lost: int = 0
    seconds: float = 0.0

    def add(self, one: dict[str, Any]) -> None:
        """Add other counts as `told` gives them."""
        for name, value in one.items():
            mine = getattr(self, name)
            if isinstance(mine, Counter):
                mine.update(value)
            else:
                setattr(self, name, mine + value)

    def told(self) -> dict[str, Any]:
        """As JSON has them; `asdict` of Python 3.11 counts the items of a Counter instead of copying it."""
        return {
            name: dict(value) if isinstance(value, Counter) else value for name, value in vars(self).items()
        }

    def doubtful_rate(self) -> float:
        return sum(self.doubtful_boxes.values()) / max(1, sum(self.boxes.values()))


def read_form(
    counts: Counts, layout: FormLayout, pages: list[Any], rng: np.random.Generator, how: Any, name: str = ""
) -> None:
    """Draw, degrade and read one form, and count."""
    filled, drawn = drawing.draw(pages, layout, rng)
    for number, page in enumerate(filled):
        image = np.asarray(how(page, rng))
        begun = time.process_time()
        located = locate(image)
        counts.pages += 1
        if not isinstance(located, Located):
            counts.lost += 1
            continue
        boxes = layout.pages[number].boxes
        if not boxes:
            continue
        answers = judge(boxes, measure(image, located.matrix, boxes))
        counts.seconds += time.process_time() - begun
        of = Counter(box.question for box in boxes)
        for answer in answers:
            kind = f"{drawn.kinds[answer.question]} {drawn.pen}"
            truth = drawn.truth[answer.question]
            counts.questions[kind] += 1
            counts.boxes[kind] += of[answer.question]
            if answer.doubt:
                counts.doubtful[kind] += 1
                counts.doubtful_boxes[kind] += of[answer.question]
                counts.details.append(f"{name} doubt {answer.doubt} {kind}")
            elif answer.value != truth:
                counts.wrong[kind] += 1
                counts.details.append(f"{name} WRONG {answer.question} {kind}: {truth} read {answer.value}")


def run(forms: int, seed: int, how: Any, name: str = "", keep: Path | None = None) -> Counts:
    """Counts over forms of all shapes in turn; those of each form are kept in a file, if one is given, and
    not made again."""
    whole = Counts()
    kind = f"{name} {seed} {_program()}"
    done = _kept(keep, kind)
    clean = [clean_form(*shape) for shape in SHAPES]
    for number in range(forms):
        if number not in done:
            counts, (layout, pages) = Counts(), clean[number % len(clean)]
            read_form(counts, layout, pages, np.random.default_rng((seed, number)), how, str(number))
            done[number] = counts.told()
            if keep:
                with keep.open("a", encoding="utf-8") as file:
                    file.write("\n" + json.dumps([kind, number, done[number]]))
        whole.add(done[number])
        if keep and number % 50 == 49:
            said = f"wrong {whole.wrong.total()}, doubtful {whole.doubtful_rate():.2%}"
            print(f"  {name} {number + 1}: {said}", flush=True)
    return whole


def kept_file() -> Path | None:
    """Where counts are kept, as PAPER_KEEP says."""
    return Path(os.environ["PAPER_KEEP"]) if os.environ.get("PAPER_KEEP") else None


def _program() -> str:
    """Letters that change with all that draws and reads forms."""
    root = Path(__file__).parents[1]
    folders: tuple[Iterable[Path], ...] = (
        (root / "survey/paper/scans").glob("*.py"),
        (root / "survey/documents/paper").glob("*.*"),
        (root / "tests/paper" / name for name in ("accidents.py", "degraded.py", "drawing.py", "rounds.py")),
    )
    paths = sorted(path for folder in folders for path in folder)
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:12]


def _kept(keep: Path | None, name: str) -> dict[int, dict[str, Any]]:
    """Counts of forms by number from a run before."""
    if keep is None or not keep.exists():
        return {}
    lines = keep.read_text(encoding="utf-8").splitlines()
    rows = (json.loads(line) for line in lines if line.endswith("]"))  # the last may have been cut off
    return {number: one for kind, number, one in rows if kind == name}


def main() -> None:
    forms, seed = int(os.environ.get("PAPER_FORMS", "500")), int(os.environ.get("PAPER_SEED", "66"))
    keep, only = kept_file(), list(filter(None, os.environ.get("PAPER_KINDS", "").split(",")))
    for name, how, most in (("scans", degraded.scan, 0.01), ("photos", degraded.photo, 0.03)):
        if only and name not in only:
            continue
        report(name, forms, run(forms, seed, how, name, keep), most)
    print(f"{'accident':16}{'pages':>7}{'not located':>13}{'boxes':>8}{'doubtful':>10}{'wrong':>7}")
    for name in [name for name in accidents.ACCIDENTS if not only or name in only]:
        counts = run(max(1, forms // 25), seed, accidents.after(name), name, keep)
        wrong, boxes = counts.wrong.total(), counts.boxes.total()
        print(
            f"{name:16}{counts.pages:7}{counts.lost:13}{boxes:8}{counts.doubtful_rate():10.2%}{wrong:7}",
            flush=True,
        )
        for line in counts.details:
            if "WRONG" in line:
                print(line)


def report(name: str, forms: int, counts: Counts, most: float) -> None:
    print(
        f"{name}: {forms} forms, {counts.pages} pages, {counts.lost} not located, "
        f"{counts.boxes.total()} boxes"
    )
    print(f"{'kind of mark, pen':34}{'questions':>10}{'doubtful':>10}{'wrong':>7}")
    for kind in sorted(counts.questions):
        q = counts.questions[kind]
        print(f"{kind:34}{q:10}{counts.doubtful[kind] / q:10.2%}{counts.wrong[kind]:7}")
    rate = counts.doubtful_rate()
    print(
        f"all: wrong without a doubt {counts.wrong.total()} (target 0), doubtful boxes {rate:.2%} "
        f"(target {most:.0%}), {counts.seconds / max(1, counts.pages):.2f} s CPU a page"
    )
    for line in [d for d in counts.details if "WRONG" in d][:40]:
        print(line)


if __name__ == "__main__":
    main()
