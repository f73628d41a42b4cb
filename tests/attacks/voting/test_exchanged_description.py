"""One visitor is served another description: key, holder or order of departments exchanged in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from county import BASE_URL, County
from cryptography.hazmat.primitives.asymmetric import ec

from survey.demo.phone import NotAsHandedOut, PhoneClient
from survey.errors import Conflict, InvalidInput
from survey.protocol.codes import new_code, parse_code
from survey.protocol.credentials import public_key
from survey.protocol.crypto import hpke
from survey.protocol.crypto.blind import RoundKey
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.description import Holder, RoundDescription
from survey.protocol.holders.sealing import Opener, seal
from survey.services.invitations import issuing
from survey.services.rounds import lifecycle

OWN_KEY = ec.generate_private_key(ec.SECP256R1())
SECOND = cache(RoundKey.generate)


def other_key(honest: RoundDescription) -> RoundDescription:
    """Key and fingerprint together: only paper, or the link, knows the first one."""
    public = SECOND().public
    return replace(honest, blind_key_n=public.n_bytes, blind_key_fingerprint=public.fingerprint)


def other_holders(honest: RoundDescription) -> RoundDescription:
    mine = tuple(Holder(holder.name, hpke.point(OWN_KEY)) for holder in honest.holders)
    return replace(honest, holders=mine)


def other_order(honest: RoundDescription) -> RoundDescription:
    asked = honest.questionnaire
    return replace(honest, questionnaire=replace(asked, departments=asked.departments[::-1]))


def first_version(honest: RoundDescription) -> RoundDescription:
    return replace(honest, version=1)


EXCHANGES = [other_key, other_holders, other_order, first_version]


class Served(PhoneClient):
    """A phone whose server describes the round as it likes, and signs with whichever key it described."""

    def __init__(self, *_: object) -> None:
        super().__init__(BASE_URL, "2026-q4")
        self.asked: list[str] = []

    def _request(self, _method: str, name: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        self.asked.append(name)
        return {"blind_signature": b64u(SECOND().sign_blinded(unb64u((body or {})["blinded"])))}


@pytest.fixture
def collecting(place_on_sqlite: County) -> County:
    return place_on_sqlite.collecting(slips=1)


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_link_without_a_number_believes_what_it_is_served(
    collecting: County, exchange: Callable[[RoundDescription], RoundDescription]
) -> None:
    """Naive: the code alone, as links were before."""
    served = other_key(exchange(collecting.description()))
    phone = Served()
    credential = phone.collect(served, new_code())
    assert public_key(served).verifies(credential.prepared.message, credential.signature)
    if exchange is other_holders:
        text = bytes([1]) + bytes(served.questionnaire.plaintext_size - 1)
        spy = Opener(served, dict.fromkeys(range(len(served.holders)), OWN_KEY))
        assert spy.open(seal(served, text)) == text, "the server reads the ballot"


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_the_number_in_the_link_refuses_it(
    collecting: County, exchange: Callable[[RoundDescription], RoundDescription]
) -> None:
    honest = collecting.description()
    code = collecting.links[0].partition("#")[2]
    assert code.endswith(honest.check_number)
    phone = Served()
    with pytest.raises(NotAsHandedOut):
        phone.collect(exchange(honest), code)
    assert phone.asked == []


@pytest.mark.parametrize("changes", [{"quorum": 3}, {"holders": ()}, {"complete": False}])
def test_nobody_seals_for_too_few_holders(collecting: County, changes: dict[str, Any]) -> None:
    """Attack: a client that began before the holders were complete sealed with no wraps at all."""
    served = replace(collecting.description(), **changes)
    assert not served.complete or not served.subsets, "a client that only loops over them never notices"
    phone = Served()
    with pytest.raises(InvalidInput):
        phone.collect(served, collecting.codes[0])
    assert phone.asked == []


def test_a_draft_says_that_it_is_not_complete(place_on_sqlite: County) -> None:
    place = place_on_sqlite.populate().draft()
    assert place.description().to_dict()["complete"] is False
    assert "complete" not in place.issue(1).description().to_dict()


def test_links_that_a_change_has_overtaken_are_not_valid(place_on_sqlite: County) -> None:
    """Otherwise every phone would cry wolf: the round is changed between making the links and freezing it."""
    place = place_on_sqlite.populate().draft()
    made = place.look(lambda s, r: issuing.prepare_slips(s, r, BASE_URL, 3))
    place.act(lambda s, r: lifecycle.update_round(s, r, {"threshold": 5}, "管理员"))
    with pytest.raises(Conflict, match="核对号"):
        place.act(lambda s, r: issuing.store(s, r, made, "管理员"))
    assert not place.round().frozen


def test_the_server_cannot_turn_what_it_was_sent_into_a_code(collecting: County) -> None:
    """Another machine will get another half of the code; neither has the other's, nor the whole."""
    about, code = collecting.description(), parse_code(collecting.codes[0])
    from survey.protocol.codes import hash_of_sent, secret_to_send

    sent = secret_to_send(about, code)
    assert code not in unb64u(sent)
    assert sent != secret_to_send(replace(about, id="0" * 32), code), "of one round only"
    assert hash_of_sent(about, sent) == collecting.code_hash(collecting.codes[0])
