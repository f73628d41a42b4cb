"""Unified social credit codes, 统一社会信用代码 (GB 32100-2015): form and check character."""

import re

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of the standard; a character's value is its place. I, O, S, V and Z are left out."""

LENGTH = 18

_GRAMMAR = re.compile(rf"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}")
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


def check_character(body: str) -> str:
    """Check character for the first 17 characters `body` (GB 32100-2015 §5: weights 3^(i-1), modulo 31)."""
    total = sum(weight * ALPHABET.index(c) for weight, c in zip(_WEIGHTS, body, strict=True))
    return ALPHABET[-total % 31]


def is_well_formed(code: str) -> bool:
    """Whether `code` has 18 characters of the alphabet, with digits at places 3 to 8; the check character is
    not tested."""
    return _GRAMMAR.fullmatch(code) is not None


def is_valid(code: str) -> bool:
    """Whether `code` is well formed and its check character fits."""
    return is_well_formed(code) and check_character(code[:17]) == code[17]


def complete_credit_code(body: str) -> str:
    """Code of 18 characters made of the 17 of `body` and the check character."""
    return body + check_character(body)
