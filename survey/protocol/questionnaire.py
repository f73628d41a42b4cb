"""Questionnaire of a round as frozen values (docs/formats.md)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from survey.errors import N_, InvalidInput
from survey.protocol.plain_json import plain, plain_texts
from survey.protocol.questionnaire_rules import check

FORMAT = "pingyi-questionnaire"
VERSION = 1
GRADE_LINES = (90.0, 80.0, 70.0)


@dataclass(frozen=True, slots=True)
class Item:
    """Item (指标) on which departments are rated; `weight`: its weight in the department's score."""

    name: str
    name_en: str = ""
    weight: float = 1.0
    overall: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """Level of the scale that can be chosen as an answer, worth `points` of 100."""

    label: str
    label_en: str
    points: float


@dataclass(frozen=True, slots=True)
class Scale:
    """Answer scale: levels from best to worst; the first `satisfied` of them count towards 满意率.

    grade_lines: lowest scores of 优秀, 良好 and 一般. The default ones are not written to JSON, so that
    descriptions from before this field keep their digest.
    """

    levels: tuple[Level, ...]
    satisfied: int
    warning_line: float
    not_known: str
    not_known_en: str
    grade_lines: tuple[float, ...] = GRADE_LINES


@dataclass(frozen=True, slots=True)
class Department:
    """Department that is rated; `initials`: pinyin initials by which it can be searched.

    An empty English name is not written to JSON, so that descriptions from before this field keep their
    digest.
    """

    name: str
    group: str
    initials: str = ""
    common: bool = False
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Coarse fact about an enterprise (such as its size) that it may declare in the questionnaire."""

    name: str
    name_en: str
    options: tuple[str, ...]
    options_en: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """All questions of a round. Equal questionnaires have equal canonical JSON."""

    items: tuple[Item, ...]
    scale: Scale
    departments: tuple[Department, ...]
    strata: tuple[Stratum, ...]
    comments: bool = True
    comment_chars: int = 200
    comment_bytes: int = 4096

    def __post_init__(self) -> None:
        check(self)

    @property
    def answer_bytes(self) -> int:
        """Number of bytes of ratings and strata, which is also the length of a row of the score table."""
        return len(self.departments) * len(self.items) + len(self.strata)

    @property
    def plaintext_size(self) -> int:
        """Size in bytes of every ballot's plaintext."""
        return 3 + self.answer_bytes + (self.comment_bytes if self.comments else 0)

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups of departments, in the order of their first department."""
        return tuple(dict.fromkeys(department.group for department in self.departments))

    def to_dict(self) -> dict[str, Any]:
        value = asdict(self)
        scale = value["scale"]
        if scale["grade_lines"] == GRADE_LINES:
            del scale["grade_lines"]
        for department in value["departments"]:
            if not department["name_en"]:
                del department["name_en"]
        scale["not_known"] = {"label": scale["not_known"], "label_en": scale.pop("not_known_en")}
        return {"format": FORMAT, "version": VERSION} | value

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Questionnaire:
        """Read what `to_dict` wrote; raises `InvalidInput` on anything else."""
        try:
            return _read(value)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidInput(N_("问卷文件无法识别：%(why)s"), why=error) from error

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces."""
        return json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _read(value: dict[str, Any]) -> Questionnaire:
    if (value["format"], value["version"]) != (FORMAT, VERSION):
        raise ValueError(f"{value['format']} {value['version']}")
    scale = value["scale"]
    return Questionnaire(
        items=tuple(_record(Item, item) for item in value["items"]),
        scale=Scale(
            levels=tuple(_record(Level, level) for level in scale["levels"]),
            satisfied=plain("int", scale["satisfied"]),
            warning_line=plain("float", scale["warning_line"]),
            not_known=plain("str", scale["not_known"]["label"]),
            not_known_en=plain("str", scale["not_known"]["label_en"]),
            grade_lines=tuple(plain("float", line) for line in scale.get("grade_lines", GRADE_LINES)),
        ),
        departments=tuple(_record(Department, department) for department in value["departments"]),
        strata=tuple(
            Stratum(
                plain("str", s["name"]),
                plain("str", s["name_en"]),
                plain_texts(s["options"]),
                plain_texts(s["options_en"]),
            )
            for s in value["strata"]
        ),
        comments=plain("bool", value["comments"]),
        comment_chars=plain("int", value["comment_chars"]),
        comment_bytes=plain("int", value["comment_bytes"]),
    )


T = TypeVar("T", Item, Level, Department)


def _record(kind: type[T], value: dict[str, Any]) -> T:
    """Instance of a dataclass whose fields are texts, numbers or booleans, from a JSON object.

    Raises `TypeError` or `KeyError` for a field of another type or name, `ValueError` for a number
    that is not finite.
    """
    types = {field.name: str(field.type) for field in fields(kind)}
    return kind(**{name: plain(types[name], part) for name, part in value.items()})
