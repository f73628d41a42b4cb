"""Templates and routes compiled once in a process, though tests make hundreds of applications."""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
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
