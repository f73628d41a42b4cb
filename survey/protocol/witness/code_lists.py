"""`codes-box.json` and `codes-witness.json`: by what each machine knows the codes of invitations."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from survey.errors import N_, InvalidInput
from survey.protocol.canonical_json import canonical_json
from survey.protocol.codes import box_code, witness_code
from survey.protocol.description import RoundDescription
from survey.protocol.plain_json import hex_bytes, plain, plain_texts
from survey.protocol.witness.signed_files import VERSION, check_count, check_format, read_known

FORMAT = "pingyi-codes"
BOX, WITNESS = "box", "witness"
MOST_CODES = 200_000
HEX_SHOWN = 12
"""Digits of a hash that tell lists and codes apart on a screen."""


Halves = tuple[str, str]
"""Hashes under which box and witness store a code: hex SHA-256 of the box code and of the witness code."""


@dataclass(frozen=True, slots=True)
class NewCode:
    """New invitation code of 16 bytes, the credit code of its enterprise ("" for a slip), and the hashes of
    the lost code that it replaces (None for none)."""

    code: bytes
    enterprise: str = ""
    replaces: Halves | None = None

    def hashes(self, round_id: str) -> Halves:
        """Hashes under which the two machines store the code."""
        return _hash(box_code(self.code, round_id)), _hash(witness_code(self.code, round_id))


@dataclass(frozen=True, slots=True)
class CodeList:
    """One machine's half of the codes that were made together.

    `codes`: SHA-256 of each half code in hex, ascending. `other`: digest of the other machine's `codes`.
    `replaces`: likewise, of codes from an earlier list that no longer count. `enterprises`: in the box's list
    of invitations by name, the credit code of each of `codes`; empty for slips and at the witness.
    """

    machine: str
    round_id: str
    description: str
    codes: tuple[str, ...]
    other: str
    replaces: tuple[str, ...] = ()
    enterprises: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """By what the other machine names this list."""
        return codes_digest(self.codes)

    def check_of(self, description: RoundDescription, machine: str) -> None:
        """Raise `InvalidInput` for a list of another round, description or machine."""
        if self.machine != machine:
            raise InvalidInput(
                N_("这份邀请码名单是给另一台机器的。"),
                remedy=N_("票箱机导入 codes-box.json，监票机导入 codes-witness.json。"),
            )
        if (self.round_id, self.description) != (description.id, description.frozen_digest()):
            raise InvalidInput(
                N_("这份邀请码名单不是照本轮的说明制作的。"),
                remedy=N_("请用现在的 round.json 重新制作邀请。"),
            )

    def to_dict(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "for": self.machine,
            "round_id": self.round_id,
            "description": self.description,
            "count": len(self.codes),
            "codes": list(self.codes),
            "other": self.other,
            "replaces": list(self.replaces),
        } | ({"enterprises": list(self.enterprises)} if self.enterprises else {})

    def to_json(self) -> str:
        return canonical_json(self.to_dict()).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> CodeList:
        """Read what `to_json` wrote; raises `InvalidInput` on anything else."""
        return read_known(text, _read, N_("邀请码名单无法识别：%(why)s"))


def make_lists(description: RoundDescription, codes: Sequence[NewCode]) -> tuple[CodeList, CodeList]:
    """The box's and the witness's list of new codes, each in the order of its own hashes."""
    round_id, digest = description.id, description.frozen_digest()
    halves = [new.hashes(round_id) for new in codes]
    owned = sorted((box, new.enterprise) for (box, _), new in zip(halves, codes, strict=True))
    boxes, witnesses = tuple(box for box, _ in owned), tuple(sorted(half for _, half in halves))
    enterprises = tuple(owner for _, owner in owned) if any(owner for _, owner in owned) else ()
    old = [new.replaces for new in codes if new.replaces is not None]
    gone_boxes, gone_witnesses = (tuple(sorted(pair[side] for pair in old)) for side in (0, 1))
    return (
        CodeList(BOX, round_id, digest, boxes, codes_digest(witnesses), gone_boxes, enterprises),
        CodeList(WITNESS, round_id, digest, witnesses, codes_digest(boxes), gone_witnesses),
    )


def codes_digest(codes: Sequence[str]) -> str:
    """Hex SHA-256 of the canonical JSON of a list of codes."""
    return hashlib.sha256(canonical_json(list(codes))).hexdigest()


def _hash(half: bytes) -> str:
    return hashlib.sha256(half).hexdigest()


def _read(value: dict[str, Any]) -> CodeList:
    check_format(value, FORMAT)
    found = CodeList(
        plain("str", value["for"]),
        value["round_id"],
        value["description"],
        plain_texts(value["codes"]),
        value["other"],
        plain_texts(value["replaces"]),
        plain_texts(value.get("enterprises", ())),
    )
    hex_bytes(found.round_id, 16)
    for digest in (found.description, found.other, *found.codes, *found.replaces):
        hex_bytes(digest, 32)
    _check_whole(found, check_count(value["count"]))
    return found


def _check_whole(found: CodeList, count: int) -> None:
    if found.machine not in (BOX, WITNESS) or (found.machine == WITNESS and found.enterprises):
        raise ValueError("for")
    if count != len(found.codes) or not 0 < count <= MOST_CODES:
        raise ValueError("count")
    for name, hashes in (("codes", found.codes), ("replaces", found.replaces)):
        if any(before >= after for before, after in pairwise(hashes)):
            raise ValueError(name)
    if len(found.replaces) > len(found.codes) or set(found.replaces) & set(found.codes):
        raise ValueError("replaces")
    owners = found.enterprises
    if owners and (len(owners) != count or len(set(owners)) != count or "" in owners):
        raise ValueError("enterprises")
