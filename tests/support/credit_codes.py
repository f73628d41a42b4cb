"""Credit codes of the right form that no enterprise has."""

from __future__ import annotations

import random

from survey.documents.uploads.credit_code import complete_credit_code

_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ENTERPRISE = "91"  # registered by market regulation, an enterprise


def invent(source: random.Random, division: str = "420983") -> str:
    """A code in the administrative division of six digits.

    The organisation code inside (places 9 to 17) carries its own check character of GB 11714-1997.
    """
    organisation = "".join(source.choices("0123456789", k=8))
    return complete_credit_code(_ENTERPRISE + division + organisation + _organisation_check(organisation))


def _organisation_check(digits: str) -> str:
    total = sum(weight * int(digit) for weight, digit in zip(_ORGANISATION_WEIGHTS, digits, strict=True))
    return "0123456789X"[-total % 11]
