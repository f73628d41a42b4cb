"""What an export of a ballot box holds (`.jsonl`, docs/formats.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple

from survey.ballot.encoding import unb64u
from survey.ballot.errors import InvalidBox
from survey.ballot.questionnaire import RoundDescription
from survey.ballot.scoretable import ScoreTable
from survey.errors import N_, PingyiError

FORMAT = "pingyi-box"
VERSION = 1
ROOT_BYTES = 32


class Ballot(NamedTuple):
    """A cast ballot as the server stores it."""

    message: bytes
    signature: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Counts:
    """Totals of a round: invitations issued, credentials collected, ballots cast, invitations replaced."""

    invited: int
    collected: int
    cast: int
    replaced: int = 0


@dataclass(frozen=True, slots=True)
class BoxBallots:
    """The ballots of an export, decoded anew from the file at every pass over them."""

    file: BinaryIO
    start: int
    count: int

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Ballot]:
        # The offset is kept, because passes may take turns on the one file.
        at = self.start
        for _ in range(self.count):
            self.file.seek(at)
            line = self.file.readline()
            at += len(line)
            yield read_ballot(json.loads(line))


@dataclass(frozen=True, slots=True)
class Box:
    """An export: `receipts` of 10 bytes and `tokens` of 32 bytes stand in the order of the file."""

    description: RoundDescription
    counts: Counts
    merkle_root: bytes
    ballots: BoxBallots
    receipts: tuple[bytes, ...]
    tokens: tuple[bytes, ...]
    scores: dict[str, Any] | None
    ranking: dict[str, Any] | None
    scripts: dict[str, str] = field(default_factory=dict)

    def score_table(self) -> ScoreTable | None:
        """The score table, checked against digest and questionnaire; None before opening.

        Raises `InvalidInput`.
        """
        if self.scores is None:
            return None
        table = ScoreTable.from_dict(self.scores, round_id=self.description.id)
        table.check_fits(self.description.questionnaire)
        return table


def read_ballot(value: dict[str, Any]) -> Ballot:
    """The ballot of one line; raises `ValueError`, `KeyError` or `TypeError`."""
    return Ballot(unb64u(value["message"]), unb64u(value["signature"]), unb64u(value["sealed"]))


def read_header(value: dict[str, Any]) -> tuple[RoundDescription, Counts, bytes]:
    """What the first line says; raises `InvalidBox`."""
    if value.get("format") != FORMAT:
        raise InvalidBox(N_("这不是票箱文件。"))
    if value.get("version") != VERSION:
        raise InvalidBox(
            N_("票箱文件的版本是 %(version)s，本程序只认识 %(known)s。"),
            remedy=N_("请升级评议程序后再试。"),
            version=value.get("version"),
            known=VERSION,
        )
    try:
        return (
            RoundDescription.from_dict(value["round"]),
            _counts(value["counts"]),
            _root(value["merkle_root"]),
        )
    except PingyiError as error:
        raise InvalidBox(error.say()) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidBox(N_("票箱文件的第一行已被改动：%(why)s"), why=error) from error


def _counts(value: dict[str, Any]) -> Counts:
    if not all(type(number) is int and number >= 0 for number in value.values()):
        raise ValueError("counts")
    return Counts(**value)


def read_scripts(value: dict[str, Any]) -> dict[str, str]:
    """Integrity values by name of script, as the first line states them; empty where it does not."""
    scripts = value.get("scripts", {})
    if isinstance(scripts, dict) and all(isinstance(x, str) for x in scripts.values()):
        return scripts
    raise InvalidBox(N_("票箱文件的第一行已被改动：%(why)s"), why="scripts")


def _root(text: str) -> bytes:
    root = bytes.fromhex(text)
    if len(root) != ROOT_BYTES:
        raise ValueError("merkle_root")
    return root
