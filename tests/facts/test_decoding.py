"""Facts are read strictly: what is missing, unknown or of another kind is an error that names its place."""

from __future__ import annotations

import copy
import gzip
import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jsonschema
import pytest

from survey.facts import wire
from survey.facts.base import Fact
from survey.facts.wire import UnreadableFacts, decode, decode_edition, encode, written, written_edition

TESTS = Path(__file__).parents[1]
KEPT = TESTS / "data" / "facts"
"""Files that the program wrote before facts had types; `before-steps` from before scores came in steps."""
_spec = importlib.util.spec_from_file_location("generate", TESTS.parent / "docs" / "generate.py")
assert _spec
assert _spec.loader
generate = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(generate)


def kept(name: str) -> Any:
    return json.loads(gzip.decompress((KEPT / f"{name}.json.gz").read_bytes()))


def cut(value: Any) -> Any:
    """The same with at most two entries of every list of objects, so that one case stays small."""
    if isinstance(value, dict):
        return {key: cut(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [cut(inner) for inner in (value[:2] if value and isinstance(value[0], dict) else value)]
    return value


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value."""
    yield way
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from places(part, (*way, key))


def at(value: Any, way: tuple[Any, ...]) -> Any:
    for key in way:
        value = value[key]
    return value


def named(way: tuple[Any, ...]) -> str:
    return "$" + "".join(f".{key}" if isinstance(key, str) else f"[{key}]" for key in way)


MODERN = cut(kept("2026-11-30"))
EDITION = cut(kept("edition"))


SCHEMA = jsonschema.Draft202012Validator(generate.schema("facts"))


def free(way: tuple[Any, ...]) -> bool:
    """Whether the last name was given by the round, as that of an option."""
    return len(way) > 1 and (
        way[-2] in ("critical_values", "shares") or (way[-2:-1] == ("not_said",) and way[0] == "weighting")
        or (way[-2] == "groups" and way[0] == "treatment")
    )  # fmt: skip


def distinct(value: Any) -> list[tuple[Any, ...]]:
    """One way of each kind: numbers of lists and names that a round gives do not tell ways apart."""
    found: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for way in places(value):
        kind = tuple("*" if isinstance(k, int) or free(way[: i + 1]) else k for i, k in enumerate(way))
        found.setdefault((*kind, type(at(value, way)).__name__), way)
    return list(found.values())


OBJECTS = [way for way in distinct(MODERN) if isinstance(at(MODERN, way), dict)]
FIELDS = [way for way in distinct(MODERN) if way and isinstance(way[-1], str) and not free(way)]


def error_of(value: Any) -> str | None:
    try:
        wire.facts_from(copy.deepcopy(value))
    except UnreadableFacts as error:
        return str(error)
    return None


def replaced(way: tuple[Any, ...], given: Any) -> Any:
    changed = copy.deepcopy(MODERN)
    at(changed, way[:-1])[way[-1]] = given
    return changed


def last(way: tuple[Any, ...]) -> str:
    """The end of the way that every message has."""
    names = [key for key in way if isinstance(key, str)]
    return f".{names[-1]}"


def test_every_kind_of_value_is_walked() -> None:
    assert len(FIELDS) > 300
    assert len(OBJECTS) > 50


def test_a_missing_field_is_named_with_its_place() -> None:
    for way in FIELDS:
        changed = copy.deepcopy(MODERN)
        del at(changed, way[:-1])[way[-1]]
        error = error_of(changed)
        assert (error is None) == SCHEMA.is_valid(changed), named(way)
        if error is not None:
            assert f"`{way[-1]}`" in error, named(way)
            assert len(way) == 1 or last(way[:-1]) in error, named(way)


def test_an_unknown_field_is_named_with_its_place() -> None:
    for way in OBJECTS:
        changed = copy.deepcopy(MODERN)
        at(changed, way)["unheard_of"] = "?"
        error = error_of(changed)
        assert error is not None, named(way)
        assert "unheard_of" in error or "[...]" in error, named(way)
        assert not way or last(way) in error, named(way)
        assert not SCHEMA.is_valid(changed), named(way)


def test_a_value_of_another_kind_is_named_with_its_place() -> None:
    for way in FIELDS:
        given: Any = 5 if isinstance(at(MODERN, way), str | dict | list) else {"another": "kind"}
        changed = replaced(way, given)
        error = error_of(changed)
        assert error is not None, named(way)
        assert last(way) in error, named(way)
        assert not SCHEMA.is_valid(changed), named(way)


def test_what_is_no_json_is_an_error() -> None:
    for content in (b"", b"{", b"[]", b"\xff"):
        with pytest.raises(UnreadableFacts):
            decode(content)


@pytest.mark.parametrize("name", ["2026-11-30", "before-steps"])
def test_files_from_before_there_were_types_open(name: str) -> None:
    facts = decode(json.dumps(kept(name)))
    assert [p.name for p in facts.profiles] == [p["name"] for p in kept(name)["profiles"]]
    assert decode(encode(facts)) == facts


def test_what_was_read_is_written_to_the_byte() -> None:
    def canonical(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)

    assert canonical(written(decode(json.dumps(kept("2026-11-30"))))) == canonical(kept("2026-11-30"))
    content = canonical(kept("edition"))
    assert canonical(written_edition(decode_edition(content))) == content


def test_older_files_lack_what_was_not_known() -> None:
    facts = decode(json.dumps(kept("before-steps")))
    assert facts.method.step is None
    assert facts.quality.possible
    assert facts.quality.one_mark is None
    weights = [entry for profile in facts.profiles for entry in profile.importance]
    assert weights
    assert all(entry.low is None and entry.quadrant is None for entry in weights)


def test_nothing_can_be_changed() -> None:
    facts = decode(json.dumps(kept("2026-11-30")))
    seen = 0
    for fact in held(facts):
        seen += 1
        with pytest.raises(AttributeError):
            setattr(fact, fact.__struct_fields__[0], None)
        for name in fact.__struct_fields__:
            assert not isinstance(getattr(fact, name), list | dict | set)
    assert seen > 3000


def held(value: Any) -> Iterator[Fact]:
    if isinstance(value, Fact):
        yield value
        for name in value.__struct_fields__:
            yield from held(getattr(value, name))
    elif isinstance(value, tuple | MappingProxyType):
        for inner in value.values() if isinstance(value, MappingProxyType) else value:
            yield from held(inner)
