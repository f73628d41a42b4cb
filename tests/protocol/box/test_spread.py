"""A large box checked by several processes: the same keys, in the same order, and the same first failure."""

from __future__ import annotations

import pytest
from test_box import Workshop

from survey.protocol.ballots import CastBallot
from survey.protocol.box import spread
from survey.protocol.box.checks import check_credentials
from survey.protocol.box.opening import open_ballots
from survey.protocol.box.spread import check_spread
from survey.protocol.credentials import public_key
from survey.protocol.crypto.merkle import merkle_root
from survey.protocol.errors import InvalidBox
from survey.protocol.receipts import format_receipt, receipt_bytes


@pytest.fixture
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "MANY", 2)
    monkeypatch.setattr(spread, "PIECE", 2)
    monkeypatch.setattr(spread, "AHEAD", 1)


@pytest.mark.usefixtures("_few")
def test_two_processes_find_what_one_finds(voted: Workshop) -> None:
    receipts = [receipt_bytes(ballot.sealed) for ballot in voted.ballots]
    told: list[int] = []
    alone = check_credentials(public_key(voted.description), voted.description, voted.ballots, receipts)
    both = check_spread(
        voted.description, voted.ballots, receipts, 2, lambda _stage, done, _total: told.append(done)
    )
    assert both == alone
    assert told[-1] == len(receipts) > 2
    bad = [ballot._replace(signature=b"\x05" * 384) for ballot in voted.ballots[1:]]
    with pytest.raises(InvalidBox, match=format_receipt(receipts[1])):
        check_spread(voted.description, [voted.ballots[0], *bad], receipts, 2)


@pytest.mark.usefixtures("_few")
def test_a_box_opened_by_two_processes_is_the_same(voted: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(processes: int, ballots: list[CastBallot] = voted.ballots) -> str:
        root = merkle_root(sorted(receipt_bytes(ballot.sealed) for ballot in ballots))
        return open_ballots(
            voted.description, ballots, voted.keys, merkle_root=root, processes=processes
        ).to_json()

    begun: list[int] = []
    pool = spread.ProcessPoolExecutor
    monkeypatch.setattr(spread, "ProcessPoolExecutor", lambda n, *a, **k: begun.append(n) or pool(n, *a, **k))
    assert opened(2) == opened(1)
    assert begun == [2]
    bad = voted.ballots[-1]._replace(signature=b"\x05" * 384)
    with pytest.raises(InvalidBox, match=format_receipt(receipt_bytes(bad.sealed))):
        opened(2, [*voted.ballots[:-1], bad])
