"""Pages on comments: one reviewer decides on release, another confirms, department by department."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.database.paging import page_of_rows
from survey.errors import PingyiError
from survey.language import gettext as _
from survey.models import Role
from survey.services.followup import comment_releases, themes
from survey.services.people import round_people
from survey.services.rounds import lifecycle
from survey.web.reviewer.forms.themes import ThemesForm
from survey.web.reviewer.opened_round import opened_round
from survey.web.site.access import requires
from survey.web.site.blueprints import review
from survey.web.site.form_errors import refused
from survey.web.site.listing import list_query
from survey.web.site.request import database, signed_in_user

AT_ONCE = 40


class Beginning(list[comment_releases.ReviewedComment]):
    """List of the first `AT_ONCE` of many comments, worked through from the top; `left`: how many more there
    are."""

    def __init__(self, entries: list[comment_releases.ReviewedComment]) -> None:
        super().__init__(entries[:AT_ONCE])
        self.left = len(entries) - len(self)


@review.get("/<slug>/comments")
@requires(Role.REVIEWER)
def comments(slug: str) -> ResponseReturnValue:
    with database().read() as session:
        found = opened_round(session, slug)
        round_people.require(session, found, signed_in_user())
        listed = comment_releases.tallies(session, found)
        counted = {entry.department: entry for entry in comment_releases.theme_counts(session, found)}
    return render_template("reviewer/comments.html", round=found, listed=listed, counted=counted)


@review.get("/<slug>/comments/<int:index>", endpoint="department_comments")
@requires(Role.REVIEWER)
def department(slug: str, index: int) -> ResponseReturnValue:
    user = signed_in_user()
    with database().read() as session:
        found = opened_round(session, slug)
        round_people.require(session, found, user)
        entries = comment_releases.entries(session, found, index)
        tally = comment_releases.tallies(session, found)[index]
    open_ones = [e for e in entries if not e.decision]
    proposed = [e for e in entries if e.decision and not e.confirmed]
    return render_template(
        "reviewer/department_comments.html",
        round=found,
        tally=tally,
        undecided=Beginning(open_ones),
        others=Beginning([e for e in proposed if e.proposed_by != user.id]),
        own=Beginning([e for e in proposed if e.proposed_by == user.id]),
        done=page_of_rows([e for e in entries if e.confirmed], list_query().page, AT_ONCE),
        pieces=pieces,
    )


@review.post("/<slug>/comments/<int:index>/propose")
@requires(Role.REVIEWER)
def propose_release(slug: str, index: int) -> ResponseReturnValue:
    user = signed_in_user()
    chosen = {
        name.removeprefix("decision-"): (
            value,
            request.form.get(f"text-{name.removeprefix('decision-')}", ""),
        )
        for name, value in request.form.items()
        if name.startswith("decision-") and value
    }
    kept = database().write(
        lambda s: comment_releases.propose(s, lifecycle.get_round(s, slug), index, user, chosen)
    )
    flash(_("已记下 %(count)s 条，等另一位评议员确认。", count=kept), "success" if kept else "info")
    return _back(slug, index)


@review.post("/<slug>/comments/<int:index>/confirm")
@requires(Role.REVIEWER)
def confirm_release(slug: str, index: int) -> ResponseReturnValue:
    user = signed_in_user()
    ticked = [name.removeprefix("confirm-") for name in request.form if name.startswith("confirm-")]
    shown = {key: request.form.get(f"shown-{key}", "") for key in ticked}
    done = database().write(
        lambda s: comment_releases.confirm(s, lifecycle.get_round(s, slug), index, user, shown)
    )
    flash(_("已确认 %(count)s 条。", count=done), "success" if done else "info")
    return _back(slug, index)


@review.post("/<slug>/comments/<int:index>/take-back")
@requires(Role.REVIEWER)
def take_back_release(slug: str, index: int) -> ResponseReturnValue:
    user, comment = signed_in_user(), request.form.get("comment", "")
    database().write(
        lambda s: comment_releases.take_back(s, lifecycle.get_round(s, slug), index, user, comment)
    )
    flash(_("已取回，可以重新处理。"), "success")
    return _back(slug, index)


@review.get("/themes", endpoint="themes")
@requires(Role.REVIEWER)
def themes_page() -> ResponseReturnValue:
    with database().read() as session:
        listed = themes.themes_of(session)
    return render_template("reviewer/themes.html", form=ThemesForm(themes=themes.write_themes(listed)))


@review.post("/themes")
@requires(Role.REVIEWER)
def save_themes() -> ResponseReturnValue:
    form, user = ThemesForm(), signed_in_user()
    if not form.validate():
        return render_template("reviewer/themes.html", form=form), 400
    try:
        listed = themes.read_themes(form.themes.data)
        database().write(lambda s: themes.save_themes(s, listed, user))
    except PingyiError as error:
        return refused("reviewer/themes.html", form, error)
    flash(_("主题词表已保存。"), "success")
    return redirect(url_for("review.themes"))


def pieces(entry: comment_releases.ReviewedComment) -> list[tuple[str, str]]:
    """Pieces (text, kind) of the original comment; kind is "" for text in which the rules found nothing."""
    cut, at = [], 0
    for finding in entry.findings:
        cut += [
            (entry.original[at : finding.start], ""),
            (entry.original[finding.start : finding.end], finding.kind),
        ]
        at = finding.end
    return [piece for piece in [*cut, (entry.original[at:], "")] if piece[0]]


def _back(slug: str, index: int) -> ResponseReturnValue:
    return redirect(url_for("review.department_comments", slug=slug, index=index))
