"""The application factory."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from survey.assets import install_assets
from survey.config import Settings
from survey.db import Database, open_database
from survey.language import install_languages
from survey.paths import TEMPLATES
from survey.security import csrf, secure
from survey.version import __version__
from survey.views import (
    account,
    admin,
    audit,
    auth,
    changes,
    liaison,
    people,
    public_results,
    respond,
    review,
)
from survey.views.context import Pingyi, current_user
from survey.views.entered_language import install_marks
from survey.views.errors import install_errors
from survey.views.identifiers import RandomIdConverter


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """The Flask application for `settings`; opens the database unless one is given."""
    app = Flask("survey", template_folder=str(TEMPLATES), static_folder=None)
    app.url_map.converters["id"] = RandomIdConverter
    app.extensions["pingyi"] = Pingyi(settings, database or open_database(settings))
    secure(app, settings)
    install_languages(app)
    install_marks(app)
    install_errors(app)
    install_assets(app)
    for module in (respond, public_results, auth, account, admin, people, changes, audit, review, liaison):
        app.register_blueprint(module.blueprint)
    csrf.exempt(respond.blueprint)  # no cookie there, so nothing to forge with
    app.jinja_env.globals.update(current_user=current_user, version=__version__, is_demo=settings.demo)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app
