"""What a WSGI server loads: `survey.wsgi:create` (a factory) with settings from the environment."""

from __future__ import annotations

import atexit

from flask import Flask

from survey.app import create_app
from survey.config import load_settings
from survey.db import open_database
from survey.services import duties


def create() -> Flask:
    settings = load_settings()
    database = open_database(settings)
    duties.start(database, settings.data)
    atexit.register(database.close)  # where the server says nothing of its end, as gunicorn
    return create_app(settings, database)
