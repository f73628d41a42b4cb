"""Reviewers' page of the check by telephone: draw, list to call, results, and what they rule out."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analysis.sampling.discovery import calls_for, most_false
from survey.clock import today
from survey.errors import N_, Malformed
from survey.language import gettext as _
from survey.models import Role, Said
from survey.services.people import round_people
from survey.services.rounds import lifecycle
from survey.services.voting import telephone_check
from survey.web.reviewer.forms.telephone import DrawForm
from survey.web.site.access import requires
from survey.web.site.blueprints import review
from survey.web.site.request import database, signed_in_user
from survey.web.site.state_changes import change_state
from survey.wording.telephone import telephone_check as sentences

SHARE = 20
"""Suggested: as many calls as find one false of this many."""
EXAMPLES = (10, 30, 60, 100, 200)


@review.get("/<slug>/telephone")
@requires(Role.REVIEWER)
def telephone(slug: str) -> ResponseReturnValue:
    return _page(slug, DrawForm())


@review.post("/<slug>/telephone/draw")
@requires(Role.REVIEWER)
def draw_telephone(slug: str) -> ResponseReturnValue:
    form, user = DrawForm(), signed_in_user()
    if not form.validate():
        return _page(slug, form), 400
    word, size = form.word.data or "", form.size.data or 0
    database().write(
        lambda s: telephone_check.draw(s, lifecycle.get_round(s, slug), user, word, size, today()) and None
    )
    flash(_("已抽出 %(count)s 家。", count=size), "success")
    return redirect(url_for("review.telephone", slug=slug))


@review.post("/<slug>/telephone")
@requires(Role.REVIEWER)
def enter_telephone(slug: str) -> ResponseReturnValue:
    user, said = signed_in_user(), _results()
    return change_state(
        slug,
        None,
        lambda s, r: telephone_check.enter(s, r, user, said) and None,
        _("结果已保存。"),
        "review.telephone",
    )


def _page(slug: str, form: DrawForm) -> str:
    user = signed_in_user()
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        round_people.require(session, found, user)
        drawn = telephone_check.drawn_of(session, found)
        names = [] if drawn else telephone_check.population(session, found)
    if form.size.data is None and names:
        form.size.data = calls_for(len(names), -(-len(names) // SHARE))
    return render_template(
        "reviewer/telephone/check.html",
        round=found,
        form=form,
        drawn=drawn,
        population=len(names),
        examples=[(n, most_false(len(names), n, 0) + 1) for n in EXAMPLES if n < len(names)],
        sentences=drawn and list(sentences(*drawn.counts)),
        words_of={
            Said.WAITS: _("还没有打"),
            Said.TOOK_PART: _("说参加了"),
            Said.DID_NOT: _("说没有参加"),
            Said.NOT_REACHED: _("没有联系上"),
        },
    )


def _results() -> dict[bytes, Said]:
    """Answers chosen in the form, by the enterprise's id; raises `Malformed` for an unknown id form or
    answer."""
    given = {name: value for name, value in request.form.items() if name.startswith("said-")}
    try:
        return {bytes.fromhex(name.removeprefix("said-")): Said(value) for name, value in given.items()}
    except ValueError as error:
        raise Malformed(N_("填写的结果无法识别。")) from error
