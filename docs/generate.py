"""Writes what the documentation takes from the types of survey.facts: tables of fields and JSON schemas.

`python docs/generate.py` rewrites docs/schemas/*.json and every part of docs/*.md between
`<!-- fields of NAME -->` and `<!-- end -->`, NAME a class of survey.facts. `--check` writes nothing and exits
with 1 where something is not current.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

import survey.facts
from survey.facts.base import Fact, Impossible, Possible
from survey.facts.publication import EditionContent
from survey.facts.ranking import RankingFacts
from survey.facts.whole import Facts

DOCS = Path(__file__).parent
SCHEMAS: dict[str, tuple[type[Fact], str]] = {
    "facts": (Facts, "The facts of a round, version 1"),
    "ranking": (RankingFacts, "A ranking, version 1"),
    "publication": (EditionContent, "An edition of what is published of a round, version 1"),
}
LISTED: list[tuple[type[Fact], str]] = [
    (RankingFacts, "formats.md"),
    (Facts, "facts.md"),
    (EditionContent, "formats.md"),
]
FIELDS = re.compile(r"(<!-- fields of (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
NAMES = {int: "integer", float: "number", str: "text", bool: "true or false", type(None): "null"}


def main() -> int:
    written = dict(current())
    stale = [path for path, text in written.items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv[1:]:
        print("\n".join(f"{path.relative_to(DOCS.parent)} is not current: make docs" for path in stale))
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(exist_ok=True)
        path.write_text(written[path], encoding="utf-8")
    return 0


def current() -> Iterator[tuple[Path, str]]:
    """Every generated file with what it should hold."""
    for name in SCHEMAS:
        text = json.dumps(schema(name), ensure_ascii=False, indent=1)
        yield DOCS / "schemas" / f"{name}.schema.json", text + "\n"
    listed: dict[type[Fact], str] = {}
    shown = {kind.__name__: "\n".join(tables(kind, listed, place)) for kind, place in LISTED}
    for name in dict.fromkeys(place for _kind, place in LISTED):
        text = (DOCS / name).read_text(encoding="utf-8")
        yield DOCS / name, FIELDS.sub(lambda found: found[1] + shown[found[2]] + "\n" + found[3], text)


def classes() -> dict[str, type[Fact]]:
    """Name → class, of all facts."""
    modules = [
        importlib.import_module(f"survey.facts.{found.name}")
        for found in pkgutil.iter_modules(survey.facts.__path__)
    ]
    return {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Fact)
    }


def schema(name: str) -> dict[str, Any]:
    """The JSON schema (2020-12) of a file."""
    kind, title = SCHEMAS[name]
    made = msgspec.json.schema(kind)
    known = classes()
    for key, part in made["$defs"].items():
        _mend(part, known.get(key))
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    return head | made


def _mend(part: Any, kind: type[Fact] | None = None) -> None:
    """Possible parts say true or false, and every field says what it means."""
    if isinstance(part, list):
        for inner in part:
            _mend(inner)
    if not isinstance(part, dict):
        return
    part.pop("discriminator", None)
    for name, found in part.get("properties", {}).items():
        if name == "possible" and found.get("enum") in (["yes"], ["no"]):
            part["properties"][name] = {"const": found["enum"] == ["yes"]}
        elif kind is not None and (meaning := meanings(kind).get(name)):
            found["description"] = meaning
    for inner in part.values():
        _mend(inner)


def meanings(kind: type) -> dict[str, str]:
    """Field → the text that stands under it, of the class and those it is derived from."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if base.__module__.startswith("survey.facts."):
            found |= _own_meanings(base)
    return found


def _own_meanings(kind: type) -> dict[str, str]:
    body = next(c for c in ast.parse(inspect.getsource(kind)).body if isinstance(c, ast.ClassDef))
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in zip(body.body, body.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        if isinstance(text.value.value, str)
    }


def tables(kind: type[Fact], listed: dict[type[Fact], str], place: str) -> Iterator[str]:
    """A table of the fields of a class and of every class that it holds.

    listed: class → file of those that have a table already; the new ones are put in, under `place`.
    """
    waiting = [kind]
    listed[kind] = place
    while waiting:
        shown = waiting.pop(0)
        for hint in _hints(shown).values():
            inner = [c for c in _classes_in(hint) if c not in listed]
            waiting += dict.fromkeys(inner)
            listed |= dict.fromkeys(inner, place)
        yield from _table(shown, {c: "" if file == place else file for c, file in listed.items()})


def _table(kind: type[Fact], files: dict[type[Fact], str]) -> Iterator[str]:
    yield f"\n### {kind.__name__}\n"
    yield f"{' '.join((kind.__doc__ or '').split())}\n"
    yield "| field | value | meaning |"
    yield "|---|---|---|"
    if issubclass(kind, Possible | Impossible):
        yield f"| `possible` | {str(kind.possible).lower()} | |"
    told, absent = meanings(kind), {f.name for f in msgspec.structs.fields(kind) if not f.required}
    for name, hint in _hints(kind).items():
        value = named(hint, files)
        if name in absent:
            value = f"{value.removesuffix(' or null')}, or absent"
        meaning = told.get(name, "").replace("|", r"\|")
        yield f"| `{name}` | {value} | {meaning} |"


def _hints(kind: type[Fact]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {name: hints[name] for name in kind.__struct_fields__}


def _classes_in(hint: Any) -> list[type[Fact]]:
    if isinstance(hint, type) and issubclass(hint, Fact):
        return [hint]
    return [found for part in get_args(hint) for found in _classes_in(part)]


def named(hint: Any, files: dict[type[Fact], str]) -> str:
    """A type in words; files: class → file where its table is, "" for the same."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint in NAMES:
        return NAMES[hint]
    if origin is Literal:
        return ", ".join(f"`{json.dumps(part)}`" for part in parts)
    if origin in (Union, UnionType):
        known = [named(part, files) for part in parts if part is not type(None)]
        return " or ".join(known + ["null"] * (len(known) < len(parts)))
    if origin is tuple and parts[-1] is Ellipsis:
        return f"list of {named(parts[0], files)}"
    if origin is tuple:
        return f"[{', '.join(named(part, files) for part in parts)}]"
    if origin is not None:
        return f"{{{named(parts[0], files)}: {named(parts[1], files)}}}"
    return f"[{hint.__name__}]({files[hint]}#{hint.__name__.lower()})"


if __name__ == "__main__":
    sys.exit(main())
