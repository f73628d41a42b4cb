"""Format of an exported ballot box (`.jsonl`, docs/formats.md): its records, and reading and writing single
lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from survey.errors import N_, PingyiError
from survey.protocol.ballots import CastBallot
from survey.protocol.box.counts import Counts
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.box.witness_account import WitnessAccount
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.description import RoundDescription
from survey.protocol.errors import InvalidBox
from survey.protocol.plain_json import hex_bytes, plain, strict_json

FORMAT = "pingyi-box"
VERSION = 2
ROOT_BYTES = 32
_SCRIPT = re.compile(r"[a-z0-9-]{1,40}\.js")
_INTEGRITY = re.compile("sha384-[A-Za-z0-9+/]{64}")
KNOWN = {1: {"format", "version", "round", "counts", "merkle_root", "scripts"}}
KNOWN[2] = KNOWN[1] | {"audit", "witness"}


@dataclass(frozen=True, slots=True)
class Audit:
    """State of the audit log when the round was closed: hash of its newest entry, and number of entries."""

    hash: bytes
    entries: int


@dataclass(frozen=True, slots=True)
class BoxBallots:
    """Ballots of an export as an iterable, decoded from the file anew at every iteration."""

    file: BinaryIO
    start: int
    count: int
    fields: tuple[str, ...]

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[CastBallot]:
        # The offset is stored, because several iterations may alternate on the same file.
        at = self.start
        for _ in range(self.count):
            self.file.seek(at)
            line = self.file.readline()
            at += len(line)
            yield read_ballot(strict_json(line), self.fields)


@dataclass(frozen=True, slots=True)
class Box:
    """Exported ballot box; `receipts` (10 bytes each) and `tokens` are in the order of the file.

    `scores_digest`: digest of the score table after opening. `scores`: the table itself, only in exports of
    version 1 (its rows single out those who declared rare facts).
    """

    description: RoundDescription
    counts: Counts
    merkle_root: bytes
    ballots: BoxBallots
    receipts: tuple[bytes, ...]
    tokens: tuple[bytes, ...]
    scores: dict[str, Any] | None
    scores_digest: str | None
    ranking: dict[str, Any] | None
    audit: Audit | None = None
    scripts: dict[str, str] = field(default_factory=dict)
    witness: WitnessAccount | None = None

    def score_table(self) -> ScoreTable | None:
        """The score table in an export of version 1, checked against digest and questionnaire; else None.

        Raises `InvalidInput`.
        """
        if self.scores is None:
            return None
        table = ScoreTable.from_dict(self.scores, round_id=self.description.id)
        table.check_fits(self.description)
        return table


def read_ballot(value: dict[str, Any], fields: tuple[str, ...]) -> CastBallot:
    """Ballot from the JSON object of its line; raises `ValueError`, `KeyError` or `TypeError`."""
    if value.keys() != set(fields):
        raise ValueError("fields")
    return CastBallot(**{name: unb64u(value[name]) for name in fields})


def ballot_line(ballot: CastBallot, fields: tuple[str, ...]) -> bytes:
    """Line of an export for one ballot, in the only form allowed."""
    return line_of({name: b64u(getattr(ballot, name)) for name in fields})


def line_of(value: dict[str, Any]) -> bytes:
    """JSON object as a line of an export, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Header:
    """Content of the first line of an export."""

    version: int
    description: RoundDescription
    counts: Counts
    merkle_root: bytes
    audit: Audit | None
    scripts: dict[str, str]
    witness: WitnessAccount | None


def read_header(value: dict[str, Any]) -> Header:
    """`Header` from the JSON object of the first line; raises `InvalidBox`."""
    if value.get("format") != FORMAT:
        raise InvalidBox(N_("这不是票箱文件。"))
    version = value.get("version")
    if version not in KNOWN or not isinstance(version, int):
        raise InvalidBox(
            N_("票箱文件的版本是 %(version)s，本程序只认识到 %(known)s。"),
            remedy=N_("请升级评议程序后再试。"),
            version=version,
            known=VERSION,
        )
    try:
        description = _described(value, version)
        return Header(
            version,
            description,
            _counts(value["counts"]),
            hex_bytes(value["merkle_root"], ROOT_BYTES),
            _audit(value["audit"]) if version > 1 else None,
            _scripts(value.get("scripts", {})),
            WitnessAccount.from_dict(value["witness"]) if description.witness else None,
        )
    except PingyiError as error:
        raise InvalidBox(error.say()) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidBox(N_("票箱文件的第一行已被改动：%(why)s"), why=error) from error


def _described(value: dict[str, Any], version: int) -> RoundDescription:
    description = RoundDescription.from_dict(value["round"])
    unknown = value.keys() - KNOWN[version]
    if unknown or description.version > version:
        raise ValueError(", ".join(sorted(unknown)) or "version")
    if not description.complete:
        raise ValueError("complete")
    if description.witness is None and "witness" in value:
        raise ValueError("witness")
    return description


def _counts(value: dict[str, Any]) -> Counts:
    if not all(type(number) is int and number >= 0 for number in value.values()):
        raise ValueError("counts")
    return Counts(**value)


def _scripts(value: dict[str, str]) -> dict[str, str]:
    """Integrity values by script name, checked; empty where none are stated."""
    if not all(_SCRIPT.fullmatch(name) and _INTEGRITY.fullmatch(x) for name, x in value.items()):
        raise ValueError("scripts")
    return value


def _audit(value: dict[str, Any]) -> Audit:
    if value.keys() != {"hash", "entries"} or plain("int", value["entries"]) < 0:
        raise ValueError("audit")
    return Audit(hex_bytes(value["hash"], ROOT_BYTES), value["entries"])
