"""The questionnaire and the public description of a round, as frozen values (docs/formats.md)."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, fields
from itertools import combinations
from typing import Any, TypeVar

from survey.ballot.encoding import b64u as b64u
from survey.ballot.encoding import unb64u as unb64u
from survey.ballot.plainjson import plain, plain_texts
from survey.ballot.questionnaire_rules import check
from survey.errors import N_, InvalidInput

FORMAT = "pingyi-questionnaire"
VERSION = 1
MOST_HOLDERS = 4
CHANGEABLE = ("title", "body", "opens_on", "closes_on")
GRADE_LINES = (90.0, 80.0, 70.0)


@dataclass(frozen=True, slots=True)
class Item:
    """What is rated about a department. `weight` enters the department's score."""

    name: str
    name_en: str = ""
    weight: float = 1.0
    overall: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """One answer of the scale, worth `points` of 100."""

    label: str
    label_en: str
    points: float


@dataclass(frozen=True, slots=True)
class Scale:
    """Levels from best to worst; the first `satisfied` of them count towards 满意率.

    grade_lines: least scores of 优秀, 良好 and 一般. The usual ones are not written, so that descriptions
    from before there were any keep their digest.
    """

    levels: tuple[Level, ...]
    satisfied: int
    warning_line: float
    not_known: str
    not_known_en: str
    grade_lines: tuple[float, ...] = GRADE_LINES


@dataclass(frozen=True, slots=True)
class Department:
    """What is rated. `initials` are the pinyin initials it can be searched by."""

    name: str
    group: str
    initials: str = ""
    common: bool = False


@dataclass(frozen=True, slots=True)
class Stratum:
    """A coarse fact about an enterprise that it may declare itself."""

    name: str
    name_en: str
    options: tuple[str, ...]
    options_en: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """Everything that is asked. Equal questionnaires have equal canonical JSON."""

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
        """Bytes of ratings and strata, which are also a row of the score table."""
        return len(self.departments) * len(self.items) + len(self.strata)

    @property
    def plaintext_size(self) -> int:
        """Size of every ballot's plaintext, in bytes."""
        return 3 + self.answer_bytes + (self.comment_bytes if self.comments else 0)

    @property
    def groups(self) -> tuple[str, ...]:
        """Department groups in the order of their first department."""
        return tuple(dict.fromkeys(department.group for department in self.departments))

    def to_dict(self) -> dict[str, Any]:
        value = asdict(self)
        scale = value["scale"]
        if scale["grade_lines"] == GRADE_LINES:
            del scale["grade_lines"]
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
    """A dataclass of plain fields from a JSON object; raises `TypeError` or `ValueError`."""
    types = {field.name: str(field.type) for field in fields(kind)}
    return kind(**{name: plain(types[name], part) for name, part in value.items()})


@dataclass(frozen=True, slots=True)
class Holder:
    """A key holder's public half: an uncompressed P-256 point of 65 bytes."""

    name: str
    public_key: bytes


@dataclass(frozen=True, slots=True)
class RoundDescription:
    """What everybody may know of a round, and all that a phone or an auditor needs."""

    id: str
    slug: str
    title: str
    body: str
    opens_on: str
    closes_on: str
    blind_key_n: bytes
    blind_key_e: int
    blind_key_fingerprint: str
    quorum: int
    holders: tuple[Holder, ...]
    questionnaire: Questionnaire
    threshold: int = 10

    @property
    def subsets(self) -> list[tuple[int, ...]]:
        """The k-subsets of holders that can open a ballot, in the order of their wraps."""
        return list(combinations(range(len(self.holders)), self.quorum))

    @property
    def sealed_size(self) -> int:
        """Size of every sealed ballot of the round, in bytes."""
        wraps = len(self.subsets) * (32 + 81 * self.quorum)
        return 1 + wraps + 12 + self.questionnaire.plaintext_size + 16

    def to_dict(self) -> dict[str, Any]:
        return {
            "format": "pingyi-round",
            "version": VERSION,
            "id": self.id,
            "slug": self.slug,
            "title": self.title,
            "body": self.body,
            "opens_on": self.opens_on,
            "closes_on": self.closes_on,
            "blind_key": {
                "n": b64u(self.blind_key_n),
                "e": self.blind_key_e,
                "fingerprint": self.blind_key_fingerprint,
            },
            "quorum": self.quorum,
            "threshold": self.threshold,
            "holders": [{"name": h.name, "public_key": b64u(h.public_key)} for h in self.holders],
            "questionnaire": self.questionnaire.to_dict(),
        }

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> RoundDescription:
        """Read what `to_dict` wrote; raises `InvalidInput` on anything else."""
        try:
            key = value["blind_key"]
            _check_round(value)
            return cls(
                **{
                    name: str(value[name])
                    for name in ("id", "slug", "title", "body", "opens_on", "closes_on")
                },
                blind_key_n=unb64u(key["n"]),
                blind_key_e=int(key["e"]),
                blind_key_fingerprint=str(key["fingerprint"]),
                quorum=int(value["quorum"]),
                holders=tuple(Holder(h["name"], unb64u(h["public_key"])) for h in value["holders"]),
                questionnaire=Questionnaire.from_dict(value["questionnaire"]),
                threshold=plain("int", value["threshold"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidInput(N_("轮次说明无法识别：%(why)s"), why=error) from error

    def digest(self) -> str:
        """Hex SHA-256 of the canonical JSON of the whole description."""
        return _digest(self.to_dict())

    def frozen_digest(self) -> str:
        """Like `digest`, but of what the first invitation froze: this is what reviewers compare.

        Title, inviting bodies and dates may still change afterwards and are left out.
        """
        return _digest({name: part for name, part in self.to_dict().items() if name not in CHANGEABLE})


def _digest(value: dict[str, Any]) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _check_round(value: dict[str, Any]) -> None:
    if (value["format"], value["version"]) != ("pingyi-round", VERSION):
        raise ValueError(f"{value['format']} {value['version']}")
    if not re.fullmatch("[0-9a-f]{32}", plain("str", value["id"])):
        raise ValueError(f"id {value['id']}")
    # More holders would be more subsets than a phone can wrap for.
    if len(value["holders"]) > MOST_HOLDERS or not 0 < plain("int", value["quorum"]) <= MOST_HOLDERS:
        raise ValueError("quorum")
