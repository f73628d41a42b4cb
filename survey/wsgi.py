"""WSGI entry point `survey.wsgi:create`: a factory of the site with settings from the environment."""

from __future__ import annotations

import atexit

from flask import Flask

from survey import worker
from survey.app import create_app
from survey.config import load_settings
from survey.database.engine import open_database
from survey.services.waiting.telling import channels_of


def create() -> Flask:
    settings = load_settings()
    database = open_database(settings)
    worker.start(database, settings.data, channels=channels_of(settings), contact_days=settings.contact_days)
    atexit.register(database.close)  # for servers without a shutdown event, such as gunicorn
    return create_app(settings, database)
