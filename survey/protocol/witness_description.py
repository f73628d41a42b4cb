"""Part of a round's description about its second machine, the witness: name, address, keys
(docs/formats.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from survey.protocol.crypto.blind import KEY_BITS, PUBLIC_EXPONENT, BlindPublicKey
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.crypto.hpke import load_point
from survey.protocol.plain_json import plain

LONGEST_NAME = 80
_ADDRESS = re.compile(
    r"(?P<origin>https://[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?|http://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?)"
    r"(/[A-Za-z0-9._~-]+)*"
)
LONGEST_ADDRESS = 200


@dataclass(frozen=True, slots=True)
class KeyDescription:
    """Public RSA key for blind signatures as it stands in a description: modulus `n` (big-endian bytes),
    exponent `e`, and the fingerprint of both."""

    n: bytes
    e: int
    fingerprint: str

    @classmethod
    def of(cls, key: BlindPublicKey) -> KeyDescription:
        return cls(key.n_bytes, key.e, key.fingerprint)

    @property
    def public(self) -> BlindPublicKey:
        """Key that can verify signatures; raises `InvalidInput` if `n` and `e` are not a valid key."""
        return BlindPublicKey.from_bytes(self.n, self.e)

    def to_dict(self) -> dict[str, Any]:
        return {"n": b64u(self.n), "e": self.e, "fingerprint": self.fingerprint}

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> KeyDescription:
        """Read what `to_dict` wrote; raises `ValueError`, `TypeError` or `KeyError`."""
        key = cls(unb64u(value["n"]), plain("int", value["e"]), plain("str", value["fingerprint"]))
        if (len(key.n), key.e) != (KEY_BITS // 8, PUBLIC_EXPONENT) or key.n[0] < 128:
            raise ValueError("blind_key")
        if key.public.fingerprint != key.fingerprint:
            raise ValueError("fingerprint")
        return key


@dataclass(frozen=True, slots=True)
class WitnessDescription:
    """Witness of a round: the name of who runs it, its address and its keys.

    `stamp_key` signs stamps and `ticket_key` tickets: with one key for both, whoever has a code could have
    two stamps instead of a stamp and a ticket. `signing_key` signs statements and acknowledgements.
    `post_key` is the box's: ballots on their way through the witness are sealed to it. Points of 65 bytes.
    """

    name: str
    address: str
    stamp_key: KeyDescription
    ticket_key: KeyDescription
    signing_key: bytes
    post_key: bytes

    @property
    def origin(self) -> str:
        """Scheme, host and port of the address, as a content policy names them."""
        return origin_of(self.address)

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "address": self.address,
            "stamp_key": self.stamp_key.to_dict(),
            "ticket_key": self.ticket_key.to_dict(),
            "signing_key": b64u(self.signing_key),
            "post_key": b64u(self.post_key),
        }

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> WitnessDescription:
        """Read what `to_dict` wrote; raises `ValueError`, `TypeError` or `KeyError`, naming the field."""
        part = cls(
            plain("str", value["name"]),
            plain("str", value["address"]),
            KeyDescription.from_dict(value["stamp_key"]),
            KeyDescription.from_dict(value["ticket_key"]),
            unb64u(value["signing_key"]),
            unb64u(value["post_key"]),
        )
        check_name(part.name)
        origin_of(part.address)
        if load_point(part.signing_key) and load_point(part.post_key) and part.signing_key == part.post_key:
            raise ValueError("post_key")
        if part.stamp_key.n == part.ticket_key.n:
            raise ValueError("ticket_key")
        return part


def check_name(name: str) -> None:
    """Raise `ValueError` for a name that is empty or too long."""
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise ValueError("name")


def origin_of(address: str) -> str:
    """Origin (scheme, host, port) of a witness's address; raises `ValueError` for an address that may not be
    used.

    Allowed: https, or http on this computer; lower case; neither query nor slash at its end.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None or len(address) > LONGEST_ADDRESS:
        raise ValueError(f"address {address[:LONGEST_ADDRESS]}")
    return match["origin"]
