"""Language of a page: from the address (?lang=), else the visitor's choice, else Simplified Chinese; for
phones, what the browser prefers."""

from __future__ import annotations

from flask import Flask, has_request_context, request, session
from flask_babel import Babel, get_locale

from survey.language import Language, current_language, follow_pages
from survey.paths import TRANSLATIONS

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
PHONE_BLUEPRINT = "respond"


def install_languages(app: Flask) -> None:
    """Set up translation for the templates and messages of `app`."""
    app.config.update(
        BABEL_DEFAULT_LOCALE=LANGUAGES["zh"],
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        BABEL_TRANSLATION_DIRECTORIES=str(TRANSLATIONS),
    )
    Babel(app, locale_selector=_choose)
    follow_pages(_of_page)
    app.jinja_env.globals["language"] = current_language


def _of_page() -> Language | None:
    locale = get_locale()
    return None if locale is None else "en" if str(locale).startswith("en") else "zh"


def _choose() -> str | None:
    if not has_request_context():
        return None
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return LANGUAGES[asked]
    if request.blueprint == PHONE_BLUEPRINT:  # reads no cookie, so that none need exist
        return LANGUAGES[request.accept_languages.best_match(list(LANGUAGES), "zh")]
    return LANGUAGES.get(session.get("language", "zh"), LANGUAGES["zh"])
