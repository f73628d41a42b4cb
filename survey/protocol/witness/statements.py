"""Statements: what the witness says, signed and numbered, of all that it did for a round."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from survey.errors import N_, InvalidInput
from survey.protocol.canonical_json import canonical_json
from survey.protocol.crypto import ecdsa
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.description import RoundDescription
from survey.protocol.plain_json import hex_bytes, plain, plain_texts
from survey.protocol.witness.signed_files import VERSION, check_count, check_format, read_known
from survey.protocol.witness.stamps import witness_of

FORMAT = "pingyi-statement"
_COUNTS = ("codes", "replaced", "stamped", "posted", "handed_over", "batches", "waiting", "number")


@dataclass(frozen=True, slots=True)
class Statement:
    """Totals of a round at the witness.

    `codes` are all that it was given, the `replaced` among them; `lists` the digests of the lists that they
    came in, in that order. `stamped` codes were used; `posted` ballots were acknowledged to phones, of which
    `handed_over` are in the box's hands, in `batches`, and `waiting` are not. `number` grows by one with
    every statement. `closed`: nothing more is stamped or taken, for ever.
    """

    round_id: str
    description: str
    codes: int
    lists: tuple[str, ...]
    replaced: int
    stamped: int
    posted: int
    handed_over: int
    batches: int
    waiting: int
    closed: bool
    number: int
    signature: bytes = b""

    def signed(self, key: EllipticCurvePrivateKey, *, deterministic: bool = False) -> Statement:
        """The statement with the witness's signature."""
        return replace(self, signature=ecdsa.sign(key, self._said(), deterministic=deterministic))

    def check(self, description: RoundDescription) -> None:
        """Raise `InvalidInput` unless the round's witness said this of the round."""
        signer = witness_of(description).signing_key
        if self.round_id != description.id or not ecdsa.verifies(signer, self._said(), self.signature):
            raise InvalidInput(
                N_("这份声明不是本轮的监票机签的。"),
                remedy=N_("请向监票单位索取 statement.json，不要改动它。"),
            )
        if self.description != description.frozen_digest():
            raise InvalidInput(
                N_("监票机依据的轮次说明与这里的不同。"), remedy=N_("请让双方核对轮次说明的核对号。")
            )

    def to_dict(self) -> dict[str, Any]:
        value = asdict(self) | {"lists": list(self.lists), "signature": b64u(self.signature)}
        return {"format": FORMAT, "version": VERSION} | value

    def to_json(self) -> str:
        return canonical_json(self.to_dict()).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> Statement:
        """Read what `to_json` wrote, without looking at the signature; raises `InvalidInput`."""
        return read_known(text, _read, N_("监票机的声明无法识别：%(why)s"))

    def _said(self) -> bytes:
        value = self.to_dict()
        del value["signature"]
        return b"pingyi-statement:" + canonical_json(value)


def _read(value: dict[str, Any]) -> Statement:
    check_format(value, FORMAT)
    hex_bytes(value["round_id"], 16)
    hex_bytes(value["description"], 32)
    parts = {field.name: value[field.name] for field in fields(Statement)}
    parts |= {"lists": plain_texts(value["lists"]), "signature": unb64u(value["signature"])}
    found = Statement(**parts)
    for digest in found.lists:
        hex_bytes(digest, 32)
    for name in _COUNTS:
        check_count(value[name])
    plain("bool", value["closed"])
    if found.handed_over + found.waiting != found.posted or found.stamped > found.codes:
        raise ValueError("posted")
    return found
