"""One ballot dropped, added or altered after closing, by somebody who owns the database and all guards."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from county import County, without_guards
from sqlalchemy import select, text

from survey.ballot.errors import InvalidBox
from survey.ballot.merkle import merkle_root
from survey.ballot.receipts import parse_receipt, receipt_bytes
from survey.ballot.verify import verify_box
from survey.models import Ballot, State
from survey.services import box_files, openings

PHONES = 5
TABLE = Ballot.__table__


@pytest.fixture
def closed(place: County) -> County:
    """Five of six enterprises have answered; `spare` has collected but not cast."""
    place.collecting(slips=PHONES + 1)
    place.receipts = [place.phone().answer() for _ in range(PHONES)]
    place.spare = place.phone()
    place.spare.collect()
    place.spare.seal()
    place.close()
    place.published = place.round().merkle_root
    return place


def drop(closed: County, connection: Any) -> None:
    spent = connection.execute(select(TABLE.c.spent).limit(1)).scalar_one()
    connection.execute(TABLE.delete().where(TABLE.c.spent == spent))


def add(closed: County, connection: Any) -> None:
    """A ballot with a true credential, that came too late."""
    import hashlib

    phone = closed.spare
    values = {"message": phone.message, "signature": phone.signature, "sealed": phone.sealed}
    values |= {"round_id": closed.round().id, "spent": hashlib.sha256(phone.message[-32:]).digest()}
    connection.execute(TABLE.insert(), values)


def alter(closed: County, connection: Any) -> None:
    """The same credential under another sealed ballot."""
    spent = connection.execute(select(TABLE.c.spent).limit(1)).scalar_one()
    other = closed.spare.sealed
    connection.execute(TABLE.update().where(TABLE.c.spent == spent).values(sealed=other))


def cover_up(closed: County, connection: Any) -> None:
    """Make root and counts fit what is there now."""
    receipts = sorted(receipt_bytes(s) for s in connection.execute(select(TABLE.c.sealed)).scalars())
    name = "blob" if closed.database.is_sqlite else "bytea"
    connection.execute(
        text(f"UPDATE round SET merkle_root = CAST(:root AS {name}), cast_count = :cast"),
        {"root": merkle_root(receipts), "cast": len(receipts)},
    )


CHANGES = [drop, add, alter]


def exported(place: County, folder: Path) -> io.BytesIO:
    path = folder / "box.jsonl"
    box_files.export_box(place.database, place.slug, path)
    return io.BytesIO(path.read_bytes())


@pytest.mark.parametrize("change", CHANGES)
def test_it_cannot_be_opened(closed: County, change: Callable, tmp_path: Path) -> None:
    with without_guards(closed.database) as owner:
        change(closed, owner)
    with pytest.raises(InvalidBox):
        openings.open_round(closed.database, closed.slug, closed.key_files, "人大")
    assert closed.round().state == State.CLOSED
    assert "root" in verify_box(exported(closed, tmp_path)).failures


@pytest.mark.parametrize("change", CHANGES)
def test_a_cover_up_fails_against_what_was_published(
    closed: County, change: Callable, tmp_path: Path
) -> None:
    """Naive: a reviewer who compares the box with itself. Ours compares with the root in the minutes."""
    with without_guards(closed.database) as owner:
        change(closed, owner)
        cover_up(closed, owner)
    box = exported(closed, tmp_path)
    assert verify_box(box).passed, "alone, the box contradicts nothing"
    box.seek(0)
    assert verify_box(box, root=closed.published).failures == ["root"]


@pytest.mark.parametrize("change", [drop, alter])
def test_the_enterprise_whose_ballot_is_gone_finds_out(
    closed: County, change: Callable, tmp_path: Path
) -> None:
    with without_guards(closed.database) as owner:
        change(closed, owner)
        cover_up(closed, owner)
    listed = set(closed.look(box_files.receipts))
    missing = [receipt for receipt in closed.receipts if parse_receipt(receipt) not in listed]
    assert len(missing) == 1
    box = exported(closed, tmp_path)
    assert verify_box(box, receipt=missing[0]).failures == ["receipt"]


def test_an_audit_log_rewritten_in_the_middle(closed: County) -> None:
    """The root also stands in the chained log; a changed entry breaks the chain from there on."""
    from survey.errors import Conflict
    from survey.services import audit

    with closed.database.read() as session:
        audit.verify_chain(session)
    with without_guards(closed.database) as owner:
        row = owner.execute(text("SELECT number, detail FROM audit_event WHERE action = 'round.close'")).one()
        detail = row.detail if isinstance(row.detail, dict) else json.loads(row.detail)
        assert detail["merkle_root"] == closed.published.hex()
        changed = json.dumps(detail | {"merkle_root": "00" * 32})
        kind = "TEXT" if closed.database.is_sqlite else "JSON"
        owner.execute(
            text(f"UPDATE audit_event SET detail = CAST(:d AS {kind}) WHERE number = :n"),
            {"d": changed, "n": row.number},
        )
    with closed.database.read() as session, pytest.raises(Conflict, match=f"第 {row.number} 条"):
        audit.verify_chain(session)
