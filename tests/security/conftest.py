"""The whole application with something behind every address, and a browser for each of its people."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from county import SECRET, County, round_key
from flask import Flask
from flask.testing import FlaskClient
from walking import browser, copied, served, signed_in
from whole_county import Whole, hold_everything

from survey.ballot import keyfile
from survey.ballot.blind import RoundKey
from survey.db import Database
from survey.models import User

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
