"""Whether the password or code in a form is that of the person who is signed in."""

from __future__ import annotations

from flask_wtf import FlaskForm

from survey.errors import PingyiError
from survey.language import gettext as _
from survey.models import User
from survey.services.people import sign_ins
from survey.web.account.sign_in import check_code, check_password
from survey.web.site.forms.proof import ProvenForm
from survey.web.site.request import current_login, signed_in_user


def prove(user: User, typed: str) -> None:
    """Raise what a wrong password or code of `user` raises; a code is taken once."""
    digits = "".join(typed.split())
    if user.totp_secret is not None and len(digits) == 6 and digits.isdecimal():
        check_code(user, digits, own_handle())
    else:
        check_password(user.name, typed, own_handle())


def own_handle() -> str:
    """The name of this browser's sign-in."""
    login = current_login()
    return sign_ins.handle(login[0]) if login else ""


def proven(form: ProvenForm) -> bool:
    """Whether the form proves who sent it; if not, it says so at its field."""
    try:
        prove(signed_in_user(), form.proof.data or "")
    except PingyiError as error:
        form.proof.errors = [*form.proof.errors, error.say(_) + error.say_remedy(_)]
        return False
    return True


def first_error(form: FlaskForm) -> str:
    """The first complaint of a form."""
    return str(next(iter(form.errors.values()))[0])
