"""The count of a station, confirmed by two people: each by a passphrase typed for it and a key."""

from __future__ import annotations

import json
from collections.abc import Sequence

from survey.errors import N_, InvalidInput
from survey.paper.station.folder import COUNT, Station, read_json, write_json
from survey.paper.station.people import People
from survey.paper.station.report import final
from survey.paper.station.settling import Settling
from survey.protocol.paper_count import PaperCount, sign


def confirm(station: Station, handed_out: int, passphrases: Sequence[str]) -> PaperCount:
    """Make the count anew and sign it by both keys; `passphrases` in the order of the people.

    Raises `InvalidInput` for a wrong passphrase, a count that cannot be true or forms still open.
    """
    station.require_unerased()
    people = People(station)
    first, second = (people.key(place, passphrase) for place, passphrase in enumerate(passphrases))
    signed = sign(final(station, handed_out), (first, second))
    write_json(station.folder / COUNT, signed.to_dict())
    return signed


def confirmed(station: Station) -> PaperCount | None:
    """The count that both confirmed; None before."""
    path = station.folder / COUNT
    return PaperCount.from_bytes(json.dumps(read_json(path)).encode()) if path.exists() else None


def require_confirmed(station: Station, settling: Settling | None = None) -> PaperCount:
    """The count that both confirmed; `settling` as for `count`.

    Raises `InvalidInput` where there is none, or forms changed since.
    """
    found = confirmed(station)
    if found is None:
        raise InvalidInput(N_("还没有作记录。"), remedy=N_("请先作计票记录。"))
    if is_stale(station, found, settling):
        raise InvalidInput(N_("作记录以后表又有变化，记录不再是现在的数。"), remedy=N_("请重作计票记录。"))
    return found


def is_stale(station: Station, count: PaperCount, settling: Settling | None = None) -> bool:
    """Whether the station's forms say other numbers than a count that was confirmed."""
    if station.is_erased:
        return False
    try:
        return final(station, count.handed_out, settling).numbers() != count.numbers()
    except InvalidInput:
        return True
