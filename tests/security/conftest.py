"""The whole application with something behind every address, and a browser for each of its people."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from walking import browser, built, copied, served, signed_in
from whole_county import Whole

from survey.models import User

SignIn = Callable[[User], FlaskClient]


@pytest.fixture(scope="session")
def whole_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Whole]:
    """The file of a county in which everything has happened, and its people."""
    path = tmp_path_factory.mktemp("whole") / "whole.sqlite3"
    whole = built(f"sqlite:///{shutil.copyfile(sqlite_template, path)}")
    whole.place.database.close()
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
