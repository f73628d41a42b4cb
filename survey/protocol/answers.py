"""Answers of one enterprise and their only encoding, the plaintext of a ballot (docs/formats.md).

An opening decodes plaintexts with `AnswerReader`, which returns the row of the score table and the comments
without making an object for each rating.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from survey.protocol.errors import InvalidBallot
from survey.protocol.questionnaire import Questionnaire

VERSION = 1
NOT_RATED = 0
NOT_KNOWN = 255

# Removed by `String.prototype.trim` in a phone's browser, but not by Python's `str.strip`.
_WHITE = "\ufeff"


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of one enterprise.

    `ratings[department][item]` is 0 not rated, 1… the level counted from the best, 255 不了解; `strata` holds
    0 not said or 1… the option; `comments` maps department index to text.
    """

    ratings: tuple[tuple[int, ...], ...]
    strata: tuple[int, ...] = ()
    comments: dict[int, str] = field(default_factory=dict)


def encode_answers(questionnaire: Questionnaire, answers: Answers) -> bytes:
    """Plaintext of `answers`, always `questionnaire.plaintext_size` bytes.

    Raises `InvalidBallot` for answers that the questionnaire does not allow.
    """
    rows = b"".join(map(bytes, answers.ratings)) + bytes(answers.strata)
    comments = b"".join(_encode_comment(*pair) for pair in sorted(answers.comments.items()))
    head = bytes([VERSION]) + rows + len(answers.comments).to_bytes(2)
    plaintext = (head + comments).ljust(questionnaire.plaintext_size, b"\0")
    AnswerReader(questionnaire).read(plaintext)
    return plaintext


class AnswerReader:
    """Decoder of plaintexts of one questionnaire, strict and fast."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._size = questionnaire.plaintext_size
        self._departments = len(questionnaire.departments)
        self._ratings = self._departments * len(questionnaire.items)
        self._row_end = 1 + questionnaire.answer_bytes
        self._levels = bytes([NOT_RATED, *range(1, len(questionnaire.scale.levels) + 1), NOT_KNOWN])
        self._options = [len(stratum.options) for stratum in questionnaire.strata]
        self._comment_chars = questionnaire.comment_chars

    def read(self, plaintext: bytes) -> tuple[bytes, list[tuple[int, str]]]:
        """Decode a plaintext into the row of the score table (ratings, strata) and comments (department,
        text), ascending.

        Raises `InvalidBallot`.
        """
        if len(plaintext) != self._size:
            raise InvalidBallot("length")
        if plaintext[0] != VERSION:
            raise InvalidBallot("version")
        row = plaintext[1 : self._row_end]
        self.check_row(row)
        return row, self._comments(plaintext)

    def check_row(self, row: bytes) -> None:
        """Raise `InvalidBallot` if a row holds a rating or a stratum option that the questionnaire does not
        have."""
        if row[: self._ratings].translate(None, self._levels):
            raise InvalidBallot("rating")
        if any(answer > count for answer, count in zip(row[self._ratings :], self._options, strict=True)):
            raise InvalidBallot("stratum")

    def _comments(self, plaintext: bytes) -> list[tuple[int, str]]:
        at = self._row_end + 2
        comments: list[tuple[int, str]] = []
        for _ in range(int.from_bytes(plaintext[self._row_end : at])):
            department = int.from_bytes(plaintext[at : at + 2])
            length = int.from_bytes(plaintext[at + 2 : at + 4])
            raw = plaintext[at + 4 : at + 4 + length]
            at += 4 + length
            # Python shortens a slice beyond the end without an error, so the end is checked first.
            if at > self._size or department >= self._departments:
                raise InvalidBallot("comment")
            if comments and department <= comments[-1][0]:
                raise InvalidBallot("comment")
            comments.append((department, self._comment(raw)))
        if plaintext.count(0, at) != self._size - at:
            raise InvalidBallot("comment")
        return comments

    def _comment(self, raw: bytes) -> str:
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            raise InvalidBallot("comment") from error
        self.check_comment(text)
        return text

    def check_comment(self, text: str) -> None:
        """Raise `InvalidBallot` for a comment that is not NFC, untrimmed, too long or has control signs."""
        if not 0 < len(text) <= self._comment_chars or text != _trim(text):
            raise InvalidBallot("comment")
        # Printable text has no control characters; the check of each is then skipped.
        if not text.isprintable() and any(unicodedata.category(c) == "Cc" for c in text if c != "\n"):
            raise InvalidBallot("comment")
        if not unicodedata.is_normalized("NFC", text):
            raise InvalidBallot("comment")


def _encode_comment(department: int, text: str) -> bytes:
    raw = text.encode()
    return department.to_bytes(2) + len(raw).to_bytes(2) + raw


def _trim(text: str) -> str:
    trimmed = text.strip().strip(_WHITE)
    return text if trimmed == text else _trim(trimmed)
