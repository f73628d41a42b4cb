"""Answer to a refused form: the form again, with the error above it."""

from __future__ import annotations

from flask import make_response, render_template
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from survey.errors import PingyiError, in_full
from survey.language import gettext as _
from survey.services.people.throttle import TooManyTries


def refused(template: str, form: FlaskForm, error: PingyiError, **facts: object) -> ResponseReturnValue:
    """Page of `form` with the message and remedy of `error` above it, under the status of `error`."""
    form.form_errors.append(in_full(error, _))
    response = make_response(render_template(template, form=form, **facts), error.status)
    if isinstance(error, TooManyTries):
        response.headers["Retry-After"] = str(error.seconds)
    return response
