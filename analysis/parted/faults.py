"""Refusals of ratings in parts, which name file and row."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from analysis.errors import InputError
from analysis.parted.splitting import Dealt, refused_name
from analysis.parted.summing import Fault, Told, raters_of, table_of

_WIDEST: Final = 1e12


def refusal_of(fault: Fault, dealt: Dealt) -> InputError:
    """Refusal for what was found wrong in a part."""
    if fault.said is not None:
        return InputError(*fault.said, column=fault.column)
    if fault.column == "count":
        return InputError(
            f"临时文件 {fault.name} 不完整，可能是磁盘满了。请腾出空间后重来。",
            f"The temporary file {fault.name} is not complete; perhaps the disk is full. Make room and start "
            "again.",
        )
    file, row = dealt.place(fault.row)
    if fault.column == "rater":
        return refused_name("rater", file, row, fault.name)
    of = {"weight": ("权重", "weight"), "cluster": ("所有人（cluster）", "cluster")}
    zh, en = of.get(fault.column, (fault.column, fault.column))
    return InputError(
        f"“{file}”第 {row} 行，评议人“{fault.name}”：{zh}前后不一致、缺失、不是正数或过小。"
        "每个评议人只能有一个值。",
        f"{file}, row {row}, rater {fault.name!r}: {en} differs between rows, is missing, not "
        "positive or too small. Give one value per rater.",
        row=row,
        column=fault.column,
        name=fault.name,
    )


def refuse_unequal_weights(weights: Sequence[tuple[float, float, float]]) -> None:
    """Raise InputError for a weight that is too small beside the largest of all parts."""
    if max(most for _, most, _ in weights) > _WIDEST * min(least for least, _, _ in weights):
        raise InputError(
            "评议人的权重相差过大。", "Weights of raters differ too much in size.", column="weight"
        )


def refuse_two_owners(dealt: Dealt, told: Sequence[Told]) -> None:
    """Raise InputError for a rater whose ratings name two owners, and lie in two parts therefore."""
    keys = [_keys(raters_of(table_of(path))[1]) for path in dealt.paths]
    every, first = np.concatenate(keys), np.concatenate([each.first for each in told])
    order = np.argsort(every, kind="stable")
    twice = np.flatnonzero(np.diff(every[order]) == 0)
    if not twice.size:
        return
    row = int(first[order[twice[0]]])
    part = int(np.searchsorted(np.cumsum([each.raters for each in told]), order[twice[0]], side="right"))
    table = table_of(dealt.paths[part])
    name = table["rater"][int(np.argmax(table["row"].to_numpy() == row))].as_py()
    raise refusal_of(Fault("cluster", row, name), dealt)


def _keys(names: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    digests = b"".join(hashlib.blake2b(name.encode(), digest_size=8).digest() for name in names)
    return np.frombuffer(digests, dtype=np.uint64)
