"""What remains: whoever has the signing key while a round collects signs for itself, up to the credentials.

More ballots than credentials are not closed; after closing there is no key.
"""

from __future__ import annotations

import pytest
from county import SECRET, County, Phone
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from survey.errors import Conflict, RoundClosed
from survey.models import Round, State
from survey.protocol.credentials import prepare
from survey.protocol.crypto import at_rest
from survey.protocol.crypto.blind import RoundKey

PSS = padding.PSS(padding.MGF1(hashes.SHA384()), 48)


def forge(place: County) -> Phone:
    """A ballot of nobody: the operator signs a token of its own."""
    round = place.round()
    key = RoundKey.from_pem(at_rest.unlock(SECRET, round.id, round.blind_key_private))
    forged = Phone(place, "")
    forged.prepared = prepare(forged.description)
    forged.message = forged.prepared.message
    forged.signature = key.private.sign(forged.message, PSS, hashes.SHA384())
    return forged.seal()


@pytest.fixture
def collected(place: County) -> County:
    """Two have collected, one has cast."""
    place.collecting(slips=3)
    place.phone().answer()
    place.phone().collect()
    return place


def test_the_ballot_of_who_does_not_submit_can_be_cast_by_the_operator(collected: County) -> None:
    assert forge(collected).cast()
    round = collected.close().round()
    assert (round.invited_count, round.collected_count, round.cast_count) == (3, 2, 2)


def test_one_more_than_was_collected_does_not_close(collected: County) -> None:
    for _ in range(2):
        forge(collected).cast()
    with pytest.raises(Conflict, match="伪造"):
        collected.close()
    assert collected.round().state == State.OPEN


def test_the_database_does_not_take_such_counts_either(collected: County) -> None:
    counts = {"invited_count": 3, "collected_count": 2, "cast_count": 3}
    with pytest.raises(IntegrityError):
        collected.act(lambda session, round: session.execute(update(Round).values(counts)))


def test_after_closing_there_is_no_key_and_no_ballot_is_taken(collected: County) -> None:
    late = forge(collected)
    assert collected.close().round().blind_key_private is None
    with pytest.raises(RoundClosed):
        late.cast()
