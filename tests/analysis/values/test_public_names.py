"""The package's face: every public name is there, and importing it costs nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import analysis


def test_every_public_name_is_a_thing_to_use():
    for name in analysis.__all__:
        assert not isinstance(getattr(analysis, name), ModuleType), name


def test_every_public_name_is_in_the_documentation():
    page = (Path(__file__).parents[3] / "docs/statistics.md").read_text("utf-8")
    code = " ".join(re.findall(r"`[^`\n]+`", page))
    assert [name for name in analysis.__all__ if not re.search(rf"\b{name}\b", code)] == []


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="rang"):
        analysis.rang  # noqa: B018


@pytest.mark.parametrize(
    ("statement", "heavy"),
    [
        ("import analysis", ("numpy", "scipy", "matplotlib")),
        # What a web request runs when a correction is proposed.
        (
            "import survey.services.publication.differences as d; d.check_editions([{}], {}, 10)",
            ("numpy", "scipy", "matplotlib"),
        ),
        ("from analysis import rank", ("scipy.optimize", "scipy.stats", "matplotlib")),
    ],
)
def test_what_is_cheap_to_load(statement: str, heavy: tuple[str, ...]):
    code = f"import sys; {statement}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
