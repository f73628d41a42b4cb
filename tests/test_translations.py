"""Every text that a person may meet exists in English too, and the compiled catalogue is the current one."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "survey" / "translations" / "en" / "LC_MESSAGES"
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (FOLDER / "messages.po").open("rb") as file:
        return read_po(file, locale="en")


@pytest.fixture(scope="module")
def texts() -> set[str]:
    """The message ids of code and templates, as `make translations` collects them."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = set()
    for part in ("survey", "templates"):
        patterns = [(pattern.removeprefix(f"{part}/"), method) for pattern, method in methods]
        for _, _, text, _, _ in extract_from_dir(str(ROOT / part), patterns, options, KEYWORDS):
            found.add(text if isinstance(text, str) else text[0])
    return found


def test_every_text_has_an_english_one(catalogue: Catalog, texts: set[str]) -> None:
    assert len(texts) > 500
    missing = sorted(text for text in texts if not (text in catalogue and catalogue[text].string))
    assert missing == []


def test_nothing_is_fuzzy_or_left_over(catalogue: Catalog, texts: set[str]) -> None:
    ids = {(m.id if isinstance(m.id, str) else m.id[0]) for m in catalogue if m.id}
    assert sorted(ids - texts) == []
    assert [m.id for m in catalogue if m.id and m.fuzzy] == []


def test_placeholders_are_the_same(catalogue: Catalog) -> None:
    for message in catalogue:
        if message.id and message.string:
            assert set(PLACEHOLDER.findall(message.id)) == set(PLACEHOLDER.findall(message.string)), (
                message.id
            )


def test_english_is_english(catalogue: Catalog) -> None:
    """Chinese may stand inside a translation only where it quotes a heading, a name or an example."""
    quoted = re.compile(r'"[^"]*"|^\S+：\S+$')
    odd = [m.id for m in catalogue if m.id and CHINESE.search(quoted.sub("", str(m.string)))]
    assert odd == []


def test_compiled_catalogue_is_current(catalogue: Catalog) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    assert (FOLDER / "messages.mo").read_bytes() == compiled.getvalue()
