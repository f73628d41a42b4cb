"""The export of a ballot box (`.jsonl`, docs/formats.md): written and read line by line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, BinaryIO

from survey.ballot.boxchecks import CONSISTENCY
from survey.ballot.boxfile import FORMAT, VERSION, Ballot, Box, Counts
from survey.ballot.boxscan import scan_box
from survey.ballot.encoding import b64u
from survey.ballot.merkle import merkle_root as root_of
from survey.ballot.questionnaire import RoundDescription
from survey.ballot.receipts import receipt_bytes
from survey.ballot.scoretable import ScoreTable

__all__ = ["Ballot", "Box", "Counts", "read_box", "write_box"]


def write_box(
    file: BinaryIO,
    description: RoundDescription,
    counts: Counts,
    ballots: Iterable[tuple[bytes, bytes, bytes]],
    *,
    merkle_root: bytes | None = None,
    scores: ScoreTable | None = None,
    ranking: dict[str, Any] | None = None,
    scripts: Mapping[str, str] | None = None,
) -> None:
    """Write an export; `scripts` are the integrity values of what the site serves to browsers.

    With the `merkle_root` published at closing, `ballots` may be a stream in receipt order; without,
    it is read whole, sorted, and its root computed.
    """
    if merkle_root is None:
        ballots = sorted(ballots, key=lambda ballot: receipt_bytes(ballot[2]))
        merkle_root = root_of([receipt_bytes(ballot[2]) for ballot in ballots])
    header = _header(description, counts, merkle_root)
    _write_line(file, header | ({"scripts": dict(scripts)} if scripts else {}))
    written = 0
    for message, signature, sealed in ballots:
        _write_line(file, {"message": b64u(message), "signature": b64u(signature), "sealed": b64u(sealed)})
        written += 1
    if scores is not None:
        _write_line(file, {"scores": scores.to_dict()})
    if ranking is not None:
        _write_line(file, {"ranking": ranking})
    _write_line(file, {"end": True, "ballots": written})


def _header(description: RoundDescription, counts: Counts, merkle_root: bytes) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "round": description.to_dict(),
        "counts": asdict(counts),
        "merkle_root": merkle_root.hex(),
    }


def _write_line(file: BinaryIO, value: dict[str, Any]) -> None:
    file.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def read_box(file: BinaryIO) -> Box:
    """Read an export from a seekable file, which must stay open while the box is in use.

    Raises `InvalidBox` for what is no export, or one that is truncated or edited: unknown version, wrong
    count, unsorted or repeated ballots, wrong root. Credentials are checked by `opening` and `verify`.
    """
    box = scan_box(file)
    for check in CONSISTENCY:
        check(box)
    return box
