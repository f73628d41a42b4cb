"""Names that every template knows, and names that one view passes, are not the same.

A view that leaves such a name out, for a page with nothing in it, would hand the page a module instead.
"""

from __future__ import annotations

import ast
from pathlib import Path

from flask import Flask

ROOT = Path(__file__).parents[3]
WEB = [p for p in (ROOT / "survey" / "web").rglob("*.py") if p.parent.name != "fast"]  # which has no page


def known_everywhere(app: Flask) -> set[str]:
    """What the context processors of the site and of its rooms add."""
    with app.test_request_context():
        found = [make() for makers in app.template_context_processors.values() for make in makers]
    return {name for values in found for name in values} - {"g", "request", "session"}


def _name(decorator: ast.expr) -> str:
    return "context_processor" if "context_processor" in ast.dump(decorator) else ""


def passed(tree: ast.Module) -> set[str]:
    """Keywords of calls of `render_template` and keys of dictionaries outside context processors."""
    names: set[object] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and "context_processor" in map(_name, node.decorator_list):
            node.body = []
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name("render_template")):
                names |= {keyword.arg for keyword in node.keywords}
            case ast.Dict():
                names |= {key.value for key in node.keys if isinstance(key, ast.Constant)}
            case ast.Subscript(slice=ast.Constant(value), ctx=ast.Store()):
                names.add(value)
    return {name for name in names if isinstance(name, str)}


def test_no_view_passes_a_name_that_every_template_knows(site: Flask) -> None:
    known = known_everywhere(site)
    found = {str(path.relative_to(ROOT)): passed(ast.parse(path.read_text("utf-8"))) & known for path in WEB}
    assert {path: names for path, names in found.items() if names} == {}


def test_the_search_finds_the_name_that_once_was_a_module(site: Flask) -> None:
    assert "cell_words" in known_everywhere(site)
    assert passed(ast.parse('facts["cells"] = 1\nrender_template("x", drawn=2, **{"total": 3})')) == {
        "cells", "drawn", "total",
    }  # fmt: skip
