"""A cast ballot, and what of it each kind of round writes down."""

from __future__ import annotations

from typing import NamedTuple

from survey.protocol.description import RoundDescription


class CastBallot(NamedTuple):
    """A cast ballot as the box stores it.

    `proof` is empty in rounds of version 1, `stamp_message` and `stamp` in rounds without a witness.
    """

    message: bytes
    signature: bytes
    sealed: bytes
    proof: bytes = b""
    stamp_message: bytes = b""
    stamp: bytes = b""

    def parts(self) -> dict[str, bytes]:
        """What the ballot has, by name: what a phone posts and a line of an export holds."""
        return {name: part for name, part in self._asdict().items() if part}


def ballot_fields(description: RoundDescription) -> tuple[str, ...]:
    """What a line says of a ballot, in this order, and nothing else: more could carry a mark."""
    if description.witness is not None:
        return ("message", "signature", "stamp_message", "stamp", "sealed", "proof")
    return CastBallot._fields[: 3 if description.version == 1 else 4]
