"""Codes, receipts and base64url as people and programs write them."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.errors import CodeMistyped, InvalidInput, Malformed
from survey.protocol.codes import format_code, hash_code, invitation_link, new_code, parse_code
from survey.protocol.crypto.encoding import ALPHABET, b64u, unb64u
from survey.protocol.receipts import format_receipt, parse_receipt, receipt_bytes

# From docs/formats.md: 2^128 - 1 in 130 bits starts with 00111, that is 7, and goes on with ones.
ONES = "7ZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZ"


def test_a_code_worked_out_with_plain_integers() -> None:
    value = 0x0123456789ABCDEFFEDCBA9876543210
    digits, rest = "", value
    for _ in range(26):
        digits, rest = ALPHABET[rest % 32] + digits, rest // 32
    check = value % 1021
    text = digits + ALPHABET[check // 32] + ALPHABET[check % 32]
    assert format_code(value.to_bytes(16)).replace("-", "") == text
    assert format_code(b"\xff" * 16).startswith(ONES)
    assert format_code(bytes(16)) == "-".join(["0000"] * 7)


@given(st.binary(min_size=16, max_size=16))
def test_codes_come_back_however_they_are_typed(code: bytes) -> None:
    text = format_code(code)
    assert parse_code(text) == code
    typed = text.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert parse_code(f"  {typed}\n") == code
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in text)
    assert parse_code(wide) == code


@given(st.binary(min_size=16, max_size=16), st.integers(0, 27), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_noticed(code: bytes, place: int, letter: str) -> None:
    plain = format_code(code).replace("-", "")
    wrong = plain[:place] + letter + plain[place + 1 :]
    if wrong == plain:
        assert parse_code(wrong) == code
    else:
        with pytest.raises(CodeMistyped):
            parse_code(wrong)


@given(st.binary(min_size=16, max_size=16), st.integers(0, 27), st.integers(0, 27))
def test_every_exchange_of_two_characters_is_noticed(code: bytes, a: int, b: int) -> None:
    letters = list(format_code(code).replace("-", ""))
    letters[a], letters[b] = letters[b], letters[a]
    wrong = "".join(letters)
    if wrong == format_code(code).replace("-", ""):
        return
    with pytest.raises(CodeMistyped):
        parse_code(wrong)


@pytest.mark.parametrize("text", ["", "0", "U" * 28, "0" * 27, "公" * 28, "0" * 29])
def test_what_a_person_may_mistype(text: str) -> None:
    with pytest.raises(CodeMistyped):
        parse_code(text)


def test_a_number_above_128_bits_is_no_code() -> None:
    value = (1 << 129) | 5
    digits = "".join(ALPHABET[(value >> 5 * i) & 31] for i in reversed(range(26)))
    check = value % 1021
    with pytest.raises(CodeMistyped):
        parse_code(digits + ALPHABET[check // 32] + ALPHABET[check % 32])


@pytest.mark.parametrize("text", [None, 5, b"0" * 28, "0" * 201, ["0"]])
def test_what_no_person_types_is_malformed(text: object) -> None:
    with pytest.raises(Malformed):
        parse_code(text)  # type: ignore[arg-type]


def test_new_codes_are_unlike_and_the_server_keeps_only_a_hash() -> None:
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    code = parse_code(codes.pop())
    assert hash_code(code, "ab" * 16, 1) == hashlib.sha256(code).digest()


def test_the_code_stands_in_the_fragment() -> None:
    assert invitation_link("https://h/", "2026-q4", "AB") == "https://h/s/2026-q4#AB"


@given(st.binary(max_size=100))
def test_base64url_comes_back(data: bytes) -> None:
    assert unb64u(b64u(data)) == data


@pytest.mark.parametrize(
    "text", ["AA==", "AAAA=", "A", "AB", "AAB", "A=AA", "A+8", "AA\n", "AA ", None, "公"]
)
def test_base64url_has_one_spelling(text: str) -> None:
    with pytest.raises(ValueError):
        unb64u(text)


def test_receipts() -> None:
    receipt = receipt_bytes(b"sealed")
    assert receipt == hashlib.sha256(b"sealed").digest()[:10]
    assert parse_receipt(format_receipt(receipt).lower()) == receipt
    assert format_receipt(b"\xff" * 10) == "ZZZZ-ZZZZ-ZZZZ-ZZZZ"
    with pytest.raises(InvalidInput):
        parse_receipt("ZZZZ-ZZZZ")
