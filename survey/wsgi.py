"""What a WSGI server loads: `survey.wsgi:create` (a factory) with settings from the environment."""

from __future__ import annotations

from flask import Flask

from survey.app import create_app
from survey.config import load_settings


def create() -> Flask:
    return create_app(load_settings())
