"""One pass over an export: every line well-formed, the end there, and what the checks need to know."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from survey.ballot.boxfile import Box, BoxBallots, read_ballot, read_header, read_scripts
from survey.ballot.credentials import TOKEN_BYTES
from survey.ballot.errors import InvalidBox
from survey.ballot.receipts import receipt_bytes
from survey.errors import N_


def scan_box(file: BinaryIO) -> Box:
    """Read every line once, keeping of each ballot only receipt and token; raises `InvalidBox`."""
    file.seek(0)
    lines = _lines(file)
    header = next(lines, (1, {}))[1]
    description, counts, root = read_header(header)
    start = file.tell()
    receipts, tokens = [], []
    tail: dict[str, Any] = {}
    for number, value in lines:
        if "sealed" in value and not tail:
            ballot = _ballot(number, value)
            receipts.append(receipt_bytes(ballot.sealed))
            tokens.append(ballot.message[-TOKEN_BYTES:])
        else:
            _keep(tail, number, value)
    _check_end(tail, len(receipts))
    return Box(
        description=description,
        counts=counts,
        merkle_root=root,
        ballots=BoxBallots(file, start, len(receipts)),
        receipts=tuple(receipts),
        tokens=tuple(tokens),
        scores=tail.get("scores"),
        ranking=tail.get("ranking"),
        scripts=read_scripts(header),
    )


def _lines(file: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
    # Not `for line in file`: iterating reads ahead, and `tell` must be exact.
    for number, line in enumerate(iter(file.readline, b""), start=1):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            if number == 1:
                raise InvalidBox(N_("这不是票箱文件。")) from error
            raise InvalidBox(N_("票箱文件第 %(line)s 行不完整或已被改动。"), line=number) from error
        if not isinstance(value, dict):
            raise InvalidBox(N_("票箱文件第 %(line)s 行不完整或已被改动。"), line=number)
        yield number, value


def _ballot(number: int, value: dict[str, Any]) -> Any:
    try:
        return read_ballot(value)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidBox(N_("票箱文件第 %(line)s 行的选票已被改动。"), line=number) from error


def _keep(tail: dict[str, Any], number: int, value: dict[str, Any]) -> None:
    """Keep one of the lines after the ballots: scores, ranking, end, each at most once."""
    known = {"scores": dict, "ranking": dict, "end": bool}
    name = next(iter(value), "")
    if "end" in tail or name not in known or name in tail or not isinstance(value[name], known[name]):
        raise InvalidBox(N_("票箱文件第 %(line)s 行不应出现在这里。"), line=number)
    tail[name] = value if name == "end" else value[name]


def _check_end(tail: dict[str, Any], ballots: int) -> None:
    if "end" not in tail:
        raise InvalidBox(N_("票箱文件不完整：缺少最后一行。"))
    if tail["end"].get("ballots") != ballots:
        raise InvalidBox(
            N_("票箱文件的最后一行写有 %(stated)s 张选票，实际有 %(found)s 张。"),
            stated=tail["end"].get("ballots"),
            found=ballots,
        )
