"""Draws answers on printed forms as people do: pens from hairline to marker, and what they do wrong."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from survey.documents.paper.layout import FormLayout, MarkBox, Question, QuestionKind

BASE = 9.5
"""Pixels a millimetre of the clean page."""
PENS = {
    "hairline": (0.22, 70),
    "ballpoint": (0.45, 60),
    "gel": (0.7, 25),
    "felt": (1.1, 20),
    "marker": (2.0, 15),
}
"""Width in millimetres, and grey level."""
LINES = {
    "tick": (((-0.7, 0.0), (-0.2, 0.7), (0.9, -0.9)),),
    "cross": (((-0.8, -0.8), (0.8, 0.8)), ((-0.8, 0.8), (0.8, -0.8))),
    "slash": (((-0.7, 0.8), (0.7, -0.8)),),
}
KINDS = ("tick", "cross", "dot", "fill", "slash", "circle")


@dataclass
class Drawn:
    """What is on a form: per question the marked value (0: none) and how it was marked; `kinds` per question:
    kind, pen, and whether displaced, corrected or struck."""

    truth: dict[Question, int] = field(default_factory=dict)
    kinds: dict[Question, str] = field(default_factory=dict)
    pen: str = ""


def answered(layout: FormLayout, rng: np.random.Generator, drawn: Drawn) -> list[tuple[MarkBox, str]]:
    """Marks to draw, (box, kind), for one person; fills in `drawn`."""
    by_question: dict[Question, list[MarkBox]] = defaultdict(list)
    for box in layout.boxes:
        by_question[box.question].append(box)
    own = str(rng.choice(KINDS, p=(0.4, 0.2, 0.12, 0.12, 0.11, 0.05)))
    drawn.pen = str(rng.choice(list(PENS), p=(0.15, 0.35, 0.25, 0.15, 0.10)))
    skipped = {q.index for q in by_question if q.kind == QuestionKind.SKIP and rng.random() < 0.2}
    marks: list[tuple[MarkBox, str]] = []
    for question, boxes in by_question.items():
        wanted = _wanted(question, skipped, rng)
        drawn.truth[question] = 0
        drawn.kinds[question] = "blank"
        if not wanted:
            continue
        right, *others = rng.permutation(len(boxes))
        box = boxes[right]
        drawn.truth[question], drawn.kinds[question] = box.value, own
        marks.append((box, own))
        if others and rng.random() < 0.012:
            wrong = boxes[others[0]]
            how = "corrected" if rng.random() < 0.7 else "struck"
            drawn.kinds[question] = how
            marks.append((wrong, own))
            marks.append((wrong, "solid" if how == "corrected" else "strike"))
    return marks


def _wanted(question: Question, skipped: set[int], rng: np.random.Generator) -> bool:
    if question.kind == QuestionKind.SKIP:
        return question.index in skipped
    if question.kind == QuestionKind.RATING:
        return question.index not in skipped and bool(rng.random() < 0.9)
    return bool(rng.random() < 0.7)


def draw(
    pages: list[Image.Image], layout: FormLayout, rng: np.random.Generator
) -> tuple[list[Image.Image], Drawn]:
    """Copies of clean pages with one person's marks on them, and the truth."""
    drawn = Drawn()
    marks = answered(layout, rng, drawn)
    where = {id(box): number for number, page in enumerate(layout.pages) for box in page.boxes}
    copies = [page.copy() for page in pages]
    displaced = {id(box): rng.random() < 0.03 for box, _ in marks}
    for box, kind in marks:
        off = rng.normal(0, 0.35, 2)
        if displaced[id(box)]:
            angle = rng.uniform(0, 2 * np.pi)
            off = 2.0 * np.array([np.cos(angle), np.sin(angle)])
            drawn.kinds[box.question] += " 2 mm off"
        stroke(ImageDraw.Draw(copies[where[id(box)]]), box, kind, PENS[drawn.pen], rng, off)
    return copies, drawn


def stroke(
    canvas: ImageDraw.ImageDraw,
    box: MarkBox,
    kind: str,
    pen: tuple[float, int],
    rng: np.random.Generator,
    off: Any,
) -> None:
    """One mark of a kind in a box."""
    width, grey = pen
    x, y = box.x + off[0], box.y + off[1]
    r = box.side / 2 * rng.uniform(0.75, 1.15)

    def line(*points: tuple[float, float]) -> None:
        jittered = [
            (BASE * (x + a * r + rng.normal(0, 0.08)), BASE * (y + b * r + rng.normal(0, 0.08)))
            for a, b in points
        ]
        canvas.line(jittered, fill=grey, width=max(1, round(width * BASE)), joint="curve")
        for px, py in (jittered[0], jittered[-1]):
            e = width * BASE / 2
            canvas.ellipse((px - e, py - e, px + e, py + e), fill=grey)

    if kind in LINES:
        for points in LINES[kind]:
            line(*points)
    elif kind == "dot":
        e = BASE * max(0.55, width * 0.7)
        canvas.ellipse((BASE * x - e, BASE * y - e, BASE * x + e, BASE * y + e), fill=grey)
    elif kind == "circle":
        e, w = BASE * r * 0.85, max(1, round(width * BASE))
        canvas.ellipse((BASE * x - e, BASE * y - e, BASE * x + e, BASE * y + e), outline=grey, width=w)
    elif kind == "strike":
        for b in (-0.4, 0.0, 0.4):
            line((-1.2, b), (1.2, b + rng.normal(0, 0.15)))
    else:  # a fill by hand, or the solid one that undoes
        _hatch(line, width, box.side, rng)
        if kind == "solid":
            _hatch(line, width, box.side, rng)


def _hatch(line: Any, width: float, side: float, rng: np.random.Generator) -> None:
    step = max(0.5 * width, 0.16) / (side / 2)
    down, points = -0.85, []
    while down <= 0.85:
        points += [(-0.9, down), (0.9, down + rng.normal(0, 0.03))]
        down += step
    line(*points)
