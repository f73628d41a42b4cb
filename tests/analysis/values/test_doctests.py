"""Every public docstring of `analysis` has an example, and every example gives what it says."""

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


ROOT = Path(analysis.__file__).parent
OTHERS = sorted(
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
    for path in ROOT.rglob("*.py")
    if ">>>" in path.read_text(encoding="utf-8") and path.stem != "__init__"
)


@pytest.mark.parametrize("name", OTHERS)
def test_the_examples_of_a_module_hold(name):
    """Those of names that are not public, of methods and of the module, too."""
    module = importlib.import_module(name)
    tests = [
        test
        for test in doctest.DocTestFinder().find(module)
        if test.examples and test.name.rsplit(".", 1)[-1] not in PUBLIC
    ]
    said = []
    runner = doctest.DocTestRunner()
    for test in tests:
        runner.run(test, out=said.append)
    assert not runner.failures, "".join(said)
