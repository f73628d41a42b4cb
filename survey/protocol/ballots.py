"""`CastBallot`, and the fields of it that are stored and exported in each kind of round."""

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
        """Non-empty parts of the ballot by name, as a phone posts them and a line of an export holds them."""
        return {name: part for name, part in self._asdict().items() if part}


def ballot_fields(description: RoundDescription) -> tuple[str, ...]:
    """Fields of a ballot's line in an export, in order; others are refused, since they could mark a
    ballot."""
    if description.witness is not None:
        return ("message", "signature", "stamp_message", "stamp", "sealed", "proof")
    return CastBallot._fields[: 3 if description.version == 1 else 4]
