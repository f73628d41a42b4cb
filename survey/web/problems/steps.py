"""View for one step of a problem, for reviewers and liaisons: check the form, take the step, return to the
problem's page; what is refused stays in its form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from flask import flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from survey.clock import today
from survey.errors import PingyiError, in_full
from survey.language import gettext as _
from survey.models import Problem, Round
from survey.services.followup import problems
from survey.web.site.request import database, signed_in_user

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Step = Callable[..., Problem]
FindRound = Callable[["Session", str], Round]
Show = Callable[[str, int, FlaskForm], str]


class Take(Protocol):
    """Answer to the post of a step."""

    def __call__(
        self, slug: str, number: int, form: FlaskForm, said: str, step: Step, **given: object
    ) -> ResponseReturnValue: ...


def steps_of(page: str, find_round: FindRound, show: Show) -> Take:
    """Function `take(slug, number, form, said, step, **given)` that answers the post of a step.

    `page`: endpoint of the problem's page; `find_round(session, slug)`: raises for a round the person may not
    see; `show(slug, number, form)`: the problem's page with a form that was refused; `step(session, problem,
    user, today, seen=…, **given)`: a function of `services.followup`, which raises where the page was stale.
    """

    def take(
        slug: str, number: int, form: FlaskForm, said: str, step: Step, **given: object
    ) -> ResponseReturnValue:
        user, day, seen = signed_in_user(), today(), request.form.get("seen", type=int)

        def run(session: Session) -> Problem:
            found = problems.get(session, find_round(session, slug), number, user)
            return step(session, found, user, day, seen=seen, **given)

        if not form.validate():
            return show(slug, number, form), 400
        try:
            database().write(run)
        except PingyiError as error:
            form.form_errors.append(in_full(error, _))
            return make_response(show(slug, number, form), error.status)
        flash(said, "success")
        return redirect(url_for(page, slug=slug, number=number))

    return take
