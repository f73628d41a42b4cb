"""The whole application with something behind every address, and a browser for each of its people."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from county import BASE_URL, SECRET, County, round_key
from flask import Flask
from flask.testing import FlaskClient
from whole_county import Whole, hold_everything

from survey.app import create_app
from survey.ballot import keyfile
from survey.ballot.blind import RoundKey
from survey.clock import now
from survey.config import Settings
from survey.db import Database
from survey.models import User
from survey.services import accounts
from survey.views.context import SESSION_TOKEN

SignIn = Callable[[User], FlaskClient]


@pytest.fixture(scope="session")
def whole_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Whole]:
    """The file of a county in which everything has happened, and its people."""
    path = tmp_path_factory.mktemp("whole") / "whole.sqlite3"
    database = Database(f"sqlite:///{shutil.copyfile(sqlite_template, path)}", secret_key=SECRET)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(keyfile, "ITERATIONS", 1000)
        patched.setattr(RoundKey, "generate", classmethod(lambda _cls: round_key()))
        whole = hold_everything(County(database).populate(enterprises=30))
    database.close()
    return path, whole


def copied(template: tuple[Path, Whole], folder: Path) -> Whole:
    """The same county, in a file of one's own."""
    path, whole = template
    database = Database(f"sqlite:///{shutil.copyfile(path, folder / 'whole.sqlite3')}", secret_key=SECRET)
    place = County(database, slug=whole.place.slug).populate_again(whole.place)
    return Whole(place, whole.liaison)


def served(whole: Whole, folder: Path) -> Flask:
    """The application as it is served over HTTPS, but for the CSRF token in forms (tested by itself)."""
    settings = Settings(folder, whole.place.database.url, BASE_URL, SECRET)
    app = create_app(settings, whole.place.database)
    app.config.update(WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def whole(whole_template: tuple[Path, Whole], tmp_path: Path) -> Iterator[Whole]:
    """A county of one's own to spoil."""
    found = copied(whole_template, tmp_path)
    yield found
    found.place.database.close()


@pytest.fixture
def site(whole: Whole, tmp_path: Path) -> Flask:
    return served(whole, tmp_path)


@pytest.fixture
def visitor(site: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    return browser(site)


@pytest.fixture
def sign_in(site: Flask, whole: Whole) -> SignIn:
    return lambda user: signed_in(site, whole, user)


class SecureClient(FlaskClient):
    """Asks for the site's own address unless told otherwise."""

    def open(self, *args: Any, **options: Any) -> Any:
        return super().open(*args, **({"base_url": BASE_URL} | options))


def browser(site: Flask) -> FlaskClient:
    """A browser that comes over HTTPS."""
    site.test_client_class = SecureClient
    return site.test_client()


def signed_in(site: Flask, whole: Whole, user: User) -> FlaskClient:
    """A browser in which this person has signed in, and has just proved it again."""
    client = browser(site)
    token = whole.place.database.write(lambda s: accounts.start_session(s, user, now()))
    with client.session_transaction(base_url=BASE_URL) as session:
        session[SESSION_TOKEN] = token
    return client
