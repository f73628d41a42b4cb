"""Lists of the codes that were used: the box's `collected.txt` and the witness's `stamped.txt`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from itertools import pairwise

from survey.errors import N_, InvalidInput

_LINE = re.compile(r"([0-9a-f]{64}) ([01])")


def write_used(codes: Iterable[tuple[bytes, bool]]) -> str:
    """Text with a line for each pair (stored hash of a code, whether it was used): SHA-256 of the hash in
    hex, a space, 1 or 0; ascending.

    Who has a code computes its line; nobody else can.
    """
    return "".join(sorted(f"{hashlib.sha256(stored).hexdigest()} {int(used)}\n" for stored, used in codes))


def read_used(text: str) -> dict[str, bool]:
    """Whether each code was used, by SHA-256 of its stored hash in hex; raises `InvalidInput`."""
    found = [_LINE.fullmatch(line) for line in text.splitlines()]
    names = [match[1] for match in found if match]
    if len(names) < len(found) or any(before >= after for before, after in pairwise(names)):
        raise InvalidInput(N_("名单里有一行写法不对、重复，或没有按次序排列。"))
    return {match[1]: match[2] == "1" for match in found if match}
