"""Ballots around the witness: the box's own address takes none, whoever asks and by whichever way it came."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest
from county import SECRET, County
from cryptography.hazmat.primitives.asymmetric import ec
from flask.testing import FlaskClient
from sqlalchemy import func, select

from survey.app import create_app
from survey.config import Settings
from survey.errors import CredentialInvalid, NotFound
from survey.models import Ballot
from survey.protocol.ballots import CastBallot
from survey.protocol.credentials import prepare
from survey.protocol.crypto.blind import blind, finalize
from survey.protocol.holders.sealing import seal
from survey.protocol.witness.batches import Batch
from survey.services.voting import casting
from survey.services.voting.collecting import round_key
from survey.web.fast.casting_loop import BallotBox
from survey.witness.rounds import WitnessRound
from tests.witness.two_machines import TwoMachines


@pytest.fixture
def client(place: TwoMachines, tmp_path: Path) -> FlaskClient:
    """The box's site."""
    settings = Settings(
        data=tmp_path,
        database_url=place.database.url,
        base_url="https://pingyi.example",
        secret_key=SECRET,
        insecure_http=True,
    )
    app = create_app(settings, place.database)
    app.testing = True
    return app.test_client()


def _made_by_the_box(place: County) -> CastBallot:
    """A ballot of whoever has the box's database and secret, who needs no code for it."""
    description = place.description()
    key = round_key(place.database, bytes.fromhex(description.id))
    prepared = prepare(description)
    blinded, inverse = blind(key.public, prepared.message)
    signature = finalize(key.public, prepared.message, key.sign_blinded(blinded), inverse)
    sealed = seal(description, bytes([1]) + bytes(description.questionnaire.plaintext_size - 1))
    return CastBallot(prepared.message, signature, sealed, prepared.prove(sealed))


def _post(client: FlaskClient, ballot: CastBallot) -> tuple[int, str]:
    names = ("message", "signature", "sealed", "proof")
    body = {n: base64.urlsafe_b64encode(getattr(ballot, n)).rstrip(b"=").decode() for n in names}
    answer = client.post("/s/2026-q4/ballot", json=body)
    return answer.status_code, answer.json.get("error", "")


def _stored(place: County) -> int:
    return place.look(lambda s, r: s.scalar(select(func.count()).where(Ballot.round_id == r.id)))


def test_the_box_refuses_ballots_of_its_own_address(place: TwoMachines, client: FlaskClient) -> None:
    ballot = _made_by_the_box(place)
    assert _post(client, ballot) == (404, "not_found")

    async def through_the_loop() -> None:
        await BallotBox(place.database).cast(place.slug, ballot)

    with pytest.raises(NotFound, match="寄到监票机"):
        asyncio.run(through_the_loop())
    honest = place.phone()
    honest.collect()
    honest.seal()
    assert _post(client, honest.ballot()) == (
        404,
        "not_found",
    )  # with stamp and all: it would come with a time
    assert _stored(place) == 0


def test_each_guard_alone_refuses_what_has_no_stamp(
    place: TwoMachines, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ballot = _made_by_the_box(place)
    with monkeypatch.context() as patch:
        patch.setattr(casting, "_require_direct", lambda *_: None)
        with pytest.raises(CredentialInvalid):
            casting.cast(place.database, place.slug, ballot)
        assert _post(client, ballot) == (403, "credential_invalid")
    with monkeypatch.context() as patch:
        patch.setattr(casting, "check_stamp", lambda *_: None)
        assert _post(client, ballot) == (404, "not_found")
    assert _stored(place) == 0


def test_without_the_guards_the_box_alone_takes_a_ballot_without_a_stamp(
    place: TwoMachines, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(casting, "_require_direct", lambda *_: None)
    monkeypatch.setattr(casting, "check_stamp", lambda *_: None)
    assert _post(client, _made_by_the_box(place))[0] == 200
    assert _stored(place) == 1


def test_the_witness_hands_over_by_the_real_address(place: TwoMachines, client: FlaskClient) -> None:
    """Beside it: batches are JSON from outside, without a cookie or a form's token."""
    place.phone().answer()

    def send(_round: WitnessRound, batch: Batch) -> dict[str, int]:
        answer = client.post("/s/2026-q4/batch", json=batch.to_dict())
        assert answer.status_code == 200, answer.text
        return answer.json

    assert place.witness.hand_over(send) == (1, 0)
    forged = Batch.signed(ec.generate_private_key(ec.SECP256R1()), place.description().id, 2, [b"x"])
    assert client.post("/s/2026-q4/batch", json=forged.to_dict()).json["error"] == "credential_invalid"
    assert _stored(place) == 1


def test_after_closing_the_address_tells_nothing_either(place: TwoMachines, client: FlaskClient) -> None:
    ballot = _made_by_the_box(place)
    place.close()
    assert _post(client, ballot) == (404, "not_found")
