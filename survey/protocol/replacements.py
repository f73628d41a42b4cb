"""How many lost phones a round forgives: a credential cannot be called back, so the number is bounded."""

from __future__ import annotations

REPLACED_PERCENT = 5
REPLACED_LEAST = 3


def most_replacements(enterprises: int) -> int:
    """How many invitations may be replaced in a round with this many that work.

    Each lets one enterprise cast twice if it kept its first credential after all; whoever verifies an export
    holds the round to the same bound.
    """
    return max(REPLACED_LEAST, enterprises * REPLACED_PERCENT // 100)
