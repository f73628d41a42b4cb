"""Every address of the desks is closed to those it is not for."""

from __future__ import annotations

import re

import pytest
from county import County
from flask import Flask
from flask.testing import FlaskClient

from survey.models import Role

DESKS = {"admin": Role.ADMINISTRATOR, "review": Role.REVIEWER, "liaison": Role.LIAISON}


def desk_addresses(site: Flask) -> list[tuple[str, str, str]]:
    """(desk, method, address) of every route of all desks."""
    found = []
    for rule in site.url_map.iter_rules():
        desk = rule.endpoint.partition(".")[0]
        if desk in DESKS:
            address = re.sub("<int:[a-z]+>", "1", rule.rule)
            address = address.replace("<slug>", "2026-q4").replace("<name>", "ranking.png")
            address = re.sub(r"<int:\w+>", "1", address)
            found += [(desk, method, address) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    return found


def test_there_are_doors_to_try(site: Flask) -> None:
    assert len(desk_addresses(site)) >= 30


def test_a_stranger_is_sent_to_sign_in(site: Flask, place: County, visitor: FlaskClient) -> None:
    place.draft()
    for _desk, method, address in desk_addresses(site):
        answer = visitor.open(address, method=method)
        assert answer.status_code == 302, (method, address)
        assert answer.location.startswith("/login"), (method, address)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.REVIEWER, Role.LIAISON])
def test_the_wrong_role_is_refused(site: Flask, place: County, sign_in, role: Role) -> None:
    place.draft()
    client = sign_in(place.add_user("另一个人", role))
    for desk, method, address in desk_addresses(site):
        answer = client.open(address, method=method)
        if DESKS[desk] != role:
            assert answer.status_code == 403, (method, address)


def test_no_address_answers_with_a_server_error(site: Flask, place: County, sign_in) -> None:
    place.draft()
    for user in (place.administrator, place.reviewers[0]):
        client = sign_in(user)
        for _desk, method, address in desk_addresses(site):
            assert client.open(address, method=method).status_code < 500, (method, address)
