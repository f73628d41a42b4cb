"""Nothing is kept that nothing uses: names, re-exports, macros, classes of styles, exports of scripts."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import Environment, nodes
from unused import unused

ROOT = Path(__file__).resolve().parents[1]
JINJA = Environment(autoescape=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"])
TEMPLATES = {
    path.relative_to(ROOT / "templates").as_posix(): path for path in (ROOT / "templates").rglob("*.html")
}
SCRIPTS = {path: path.read_text("utf-8") for path in (ROOT / "static/js").rglob("*.js")}
STYLES = [
    re.sub(r"/\*.*?\*/", "", p.read_text("utf-8"), flags=re.S) for p in (ROOT / "static/css").glob("*.css")
]
SAID = [path.read_text("utf-8") for path in TEMPLATES.values()]
PYTHON = {
    path: path.read_text("utf-8") for top in ("survey", "analysis") for path in (ROOT / top).rglob("*.py")
}
FACADES = {"analysis", "survey.models"}
"""What a user of the library imports from, and the tables as one whole for SQLAlchemy."""


def test_every_name_is_used_or_allowed_with_a_reason() -> None:
    assert unused() == []


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def given_on(sources: dict[str, str], others: dict[str, str]) -> list[str]:
    """Names that a module, or one of the `others`, takes from a module which has only imported them;
    sources: by module."""
    trees = {name: ast.parse(text) for name, text in sources.items()}
    own = {name: set(defined(tree)) for name, tree in trees.items()}
    trees |= {name: ast.parse(text) for name, text in others.items()}
    return [
        f"{module}: {name} of {node.module}"
        for module, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in own and node.module not in FACADES
        for name in (alias.name for alias in node.names)
        if name not in own[node.module] and f"{node.module}.{name}" not in own
    ]


def test_names_are_imported_from_where_they_stand() -> None:
    """A module that imports a name for others hides where it is."""
    tests = {str(path): path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py")}
    assert given_on({module_of(path): text for path, text in PYTHON.items()}, tests) == []


def test_a_name_that_is_given_on_is_found() -> None:
    sources = {"a": "def f(): ...", "b": "from a import f", "c": "from b import f"}
    assert given_on(sources, {"t": "from a import f\nfrom b import f"}) == ["c: f of b", "t: f of b"]


def defined(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def test_templates_are_rendered_and_macros_called() -> None:
    everything = "\n".join([*SAID, *PYTHON.values()])
    steps = re.compile(r"administrator/setup/\w+\.html")  # by the name of the step
    assert [n for n in TEMPLATES if everything.count(n) == 0 and not steps.fullmatch(n)] == []
    macros = [macro.name for path in TEMPLATES.values() for macro in tree_of(path).find_all(nodes.Macro)]
    named = Counter(re.findall(r"\b\w+\b(?! ?=)", everything))
    assert [m for m in macros if named[m] < 2] == []


def test_templates_import_what_they_call() -> None:
    """Both ways: nothing in vain, and no macro that only an including template happens to have."""
    macros = {macro.name for path in TEMPLATES.values() for macro in tree_of(path).find_all(nodes.Macro)}
    vain, missing = [], []
    for name, path in TEMPLATES.items():
        tree = tree_of(path)
        imported = {
            i if isinstance(i, str) else i[1] for f in tree.find_all(nodes.FromImport) for i in f.names
        }
        read = {node.name for node in tree.find_all(nodes.Name)}
        called = {c.node.name for c in tree.find_all(nodes.Call) if isinstance(c.node, nodes.Name)}
        own = {m.name for m in tree.find_all(nodes.Macro)} | {
            a.name for m in tree.find_all(nodes.Macro) for a in m.args
        }
        vain += [f"{name}: {macro}" for macro in imported - read]
        missing += [f"{name}: {macro}" for macro in (called & macros) - imported - own]
    assert (vain, missing) == ([], [])


@cache
def tree_of(path: Path) -> nodes.Template:
    return JINJA.parse(path.read_text("utf-8"))


def test_classes_and_properties_of_styles_are_used() -> None:
    named = "\n".join([*SAID, *SCRIPTS.values(), *PYTHON.values()])
    # Of `badge-{{ state }}` and `of-${count}` the beginning is named.
    begun = set(re.findall(r"([a-z][\w-]*-)(?:\{\{|\$\{|' ?[~+]|\" ?[~+])", named))
    unnamed = []
    for style in STYLES:
        selectors = re.sub(r"\{[^{}]*\}", "{}", re.sub(r"url\([^)]*\)", "", style))
        names = set(re.findall(r"[.#]([a-zA-Z][\w-]*)", selectors))
        unnamed += [n for n in names if not re.search(rf"(?<![\w-]){n}(?![\w-])", named)]
    unnamed = [name for name in unnamed if f"{name.rpartition('-')[0]}-" not in begun]
    assert sorted(unnamed) == []
    text = "\n".join(STYLES) + named
    given = {name for style in STYLES for name in re.findall(r"(--[\w-]+)\s*:", style)}
    assert [name for name in sorted(given) if not re.search(rf"var\(\s*{name}\b", text)] == []


def test_exports_of_scripts_are_imported() -> None:
    """By another script, or by a test where its own script uses it too."""
    tests = set[str]().union(
        *(words(p.read_text("utf-8")) for p in (ROOT / "tests").rglob("*") if p.suffix in (".mjs", ".py"))
    )
    scripts, left = {path: words(text) for path, text in SCRIPTS.items()}, []
    for path, text in SCRIPTS.items():
        for name in re.findall(r"export (?:async )?(?:function\*?|const|class|let) (\w+)", text):
            elsewhere = any(name in other for script, other in scripts.items() if script != path)
            tested = name in tests and scripts[path][name] > 1
            if not elsewhere and not tested:
                left.append(f"{path.relative_to(ROOT)}: {name}")
    assert left == []


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))
