"""`witness.json`: what a witness hands to the office before a round is frozen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from survey.errors import N_
from survey.protocol.canonical_json import canonical_json
from survey.protocol.crypto.encoding import b64u, crockford, grouped, unb64u
from survey.protocol.crypto.hpke import load_point
from survey.protocol.plain_json import hex_bytes, plain
from survey.protocol.witness.signed_files import VERSION, check_format, read_known
from survey.protocol.witness_description import KeyDescription, WitnessDescription, check_name, origin_of

FORMAT = "pingyi-witness"
ROUND_BYTES = 16
_SHOWN_BYTES, _SHOWN_LENGTH = 10, 16


@dataclass(frozen=True, slots=True)
class WitnessOffer:
    """A witness for one round: its name, address and keys, all but the box's own post key."""

    round_id: str
    name: str
    address: str
    stamp_key: KeyDescription
    ticket_key: KeyDescription
    signing_key: bytes

    def described(self, post_key: bytes) -> WitnessDescription:
        """Description of this witness for the round's description; post_key: the box's public point (65
        bytes)."""
        return WitnessDescription(
            self.name, self.address, self.stamp_key, self.ticket_key, self.signing_key, post_key
        )

    @property
    def fingerprint(self) -> str:
        """Fingerprint that two people compare, on the witness's screen and on the box's: first 80 bits of
        SHA-256 as Crockford characters in groups of four."""
        head = hashlib.sha256(canonical_json(self.to_dict())).digest()[:_SHOWN_BYTES]
        return grouped(crockford(int.from_bytes(head), _SHOWN_LENGTH))

    def to_dict(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "round_id": self.round_id,
            "name": self.name,
            "address": self.address,
            "stamp_key": self.stamp_key.to_dict(),
            "ticket_key": self.ticket_key.to_dict(),
            "signing_key": b64u(self.signing_key),
        }

    def to_json(self) -> str:
        return canonical_json(self.to_dict()).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> WitnessOffer:
        """Read what `to_json` wrote; raises `InvalidInput` on anything else."""
        return read_known(text, _read, N_("监票机文件（witness.json）无法识别：%(why)s"))


def _read(value: dict[str, Any]) -> WitnessOffer:
    check_format(value, FORMAT)
    hex_bytes(value["round_id"], ROUND_BYTES)
    offer = WitnessOffer(
        value["round_id"],
        plain("str", value["name"]),
        plain("str", value["address"]),
        KeyDescription.from_dict(value["stamp_key"]),
        KeyDescription.from_dict(value["ticket_key"]),
        unb64u(value["signing_key"]),
    )
    check_name(offer.name)
    origin_of(offer.address)
    load_point(offer.signing_key)
    if offer.stamp_key.n == offer.ticket_key.n:
        raise ValueError("ticket_key")
    return offer
