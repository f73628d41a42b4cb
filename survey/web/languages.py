"""Language of a page: from the address (?lang=), else the visitor's choice, else Simplified Chinese; for
phones, what the browser prefers."""

from __future__ import annotations

from flask import Flask, has_request_context, request, session
from flask_babel import Babel, get_locale, get_translations
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from survey.counted import agreeing
from survey.language import Language, current_language, english, follow_pages
from survey.paths import TRANSLATIONS
from survey.wording.numbers import day

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
PHONE_BLUEPRINT = "respond"


def install_languages(app: Flask) -> None:
    """Set up translation for the templates and messages of `app`."""
    app.config.update(
        BABEL_DEFAULT_LOCALE=LANGUAGES["zh"],
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        BABEL_TRANSLATION_DIRECTORIES=str(TRANSLATIONS),
    )
    babel = Babel(app, locale_selector=_choose)
    with app.app_context():
        domain = babel.domain_instance
        domain.cache[LANGUAGES["en"], domain.domain[0]] = english()  # as the rest of the product reads it
    follow_pages(_of_page)
    app.jinja_env.globals.update(language=current_language, gettext=_in_template)
    app.jinja_env.filters["day"] = day


@pass_context
def _in_template(context: Context, message: str, /, **values: object) -> str:
    """Text of `message` for a template, with its values escaped as Jinja's own function does."""
    text = agreeing(get_translations().ugettext(message), values)
    return (Markup(text) if context.eval_ctx.autoescape else text) % values  # noqa: S704 - our catalogue


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
