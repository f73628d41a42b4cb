"""Check that a password or code typed into a form is that of the person who is signed in."""

from __future__ import annotations

from flask_wtf import FlaskForm

from survey.errors import PingyiError, in_full
from survey.language import gettext as _
from survey.models import User
from survey.services.people import sign_ins
from survey.web.account.sign_in import check_code, check_password
from survey.web.site.forms.proof import ProvenForm
from survey.web.site.request import current_login, signed_in_user


def prove(user: User, typed: str) -> None:
    """Check `typed` against the password or the second factor of `user`; raises `LoginFailed`, `CodeWrong` or
    `TooManyTries`. A code is accepted only once."""
    digits = "".join(typed.split())
    if user.totp_secret is not None and len(digits) == 6 and digits.isdecimal():
        check_code(user, digits, own_handle())
    else:
        check_password(user.name, typed, own_handle())


def own_handle() -> str:
    """Handle of this browser's sign-in; "" if nobody is signed in."""
    login = current_login()
    return sign_ins.handle(login[0]) if login else ""


def proven(form: ProvenForm) -> bool:
    """Whether the password or code in the form is right; if not, the error is put at that field."""
    try:
        prove(signed_in_user(), form.proof.data or "")
    except PingyiError as error:
        form.proof.errors = [*form.proof.errors, in_full(error, _)]
        return False
    return True


def first_error(form: FlaskForm) -> str:
    """First error message of a form."""
    return str(next(iter(form.errors.values()))[0])
