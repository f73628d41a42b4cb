"""What a view and the front (survey/front.py) tell each other, in the request's environment."""

from __future__ import annotations

from flask import request

HOLDS = "pingyi.holds_until"
# What casting raised before Flask was asked; Flask answers it.
FAILED = "pingyi.failed"


def repeatable(until: float = float("inf")) -> None:
    """Say that the present answer is the same for everybody until `until` of the monotonic clock."""
    request.environ[HOLDS] = until
