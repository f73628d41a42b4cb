"""Reviewers' pages of rounds, and the confirmation of a closing by a second person."""

from __future__ import annotations

import time

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey.clock import today
from survey.language import gettext as _
from survey.models import Role, State
from survey.services.opening import closing_job
from survey.services.rounds import keyholders
from survey.services.rounds import lifecycle as all_rounds
from survey.services.voting import participation
from survey.web.site.access import requires
from survey.web.site.blueprints import review
from survey.web.site.forms.state import ConfirmForm
from survey.web.site.listing import list_query, page_of_rounds
from survey.web.site.request import database, signed_in_user
from survey.web.site.round_view import proposer_of, questionnaire_of
from survey.web.site.timeline import early_confirm, timeline
from survey.web.staff.jobs import state_of, workplace
from survey.web.staff.witness_steps import witness_view
from survey.web.waiting.task_lines import waiting_for

# A small box is closed before the page is back; of a large one the page shows the progress.
PATIENCE, LOOK = 2.0, 0.02


@review.get("/")
@requires(Role.REVIEWER)
def rounds() -> ResponseReturnValue:
    user, want = signed_in_user(), list_query()
    with database().read() as session:
        living = [r for r in all_rounds.list_rounds(session) if r.state != State.CANCELLED]
        page = page_of_rounds(living, want)
        waiting = waiting_for(session, user, today())
        rows = [
            (r, next((h for h in keyholders.holders(session, r) if h.user_id == user.id), None)) for r in page
        ]
    return render_template(
        "reviewer/rounds.html", rows=rows, page=page, want=want, waiting=waiting, day=today()
    )


@review.get("/<slug>/", endpoint="round")
@requires(Role.REVIEWER)
def round_page(slug: str) -> ResponseReturnValue:
    user = signed_in_user()
    with database().read() as session:
        found = all_rounds.get_round(session, slug)
        holders = keyholders.holders(session, found)
        facts = {
            "round": found,
            "holders": holders,
            "people": keyholders.people(session, found),
            "warning": keyholders.warning(session, found),
            "own": next((h for h in holders if h.user_id == user.id), None),
            "questionnaire": questionnaire_of(found),
            "totals": participation.totals(session, found, today()),
            "proposer": proposer_of(session, found),
            "witness": witness_view(session, found),
        }
    facts |= {"day": today(), "early_confirm": early_confirm(found, today())}
    facts["closing"] = closing_job.following(workplace(), found) if found.state == State.OPEN else None
    return render_template("reviewer/round.html", form=ConfirmForm(), steps=timeline(found, today()), **facts)


@review.post("/<slug>/confirm-closing")
@requires(Role.REVIEWER, fresh="review.round")
def confirm_closing(slug: str) -> ResponseReturnValue:
    form = ConfirmForm()
    if not form.validate():
        flash(str(next(iter(form.errors.values()))[0]), "error")
    else:
        begun = closing_job.start(workplace(), slug, signed_in_user())
        deadline = time.monotonic() + PATIENCE
        while (closing := closing_job.is_closing(database(), begun)) and time.monotonic() < deadline:
            time.sleep(LOOK)
        with database().read() as session:
            closed = all_rounds.get_round(session, slug).state == State.CLOSED
        if closed:
            flash(
                _("已截止，回执清单和校验根已经公布。请现在就打印截止记录，签名后各存一份，开箱时要用。"),
                "success",
            )
        elif closing:
            flash(_("已确认，正在核验选票。"), "info")
    return redirect(url_for("review.round", slug=slug))


@review.get("/<slug>/closing.json")
@requires(Role.REVIEWER)
def closing_state(slug: str) -> ResponseReturnValue:
    with database().read() as session:
        found = all_rounds.get_round(session, slug)
    return state_of(closing_job.following(workplace(), found) if found.state == State.OPEN else None)
