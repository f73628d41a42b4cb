"""Export of a ballot box (`.jsonl`, docs/formats.md), written and read line by line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, BinaryIO

from survey.protocol.ballots import CastBallot, ballot_fields
from survey.protocol.box.checks import CONSISTENCY
from survey.protocol.box.counts import Counts
from survey.protocol.box.format import FORMAT, VERSION, Audit, Box, ballot_line, line_of
from survey.protocol.box.scan import scan_box
from survey.protocol.box.witness_account import WitnessAccount
from survey.protocol.credentials import token_key, token_of
from survey.protocol.crypto.merkle import merkle_root as root_of
from survey.protocol.description import RoundDescription
from survey.protocol.receipts import receipt_bytes


def write_box(
    file: BinaryIO,
    description: RoundDescription,
    counts: Counts,
    ballots: Iterable[CastBallot],
    *,
    merkle_root: bytes | None = None,
    audit: Audit,
    scores_digest: str | None = None,
    ranking: dict[str, Any] | None = None,
    scripts: Mapping[str, str] | None = None,
    witness: WitnessAccount | None = None,
) -> None:
    """Write the export of a ballot box to `file`.

    With the `merkle_root` published at closing, `ballots` may be a stream in receipt order; without it, they
    are read into memory, sorted, and the root is computed. Score rows are never exported: a quorum of holders
    makes them from the ballots. `scripts`: integrity values of the scripts that the site serves.
    `witness`: what the round's witness stated and the box took in.
    """
    if merkle_root is None:
        ballots = sorted(ballots, key=lambda ballot: _place(description.version, ballot))
        merkle_root = root_of([receipt_bytes(ballot.sealed) for ballot in ballots])
    header: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "round": description.to_dict(),
        "counts": asdict(counts),
        "merkle_root": merkle_root.hex(),
        "audit": {"hash": audit.hash.hex(), "entries": audit.entries},
    }
    header |= {"scripts": dict(scripts)} if scripts else {}
    header |= {"witness": witness.to_dict()} if witness else {}
    file.write(line_of(header))
    written, fields = 0, ballot_fields(description)
    for ballot in ballots:
        file.write(ballot_line(ballot, fields))
        written += 1
    if scores_digest is not None:
        file.write(line_of({"scores_digest": scores_digest}))
    if ranking is not None:
        file.write(line_of({"ranking": ranking}))
    file.write(line_of({"end": True, "ballots": written}))


def _place(version: int, ballot: CastBallot) -> tuple[bytes, bytes]:
    return receipt_bytes(ballot.sealed), token_key(token_of(version, ballot.message))


def read_box(file: BinaryIO) -> Box:
    """Read an export from a seekable file, which must stay open while the box is in use.

    Raises `InvalidBox` for what is no export, or one that is truncated or edited: unknown version, wrong
    count, unsorted or repeated ballots, wrong root. Credentials are checked by `opening` and `verify`.
    """
    box = scan_box(file)
    for check in CONSISTENCY:
        check(box)
    return box
