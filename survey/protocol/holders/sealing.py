"""Sealing of ballots: answers encrypted under a fresh content key, which any k of the holders can unwrap
together."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from survey.protocol.crypto import hpke
from survey.protocol.description import RoundDescription
from survey.protocol.errors import InvalidBallot, TooFewKeys

VERSION = b"\x01"
KEY_BYTES = 32
NONCE_BYTES = 12


def seal(description: RoundDescription, plaintext: bytes) -> bytes:
    """Encrypt a plaintext into a ballot of `description.sealed_size` bytes that only a quorum of holders can
    open.

    Raises `InvalidInput` if no quorum could open it.
    """
    description.require_sealable()
    key, nonce = os.urandom(KEY_BYTES), os.urandom(NONCE_BYTES)
    info = _info(description)
    points = [holder.public_key for holder in description.holders]
    wraps = [wrap(key, [points[holder] for holder in subset], info) for subset in description.subsets]
    head = VERSION + b"".join(wraps)
    return head + nonce + AESGCM(key).encrypt(nonce, plaintext, info + head)


class Opener:
    """Decrypts the ballots of one round with the keys of one quorum."""

    def __init__(
        self, description: RoundDescription, private_keys: Mapping[int, EllipticCurvePrivateKey]
    ) -> None:
        subset = choose_subset(description, private_keys)
        self._description = description
        self._info = _info(description)
        self._keys = [private_keys[holder] for holder in subset]
        width = KEY_BYTES + hpke.OVERHEAD * description.quorum
        start = 1 + description.subsets.index(subset) * width
        self._wrap = slice(start, start + width)
        self._head_end = 1 + len(description.subsets) * width

    def open(self, sealed: bytes) -> bytes:
        """Plaintext of a sealed ballot; raises `InvalidBallot` for a wrong length or one that does not
        decrypt."""
        check_form(self._description, sealed)
        head, rest = sealed[: self._head_end], sealed[self._head_end :]
        try:
            key = unwrap(sealed[self._wrap], self._keys, self._info)
            return AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], self._info + head)
        except (InvalidTag, ValueError) as error:
            raise InvalidBallot("decryption") from error


def check_form(description: RoundDescription, sealed: bytes) -> None:
    """Raise `InvalidBallot` for a sealed ballot of wrong length or unknown version, which can be seen without
    a key."""
    if len(sealed) != description.sealed_size:
        raise InvalidBallot("length")
    if sealed[:1] != VERSION:
        raise InvalidBallot("version")


def choose_subset(description: RoundDescription, holders: Collection[int]) -> tuple[int, ...]:
    """First quorum among `holders` (indices), in the order of the wraps; raises `TooFewKeys` if there is
    none."""
    for subset in description.subsets:
        if all(holder in holders for holder in subset):
            return subset
    raise TooFewKeys(needed=description.quorum, given=len(holders))


def wrap(key: bytes, points: Sequence[bytes], info: bytes) -> bytes:
    """Seal `key` to the points in turn, the last one first, so that the first holder must open first."""
    for point in reversed(points):
        key = hpke.seal(point, key, info)
    return key


def unwrap(wrapped: bytes, keys: Sequence[EllipticCurvePrivateKey], info: bytes) -> bytes:
    """Open what `wrap` made; raises `cryptography.exceptions.InvalidTag`."""
    for key in keys:
        wrapped = hpke.unseal(key, wrapped, info)
    return wrapped


def _info(description: RoundDescription) -> bytes:
    return f"pingyi:{description.id}".encode()
