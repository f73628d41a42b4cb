"""A county behind the real application, and browsers for its people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cheap
import pytest
from county import BASE_URL, SECRET, County
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from flask.testing import FlaskClient

from survey.app import create_app
from survey.clock import now
from survey.config import Settings
from survey.database.engine import Database
from survey.models import User
from survey.protocol.crypto.hpke import point
from survey.protocol.holders.keyfile import answer_challenge
from survey.services.people import sign_ins
from survey.services.rounds import keyholders
from survey.web.site.forms.half_filled import OWNER
from survey.web.site.request import SESSION_TOKEN

SignIn = Callable[[User], FlaskClient]


@pytest.fixture(autouse=True)
def _one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap.keys(monkeypatch)


class QuickCounty(County):
    """Its reviewers prove their keys without saving them: a passphrase takes half a second."""

    def make_key(self, user: User) -> tuple[str, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        challenge = self.act(lambda s, r: keyholders.register_key(s, r, user, point(key)))
        proof = answer_challenge(key, self.description().id, challenge)
        self.act(lambda s, r: keyholders.prove_key(s, r, user, proof))
        return "{}", "口令"


@pytest.fixture
def place(sqlite_database: Database) -> County:
    """A county with an administrator, two reviewers and three enterprises, without a round."""
    return QuickCounty(sqlite_database).populate(enterprises=3)


@pytest.fixture
def site(place: County, tmp_path: Path) -> Flask:
    """The application as it is served, but for the CSRF token in forms (tested by itself)."""
    settings = Settings(
        data=tmp_path,
        database_url=place.database.url,
        base_url=BASE_URL,
        secret_key=SECRET,
        insecure_http=True,
    )
    app = create_app(settings, place.database)
    app.config.update(WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def visitor(site: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    return site.test_client()


@pytest.fixture
def sign_in(site: Flask, place: County) -> SignIn:
    """A browser in which this person has signed in."""

    def signed_in(user: User) -> FlaskClient:
        client = site.test_client()
        token = place.database.write(lambda s: sign_ins.start_session(s, user, now()))
        with client.session_transaction() as session:
            session[SESSION_TOKEN] = token
            session[OWNER] = user.id.hex()
        return client

    return signed_in


@pytest.fixture
def administrator(sign_in: SignIn, place: County) -> FlaskClient:
    return sign_in(place.administrator)


@pytest.fixture
def reviewer(sign_in: SignIn, place: County) -> FlaskClient:
    return sign_in(place.reviewers[0])
