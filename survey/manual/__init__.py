"""The manual of the desk: short chapters by role, in Chinese; pages and booklet show the same."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import msgspec

NAMES = ("office", "keyholder", "reviewer", "liaison")
"""Chapters in the order in which they are offered; also their names in addresses."""


class ManualStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step: what to do, in order, and what to do where something goes wrong.

    `where`: the way to its page on the desk; `picture`: an asset's file name, with what it shows.
    """

    id: str
    title: str
    do: tuple[str, ...]
    where: str = ""
    picture: str = ""
    picture_says: str = ""
    trouble: tuple[tuple[str, str], ...] = ()


class Chapter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The manual of one role."""

    title: str
    lead: str
    steps: tuple[ManualStep, ...]


@cache
def chapters() -> dict[str, Chapter]:
    """Chapters by name, read once."""
    folder = Path(__file__).parent
    return {
        name: msgspec.convert(
            tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8")), Chapter, strict=False
        )
        for name in NAMES
    }
