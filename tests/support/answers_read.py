"""Answers as tests compare them: read back, and comments as a phone cleans them."""

from __future__ import annotations

import unicodedata

from survey.protocol.answers import AnswerReader, Answers
from survey.protocol.questionnaire import Questionnaire

_WHITE = "\ufeff"


def decode_answers(questionnaire: Questionnaire, plaintext: bytes) -> Answers:
    """The answers in a plaintext; raises `InvalidBallot` for every encoding but the one."""
    row, comments = AnswerReader(questionnaire).read(plaintext)
    items = len(questionnaire.items)
    end = items * len(questionnaire.departments)
    ratings = tuple(tuple(row[start : start + items]) for start in range(0, end, items))
    return Answers(ratings, tuple(row[end:]), dict(comments))


def clean_comment(questionnaire: Questionnaire, text: str) -> str:
    """`text` as a comment may be encoded: NFC, trimmed, without control characters, cut to length."""
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    shown = "".join(c for c in plain if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    return trimmed(trimmed(shown)[: questionnaire.comment_chars])


def trimmed(text: str) -> str:
    """Without white space and invisible signs at its ends, however they take turns."""
    shorter = text.strip().strip(_WHITE)
    return text if shorter == text else trimmed(shorter)
