"""Degrades clean pages as scanners, copiers and phones do; everything from a seeded generator."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps
from scipy.special import ndtri

from survey.paper.scans.locate import homography
from tests.paper.drawing import BASE

Generator = np.random.Generator
WHITE = 255
_QUANTILES = ndtri((np.arange(1 << 16) + 0.5) / (1 << 16))


def scan(page: Image.Image, rng: Generator) -> Image.Image:
    """A scan of grey 100 to 300 dpi: punched, folded, copied, specked, turned, skewed, blurred, JPEG."""
    page = soiled(page, rng)
    if rng.random() < 0.3:
        for _ in range(rng.integers(1, 3)):
            page = photocopy(page, rng)
    dpi = float(rng.choice((100, 150, 200, 300), p=(0.15, 0.25, 0.35, 0.25)))
    page = blurred(moved(page, rng, dpi / 25.4), rng.uniform(0, 0.7))
    return jpeg(noisy(page, rng.uniform(0, 5), rng), int(rng.choice((40, 60, 85))))


def photo(page: Image.Image, rng: Generator) -> Image.Image:
    """A phone's photo: perspective on a table, a shade and a shadow, blur, noise, JPEG."""
    page = soiled(page, rng, holes=0.1)
    per_mm = rng.uniform(5.5, 9.0)
    width, height = 210 * per_mm, 297 * per_mm
    ends = np.array([(0, 0), (210, 0), (210, 297), (0, 297)], dtype=float)
    away = rng.uniform(-0.05, 0.05, (4, 2)) * (width, height)
    angle = np.deg2rad(rng.uniform(-5, 5) + rng.choice((0, 0, 0, 90, 180, 270)))
    target = (ends - (105, 148.5)) * per_mm + away
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    target = target @ turn.T
    target -= target.min(axis=0) - rng.uniform(20, 80, 2)
    size = np.ceil(target.max(axis=0) + rng.uniform(20, 80, 2)).astype(int)
    table = int(rng.uniform(40, 170))
    page = warped(page, homography(ends * BASE, target), tuple(size), table)
    page = ImageChops.multiply(page, shade(page.size, rng))
    page = blurred(page, rng.uniform(0.3, 1.1))
    return jpeg(noisy(page, rng.uniform(1, 6), rng), int(rng.choice((50, 70, 85))))


def blurred(page: Image.Image, deviation: float) -> Image.Image:
    """Blurred by so many pixels; up to 0.8 three pixels a side say the same as the slower filter."""
    if deviation > 0.8:
        return page.filter(ImageFilter.GaussianBlur(deviation))
    side = np.array([deviation**2 / 2, 1 - deviation**2, deviation**2 / 2])
    return page.filter(ImageFilter.Kernel((3, 3), np.outer(side, side).ravel().tolist(), 1))


def noisy(page: Image.Image, deviation: float, rng: Generator) -> Image.Image:
    """With normal noise, from a table: a draw of 16 bits a pixel costs a fifth of a normal one."""
    values = np.asarray(page).astype(np.int16)
    drawn = np.frombuffer(rng.bytes(2 * values.size), dtype=np.uint16).reshape(values.shape)
    values += np.rint(_QUANTILES * deviation).astype(np.int16)[drawn]
    return as_image(values)


