"""Degrades clean pages as scanners, copiers and phones do; everything from a seeded generator."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from survey.paper.scans.locate import homography
from tests.paper.drawing import BASE

Generator = np.random.Generator
WHITE = 255


def scan(page: Image.Image, rng: Generator) -> Image.Image:
    """A scan of grey 100 to 300 dpi: punched, folded, copied, specked, turned, skewed, blurred, JPEG."""
    page = soiled(page, rng)
    if rng.random() < 0.3:
        for _ in range(rng.integers(1, 3)):
            page = photocopy(page, rng)
    dpi = float(rng.choice((100, 150, 200, 300), p=(0.15, 0.25, 0.35, 0.25)))
    page = moved(page, rng, dpi / 25.4)
    values = np.asarray(page.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.7))), dtype=np.float32)
    values = values + rng.normal(0, rng.uniform(0, 5), values.shape)
    return jpeg(as_image(values), int(rng.choice((40, 60, 85))))


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
    values = np.asarray(warped(page, homography(ends * BASE, target), tuple(size), table), dtype=np.float32)
    values = values * shade(values.shape, rng)
    values = np.asarray(
        as_image(values).filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.1))), dtype=np.float32
    )
    values = values + rng.normal(0, rng.uniform(1, 6), values.shape)
    return jpeg(as_image(values), int(rng.choice((50, 70, 85))))


def shade(shape: tuple[int, ...], rng: Generator) -> Any:
    """Brightness over a photo: a slope, and the soft edge of a shadow."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    y, x = y / shape[0], x / shape[1]
    slope = 1 - rng.uniform(0, 0.4) * (x if rng.random() < 0.5 else 1 - x) - rng.uniform(0, 0.2) * y
    angle, at, soft = rng.uniform(0, np.pi), rng.uniform(0.2, 0.8), rng.uniform(0.02, 0.08)
    edge = 1 / (1 + np.exp(np.clip((np.cos(angle) * x + np.sin(angle) * y - at) / soft, -30, 30)))
    return (slope * (1 - rng.uniform(0, 0.35) * edge)).astype(np.float32)


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
    """A fold across the middle or at a third: a thin darker line, a lighter one beside it."""
    values = np.asarray(page, dtype=np.float32)
    at = rng.choice((1 / 3, 1 / 2, 2 / 3)) * 297 * BASE + rng.normal(0, 3 * BASE)
    y, x = np.mgrid[0 : values.shape[0], 0 : values.shape[1]].astype(np.float32)
    off = (y - at - np.tan(np.deg2rad(rng.normal(0, 0.5))) * x) / BASE
    dark, wide = rng.uniform(10, 45), rng.uniform(0.15, 0.4)
    values = values - dark * np.exp(-((off / wide) ** 2)) + 0.5 * dark * np.exp(-(((off - 0.8) / wide) ** 2))
    return as_image(values)


def photocopy(page: Image.Image, rng: Generator) -> Image.Image:
    """Harder contrast, a little blur, a slight change of size, and dust."""
    scale, shift = rng.uniform(0.985, 1.015), rng.normal(0, 0.5 * BASE, 2)
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1]])
    values = np.asarray(
        warped(page, matrix, page.size, WHITE).filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.0))),
        dtype=np.float32,
    )
    middle, hard = rng.uniform(120, 185), rng.uniform(18, 40)
    values = 255 / (1 + np.exp(-(values - middle) / hard))
    ends = 255 / (1 + np.exp(-(np.array([0, 255]) - middle) / hard))
    values = (values - ends[0]) / (ends[1] - ends[0]) * 245 + 8
    values[rng.random(values.shape) < rng.uniform(0, 0.0004)] = 40
    return as_image(values)


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
