"""Every public docstring of `analysis` has an example, and every example gives what it says."""

import ast
import doctest
import importlib
from pathlib import Path

import pytest

import analysis

PUBLIC = sorted(name for name in analysis.__all__ if callable(getattr(analysis, name)))
FINDER = doctest.DocTestFinder(recurse=False)


def examples(name):
    found = getattr(analysis, name)
    module = importlib.import_module(found.__module__)
    return [test for test in FINDER.find(found, name, module=module, globs={}) if test.examples]


@pytest.mark.parametrize("name", PUBLIC)
def test_the_example_of_a_public_name_holds(name):
    tests = examples(name)
    assert tests, f"analysis.{name} has no example"
    said = []
    runner = doctest.DocTestRunner()
    for test in tests:
        runner.run(test, out=said.append)
    assert not runner.failures, "".join(said)


def test_no_example_stands_where_nobody_runs_it():
    """Examples of other names, of methods and of modules would be read and never tried."""
    for path in Path(analysis.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and ">>>" in (ast.get_docstring(node) or ""):
                assert node.name in PUBLIC, f"{path.name}: {node.name}"
