"""What depends on its arguments alone, made once in a process: templates, routes, SQL, subsets of fonts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from types import CodeType, SimpleNamespace
from typing import Any, BinaryIO

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule


class Templates(BytecodeCache):
    """Compiled templates by their name, place and text."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._known[bucket.key, bucket.checksum] = bucket.code


def install() -> None:
    """Let all applications of this process share what is compiled, since that knows no application."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Templates()}
    compiled: dict[tuple[object, ...], Callable[..., Any]] = {}
    real = Rule._compile_builder

    def builder(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        if rule.defaults:
            return real(rule, append_unknown)
        key = (tuple(rule._trace), append_unknown, tuple(rule._converters))
        if key not in compiled:
            compiled[key] = real(rule, append_unknown)
        return compiled[key]

    Rule._compile_builder = builder  # type: ignore[method-assign]


def share_statements() -> None:
    """Let all databases of this process share SQL as it was compiled for their kind: each test has a new
    database, and compiling took a third of the time of most."""
    compiled: LRUCache[Any, Any] = LRUCache(4000)
    Engine._compiled_cache = property(lambda _engine: compiled, lambda _engine, _own: None)  # type: ignore[assignment]
    # Part of the key under which a statement is kept.
    DefaultDialect.__hash__ = lambda dialect: hash(type(dialect))  # type: ignore[method-assign]
    DefaultDialect.__eq__ = _same_dialect  # type: ignore[method-assign,assignment]


def _same_dialect(one: DefaultDialect, other: object) -> bool:
    return type(one) is type(other) and one.server_version_info == other.server_version_info


class SavedFont:
    """A font as its file."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def save(self, file: BinaryIO, **_options: object) -> None:
        file.write(self._data)


def keep_subsets_of_fonts() -> None:
    """Let all charts of this process share the subset of a font for the same glyphs, where PDF is written:
    half of the time of all documents of an edition goes into them."""
    writer: Any = sys.modules.get("matplotlib.backends._backend_pdf_ps")
    if writer is None or hasattr(writer.get_glyphs_subset, "kept"):
        return
    real = writer.get_glyphs_subset

    @cache
    def made(path: Any, face: int, glyphs: tuple[int, ...]) -> tuple[bytes, dict[int, int]]:
        with real(path, set(glyphs)) as subset:
            return writer.font_as_file(subset.font).getvalue(), subset.glyph_index_map

    @contextmanager
    def get_glyphs_subset(path: Any, glyphs: Iterable[int]) -> Iterator[SimpleNamespace]:
        data, places = made(path, path.face_index, tuple(sorted(set(glyphs))))
        yield SimpleNamespace(font=SavedFont(data), glyph_index_map=places)

    get_glyphs_subset.kept = True  # type: ignore[attr-defined]
    writer.get_glyphs_subset = get_glyphs_subset
