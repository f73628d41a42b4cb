"""The house: sizes of rooms, modules and functions, and the table that tells a stranger where to go."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from survey.database.backups.parts import Backup
from survey.database.kinds import Kind
from survey.database.kinds_of_store import StoreKind

ROOT = Path(__file__).resolve().parents[1]
MOST_MODULES, MOST_LINES, MOST_IN_A_FUNCTION = 20, 300, 40
LONGEST_TEMPLATE_LINE = 160
ROWS = re.findall(
    r"^\| (an? .+?|the .+?|what .+?) \| (.+) \|$", (ROOT / "docs/architecture.md").read_text("utf-8"), re.M
)
PRODUCT = sorted(path for top in ("analysis", "survey") for path in (ROOT / top).rglob("*.py"))


def test_no_folder_is_a_corridor() -> None:
    suffixes = {".py", ".html", ".js"}
    tops = ("analysis", "survey", "templates", "static/js", "tests", "bench")
    files = (path for top in tops for path in (ROOT / top).rglob("*") if path.suffix in suffixes)
    counts = Counter(path.parent.relative_to(ROOT) for path in files)
    assert {str(folder): n for folder, n in counts.items() if n > MOST_MODULES} == {}


def test_no_two_test_modules_share_a_name() -> None:
    """pytest imports the modules of folders that are no packages by their bare names, one for each."""
    bare = (path for path in (ROOT / "tests").rglob("*.py") if not (path.parent / "__init__.py").exists())
    names = Counter(path.name for path in bare)
    assert {name for name, n in names.items() if n > 1} <= {"conftest.py"}


def test_modules_are_short() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in PRODUCT}
    assert {path: n for path, n in lines.items() if n > MOST_LINES} == {}


def own_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from its name to its end without the docstring, which may be as long as there is to say."""
    told = function.body[0] if ast.get_docstring(function) else None
    return _length(function) - (_length(told) if told else 0)


def _length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_functions_are_short() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{node.name}": own_lines(node)
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: n for name, n in found.items() if n > MOST_IN_A_FUNCTION} == {}


class Decisions(ast.NodeTransformer):
    """Code without docstrings, texts for people and bytes of files, which may name what they are about.

    What is compared stays: it decides something, whatever it is.
    """

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        docstring = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return ast.Pass() if docstring else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        for_people = isinstance(node.func, ast.Name) and node.func.id == "N_"
        return ast.Constant("") if for_people else self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(b"") if isinstance(node.value, bytes) else node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        return node


# Names, drivers, and what only one of them understands; psycopg's wheel also carries a libcrypto.
KNOWS_WHICH = re.compile(
    r"sqlite|postgres|psycopg(?!-binary)|\.dialect\b|\.driver\b|\bPRAGMA\b|\bpg_|\bVACUUM\b|\bctid\b|\bxmin\b|rowid",
    re.IGNORECASE,
)


def knowing_lines(source: str) -> list[str]:
    decisions = ast.unparse(Decisions().visit(ast.parse(source)))
    return [line.strip() for line in decisions.splitlines() if KNOWS_WHICH.search(line)]


def test_only_the_rooms_of_a_database_know_which_it_is() -> None:
    home = ROOT / "survey/database"
    knowing = {path for name in ("kinds*", "sqlite*", "postgresql*") for path in home.rglob(f"{name}.py")}
    sources = {path: path.read_text("utf-8") for path in set(PRODUCT) - knowing}
    found = {str(path.relative_to(ROOT)): lines for path, s in sources.items() if (lines := knowing_lines(s))}
    assert found == {}
    assert len(knowing) > 2
    pages = (ROOT / "templates").rglob("*.html")
    assert [page.name for page in pages if KNOWS_WHICH.search(page.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    "attempt",
    [
        "if database.kind.NAME == 'sqlite': pass",
        "if engine.driver.startswith('p'): pass",
        "if engine.dialect.supports_sequences: pass",
        "if engine.name.encode() == b'sqlite': pass",
        "if kind.TITLE == N_('SQLite'): pass",
        "if url.startswith('postgres'): pass",
        "from survey.database import sqlite",
        "import psycopg",
        "session.execute(text('VACUUM'))",
        "session.execute(text('SELECT rowid FROM ballot'))",
        "session.execute(text('SELECT xmin FROM ballot'))",
        "match kind.NAME:\n    case 'postgresql': pass",
    ],
)
def test_who_asks_which_database_it_is_is_found(attempt: str) -> None:
    assert knowing_lines(attempt) != []


def test_what_only_tells_people_may_name_a_database() -> None:
    told = "def f():\n    'On SQLite.'\n    raise Busy(N_('SQLite 正忙'))\nMAGIC = (b'SQLite format 3',)"
    assert knowing_lines(told) == []


def test_the_page_about_databases_names_all_that_one_must_give() -> None:
    page = (ROOT / "docs/database.md").read_text("utf-8")
    listed = re.findall(r"^\| `(\w+)` \| \w", page, re.M)
    assert sorted(listed) == sorted(
        name
        for interface in (StoreKind, Kind, Backup)
        for name in {*interface.__annotations__, *vars(interface)}
        if not name.startswith("_")
    )


@pytest.mark.parametrize(("wish", "places"), ROWS, ids=[wish for wish, _ in ROWS])
def test_whoever_wants_to_change_something_finds_the_place(wish: str, places: str) -> None:
    named = re.findall(r"`((?:[a-z]+/)+[\w.-]*)`", places)
    assert named or "statistics.md" in places
    assert [place for place in named if not (ROOT / place).exists()] == []


def test_the_table_answers_what_a_stranger_asks() -> None:
    asked = {
        "a question type",
        "the wording of a notice",
        "a chart",
        "a document",
        "a role",
        "a session's length",
    }
    asked |= {"a database", "a setting", "a kind of upload", "a statistic"}
    assert asked <= {wish for wish, _ in ROWS}


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def test_lines_of_templates_are_short() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{number}": len(line)
        for path in TEMPLATES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if len(line) > LONGEST_TEMPLATE_LINE
    }
    assert found == {}


CHANGES = {"append", "extend", "insert", "pop", "remove", "update", "setdefault", "clear", "sort"}


def test_templates_only_show() -> None:
    """A template changes no value: no method that does is called; what a page needs comes from its view."""
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"])
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno} {call.node.attr}"
        for path in TEMPLATES
        for call in environment.parse(path.read_text("utf-8")).find_all(nodes.Call)
        if isinstance(call.node, nodes.Getattr) and call.node.attr in CHANGES
    ]
    assert found == []


def test_a_class_name_is_used_once() -> None:
    """A nested class is named by its owner (the `Meta` of a form); a private one stays in its module."""
    places = defaultdict(list)
    for path in PRODUCT:
        for node in ast.parse(path.read_text("utf-8")).body:
            if (
                isinstance(node, ast.ClassDef)
                and path.is_relative_to(ROOT / "survey")
                and node.name[0] != "_"
            ):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_every_decision_has_a_number_of_its_own() -> None:
    records = sorted((ROOT / "docs/decisions").glob("0*.md"))
    numbers = [int(path.name[:4]) for path in records]
    assert sorted(set(numbers)) == numbers
    headings = [path.read_text("utf-8").splitlines()[0] for path in records]
    told = [re.match(r"#\s*(?:Decision )?0*(\d+)", heading) for heading in headings]
    assert [
        number for number, found in zip(numbers, told, strict=True) if found and int(found[1]) != number
    ] == []
