"""Factory of the Flask application of the site."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from survey import quiet_log
from survey.config import Settings
from survey.database.engine import Database, open_database
from survey.paths import TEMPLATES
from survey.version import __version__
from survey.web.account import own_account, sign_in
from survey.web.administrator import pages as admin
from survey.web.help import pages as help_pages
from survey.web.languages import install_languages
from survey.web.liaison import pages as liaison
from survey.web.log import pages as audit
from survey.web.mailing import pages as mailing
from survey.web.people import changes
from survey.web.people import pages as people
from survey.web.phone import batch, protocol
from survey.web.public import health, results
from survey.web.ratings import pages as ratings
from survey.web.reviewer import pages as review
from survey.web.site.assets import install_assets
from survey.web.site.entered_language import install_marks
from survey.web.site.error_pages import install_errors
from survey.web.site.identifiers import RandomIdConverter
from survey.web.site.request import Pingyi, current_user
from survey.web.site.security import csrf, secure


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """The Flask application for `settings`; opens the database unless one is given."""
    quiet_log.install(settings.data, as_json=settings.log_as_json)
    app = Flask("survey", template_folder=str(TEMPLATES), static_folder=None)
    app.url_map.converters["id"] = RandomIdConverter
    app.extensions["pingyi"] = Pingyi(settings, database or open_database(settings))
    secure(app, settings)
    install_languages(app)
    install_marks(app)
    install_errors(app)
    install_assets(app)
    for module in (
        protocol,
        batch,
        results,
        sign_in,
        own_account,
        admin,
        mailing,
        people,
        changes,
        audit,
        ratings,
        review,
        liaison,
        health,
        help_pages,
    ):
        app.register_blueprint(module.blueprint)
    for module in (protocol, batch):
        csrf.exempt(module.blueprint)  # no cookie there, so nothing to forge with
    app.jinja_env.globals.update(current_user=current_user, version=__version__, is_demo=settings.demo)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app
