"""Batches: what the witness hands over to the box, in an order that says nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from survey.errors import N_, CredentialInvalid, Malformed
from survey.protocol.crypto import ecdsa
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.description import RoundDescription
from survey.protocol.plain_json import hex_bytes
from survey.protocol.witness.posting import blob_hash, post_size
from survey.protocol.witness.stamps import witness_of

MOST_BLOBS = 200
MOST_NUMBER = 2**31
# As much as a phone may send, so that nobody else needs to be let send more.
_MOST_BYTES = 240 * 1024


def blobs_at_once(description: RoundDescription) -> int:
    """Largest number of blobs in one batch of the round; a pool with more is divided into several by hash,
    and so by chance."""
    return max(1, min(MOST_BLOBS, _MOST_BYTES // (len(b64u(bytes(post_size(description)))) + 3)))


@dataclass(frozen=True, slots=True)
class Batch:
    """Batch that the witness hands over: blobs (sealed ballots) sorted by hash, a number counted from 1, and
    the witness's signature."""

    round_id: str
    number: int
    blobs: tuple[bytes, ...]
    signature: bytes

    @classmethod
    def signed(
        cls,
        key: EllipticCurvePrivateKey,
        round_id: str,
        number: int,
        blobs: Sequence[bytes],
        *,
        deterministic: bool = False,
    ) -> Batch:
        """Batch of these blobs with this number, signed by the witness; they are sorted by hash, so that
        their order tells nothing of when they came."""
        ordered = tuple(sorted(blobs, key=blob_hash))
        said = _said(round_id, number, ordered)
        return cls(round_id, number, ordered, ecdsa.sign(key, said, deterministic=deterministic))

    @property
    def digest(self) -> bytes:
        """SHA-256 of the blobs' hashes one after another."""
        return _digest(self.blobs)

    def check(self, description: RoundDescription) -> None:
        """Raise `CredentialInvalid` unless the round's witness handed this over."""
        signer, said = witness_of(description).signing_key, _said(self.round_id, self.number, self.blobs)
        if self.round_id != description.id or not ecdsa.verifies(signer, said, self.signature):
            raise CredentialInvalid

    def to_dict(self) -> dict[str, Any]:
        return {
            "round_id": self.round_id,
            "number": self.number,
            "blobs": [b64u(blob) for blob in self.blobs],
            "signature": b64u(self.signature),
        }

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Batch:
        """Read what `to_dict` wrote; raises `Malformed` for what no witness sends."""
        try:
            return _read(value)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Malformed(N_("这不是监票机移交的一批选票。")) from error


def _read(value: dict[str, Any]) -> Batch:
    if value.keys() != {"round_id", "number", "blobs", "signature"}:
        raise ValueError("fields")
    number, blobs = value["number"], value["blobs"]
    if type(number) is not int or not 0 < number < MOST_NUMBER or not isinstance(blobs, list):
        raise ValueError("number")
    hex_bytes(value["round_id"], 16)
    found = Batch(value["round_id"], number, tuple(map(unb64u, blobs)), unb64u(value["signature"]))
    hashes = list(map(blob_hash, found.blobs))
    if not 0 < len(hashes) <= MOST_BLOBS or hashes != sorted(set(hashes)):
        raise ValueError("blobs")
    return found


def _digest(blobs: Sequence[bytes]) -> bytes:
    return hashlib.sha256(b"".join(map(blob_hash, blobs))).digest()


def _said(round_id: str, number: int, blobs: Sequence[bytes]) -> bytes:
    return b"pingyi-batch:%s:" % round_id.encode() + number.to_bytes(8) + _digest(blobs)
