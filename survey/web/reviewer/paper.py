"""Reviewers' page of paper forms: the counts that reading stations made."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey.language import gettext as _
from survey.models import Role, State
from survey.protocol.paper_count import LONGEST
from survey.services.people import round_people
from survey.services.rounds import lifecycle
from survey.services.voting import paper_counts
from survey.web.reviewer.forms.paper import PaperCountForm
from survey.web.site.access import requires
from survey.web.site.blueprints import review
from survey.web.site.request import database, signed_in_user
from survey.wording.editions import paper_forms


@review.get("/<slug>/paper")
@requires(Role.REVIEWER)
def paper(slug: str) -> ResponseReturnValue:
    return _page(slug, PaperCountForm())


@review.post("/<slug>/paper")
@requires(Role.REVIEWER)
def take_paper_count(slug: str) -> ResponseReturnValue:
    form, user = PaperCountForm(), signed_in_user()
    if not form.validate():
        return _page(slug, form), 400
    content = form.file.data.read(LONGEST + 1)
    database().write(lambda s: paper_counts.take(s, lifecycle.get_round(s, slug), user, content) and None)
    flash(_("已登记，公示页上就是这些数。"), "success")
    return redirect(url_for("review.paper", slug=slug))


def _page(slug: str, form: PaperCountForm) -> str:
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        round_people.require(session, found, signed_in_user())
        counts, sums = paper_counts.counts_of(session, found), paper_counts.stated(session, found)
    return render_template(
        "reviewer/counts/paper.html",
        round=found,
        form=form,
        counts=counts,
        sentences=paper_forms(sums),
        keys={count.station: paper_counts.fingerprints(count) for count in counts},
        closed=found.state in (State.CLOSED, State.OPENED),
    )
