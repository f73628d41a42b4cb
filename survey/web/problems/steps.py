"""View for one step of a problem, for reviewers and liaisons: check the form, take the step, return to the
problem's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from survey.clock import today
from survey.models import Problem, Round
from survey.services.followup import problems
from survey.web.site.request import database, signed_in_user

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Step = Callable[..., Problem]
FindRound = Callable[["Session", str], Round]


class Take(Protocol):
    """Answer to the post of a step."""

    def __call__(
        self, slug: str, number: int, form: FlaskForm, said: str, step: Step, **given: object
    ) -> ResponseReturnValue: ...


def steps_of(page: str, find_round: FindRound) -> Take:
    """Function `take(slug, number, form, said, step, **given)` that answers the post of a step.

    `page`: endpoint of the problem's page; `find_round(session, slug)`: raises for a round the person may not
    see; `step(session, problem, user, today, **given)`: a function of `services.followup.problems`.
    """

    def take(
        slug: str, number: int, form: FlaskForm, said: str, step: Step, **given: object
    ) -> ResponseReturnValue:
        user, day = signed_in_user(), today()

        def run(session: Session) -> Problem:
            found = problems.get(session, find_round(session, slug), number, user)
            return step(session, found, user, day, **given)

        if not form.validate():
            flash(str(next(iter(form.errors.values()))[0]), "error")
        else:
            database().write(run)
            flash(said, "success")
        return redirect(url_for(page, slug=slug, number=number))

    return take
