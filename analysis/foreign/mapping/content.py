"""Reading of a mapping that `--explain` wrote and a person may have edited, from a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from analysis.errors import InputError
from analysis.foreign.understood import Understood
from analysis.tables.refusals import TableRefused
from analysis.tables.text_tables import decoded

MOST_BYTES: Final = 4 << 20


def read_mapping(path: Path) -> Understood:
    """Mapping of a file; raises InputError that names what is wrong."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"“{path}”读不了。", f"{path} cannot be read.") from error
    return mapping_from(data, path.name)


def mapping_from(data: bytes, name: str) -> Understood:
    """Mapping from the bytes of a file called `name`, in UTF-8, UTF-16 or GB18030; raises InputError that
    names the field."""
    if len(data) > MOST_BYTES:
        raise InputError(
            f"“{name}”大于 {MOST_BYTES >> 20} MB，不是对应表；请给出先前写出的那个文件。",
            f"{name} exceeds {MOST_BYTES >> 20} MB and is no mapping; give the file that was written before.",
        )
    return Understood.from_json(_content(data, name))


def written(understood: Understood) -> str:
    """Mapping as the text of a file to be edited."""
    return json.dumps(understood.to_json(), ensure_ascii=False, indent=1)


def _content(data: bytes, name: str) -> Any:
    try:
        return json.loads(decoded(data), object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise InputError(
            f"“{name}”不是 JSON 文件：第 {error.lineno} 行第 {error.colno} 个字处看不懂。"
            "多半是少了逗号、引号或括号，或者用了中文的引号、逗号。",
            f"{name} is not JSON: line {error.lineno}, character {error.colno} cannot be read. Perhaps a "
            "comma, quote or bracket is missing, or a quote is not a straight one.",
        ) from error
    except (TableRefused, RecursionError) as error:
        raise InputError(
            f"“{name}”不是 JSON 文件。请给出先前写出、用记事本改好的对应表。",
            f"{name} is not JSON. Give the mapping that was written before, edited as text.",
        ) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InputError(
                f"对应表的 {key[:60]} 在同一个 {{ }} 里写了两次，请删去一个。",
                f"The mapping's {key[:60]} stands twice within one {{ }}; delete one.",
                column=key[:60],
            )
        found[key] = value
    return found


def _no_number(text: str) -> Any:
    raise InputError(
        f"对应表里的 {text} 不是数；不算评分的词请从 levels 移到 no_rating。",
        f"The mapping's {text} is no number; move words that are no rating from levels to no_rating.",
        column="levels",
    )
