"""`issued.json`: hashes of the invitation codes of each named enterprise, kept by the issuer to replace a
lost invitation; the codes themselves are not in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from survey.errors import N_, InvalidInput
from survey.protocol.canonical_json import canonical_json
from survey.protocol.description import RoundDescription
from survey.protocol.plain_json import hex_bytes, plain_texts
from survey.protocol.witness.code_lists import Halves, NewCode
from survey.protocol.witness.signed_files import VERSION, check_format, read_known

FORMAT = "pingyi-issued"


@dataclass(frozen=True, slots=True)
class IssuedList:
    """Hashes of the codes of every enterprise: `issued` has (credit code of the enterprise, hex SHA-256 of
    its code for the box, of that for the witness), ascending.

    Nobody can vote with them, but they tie an enterprise to its line in `stamped.txt`: the list stays with
    the issuer.
    """

    round_id: str
    description: str
    issued: tuple[tuple[str, str, str], ...]

    @classmethod
    def of(cls, description: RoundDescription, codes: Sequence[NewCode]) -> IssuedList:
        """List of the hashes of new codes, each of which has an enterprise."""
        known = sorted((new.enterprise, *new.hashes(description.id)) for new in codes)
        return cls(description.id, description.frozen_digest(), tuple(known))

    def halves(self, description: RoundDescription, credit_code: str) -> Halves:
        """Hashes of the enterprise's present codes, which a new invitation replaces.

        Raises `InvalidInput` for the description of another round, or an enterprise that was not invited.
        """
        if (self.round_id, self.description) != (description.id, description.frozen_digest()):
            raise InvalidInput(
                N_("issued.json 不是制作本轮邀请时写下的。"),
                remedy=N_("请用同一个目录里的 round.json 和 issued.json。"),
            )
        for owner, box, witness in self.issued:
            if owner == credit_code:
                return box, witness
        raise InvalidInput(
            N_("issued.json 里没有信用代码为 %(code)s 的企业：没有给它制作过邀请。"), code=credit_code
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "round_id": self.round_id,
            "description": self.description,
            "issued": [list(each) for each in self.issued],
        }

    def to_json(self) -> str:
        return canonical_json(self.to_dict()).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> IssuedList:
        """Read what `to_json` wrote; raises `InvalidInput` on anything else."""
        return read_known(text, _read, N_("文件 issued.json 无法识别：%(why)s"))


def _read(value: dict[str, Any]) -> IssuedList:
    check_format(value, FORMAT)
    hex_bytes(value["round_id"], 16)
    hex_bytes(value["description"], 32)
    rows = []
    for row in value["issued"]:
        owner, box, witness = plain_texts(row)
        hex_bytes(box, 32)
        hex_bytes(witness, 32)
        rows.append((owner, box, witness))
    if any(before[0] >= after[0] for before, after in pairwise(rows)):
        raise ValueError("issued")
    return IssuedList(value["round_id"], value["description"], tuple(rows))
