"""Where a page lies in an image: from its corner codes, whichever way up, skewed or in perspective."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from survey.documents.paper.codes import PageCode, parse_corner
from survey.documents.paper.layout import CODE_SIDE, PAGE, corner_places
from survey.paper.scans.pages import Grey

Floats = npt.NDArray[np.float64]

LEAST_CODES = 3
LEAST_LOOKS = 2
"""Views that are searched even when all codes of one page are read: another's may be harder to read."""
_WIDE = 1900
"""Pixels of the longer side at which codes are looked for first."""
_UNLIKE = 1.5
"""Millimetres by which the sides of a corner's code may differ from those printed."""
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
    """Why no page was found, or not one alone; `reason` as in `survey/paper/station/findings.py`.

    `codes`: of all pages of which a corner was read; `links` as in `Located`.
    """

    reason: str
    codes: tuple[PageCode, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(slots=True)
class _Seen:
    """What the codes of an image say: places of corner codes, by page and corner; links; `twice`: whether a
    corner lies at two places, so that the page and a copy of it are in view; `unread`: places of codes whose
    text cannot be read."""

    corners: dict[PageCode, dict[int, Floats]] = field(default_factory=lambda: defaultdict(dict))
    links: set[str] = field(default_factory=set)
    twice: bool = False
    unread: list[Floats] = field(default_factory=list)

    def take(self, text: str, place: Floats) -> None:
        if found := parse_corner(text):
            code, corner = found
            known = self.corners[code].setdefault(corner, place)
            apart = np.linalg.norm(known.mean(axis=0) - place.mean(axis=0))
            self.twice |= bool(apart > np.linalg.norm(place[0] - place[2]) / 2)
        elif "/s/" in text:
            self.links.add(text)
        elif not text:
            self.unread.append(place)

    def is_whole(self) -> bool:
        """Whether all codes of one page were read."""
        if len(self.corners) != 1:
            return False
        ((code, places),) = self.corners.items()
        return len(places) == len(corner_places()) and bool(self.links or code.page)


def locate(image: Grey) -> Located | NotLocated:
    """Find the one form page in an image: where a corner of any other is in view, none is found."""
    seen = _Seen()
    for looks, (view, scale) in enumerate(_views(image), start=1):
        for text, place in _codes(view):
            seen.take(text, place / scale)
        if looks >= LEAST_LOOKS and seen.is_whole():
            break
    return _judged(image, seen)


def _judged(image: Grey, seen: _Seen) -> Located | NotLocated:
    codes, links = tuple(seen.corners), tuple(sorted(seen.links))
    if not codes:
        return NotLocated("blank" if is_blank(image) else "foreign")
    if len(codes) > 1 or seen.twice:
        return NotLocated("several", codes, links)
    ((code, places),) = seen.corners.items()
    if len(places) < LEAST_CODES:
        return NotLocated("corners", codes, links)
    matrix, error = min((fit(places), fit(mirrored(places))), key=lambda fitted: fitted[1])
    if error > _MOST_ERROR:
        return NotLocated("bent", codes, links)
    if any(_is_of_another(matrix, place) for place in seen.unread):
        return NotLocated("several", codes, links)
    return Located(code, matrix, links)


def _is_of_another(matrix: Floats, place: Floats) -> bool:
    """Whether a code that cannot be read is as large as a corner's, and lies off the page; on it, three boxes
    may look like a code."""
    inverse: Floats = np.linalg.inv(matrix).astype(np.float64)
    on_page = apply(inverse, place)
    sides = np.linalg.norm(on_page - np.roll(on_page, 1, axis=0), axis=1)
    x, y = on_page.mean(axis=0)
    is_on_page = 0 < x < PAGE[0] and 0 < y < PAGE[1]
    return bool(np.abs(sides - CODE_SIDE).max() < _UNLIKE and not is_on_page)


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
    """Text and place of each QR code; "" for one that cannot be read."""
    import zxingcpp

    found: list[tuple[str, Floats]] = []
    wanted = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    for code in zxingcpp.read_barcodes(view, formats=wanted, try_invert=False, return_errors=True):
        p = code.position
        points = [(c.x, c.y) for c in (p.top_left, p.top_right, p.bottom_right, p.bottom_left)]
        found.append((code.text if code.valid else "", np.array(points, dtype=float)))
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
