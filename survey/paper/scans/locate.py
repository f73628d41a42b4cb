"""Where a page lies in an image: from its corner codes, whichever way up, skewed or in perspective."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from survey.documents.paper.codes import PageCode, parse_corner
from survey.documents.paper.layout import CODE_SIDE, PAGE, corner_places
from survey.paper.scans.pages import Grey

Floats = npt.NDArray[np.float64]

LEAST_CODES = 3
_WIDE = 1900
"""Pixels of the longer side at which codes are looked for first."""
_MOST_ERROR = 1.2
"""Millimetres by which corners of codes may miss the fitted plane; more is a bent page."""


@dataclass(frozen=True, slots=True)
class Located:
    """`matrix`: homography from millimetres of the page to pixels; `links`: texts of other QR codes."""

    code: PageCode
    matrix: Floats
    links: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotLocated:
    """Why a page was not found; `reason` as in `survey/paper/station/findings.py`."""

    reason: str
    code: PageCode | None = None


def locate(image: Grey) -> Located | NotLocated:
    """Find the one form page in an image; a corner or two of another form may lie beside it."""
    corners: dict[tuple[PageCode, int], Floats] = {}
    links: set[str] = set()
    for view, scale in _views(image):
        for text, place in _codes(view):
            if found := parse_corner(text):
                corners.setdefault(found, place / scale)
            elif "/s/" in text:
                links.add(text)
        codes = {code for code, _ in corners}
        if len(codes) == 1 and len(corners) == len(corner_places()) and (links or next(iter(codes)).page):
            break
    return _judged(image, corners, tuple(sorted(links)))


def _judged(
    image: Grey, corners: dict[tuple[PageCode, int], Floats], links: tuple[str, ...]
) -> Located | NotLocated:
    by_code: dict[PageCode, dict[int, Floats]] = defaultdict(dict)
    for (code, corner), place in corners.items():
        by_code[code][corner] = place
    if not by_code:
        return NotLocated("blank" if is_blank(image) else "foreign")
    code = max(by_code, key=lambda each: len(by_code[each]))
    places = by_code.pop(code)
    if any(len(others) >= LEAST_CODES for others in by_code.values()):
        return NotLocated("several")
    if len(places) < LEAST_CODES:
        return NotLocated("several") if by_code else NotLocated("corners", code)
    matrix, error = min((fit(places), fit(mirrored(places))), key=lambda fitted: fitted[1])
    if error > _MOST_ERROR:
        return NotLocated("bent", code)
    beside = [place for others in by_code.values() for place in others.values()]
    if any(_on_page(matrix, place) for place in beside):
        return NotLocated("several")
    return Located(code, matrix, links)


def _on_page(matrix: Floats, place: Floats) -> bool:
    """Whether the corner code of another form lies on the page and so may cover a part of it."""
    inverse: Floats = np.linalg.inv(matrix).astype(np.float64)
    x, y = apply(inverse, place.mean(axis=0))
    return bool(0 < x < PAGE[0] and 0 < y < PAGE[1])


def is_blank(image: Grey) -> bool:
    """Whether next to nothing is on the page."""
    small = image[::4, ::4]
    paper = np.percentile(small, 75)
    return bool((small < paper * 0.7).mean() < 0.002)


def _views(image: Grey) -> Iterator[tuple[Grey, float]]:
    """The image at several sizes and contrasts, the quickest first, with each one's scale."""
    from PIL import Image, ImageFilter

    longest = max(image.shape)
    whole = Image.fromarray(image)

    def at(scale: float) -> Image.Image:
        size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
        return whole.resize(size, Image.Resampling.BILINEAR if scale > 1 else Image.Resampling.BOX)

    first = min(1.0, _WIDE / longest)
    yield (np.asarray(at(first)) if first < 1 else image), first
    if first < 1:
        yield image, 1.0
    double = min(2.0, 2.5 * _WIDE / longest)
    large = at(double)
    yield np.asarray(large), double
    yield np.asarray(large.filter(ImageFilter.GaussianBlur(1.5))), double


def _codes(view: Grey) -> list[tuple[str, Floats]]:
    import zxingcpp

    found: list[tuple[str, Floats]] = []
    wanted = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    for code in zxingcpp.read_barcodes(view, formats=wanted, try_invert=False):
        p = code.position
        points = [(c.x, c.y) for c in (p.top_left, p.top_right, p.bottom_right, p.bottom_left)]
        found.append((code.text, np.array(points, dtype=float)))
    return found


def fit(places: dict[int, Floats]) -> tuple[Floats, float]:
    """Homography from millimetres to pixels through the corners of the codes, and its worst miss in mm."""
    side: Floats = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]) * CODE_SIDE
    tops = np.array(corner_places())
    on_page: Floats = np.concatenate([side + tops[corner] for corner in places])
    in_image = np.concatenate(list(places.values()))
    matrix = homography(on_page, in_image)
    inverse: Floats = np.linalg.inv(matrix).astype(np.float64)
    back = apply(inverse, in_image)
    return matrix, float(np.abs(back - on_page).max())


def mirrored(places: dict[int, Floats]) -> dict[int, Floats]:
    """Corners of codes as they lie in a scan that was mirrored, where codes are read transposed."""
    return {corner: place[[0, 3, 2, 1]] for corner, place in places.items()}


def homography(source: Floats, target: Floats) -> Floats:
    """Least-squares homography (3, 3) taking points (n, 2) to points (n, 2), by the normalised DLT."""
    a, b = _normaliser(source), _normaliser(target)
    s, t = apply(a, source), apply(b, target)
    one, zero = np.ones(len(s)), np.zeros((len(s), 3))
    h = np.column_stack([s, one])
    rows = np.concatenate(
        [
            np.column_stack([h, zero, -t[:, :1] * h]),
            np.column_stack([zero, h, -t[:, 1:] * h]),
        ]
    )
    solution: Any = np.linalg.svd(rows)[2][-1]
    matrix: Floats = np.linalg.inv(b) @ solution.reshape(3, 3) @ a
    matrix /= matrix[2, 2]
    return matrix


def apply(matrix: Floats, points: Floats) -> Floats:
    """Points (…, 2) under a homography."""
    x = points @ matrix[:2, :2].T + matrix[:2, 2]
    w = points @ matrix[2, :2] + matrix[2, 2]
    moved: Floats = x / w[..., None]
    return moved


def _normaliser(points: Floats) -> Floats:
    middle = points.mean(axis=0)
    scale = np.sqrt(2) / np.linalg.norm(points - middle, axis=1).mean()
    return np.array([[scale, 0, -scale * middle[0]], [0, scale, -scale * middle[1]], [0, 0, 1]])
