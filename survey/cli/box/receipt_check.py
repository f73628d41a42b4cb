"""Check of a receipt against a published list, without trusting the page that published it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from survey.errors import N_
from survey.protocol.errors import InvalidBox
from survey.protocol.receipt_list import read_receipts, receipts_root, verify_receipt

RECEIPT = re.compile(rb"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\s")


def is_receipt_list(path: Path) -> bool:
    """Whether a file is a list of receipts, not an export (one JSON object per line)."""
    with path.open("rb") as file:
        start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    return not start.startswith(b"{") and (path.suffix == ".txt" or bool(RECEIPT.match(start)))


def check_receipt_list(
    text: str, receipt: str | None, root: bytes | None, translate: Callable[[str], str]
) -> str:
    """Compute the list's root and look up the receipt; returns the text to print.

    Raises `InvalidBox` on a mismatch.
    """
    receipts = read_receipts(text)
    computed = receipts_root(receipts)
    if root is not None and computed != root:
        raise InvalidBox(N_("这份名单的校验根是 %(found)s，与公布的不符。"), found=computed.hex(), remedy="")
    said = [
        translate(N_("名单共 %(count)s 个回执号，校验根：%(root)s"))
        % {"count": len(receipts), "root": computed.hex()}
    ]
    if receipt:
        verify_receipt(receipts, computed, receipt)
        said.append(translate(N_("✓ 回执号 %(receipt)s 在名单里，可由校验根证明。")) % {"receipt": receipt})
    if root is None:
        said.append(translate(N_("请把校验根与公示页、签过名的截止记录或通报上的对照。")))
    return "\n".join(said)
