"""Scan of an export: one pass that checks the form of every line and collects what the other checks need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from survey.errors import N_
from survey.protocol.ballots import CastBallot, ballot_fields
from survey.protocol.box.format import (
    ROOT_BYTES,
    Box,
    BoxBallots,
    Header,
    ballot_line,
    read_ballot,
    read_header,
)
from survey.protocol.box.ranking_shape import check_ranking
from survey.protocol.credentials import token_of
from survey.protocol.errors import InvalidBox
from survey.protocol.plain_json import hex_bytes, strict_json
from survey.protocol.receipts import receipt_bytes

Line = tuple[int, bytes, dict[str, Any]]
# Lines that may follow the ballots, by version of the export, each at most once, with the type of the value.
AFTER = {
    1: {"scores": dict, "ranking": dict, "end": bool},
    2: {"scores_digest": str, "ranking": dict, "end": bool},
}


def scan_box(file: BinaryIO) -> Box:
    """Read an export once, keeping only receipt and token of each ballot; raises `InvalidBox` for malformed
    lines."""
    file.seek(0)
    lines = _lines(file)
    header = read_header(next(lines, (1, b"", {}))[2])
    start = file.tell()
    version = header.description.version
    receipts, tokens = [], []
    tail: dict[str, Any] = {}
    for line in lines:
        if "sealed" in line[2] and not tail:
            ballot = _ballot(header, line)
            receipts.append(receipt_bytes(ballot.sealed))
            tokens.append(token_of(version, ballot.message))
        else:
            _keep(tail, line, header.version)
    _check_end(tail, len(receipts))
    return Box(
        description=header.description,
        counts=header.counts,
        merkle_root=header.merkle_root,
        ballots=BoxBallots(file, start, len(receipts), ballot_fields(header.description)),
        receipts=tuple(receipts),
        tokens=tuple(tokens),
        scores=tail.get("scores"),
        scores_digest=tail.get("scores_digest") or (tail.get("scores") or {}).get("digest"),
        ranking=tail.get("ranking"),
        audit=header.audit,
        scripts=header.scripts,
        witness=header.witness,
    )


def _lines(file: BinaryIO) -> Iterator[Line]:
    # Not `for line in file`: iterating reads ahead, and `tell` must be exact.
    for number, line in enumerate(iter(file.readline, b""), start=1):
        try:
            value = strict_json(line)
        except (ValueError, RecursionError) as error:
            if number == 1:
                raise InvalidBox(N_("这不是票箱文件。")) from error
            raise InvalidBox(N_("票箱文件第 %(line)s 行不完整或已被改动。"), line=number) from error
        if not isinstance(value, dict) or not line.endswith(b"\n"):
            raise InvalidBox(N_("票箱文件第 %(line)s 行不完整或已被改动。"), line=number)
        yield number, line, value


def _ballot(header: Header, line: Line) -> CastBallot:
    number, written, value = line
    fields = ballot_fields(header.description)
    try:
        ballot = read_ballot(value, fields)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidBox(N_("票箱文件第 %(line)s 行的选票已被改动。"), line=number) from error
    # Only one way of writing is allowed: spaces, escapes, order or repeated names could mark a ballot.
    if header.version > 1 and written != ballot_line(ballot, fields):
        raise InvalidBox(N_("票箱文件第 %(line)s 行的选票写法与规定不同。"), line=number)
    return ballot


def _keep(tail: dict[str, Any], line: Line, version: int) -> None:
    """Check a line after the ballots and keep its value in `tail`."""
    number, _, value = line
    known = AFTER[version]
    name = next(iter(value), "")
    alone = len(value) == 1 or name == "end"
    if "end" in tail or name not in known or name in tail or not isinstance(value[name], known[name]):
        raise InvalidBox(N_("票箱文件第 %(line)s 行不应出现在这里。"), line=number)
    if not alone or (name == "end" and value.keys() != {"end", "ballots"}):
        raise InvalidBox(N_("票箱文件第 %(line)s 行不应出现在这里。"), line=number)
    if version > 1 and not _is_written(name, value, tail):
        raise InvalidBox(N_("票箱文件第 %(line)s 行的内容不认识。"), line=number)
    tail[name] = value if name == "end" else value[name]


def _is_written(name: str, value: dict[str, Any], tail: dict[str, Any]) -> bool:
    """Whether a line after the ballots is as exports of version 2 have it: digest before ranking, end marked
    true."""
    try:
        if name == "ranking":
            check_ranking(value[name])
            return "scores_digest" in tail
        if name == "scores_digest":
            hex_bytes(value[name], ROOT_BYTES)
            return "ranking" not in tail
    except (TypeError, ValueError):
        return False
    return value["end"] is True and type(value["ballots"]) is int


def _check_end(tail: dict[str, Any], ballots: int) -> None:
    if "end" not in tail:
        raise InvalidBox(N_("票箱文件不完整：缺少最后一行。"))
    if tail["end"].get("ballots") != ballots:
        raise InvalidBox(
            N_("票箱文件的最后一行写有 %(stated)s 张选票，实际有 %(found)s 张。"),
            stated=tail["end"].get("ballots"),
            found=ballots,
        )
