"""Score table: the ratings of all opened ballots, one row each, sorted, without link to ballots."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from survey.errors import N_, InvalidInput
from survey.protocol.answers import AnswerReader
from survey.protocol.box.blanking import blanked, fewest
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.description import NOTHING_BLANKED, RoundDescription
from survey.protocol.questionnaire import Questionnaire

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


VERSION = 2


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """`valid` rows of departments × items ratings and strata, one byte each, sorted as bytes.

    Ratings: 0 not rated, 1… the level counted from the best, 255 不了解; strata: 0 not said, 1… the option.
    `digest`: hex SHA-256, printed in the report. `at_least`: the k of version 2, in which facts declared by
    fewer than k firms are blanked; None in version 1, which blanked nothing.
    """

    departments: int
    items: int
    strata: int
    rows: bytes
    valid: int
    invalid: int
    digest: str
    at_least: int | None = None

    @classmethod
    def build(cls, description: RoundDescription, rows: Iterable[bytes], *, invalid: int = 0) -> ScoreTable:
        """Make the table from rows (each `questionnaire.answer_bytes` long) in any order.

        Facts that fewer than `description.at_least` firms share are blanked (blanking.py).
        """
        questionnaire, at_least = description.questionnaire, description.scores_at_least
        given = list(rows)
        if any(len(row) != questionnaire.answer_bytes for row in given):
            raise ValueError(f"a row has {questionnaire.answer_bytes} bytes")
        start = questionnaire.answer_bytes - len(questionnaire.strata)
        facts = blanked([row[start:] for row in given], at_least or NOTHING_BLANKED)
        ordered = sorted(row[:start] + said for row, said in zip(given, facts, strict=True))
        shape, joined = _shape(questionnaire), b"".join(ordered)
        digest = _digest(description.id, (*shape, at_least), joined)
        return cls(*shape, joined, len(ordered), invalid, digest, at_least)

    @property
    def row_bytes(self) -> int:
        return self.departments * self.items + self.strata

    def ratings(self) -> npt.NDArray[np.uint8]:
        """Ratings as an array (valid, departments, items)."""
        return self._matrix()[:, : self.departments * self.items].reshape(
            self.valid, self.departments, self.items
        )

    def strata_columns(self) -> npt.NDArray[np.uint8]:
        """Self-declared strata as an array (valid, strata)."""
        return self._matrix()[:, self.departments * self.items :]

    def _matrix(self) -> npt.NDArray[np.uint8]:
        import numpy as np  # the worker that serves phones imports this module

        return np.frombuffer(self.rows, dtype=np.uint8).reshape(self.valid, self.row_bytes)

    def check_fits(self, description: RoundDescription) -> None:
        """Raise `InvalidInput` unless shape, version and all rows fit the round's questionnaire."""
        questionnaire = description.questionnaire
        if (self.departments, self.items, self.strata) != _shape(questionnaire):
            raise InvalidInput(N_("分数表的部门、指标或分层个数与问卷不同。"))
        if self.at_least != description.scores_at_least:
            raise InvalidInput(N_("分数表隐去企业情况的规则与轮次说明的不同。"))
        reader, width = AnswerReader(questionnaire), self.row_bytes
        rows = [self.rows[start : start + width] for start in range(0, len(self.rows), width)]
        for row in rows:
            reader.check_row(row)
        facts = [row[width - self.strata :] for row in rows]
        if any(map(any, facts)) and fewest(facts) < (self.at_least or NOTHING_BLANKED):
            raise InvalidInput(
                N_("分数表里有的企业情况少于 %(least)s 家相同，应当隐去。"), least=self.at_least
            )

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe values in the format `pingyi-scores` of docs/formats.md."""
        head = {} if self.at_least is None else {"version": VERSION, "at_least": self.at_least}
        return head | {
            "departments": self.departments,
            "items": self.items,
            "strata": self.strata,
            "rows": b64u(self.rows),
            "valid": self.valid,
            "invalid": self.invalid,
            "digest": self.digest,
        }

    @classmethod
    def from_dict(cls, value: dict[str, Any], *, round_id: str) -> ScoreTable:
        """Read what `to_dict` wrote; raises `InvalidInput` for a malformed table or one that does not fit its
        digest."""
        try:
            at_least = None if "version" not in value else _at_least(value)
            table = cls(
                departments=_natural(value["departments"]),
                items=_natural(value["items"]),
                strata=_natural(value["strata"]),
                rows=unb64u(value["rows"]),
                valid=_natural(value["valid"]),
                invalid=_natural(value["invalid"]),
                digest=str(value["digest"]),
                at_least=at_least,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(N_("分数表无法识别：%(why)s"), why=error) from error
        _check(table, round_id)
        return table


def _check(table: ScoreTable, round_id: str) -> None:
    width = table.row_bytes
    if len(table.rows) != table.valid * width:
        raise InvalidInput(N_("分数表的行数与有效票数不符。"))
    rows = [table.rows[start : start + width] for start in range(0, len(table.rows), width or 1)]
    if rows != sorted(rows):
        raise InvalidInput(N_("分数表没有按规定排序。"))
    shape = (table.departments, table.items, table.strata, table.at_least)
    if table.digest != _digest(round_id, shape, table.rows):
        raise InvalidInput(N_("分数表与它的摘要不符，内容已被改动。"))


def _digest(round_id: str, shape: Iterable[int | None], rows: bytes) -> str:
    numbers = b"".join(number.to_bytes(2) for number in shape if number is not None)
    return hashlib.sha256(f"pingyi-scores:{round_id}:".encode() + numbers + rows).hexdigest()


def _shape(questionnaire: Questionnaire) -> tuple[int, int, int]:
    return len(questionnaire.departments), len(questionnaire.items), len(questionnaire.strata)


def _at_least(value: dict[str, Any]) -> int:
    if value["version"] != VERSION:
        raise ValueError(f"version {value['version']}")
    return _natural(value["at_least"])


def _natural(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is not a count")
    return value
