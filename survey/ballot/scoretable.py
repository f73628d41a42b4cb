"""The score table: what remains of the opened ballots, one row each, with no link to any of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from survey.ballot.answers import AnswerReader
from survey.ballot.encoding import b64u, unb64u
from survey.ballot.questionnaire import Questionnaire
from survey.errors import N_, InvalidInput

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """`valid` rows of departments x items ratings and strata, one byte each, sorted as bytes.

    Ratings are 0 not rated, 1… the level counted from the best, 255 不了解; strata 0 not said,
    1… the option. `digest` is the hex SHA-256 that the report carries.
    """

    departments: int
    items: int
    strata: int
    rows: bytes
    valid: int
    invalid: int
    digest: str

    @classmethod
    def build(
        cls, round_id: str, questionnaire: Questionnaire, rows: Iterable[bytes], *, invalid: int = 0
    ) -> ScoreTable:
        """The table of `rows` (each of the questionnaire's `answer_bytes`) in any order."""
        ordered = sorted(rows)
        if any(len(row) != questionnaire.answer_bytes for row in ordered):
            raise ValueError(f"a row has {questionnaire.answer_bytes} bytes")
        shape = (len(questionnaire.departments), len(questionnaire.items), len(questionnaire.strata))
        joined = b"".join(ordered)
        return cls(*shape, joined, len(ordered), invalid, _digest(round_id, shape, joined))

    @property
    def row_bytes(self) -> int:
        return self.departments * self.items + self.strata

    def ratings(self) -> npt.NDArray[np.uint8]:
        """Ratings of shape (valid, departments, items)."""
        return self._matrix()[:, : self.departments * self.items].reshape(
            self.valid, self.departments, self.items
        )

    def strata_columns(self) -> npt.NDArray[np.uint8]:
        """Self-declared strata of shape (valid, strata)."""
        return self._matrix()[:, self.departments * self.items :]

    def _matrix(self) -> npt.NDArray[np.uint8]:
        import numpy as np  # the worker that serves phones imports this module

        return np.frombuffer(self.rows, dtype=np.uint8).reshape(self.valid, self.row_bytes)

    def check_fits(self, questionnaire: Questionnaire) -> None:
        """Raise `InvalidInput` unless every row answers this questionnaire."""
        shape = (len(questionnaire.departments), len(questionnaire.items), len(questionnaire.strata))
        if (self.departments, self.items, self.strata) != shape:
            raise InvalidInput(N_("分数表的部门、指标或分层个数与问卷不同。"))
        reader = AnswerReader(questionnaire)
        for start in range(0, len(self.rows), self.row_bytes):
            reader.check_row(self.rows[start : start + self.row_bytes])

    def to_dict(self) -> dict[str, Any]:
        """`pingyi-scores` of docs/formats.md."""
        return {
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
        """Read what `to_dict` wrote; raises `InvalidInput` when it does not fit its digest."""
        try:
            table = cls(
                departments=_natural(value["departments"]),
                items=_natural(value["items"]),
                strata=_natural(value["strata"]),
                rows=unb64u(value["rows"]),
                valid=_natural(value["valid"]),
                invalid=_natural(value["invalid"]),
                digest=str(value["digest"]),
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
    shape = (table.departments, table.items, table.strata)
    if table.digest != _digest(round_id, shape, table.rows):
        raise InvalidInput(N_("分数表与它的摘要不符，内容已被改动。"))


def _digest(round_id: str, shape: tuple[int, int, int], rows: bytes) -> str:
    head = f"pingyi-scores:{round_id}:".encode() + b"".join(number.to_bytes(2) for number in shape)
    return hashlib.sha256(head + rows).hexdigest()


def _natural(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is not a count")
    return value
