"""Public description of a round: all that a phone or an auditor needs, its digest and check number."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from survey.errors import N_, InvalidInput
from survey.protocol.canonical_json import canonical_json
from survey.protocol.crypto.blind import KEY_BITS, PUBLIC_EXPONENT
from survey.protocol.crypto.encoding import b64u, crockford, grouped, unb64u
from survey.protocol.crypto.hpke import load_point
from survey.protocol.plain_json import plain
from survey.protocol.questionnaire import Questionnaire
from survey.protocol.witness_description import WitnessDescription

FORMAT = "pingyi-round"
VERSION = 2
SLUG = re.compile("[a-z0-9][a-z0-9-]{1,38}[a-z0-9]")
MOST_HOLDERS = 4
SMALLEST_THRESHOLD = 3
CHANGEABLE = ("title", "body", "opens_on", "closes_on")
NOTHING_BLANKED = 1
MOST_AT_LEAST = 1000
CHECK_BYTES = 10
CHECK_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Holder:
    """Key holder: name, and public key as an uncompressed P-256 point of 65 bytes."""

    name: str
    public_key: bytes


@dataclass(frozen=True, slots=True)
class RoundDescription:
    """Public description of a round (docs/formats.md).

    `version` is 1 in rounds frozen by an older program. `complete` is false until the first invitation
    freezes the round: until then anything may change, and ballots must not be sealed by it.
    """

    id: str
    slug: str
    title: str
    body: str
    opens_on: str
    closes_on: str
    blind_key_n: bytes
    blind_key_e: int
    blind_key_fingerprint: str
    quorum: int
    holders: tuple[Holder, ...]
    questionnaire: Questionnaire
    threshold: int = 10
    version: int = VERSION
    at_least: int = NOTHING_BLANKED
    complete: bool = True
    witness: WitnessDescription | None = None

    @property
    def subsets(self) -> list[tuple[int, ...]]:
        """Quorums: all k-subsets of holder indices, in the order of the wraps in a sealed ballot."""
        return list(combinations(range(len(self.holders)), self.quorum))

    @property
    def sealed_size(self) -> int:
        """Size in bytes of every sealed ballot of the round."""
        wraps = len(self.subsets) * (32 + 81 * self.quorum)
        return 1 + wraps + 12 + self.questionnaire.plaintext_size + 16

    @property
    def scores_at_least(self) -> int | None:
        """The k of the score table (facts of fewer than k firms are blanked); None in version 1."""
        return self.at_least if self.version > 1 else None

    def require_sealable(self) -> None:
        """Raise `InvalidInput` unless the description is complete and has enough holders to open ballots."""
        if not self.complete or not 0 < self.quorum <= len(self.holders):
            raise InvalidInput(N_("轮次说明还不完整：持钥人不够开箱，或者轮次还没有定下来。"))

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe values in the format `pingyi-round` of docs/formats.md, in the round's version."""
        head: dict[str, Any] = {"format": FORMAT, "version": self.version}
        changeable = {name: getattr(self, name) for name in CHANGEABLE}
        if self.version == 1:
            return head | changeable | self._fixed()
        witness = self.witness.to_dict() if self.witness else None
        frozen = self._fixed() | {"at_least": self.at_least, "witness": witness}
        unfinished = {} if self.complete else {"complete": False}
        return head | changeable | {"frozen": frozen} | unfinished

    def _fixed(self) -> dict[str, Any]:
        """JSON values of the fields that are frozen by the first invitation in every format version."""
        return {
            "id": self.id,
            "slug": self.slug,
            "blind_key": {
                "n": b64u(self.blind_key_n),
                "e": self.blind_key_e,
                "fingerprint": self.blind_key_fingerprint,
            },
            "quorum": self.quorum,
            "threshold": self.threshold,
            "holders": [{"name": h.name, "public_key": b64u(h.public_key)} for h in self.holders],
            "questionnaire": self.questionnaire.to_dict(),
        }

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> RoundDescription:
        """Read what `to_dict` wrote; raises `InvalidInput` on anything else."""
        try:
            description = _read(value)
            _check_possible(description)
            known = canonical_json(description.to_dict()) == canonical_json(value)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise InvalidInput(N_("轮次说明无法识别：%(why)s"), why=error) from error
        if not known:
            raise InvalidInput(N_("轮次说明里有不认识的内容。"))
        return description

    def digest(self) -> str:
        """Digest of the whole description, hex SHA-256."""
        return hashlib.sha256(_sorted(self.to_dict())).hexdigest()

    def frozen_digest(self) -> str:
        """Digest of the frozen fields, hex SHA-256, which reviewers compare.

        Title, inviting bodies and dates are left out, since they may still change.
        """
        value = self.to_dict()
        if self.version == 1:
            frozen = _sorted({name: part for name, part in value.items() if name not in CHANGEABLE})
        else:
            frozen = canonical_json(value["frozen"])
        return hashlib.sha256(frozen).hexdigest()

    @property
    def check_number(self) -> str:
        """Check number (核对号): first 80 bits of the frozen digest, in four groups of four, for links and
        paper.

        Empty in version 1, whose digest a phone cannot compute.
        """
        if self.version == 1:
            return ""
        head = bytes.fromhex(self.frozen_digest())[:CHECK_BYTES]
        return grouped(crockford(int.from_bytes(head), CHECK_LENGTH))


