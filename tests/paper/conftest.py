"""A county behind the real application, for stations to cast to."""

from __future__ import annotations

from pathlib import Path

import pytest
from county import BASE_URL, SECRET, County
from flask import Flask

from survey.app import create_app
from survey.config import Settings
from survey.database.engine import Database


@pytest.fixture
def place(sqlite_database: Database, _cheap_keys: None) -> County:
    """A round with slips that collects."""
    return County(sqlite_database).collecting(slips=40)


def site_of(place: County, folder: Path) -> Flask:
    """The application over a county's database."""
    settings = Settings(
        data=folder, database_url=place.database.url, base_url=BASE_URL, secret_key=SECRET, insecure_http=True
    )
    return create_app(settings, place.database)


@pytest.fixture
def site(place: County, tmp_path: Path) -> Flask:
    return site_of(place, tmp_path)
