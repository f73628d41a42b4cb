"""What happens to forms between pen and scanner, on a filled page; everything from a seeded generator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps
from scipy import ndimage

from tests.paper import degraded
from tests.paper.degraded import Generator, as_image
from tests.paper.drawing import BASE


def _millimetres(page: Image.Image) -> tuple[Any, Any]:
    y, x = np.mgrid[0 : page.height, 0 : page.width].astype(np.float32) / BASE
    return x, y


def _times(page: Image.Image, factor: Any) -> Image.Image:
    """Ink over the page lets through a part of its light."""
    return as_image(np.asarray(page, dtype=np.float32) * factor)


def _somewhere(rng: Generator) -> tuple[float, float]:
    return float(rng.uniform(30, 180)), float(rng.uniform(50, 250))


def stained(page: Image.Image, rng: Generator) -> Image.Image:
    """Coffee: a ring as of a cup or a blot, pale inside, its edge darker."""
    x, y = _millimetres(page)
    cx, cy = _somewhere(rng)
    radius, edge = rng.uniform(10, 42), rng.uniform(0.4, 1.6)
    wobble = 1 + 0.04 * np.sin(3 * np.arctan2(y - cy, x - cx) + rng.uniform(0, 6))
    far = np.hypot(x - cx, y - cy) - radius * wobble
    inside, rim = rng.uniform(0.0, 0.2), rng.uniform(0.15, 0.5)
    return _times(page, 1 - inside * (far < 0) - rim * np.exp(-((far / edge) ** 2)))


def highlighted(page: Image.Image, rng: Generator) -> Image.Image:
    """Bands of a highlighter over names and boxes."""
    x, y = _millimetres(page)
    factor = np.ones(x.shape, dtype=np.float32)
    pale = rng.uniform(0.04, 0.3)
    for _ in range(rng.integers(1, 5)):
        left, top = rng.uniform(10, 90), rng.uniform(60, 250)
        long, wide, slope = rng.uniform(20, 110), rng.uniform(3, 5), rng.normal(0, 0.01)
        band = (x > left) & (x < left + long) & (np.abs(y - top - slope * (x - left)) < wide / 2)
        factor = np.where(band, 1 - pale, factor)
    return _times(page, factor)


def fluid(page: Image.Image, rng: Generator) -> Image.Image:
    """Correction fluid: blots whiter than the paper, with a grey edge."""
    x, y = _millimetres(page)
    values = np.asarray(page, dtype=np.float32) * 0.95
    for _ in range(rng.integers(1, 6)):
        cx, cy = _somewhere(rng)
        a, b = rng.uniform(3.5, 8), rng.uniform(2.8, 4.5)
        far = np.hypot((x - cx) / a, (y - cy) / b)
        values = np.where(far < 1, 255, values * (1 - 0.15 * np.exp(-(((far - 1) * 12) ** 2))))
    return as_image(values)


def stapled(page: Image.Image, rng: Generator) -> Image.Image:
    """A staple and its shadow near the corner, and the two holes of one that was taken out."""
    page = page.copy()
    canvas = ImageDraw.Draw(page)
    for dark in (int(rng.integers(0, 120)), None):
        x, y = rng.uniform(4, 40), rng.uniform(4, 30)
        angle = rng.uniform(0, np.pi)
        ends = [(x + s * 6 * np.cos(angle), y + s * 6 * np.sin(angle)) for s in (-1, 1)]
        if dark is not None:
            canvas.line([(BASE * a, BASE * b) for a, b in ends], fill=dark, width=round(0.6 * BASE))
            continue
        for a, b in ends:
            canvas.ellipse([BASE * (v + s) for s in (-0.4, 0.4) for v in (a, b)], fill=60)
    return page


def cut(page: Image.Image, rng: Generator) -> Image.Image:
    """5 mm are missing at some sides, the bed of the scanner there white or black."""
    values = np.asarray(page).copy()
    bed, off = int(rng.choice((0, 255))), round(5 * BASE)
    for side in range(4):
        if rng.random() < 0.6:
            turned = np.rot90(values, side)
            turned[:off] = bed
            values = np.rot90(turned, -side).copy()
    return Image.fromarray(values)


def moire(page: Image.Image, rng: Generator) -> Image.Image:
    """The pattern of a screen or of a copier's dots."""
    x, y = _millimetres(page)
    deep, long, angle = rng.uniform(0.02, 0.12), rng.uniform(0.4, 4), rng.uniform(0, np.pi)
    wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / long)
    return _times(page, 1 - deep * (1 + wave))


