"""Answers have one encoding; everything else is an invalid ballot."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from answers_read import clean_comment, decode_answers
from hypothesis import given
from hypothesis import strategies as st

from survey.protocol.answers import AnswerReader, Answers, encode_answers
from survey.protocol.errors import InvalidBallot
from survey.protocol.questionnaire import Questionnaire

# Four departments of three items, one stratum of two options, 160 bytes of comments of 20 characters.
SIZE = 1 + 12 + 1 + 2 + 160


def plaintext(rows: bytes = bytes(13), count: int = 0, comments: bytes = b"", version: int = 1) -> bytes:
    return (bytes([version]) + rows + count.to_bytes(2) + comments).ljust(SIZE, b"\0")


def comment(department: int, raw: bytes) -> bytes:
    return department.to_bytes(2) + len(raw).to_bytes(2) + raw


def test_the_encoding_byte_by_byte(questionnaire: Questionnaire, answers: Answers) -> None:
    rows = bytes([1, 2, 1, 0, 0, 0, 5, 255, 4, 3, 3, 3, 2])
    comments = comment(0, "停电希望提前通知".encode()) + comment(2, "等了\n两周".encode())
    assert encode_answers(questionnaire, answers) == plaintext(rows, 2, comments)
    assert questionnaire.plaintext_size == SIZE


def texts(questionnaire: Questionnaire) -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(
        lambda text: clean_comment(questionnaire, text)
    )


@given(data=st.data())
def test_answers_come_back(questionnaire: Questionnaire, data: st.DataObject) -> None:
    rating = st.sampled_from([0, 1, 2, 3, 4, 5, 255])
    answers = Answers(
        data.draw(st.tuples(*[st.tuples(rating, rating, rating)] * 4)),
        data.draw(st.tuples(st.sampled_from([0, 1, 2]))),
        {k: v for k, v in data.draw(st.dictionaries(st.integers(0, 3), texts(questionnaire))).items() if v},
    )
    if sum(4 + len(text.encode()) for text in answers.comments.values()) > 160:
        with pytest.raises(InvalidBallot):
            encode_answers(questionnaire, answers)
        return
    encoded = encode_answers(questionnaire, answers)
    assert len(encoded) == SIZE
    assert decode_answers(questionnaire, encoded) == answers
    assert AnswerReader(questionnaire).read(encoded) == (encoded[1:14], sorted(answers.comments.items()))


@given(noise=st.binary(min_size=SIZE, max_size=SIZE))
def test_whatever_decodes_encodes_to_the_same_bytes(questionnaire: Questionnaire, noise: bytes) -> None:
    try:
        answers = decode_answers(questionnaire, noise)
    except InvalidBallot:
        return
    assert encode_answers(questionnaire, answers) == noise


@given(place=st.integers(0, SIZE - 1), change=st.integers(1, 255))
def test_a_changed_byte_is_other_answers_or_invalid(
    questionnaire: Questionnaire, place: int, change: int
) -> None:
    good = plaintext(bytes([1] * 12 + [2]), 1, comment(3, b"good"))
    changed = bytearray(good)
    changed[place] ^= change
    try:
        answers = decode_answers(questionnaire, bytes(changed))
    except InvalidBallot:
        return
    assert encode_answers(questionnaire, answers) == bytes(changed) != good


@pytest.mark.parametrize(
    ("reason", "bad"),
    [
        ("length", plaintext()[:-1]),
        ("length", plaintext() + b"\0"),
        ("length", b""),
        ("version", plaintext(version=2)),
        ("rating", plaintext(bytes([6]) + bytes(12))),
        ("rating", plaintext(bytes(11) + bytes([254]) + bytes(1))),
        ("stratum", plaintext(bytes(12) + bytes([3]))),
        ("stratum", plaintext(bytes(12) + bytes([255]))),
        ("comment", plaintext(count=1)),
        ("comment", plaintext(count=0, comments=comment(0, b"a"))),
        ("comment", plaintext(count=2, comments=comment(1, b"a") + comment(1, b"b"))),
        ("comment", plaintext(count=2, comments=comment(2, b"a") + comment(1, b"b"))),
        ("comment", plaintext(count=1, comments=comment(4, b"a"))),
        ("comment", plaintext(count=65535)),
        ("comment", plaintext(count=1, comments=b"\0\0\xff\xff" + b"a" * 156)),
        ("comment", plaintext(count=1, comments=comment(0, b"a") + bytes(10) + b"\x01")),
        ("comment", plaintext(count=1, comments=comment(0, b""))),
        ("comment", plaintext(count=1, comments=comment(0, b"a" * 21))),
        ("comment", plaintext(count=1, comments=comment(0, b" a"))),
        ("comment", plaintext(count=1, comments=comment(0, b"a\n"))),
        ("comment", plaintext(count=1, comments=comment(0, "a\u3000".encode()))),
        ("comment", plaintext(count=1, comments=comment(0, "\ufeffa".encode()))),
        ("comment", plaintext(count=1, comments=comment(0, b"a\tb"))),
        ("comment", plaintext(count=1, comments=comment(0, b"a\x00b"))),
        ("comment", plaintext(count=1, comments=comment(0, b"a\x7fb"))),
        ("comment", plaintext(count=1, comments=comment(0, b"a\xc2\x85b"))),
        ("comment", plaintext(count=1, comments=comment(0, b"\xff"))),
        ("comment", plaintext(count=1, comments=comment(0, b"\xed\xa0\x80"))),
        ("comment", plaintext(count=1, comments=comment(0, unicodedata.normalize("NFD", "é").encode()))),
    ],
)
def test_other_encodings_are_invalid(questionnaire: Questionnaire, reason: str, bad: bytes) -> None:
    with pytest.raises(InvalidBallot) as caught:
        decode_answers(questionnaire, bad)
    assert caught.value.reason == reason


def test_without_comments_there_is_no_room_for_any(questionnaire: Questionnaire) -> None:
    questionnaire = replace(questionnaire, comments=False)
    assert questionnaire.plaintext_size == 16
    assert decode_answers(questionnaire, b"\x01" + bytes(15)).comments == {}
    with pytest.raises(InvalidBallot):
        decode_answers(questionnaire, b"\x01" + bytes(14) + b"\x01")


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  好 \r\n 的 \ufeff", "好 \n 的"),
        ("a\x00b\tc", "abc"),
        ("é", "é"),
        ("很" * 30, "很" * 20),
        ("a" * 19 + " b", "a" * 19),
        ("\ud800", ""),
    ],
)
def test_typed_comments_are_made_encodable(questionnaire: Questionnaire, typed: str, cleaned: str) -> None:
    assert clean_comment(questionnaire, typed) == cleaned
