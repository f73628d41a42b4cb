"""A ballot on its way through the witness: sealed once more, to the box; acknowledged by its hash."""

from __future__ import annotations

import hashlib
from itertools import accumulate, pairwise

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from survey.errors import N_, Malformed
from survey.protocol.ballots import CastBallot
from survey.protocol.credentials import PROOF_BYTES, message_bytes
from survey.protocol.crypto import ecdsa, hpke
from survey.protocol.description import RoundDescription
from survey.protocol.witness.stamps import stamp_message_bytes, witness_of

_ORDER = ("message", "signature", "stamp_message", "stamp", "proof", "sealed")


def post_size(description: RoundDescription) -> int:
    """Bytes of every posted blob of the round."""
    return sum(_lengths(description)) + hpke.OVERHEAD


def seal_post(description: RoundDescription, ballot: CastBallot) -> bytes:
    """A ballot as a phone posts it: nobody but the box reads it."""
    packed = b"".join(getattr(ballot, name) for name in _ORDER)
    return hpke.seal(witness_of(description).post_key, packed, _info(description))


def open_post(description: RoundDescription, key: EllipticCurvePrivateKey, blob: bytes) -> CastBallot:
    """Ballot in a posted blob, opened with the box's private post key; raises `Malformed` for a wrong length
    or a blob that was not sealed for this round."""
    if len(blob) != post_size(description):
        raise Malformed(N_("选票或凭证的长度不对。"))
    try:
        packed = hpke.unseal(key, blob, _info(description))
    except (InvalidTag, ValueError) as error:
        raise Malformed(N_("选票没有封给本轮的票箱。")) from error
    ends = accumulate(_lengths(description), initial=0)
    parts = (packed[start:end] for start, end in pairwise(ends))
    return CastBallot(**dict(zip(_ORDER, parts, strict=True)))


def blob_hash(blob: bytes) -> bytes:
    """SHA-256 of a posted blob, which the witness's acknowledgement signs."""
    return hashlib.sha256(blob).digest()


def acknowledge(
    key: EllipticCurvePrivateKey, round_id: str, posted: bytes, *, deterministic: bool = False
) -> bytes:
    """The witness's signature that it holds the blob with hash `posted`, of 64 bytes."""
    return ecdsa.sign(key, _acknowledged(round_id, posted), deterministic=deterministic)


def is_acknowledged(description: RoundDescription, posted: bytes, signature: bytes) -> bool:
    """Whether the round's witness signed that it holds the blob with hash `posted`."""
    signer = witness_of(description).signing_key
    return ecdsa.verifies(signer, _acknowledged(description.id, posted), signature)


def _acknowledged(round_id: str, posted: bytes) -> bytes:
    return b"pingyi-posted:%s:" % round_id.encode() + posted


def _lengths(description: RoundDescription) -> tuple[int, ...]:
    """Of the parts, in their order."""
    return (
        message_bytes(description),
        len(description.blind_key_n),
        stamp_message_bytes(description),
        len(witness_of(description).stamp_key.n),
        PROOF_BYTES,
        description.sealed_size,
    )


def _info(description: RoundDescription) -> bytes:
    return f"pingyi-post:{description.id}".encode()
