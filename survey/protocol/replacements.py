"""Limit on replaced invitations (lost phones) in a round: a credential already issued cannot be revoked."""

from __future__ import annotations

REPLACED_PERCENT = 5
REPLACED_LEAST = 3


def most_replacements(enterprises: int) -> int:
    """Largest number of invitations that may be replaced in a round with this many invited enterprises.

    Each replacement lets one enterprise cast twice if it still has its first credential; verification of an
    export applies the same limit.
    """
    return max(REPLACED_LEAST, enterprises * REPLACED_PERCENT // 100)
