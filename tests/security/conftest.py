"""The whole application with something behind every address, and a browser for each of its people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from walking import browser, built_as_file, copied, served, signed_in
from whole_county import Whole

from survey.models import User

SignIn = Callable[[User], FlaskClient]


@pytest.fixture(scope="session")
def whole_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Whole]:
    """The file of a county in which everything has happened, and its people."""
    return built_as_file(sqlite_template, tmp_path_factory)


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