def _sorted(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _read(value: dict[str, Any]) -> RoundDescription:
    version = plain("int", value["version"])
    if value["format"] != FORMAT or version not in (1, VERSION):
        raise ValueError(f"{value['format']} {version}")
    fixed = value if version == 1 else value["frozen"]
    _check_fixed(fixed)
    key, complete = fixed["blind_key"], plain("bool", value.get("complete", True))
    holders = tuple(Holder(plain("str", h["name"]), unb64u(h["public_key"])) for h in fixed["holders"])
    witness = None if version == 1 else fixed["witness"]
    return RoundDescription(
        **{name: plain("str", value[name]) for name in CHANGEABLE},
        id=fixed["id"],
        slug=plain("str", fixed["slug"]),
        blind_key_n=unb64u(key["n"]),
        blind_key_e=plain("int", key["e"]),
        blind_key_fingerprint=plain("str", key["fingerprint"]),
        quorum=fixed["quorum"],
        holders=holders,
        questionnaire=Questionnaire.from_dict(fixed["questionnaire"]),
        threshold=plain("int", fixed["threshold"]),
        version=version,
        at_least=NOTHING_BLANKED if version == 1 else plain("int", fixed["at_least"]),
        complete=complete,
        witness=None if witness is None else WitnessDescription.from_dict(witness),
    )


def _check_fixed(value: dict[str, Any]) -> None:
    if not re.fullmatch("[0-9a-f]{32}", plain("str", value["id"])):
        raise ValueError(f"id {value['id']}")
    # With more holders there would be more quorums than a phone can wrap the key for.
    if len(value["holders"]) > MOST_HOLDERS or not 0 < plain("int", value["quorum"]) <= MOST_HOLDERS:
        raise ValueError("quorum")


def _check_possible(description: RoundDescription) -> None:
    """Raise `ValueError`, naming the fields, for values that no round can have."""
    keys = [load_point(holder.public_key) and holder.public_key for holder in description.holders]
    opens, closes = description.opens_on, description.closes_on
    departments, finished = description.questionnaire.departments, description.complete
    n, e = description.blind_key_n, description.blind_key_e
    wrong = {
        "slug": not SLUG.fullmatch(description.slug),
        "opens_on": date.fromisoformat(opens).isoformat() != opens,
        "closes_on": date.fromisoformat(closes).isoformat() != closes or closes < opens,
        "blind_key": (len(n), e) != (KEY_BITS // 8, PUBLIC_EXPONENT) or n[0] < 128,
        "threshold": description.threshold < SMALLEST_THRESHOLD,
        "at_least": not NOTHING_BLANKED <= description.at_least <= MOST_AT_LEAST,
        # A body may hold two keys, so that its name occurs twice; but each key must be different.
        "holders": len(set(keys)) < len(keys) or not all(h.name.strip() for h in description.holders),
        "quorum": finished and description.quorum > len(keys),
        "departments": finished and not departments,
        "witness": description.witness is not None
        and n in (description.witness.stamp_key.n, description.witness.ticket_key.n),
    }
    if found := [name for name, is_wrong in wrong.items() if is_wrong]:
        raise ValueError(", ".join(found))
