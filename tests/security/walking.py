"""Browsers over HTTPS for a copy of the whole county, and what they leave behind."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import cheap
import pytest
from built_once import built_once
from county import BASE_URL, SECRET, County
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse
from whole_county import Whole, hold_everything

from survey.app import create_app
from survey.clock import now
from survey.config import Settings
from survey.database.engine import Database
from survey.models import User
from survey.services.people import sign_ins
from survey.web.site.request import SESSION_TOKEN

# What looking itself writes down; everything else must stay as it was.
OWN_TRACES = ("login_session", "failed_attempt")


def built(url: str) -> Whole:
    """The county, in an empty database that is at the newest revision."""
    with pytest.MonkeyPatch.context() as patched:
        cheap.keys(patched)
        return hold_everything(County(Database(url, secret_key=SECRET)).populate(enterprises=60))


def built_as_file(sqlite_template: Path, factory: pytest.TempPathFactory) -> tuple[Path, Whole]:
    """The county's file, for `copied`, built once for all workers."""

    def build(folder: Path) -> Whole:
        whole = built(f"sqlite:///{shutil.copyfile(sqlite_template, folder / 'whole.sqlite3')}")
        whole.place.database.close()
        return whole

    folder, whole = built_once(factory, "whole", build)
    return folder / "whole.sqlite3", whole


def copied(template: tuple[Path, Whole], folder: Path) -> Whole:
    """The same county, in a file of one's own."""
    path, whole = template
    database = Database(f"sqlite:///{shutil.copyfile(path, folder / 'whole.sqlite3')}", secret_key=SECRET)
    place = County(database, slug=whole.place.slug).populate_again(whole.place)
    return Whole(place, whole.liaison, whole.codes, whole.composite, whole.proposal, whole.analysis)


def served(whole: Whole, folder: Path) -> Flask:
    """The application as it is served over HTTPS, but for the CSRF token in forms (tested by itself)."""
    settings = Settings(folder, whole.place.database.url, BASE_URL, SECRET)
    app = create_app(settings, whole.place.database)
    app.config.update(WTF_CSRF_ENABLED=False)
    return app


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
    token = whole.place.database.write(lambda s: sign_ins.start_session(s, user, now()))
    with client.session_transaction(base_url=BASE_URL) as session:
        session[SESSION_TOKEN] = token
    return client


def ask(client: FlaskClient, method: str, address: str) -> TestResponse:
    return client.open(address, method=method, headers={"Accept": "text/html"})


def stored(place: County, *but: str) -> list[str]:
    """All that the database holds, except these tables and what looking itself leaves."""
    left_out = tuple(f'INSERT INTO "{table}"' for table in (*but, *OWN_TRACES))
    connection = place.database.engine.raw_connection()
    try:
        return [line for line in connection.iterdump() if not line.startswith(left_out)]  # type: ignore[attr-defined]
    finally:
        connection.close()
