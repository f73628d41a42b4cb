"""A form shown again with the sentence of what was refused."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template
from flask_wtf import FlaskForm

from survey.errors import PingyiError
from survey.language import gettext as _
from survey.services.people.throttle import TooManyTries


def refused(template: str, form: FlaskForm, error: PingyiError, **facts: Any) -> Any:
    """The page of `form` with `error` above it, under the error's status."""
    form.form_errors.append(error.say(_) + error.say_remedy(_))
    response = make_response(render_template(template, form=form, **facts), error.status)
    if isinstance(error, TooManyTries):
        response.headers["Retry-After"] = str(error.seconds)
    return response
