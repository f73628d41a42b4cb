"""The gallery is current, and what its hand-written reasons claim is so."""

from __future__ import annotations

import importlib.util
import re
import sys
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest

GALLERY = Path(__file__).parents[1] / "docs" / "gallery"


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gallery_build", GALLERY / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["gallery_build"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made(build: ModuleType) -> dict[str, bytes]:
    return dict(build.current())


def test_what_lies_there_is_what_make_docs_writes(made: dict[str, bytes]) -> None:
    there = {path.name for path in GALLERY.iterdir() if path.suffix in {".md", ".png"}}
    assert there == set(made)
    assert {name for name, content in made.items() if (GALLERY / name).read_bytes() != content} == set()


def test_six_public_sets_each_with_source_and_licence(build: ModuleType, made: dict[str, bytes]) -> None:
    sections = made["README.md"].decode().split("\n## ")[1:]
    assert len(sections) == len(build.EXAMPLES) == 6
    for example, section in zip(build.EXAMPLES, sections, strict=True):
        assert (build.ROOT / example.path).is_file()
        assert re.search(r"GPL|MIT", example.source)
        assert len(section.split()) < 400
        assert "**A plain mean says:** first " in section
        assert re.search(r"\{|NaN|None", section) is None


def test_claims_in_words_hold(build: ModuleType) -> None:
    rankings = {e.name: build.ranked(e) for e in build.EXAMPLES if e.name != "insteval"}

    def possible(name: str, place: int) -> set[str]:
        return {d.name for d in rankings[name].departments if d.rank_set[0] <= place <= d.rank_set[1]}

    assert possible("verbagg", 24) == {"S3DoShout"}
    assert len(possible("verbagg", 1)) == 3
    assert len(possible("barley", 1)) == 8
    wine = [d.name for d in rankings["wine"].departments]
    assert wine[1:3] == ["warm without contact", "cold with contact"]
    pairs = {(p.a, p.b): p.significant for p in rankings["wine"].pairs}
    assert not pairs[wine[1], wine[2]]
    for name in ("wine", "verbagg", "barley"):
        assert all(d.mean == pytest.approx(d.adjusted) for d in rankings[name].departments)
    apples = rankings["appletaste"].departments
    neighbours = [(p.a, p.b) for p in rankings["appletaste"].pairs if not p.significant]
    assert neighbours == [(a.name, b.name) for a, b in pairwise(apples)]
    assert rankings["pisa"]["Japan"].rank == 1
