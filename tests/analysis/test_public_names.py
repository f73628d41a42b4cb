"""The package's face: every public name is there, and the ranking alone is cheap to import."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

import analysis


def test_every_public_name_is_a_thing_to_use():
    for name in analysis.__all__:
        assert not isinstance(getattr(analysis, name), ModuleType), name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="rang"):
        analysis.rang  # noqa: B018


def test_importing_the_package_loads_neither_optimisers_nor_distributions():
    heavy = "('scipy.optimize', 'scipy.stats', 'matplotlib')"
    code = f"import sys, analysis; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
