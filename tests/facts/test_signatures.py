"""Signatures say what they take and return: `Any` stands only where JSON or bytes of others enter."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("documents", "models", "services", "web", "wording")
# Function → why its signature may leave open what a value is.
EXCEPTIONS = {
    "survey/models/ballot.py:OpenedBox": "a ranking of any version, which `survey.facts.wire` reads",
    "survey/models/composite.py:Composite": "a result of any version, which `survey.facts.wire` reads",
    "survey/models/problem.py:Problem": "figures of any version, which `survey.facts.evidence` reads",
    "survey/models/rating_analysis.py:RatingAnalysis": "what `analysis.foreign` wrote, which it reads again",
    "survey/models/work.py:AuditEvent": "details of any action, as the log has always kept them",
    "survey/models/work.py:Job": "what a job of any kind and version was asked, which its `JobKind` reads",
}


def aliases(tree: ast.Module) -> set[str]:
    """Names that the module gives to types that contain `Any`."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and says_any(node.value, names):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def says_any(annotation: ast.expr, names: Collection[str] = ()) -> bool:
    """Whether `Any` or one of `names` stands in the annotation, also in one written as a text."""
    return not {"Any", *names}.isdisjoint(_said(annotation))


def _said(annotation: ast.expr) -> Iterator[str]:
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _words(node.value)


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() or c == "_" else " " for c in text).split()


def annotations(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[ast.expr]:
    """Annotations of parameters and result, or of a class's fields, which its constructor takes."""
    if isinstance(node, ast.ClassDef):
        yield from (field.annotation for field in node.body if isinstance(field, ast.AnnAssign))
        return
    given = node.args
    for one in (*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg):
        if one is not None and one.annotation is not None:
            yield one.annotation
    if node.returns is not None:
        yield node.returns


def untyped(source: str, names: Collection[str] = ()) -> list[str]:
    """Functions and classes of a module whose signature says `Any`, itself or by a name that stands for it:
    one of `names`, or one of the module's."""
    tree = ast.parse(source)
    known = {*names, *aliases(tree)}
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if any(says_any(annotation, known) for annotation in annotations(node))
    ]


def imported(source: str, known: Mapping[str, set[str]]) -> set[str]:
    """Names in the module for types of other modules that contain `Any`; `known`: module → its names."""
    return {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in known.get(node.module or "", ())
    }


def found() -> set[str]:
    sources = {
        path.relative_to(ROOT): path.read_text("utf-8") for path in sorted((ROOT / "survey").rglob("*.py"))
    }
    modules = {path: ".".join(path.with_suffix("").parts) for path in sources}
    known = {modules[path]: aliases(ast.parse(source)) for path, source in sources.items()}
    return {
        f"{path}:{name}"
        for path, source in sources.items()
        if path.parts[1] in ROOMS
        for name in untyped(source, imported(source, known))
    }


def test_signatures_are_typed_where_no_json_of_others_enters() -> None:
    assert found() == set(EXCEPTIONS)


@pytest.mark.parametrize(
    "source",
    [
        "def f(x: Any): ...",
        "def f() -> Any: ...",
        "async def f(*, x: dict[str, Any]): ...",
        "def f(*x: Any): ...",
        "def f(**x: 'Any'): ...",
        "def f(x: typing.Any): ...",
        "def f(x: Callable[..., 'list[Any]']): ...",
        "Json = dict[str, Any]\ndef f(x: Json): ...",
        "Json: TypeAlias = Any\ndef f() -> list[Json]: ...",
        "Json = dict[str, Any]\nRows = list[Json]\ndef f(x: Rows): ...",
        "class A:\n    def f(self) -> Any: ...",
        "class f:\n    x: Mapping[str, Any]",
        "def g():\n    def f(x: Any): ...",
    ],
)
def test_any_is_found_however_it_is_written(source: str) -> None:
    assert untyped(source) == ["f"]


def test_a_name_of_another_module_that_stands_for_any_is_found() -> None:
    source = "from survey.earlier import Json as Parsed\ndef f(x: Parsed): ...\ndef g(x: object): ..."
    assert untyped(source, imported(source, {"survey.earlier": {"Json"}})) == ["f"]