def shade(size: tuple[int, int], rng: Generator) -> Image.Image:
    """Brightness over a photo: a slope, and the soft edge of a shadow; smooth, so a coarse grid will do."""
    rows, columns = (-(-length // 8) for length in size[::-1])
    y, x = (np.arange(rows) / rows)[:, None], np.arange(columns) / columns
    slope = 1 - rng.uniform(0, 0.4) * (x if rng.random() < 0.5 else 1 - x) - rng.uniform(0, 0.2) * y
    angle, at, soft = rng.uniform(0, np.pi), rng.uniform(0.2, 0.8), rng.uniform(0.02, 0.08)
    edge = 1 / (1 + np.exp(np.clip((np.cos(angle) * x + np.sin(angle) * y - at) / soft, -30, 30)))
    coarse = as_image(WHITE * slope * (1 - rng.uniform(0, 0.35) * edge))
    return coarse.resize(size, Image.Resampling.BILINEAR)


def soiled(page: Image.Image, rng: Generator, holes: float = 0.3, back: bool = False) -> Image.Image:
    """With specks of toner, the holes of a punch, and lines where it was folded."""
    page = page.copy()
    canvas = ImageDraw.Draw(page)
    for _ in range(int(rng.choice((0, 20, 120)))):
        (x, y), r = rng.uniform((0, 0), (210, 297)) * BASE, rng.uniform(0.04, 0.17) * BASE
        canvas.ellipse((x - r, y - r, x + r, y + r), fill=int(rng.integers(0, 120)))
    if rng.random() < holes:
        x = 210 - 12 if back else 12
        for y in (108.5, 188.5):
            cx, cy = (np.array((x, y)) + rng.normal(0, 1, 2)) * BASE
            r = 2.9 * BASE
            canvas.ellipse((cx - r, cy - r, cx + r, cy + r), fill=int(rng.choice((20, 255))))
    if rng.random() < 0.4:
        page = folded(page, rng)
    return page


def folded(page: Image.Image, rng: Generator) -> Image.Image:
    """With a fold across the middle or at a third: a thin darker line, a lighter one beside it."""
    at = rng.choice((1 / 3, 1 / 2, 2 / 3)) * 297 * BASE + rng.normal(0, 3 * BASE)
    slope = np.tan(np.deg2rad(rng.normal(0, 0.5)))
    dark, wide = rng.uniform(10, 45), rng.uniform(0.15, 0.4)
    ends = sorted((at, at + slope * page.width))
    top, bottom = max(0, int(ends[0] - 3 * BASE)), min(page.height, int(ends[1] + 3 * BASE))
    near = (0, top, page.width, bottom)  # farther away it changes nothing
    off = (np.arange(top, bottom)[:, None] - at - slope * np.arange(page.width)) / BASE
    values = np.asarray(page.crop(near), dtype=np.float32)
    values = values - dark * np.exp(-((off / wide) ** 2)) + 0.5 * dark * np.exp(-(((off - 0.8) / wide) ** 2))
    page.paste(as_image(values), near)
    return page


def photocopy(page: Image.Image, rng: Generator) -> Image.Image:
    """Harder contrast, a little blur, a slight change of size, and dust."""
    scale, shift = rng.uniform(0.985, 1.015), rng.normal(0, 0.5 * BASE, 2)
    page = blurred(resized(page, scale, shift), rng.uniform(0.4, 1.0))
    middle, hard = rng.uniform(120, 185), rng.uniform(18, 40)
    tones = 255 / (1 + np.exp(-(np.arange(256) - middle) / hard))
    tones = (tones - tones[0]) / (tones[-1] - tones[0]) * 245 + 8
    values = np.clip(tones, 0, 255).astype(np.uint8)[np.asarray(page)]
    dust = rng.binomial(values.size, rng.uniform(0, 0.0004))
    values.flat[rng.integers(0, values.size, dust)] = 40
    return Image.fromarray(values)


def resized(page: Image.Image, scale: float, shift: Any) -> Image.Image:
    """The page in another size and place, on a sheet as large as before."""
    room = 200
    sheet = ImageOps.expand(page, room, WHITE)
    left, top = room - shift / scale
    box = (left, top, left + page.width / scale, top + page.height / scale)
    return sheet.resize(page.size, Image.Resampling.BILINEAR, box=box)


def moved(page: Image.Image, rng: Generator, per_mm: float) -> Image.Image:
    """Turned by up to 5° and by quarters, sheared by up to 1.5°, scaled by 0.9 to 1.1, on a white bed."""
    angle = np.deg2rad(rng.uniform(-5, 5) + 90 * rng.choice((0, 1, 2, 3), p=(0.7, 0.05, 0.2, 0.05)))
    scale = rng.uniform(0.9, 1.1) * per_mm
    shear = np.tan(np.deg2rad(rng.uniform(-1.5, 1.5)))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    ends = np.array([(0, 0), (210, 0), (210, 297), (0, 297)], dtype=float)
    target = (ends @ np.array([[1, shear], [0, 1]]).T * scale) @ turn.T
    target -= target.min(axis=0)
    size = tuple(np.ceil(target.max(axis=0)).astype(int))
    return warped(page, homography(ends * BASE, target), size, WHITE)


def warped(page: Image.Image, matrix: Any, size: tuple[int, ...], fill: int) -> Image.Image:
    """The page under a homography of pixels; shrunk first where it gets much smaller, so that lines stay."""
    scale = np.sqrt(abs(np.linalg.det(matrix[:2, :2])))
    if scale < 0.75:
        small = page.resize((round(page.width * scale), round(page.height * scale)), Image.Resampling.BOX)
        matrix = matrix @ np.diag([page.width / small.width, page.height / small.height, 1.0])
        page = small
    back = np.linalg.inv(matrix)
    back = (back / back[2, 2]).ravel()[:8]
    return page.transform(
        tuple(map(int, size)), Image.Transform.PERSPECTIVE, back, Image.Resampling.BILINEAR, fillcolor=fill
    )


def jpeg(page: Image.Image, quality: int) -> Image.Image:
    out = io.BytesIO()
    page.save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue())).convert("L")


def as_image(values: Any) -> Image.Image:
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
