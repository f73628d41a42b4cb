"""Pages for publishing a round: proposed by one reviewer, looked through and confirmed by another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.clock import today
from survey.errors import N_, Conflict, Forbidden, PingyiError, in_full
from survey.language import gettext as _
from survey.models import Publication, Role, Round, Stage
from survey.services.followup import comment_lists, comment_releases, problems
from survey.services.publication import composites as edition_composites
from survey.services.publication import publishing
from survey.services.publication.content import assemble, marked
from survey.services.results.facts import known_facts
from survey.services.rounds import editions
from survey.web.result_views.edition import publication_page
from survey.web.reviewer.forms.publication import ProposeForm, PublishForm
from survey.web.reviewer.opened_round import opened_round
from survey.web.site.access import requires
from survey.web.site.blueprints import review
from survey.web.site.request import database, signed_in_user
from survey.web.site.round_view import questionnaire_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@review.get("/<slug>/publication")
@requires(Role.REVIEWER)
def publication(slug: str) -> ResponseReturnValue:
    return _page(slug, ProposeForm())


@review.post("/<slug>/publication/propose")
@requires(Role.REVIEWER)
def propose_publication(slug: str) -> ResponseReturnValue:
    form, user = ProposeForm(), signed_in_user()
    if not form.validate():
        return _page(slug, form), 400
    text = form.correction.data or ""
    with_it = request.form.getlist("composite")
    try:
        database().write(lambda s: publishing.propose(s, opened_round(s, slug), user, text, with_it))
    except PingyiError as error:
        form.correction.errors = [in_full(error, _)]
        return _page(slug, form), error.status
    flash(_("公布稿已经定格，等另一位评议员逐项看过后确认。"), "success")
    return redirect(url_for("review.publication", slug=slug))


@review.post("/<slug>/publication/confirm")
@requires(Role.REVIEWER, fresh="review.publication")
def confirm_publication(slug: str) -> ResponseReturnValue:
    form, user, day = PublishForm(), signed_in_user(), today()
    if not form.validate():
        flash(str(next(iter(form.errors.values()))[0]), "error")
    else:
        database().write(lambda s: publishing.confirm(s, _waiting(s, slug), user, day))
        flash(_("已经公布。"), "success")
    return redirect(url_for("review.publication", slug=slug))


@review.post("/<slug>/publication/withdraw")
@requires(Role.REVIEWER)
def withdraw_publication(slug: str) -> ResponseReturnValue:
    user = signed_in_user()
    database().write(lambda s: publishing.withdraw(s, _waiting(s, slug), user))
    flash(_("公布稿已撤回。"), "success")
    return redirect(url_for("review.publication", slug=slug))


def _page(slug: str, form: ProposeForm) -> str:
    with database().read() as session:
        found = opened_round(session, slug)
        waiting = editions.waiting(session, found)
        before = editions.before(session, waiting) if waiting else None
        listed = problems.of_round(session, found)
        analysed = known_facts(session, found) is not None
        composites = edition_composites.ready(session, found) if analysed and not waiting else []
        ids = [c.id.hex() for c in composites]
        content = waiting.facts if waiting else assemble(session, found, ids) if analysed else None
        facts = {
            "round": found,
            "waiting": waiting,
            "published": editions.published(session, found),
            "people": editions.people(session, found),
            "analysed": analysed,
            "composites": composites,
            "marked": marked(content) if content else [],
            "undecided": _undecided(session, found),
            "released": sum(map(len, comment_releases.released_texts(session, found).values())),
            "problems": sum(p.stage != Stage.WITHDRAWN for p in listed),
        }
    preview = publication_page(waiting, before, questionnaire_of(found).scale) if waiting else None
    return render_template(
        "reviewer/publication.html", form=form, publish=PublishForm(), preview=preview, **facts
    )


def _undecided(session: Session, found: Round) -> tuple[int, int]:
    """Comments that nobody, and that only one reviewer, has decided; none where they must not be shown."""
    try:
        return comment_lists.undecided_of(comment_lists.tallies(session, found))
    except Forbidden:
        return 0, 0


def _waiting(session: Session, slug: str) -> Publication:
    waiting = editions.waiting(session, opened_round(session, slug))
    if waiting is None:
        raise Conflict(N_("没有等待确认的公布稿。"), remedy=N_("请刷新页面看现在的状态。"))
    return waiting
