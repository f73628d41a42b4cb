"""Rows written past the mapper: whole, guarded by the same triggers, and of a size that never changes."""

from __future__ import annotations

import hashlib

import pytest
from county import County
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from survey.models import Enterprise, Invitation
from survey.protocol.codes import format_code, new_code
from survey.services.invitations.rows import insert_invitations

CODES = [format_code(bytes([number] * 16)) for number in range(4)]


def stored(place: County, number: int) -> bytes:
    """SHA-256 of the box code of `CODES[number]`, worked out by another implementation of HKDF."""
    info = f"pingyi box:{place.round().id.hex()}".encode()
    return hashlib.sha256(HKDF(SHA256(), 32, None, info).derive(bytes([number] * 16))).digest()


def frozen(place: County) -> County:
    """A round with one slip, hence frozen."""
    return place.populate(enterprises=2).draft().issue(1)


def test_each_row_is_whole_and_has_the_room_that_collecting_takes(place: County) -> None:
    frozen(place)
    owner = place.look(lambda s, _r: s.scalars(select(Enterprise.id).order_by(Enterprise.name)).first())
    owners = [None, owner, None, None]
    place.act(lambda s, r: insert_invitations(s, r, CODES, owners))
    rows = place.look(lambda s, r: s.scalars(select(Invitation).where(Invitation.round_id == r.id)).all())
    found = {bytes(row.code_hash): row for row in rows}
    hashes = [stored(place, number) for number in range(4)]
    assert set(hashes) < set(found)
    assert len(found) == 5
    assert [found[h].enterprise_id for h in hashes] == owners
    for row in rows:
        assert (row.collected, row.collected_reported, row.replaced) == (False, False, False)
        assert (bytes(row.blinded_hash), bytes(row.blind_signature)) == (bytes(32), bytes(384))


def test_no_codes_write_nothing(place_on_sqlite: County) -> None:
    frozen(place_on_sqlite).act(lambda s, r: insert_invitations(s, r, [], []))
    assert len(place_on_sqlite.look(lambda s, _r: s.scalars(select(Invitation)).all())) == 1


def test_the_guard_against_issuing_before_freezing_still_fires(place: County) -> None:
    place.populate().draft()
    with pytest.raises(DBAPIError, match="freeze the round first"):
        place.act(lambda s, r: insert_invitations(s, r, [new_code()], [None]))


def test_the_guard_against_issuing_after_closing_still_fires(place: County) -> None:
    place.populate().draft().issue(4).start().close()
    with pytest.raises(DBAPIError, match="issued before closing"):
        place.act(lambda s, r: insert_invitations(s, r, [new_code()], [None]))


def test_a_second_working_invitation_for_an_enterprise_is_refused(place: County) -> None:
    place.populate(enterprises=3).draft().issue_attributed()
    owner = place.look(lambda s, _r: s.scalars(select(Invitation.enterprise_id)).first())
    with pytest.raises(DBAPIError, match=r"(?i)unique"):
        place.act(lambda s, r: insert_invitations(s, r, [new_code()], [owner]))


def test_a_message_of_the_database_shows_no_hash(place: County) -> None:
    """A log or a traceback with a hash of a code would let its holder be watched."""
    place.populate().draft()
    with pytest.raises(DBAPIError) as caught:
        place.act(lambda s, r: insert_invitations(s, r, [CODES[1]], [None]))
    digest = stored(place, 1)
    assert digest.hex() not in str(caught.value)
    assert repr(digest)[2:-1] not in str(caught.value)


def test_collecting_overwrites_a_row_without_moving_it(place_on_sqlite: County) -> None:
    """The bytes that a row takes in SQLite's file are the same before and after."""
    place = frozen(place_on_sqlite).start()

    def taken() -> list[tuple[int, ...]]:
        query = text("SELECT name, pageno, ncell, payload, unused FROM dbstat WHERE name = 'invitation'")
        return place.look(lambda s, _r: [tuple(row) for row in s.execute(query)])

    before = taken()
    place.phone().collect()
    assert taken() == before
