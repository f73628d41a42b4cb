"""Reading and writing of facts as JSON: strict, naming the path of what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from survey.errors import N_, PingyiError
from survey.facts.base import Fact, Impossible, plain
from survey.facts.earlier import complete_ranking, completed
from survey.facts.publication import CompositeResult, EditionContent
from survey.facts.ranking import RankingFacts
from survey.facts.whole import Facts

T = TypeVar("T", bound=Fact)
_TAGS = {True: "yes", False: "no"}
_TRUTH = {tag: truth for truth, tag in _TAGS.items()}
_PARTS = (
    "response",
    "weighting",
    "resolution",
    "quality",
    "reliability",
    "drivers",
    "combined",
    "assumptions",
)


class UnreadableFacts(PingyiError):
    """Stored results that are not in the form of this program or an earlier version; `detail` names the place
    in the JSON."""

    status = 500
    code = "facts_unreadable"
    remedy = N_("请管理员在服务器上运行 pingyi results remake 重算；不需要钥匙。")

    def __init__(self, detail: str) -> None:
        super().__init__(N_("这一轮的结果文件读不出来（%(detail)s）。"), detail=detail)


def decode(content: bytes | str) -> Facts:
    """Facts in a file `facts.json`. Raises `UnreadableFacts`."""
    return facts_from(parsed(content))


def facts_from(value: dict[str, Any]) -> Facts:
    """Facts from parsed JSON; `value` is changed and must not be used again. Raises `UnreadableFacts`."""
    return _converted(_tagged(completed(value)), Facts)


def encode(facts: Facts) -> bytes:
    """Bytes of `facts.json`: compact JSON without NaN."""
    return _compact(written(facts))


def written(facts: Facts) -> dict[str, Any]:
    """Dictionary of the facts as `facts.json` holds them, for JSON."""
    value = plain(facts)
    for part in _possible(value):
        part["possible"] = _TRUTH[part["possible"]]
    ranking = value["ranking"]
    for group in ranking.setdefault("groups", []):
        _complete(group)
    _complete(ranking)
    if "combined" in value and "ranking" in value["combined"]:
        _complete(value["combined"]["ranking"])
    if value["assumptions"] is None:
        del value["assumptions"]
    return value


def ranking_from(value: dict[str, Any]) -> RankingFacts:
    """Ranking from parsed JSON; `value` is changed and must not be used again. Raises `UnreadableFacts`."""
    with suppress(KeyError, TypeError, AttributeError):
        complete_ranking(value)
    return _converted(value, RankingFacts)


def composite_result_from(value: dict[str, Any]) -> CompositeResult | Impossible:
    """The result of a composite as it is kept, or why there is none. Raises `UnreadableFacts`."""
    with suppress(KeyError, TypeError, AttributeError):
        value = deepcopy(value) | {"possible": _TAGS[value["possible"]]}
        complete_ranking(value["ranking"])
    if value.get("possible") == _TAGS[False]:
        return _converted(value, Impossible)
    return _converted(value, CompositeResult)


def written_composite(result: CompositeResult | Impossible) -> dict[str, Any]:
    """Dictionary of a composite's result as it is kept, for JSON."""
    value = plain(result)
    if isinstance(result, CompositeResult):
        _complete(value["ranking"])
    return value | {"possible": result.possible}


def edition_from(value: dict[str, Any]) -> EditionContent:
    """Content of an edition from parsed JSON; `value` is changed and must not be used again. Raises
    `UnreadableFacts`."""
    if isinstance(value.get("facts"), dict):
        value["facts"] = _tagged(completed(value["facts"]))
    return _converted(value, EditionContent)


@lru_cache(maxsize=4)
def decode_edition(content: str) -> EditionContent:
    """Content of an edition from stored JSON; cached, since it never changes. Raises `UnreadableFacts`."""
    return edition_from(parsed(content))


def written_edition(content: EditionContent) -> dict[str, Any]:
    """Dictionary of the edition as it is stored, for JSON."""
    value = plain(content) | {"facts": written(content.facts)}
    for entry in value.get("composites", ()):
        _complete(entry["ranking"])
    return value


def parsed(content: bytes | str) -> dict[str, Any]:
    """Object parsed from JSON. Raises `UnreadableFacts` where it is not an object."""
    try:
        value: dict[str, Any] = msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise UnreadableFacts(str(error)) from error
    return value


def _converted(value: dict[str, Any], wanted: type[T]) -> T:
    try:
        return msgspec.convert(value, wanted)
    except msgspec.ValidationError as error:
        raise UnreadableFacts(str(error)) from error


def _compact(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _tagged(value: dict[str, Any]) -> dict[str, Any]:
    """`value` with `possible` of each part as "yes" or "no", by which msgspec tells unions apart, instead of
    true or false."""
    for part in _possible(value):
        if isinstance(possible := part.get("possible"), bool):
            part["possible"] = _TAGS[possible]
    return value


def _possible(facts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Parts that have a field `possible`, since they may be impossible to work out."""
    found: list[Any] = [facts.get(name) for name in _PARTS]
    tested = facts.get("assumptions")
    if isinstance(tested, dict):
        found += [tested.get("additivity"), *_listed(tested.get("standardised"))]
    found += [*_listed(facts.get("treatment")), *_listed(facts.get("changes"))]
    return (part for part in found if isinstance(part, dict))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _complete(ranking: dict[str, Any]) -> None:
    """Write into a ranking, in place, the fields that `Fact` leaves out at their default but ranking.json
    always has."""
    ranking.setdefault("pairs", [])
    ranking.setdefault("insufficient", [])
    if "method" in ranking:
        ranking.setdefault("note_codes", [])
        ranking.setdefault("n_ratings", None)