def creased(page: Image.Image, rng: Generator) -> Image.Image:
    """Dirty folds through rows of boxes, level or steep."""
    x, y = _millimetres(page)
    factor = np.ones(x.shape, dtype=np.float32)
    for _ in range(rng.integers(1, 4)):
        level = rng.random() < 0.6
        at, slope = rng.uniform(60, 250), np.tan(np.deg2rad(rng.normal(0, 2.5)))
        off = y - at - slope * x if level else x - at * 0.7 - slope * y
        dark, wide = rng.uniform(0.1, 0.55), rng.uniform(0.1, 0.4)
        factor = factor - dark * np.exp(-((off / wide) ** 2))
    return _times(page, factor)


def shone_through(page: Image.Image, rng: Generator) -> Image.Image:
    """The marks of the other side, mirrored, pale and blurred."""
    other = np.asarray(
        ImageOps.mirror(page).filter(ImageFilter.GaussianBlur(rng.uniform(2, 5))), dtype=np.float32
    )
    moved = ndimage.shift(other, rng.normal(0, 2 * BASE, 2), order=0, cval=255)
    return _times(page, 1 - rng.uniform(0.05, 0.3) * (1 - moved / 255))


def pale_toner(page: Image.Image, rng: Generator) -> Image.Image:
    """Printed with a cartridge that is nearly empty: all print is grey, in stripes; the pen is not."""
    x, _ = _millimetres(page)
    values = np.asarray(page, dtype=np.float32)
    printed = ndimage.binary_dilation(values < 8, iterations=2)  # pens are never so black
    kept = rng.uniform(0.3, 0.6) * (1 + 0.25 * np.sin(x / rng.uniform(4, 20) + rng.uniform(0, 6)))
    return as_image(np.where(printed, 255 - (255 - values) * kept, values))


def pale_scan(page: Image.Image, rng: Generator) -> Image.Image:
    """Scanned far too light."""
    return as_image(255 - (255 - np.asarray(page, dtype=np.float32)) * rng.uniform(0.25, 0.6))


def smudged(page: Image.Image, rng: Generator) -> Image.Image:
    """Rubbed-out pencil: pale clouds over some boxes."""
    x, y = _millimetres(page)
    factor = np.ones(x.shape, dtype=np.float32)
    for _ in range(rng.integers(2, 12)):
        cx, cy = _somewhere(rng)
        size = rng.uniform(1.5, 4)
        cloud = np.exp(-(((x - cx) / size) ** 2 + ((y - cy) / size) ** 2))
        factor = factor - rng.uniform(0.03, 0.2) * cloud
    return _times(page, factor)


def thumbed(page: Image.Image, rng: Generator) -> Image.Image:
    """A thumb print in red ink, as under a statement: ridges of half a millimetre."""
    x, y = _millimetres(page)
    cx, cy = _somewhere(rng)
    far = np.hypot((x - cx) / 7, (y - cy) / 9)
    ridges = 0.5 + 0.5 * np.sin(2 * np.pi * np.hypot(x - cx, (y - cy + 6) * 0.8) / 0.9)
    return _times(page, 1 - rng.uniform(0.2, 0.6) * ridges * (far < 1))


def punched(page: Image.Image, rng: Generator) -> Image.Image:
    """The holes of a punch at the right, as on the back of a sheet, over the last column of boxes."""
    return degraded.soiled(page, rng, holes=1, back=True)


def mirrored(page: Image.Image, rng: Generator) -> Image.Image:
    return ImageOps.mirror(page)


ACCIDENTS: dict[str, Callable[[Image.Image, Generator], Image.Image]] = {
    "stained": stained,
    "highlighted": highlighted,
    "fluid": fluid,
    "stapled": stapled,
    "cut": cut,
    "moire": moire,
    "creased": creased,
    "shone through": shone_through,
    "pale toner": pale_toner,
    "pale scan": pale_scan,
    "smudged": smudged,
    "thumbed": thumbed,
    "punched": punched,
    "mirrored": mirrored,
}


def after(name: str) -> Callable[[Image.Image, Generator], Image.Image]:
    """Degrades by an accident, then by a scan."""

    def how(page: Image.Image, rng: Generator) -> Image.Image:
        return degraded.scan(ACCIDENTS[name](page, rng), rng)

    return how
