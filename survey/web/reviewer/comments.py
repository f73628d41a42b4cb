"""Pages on comments: one reviewer decides on release, another confirms."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.database.paging import page_of_rows
from survey.errors import PingyiError
from survey.language import gettext as _
from survey.models import Decision, Role
from survey.services.followup import comment_lists, comment_releases, themes
from survey.services.followup.comment_lists import ReviewedComment
from survey.services.people import round_people
from survey.services.rounds import lifecycle
from survey.web.reviewer.forms.themes import ThemesForm
from survey.web.reviewer.opened_round import opened_round
from survey.web.site.access import requires
from survey.web.site.blueprints import review
from survey.web.site.form_errors import refused
from survey.web.site.listing import list_query
from survey.web.site.request import database, signed_in_user
from survey.web.site.round_view import questionnaire_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

PER_PAGE = 100
MARKS = ("none", "some")
"""Filters by whether the rules found anything in a comment."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which comments a page shows: of a department, of a state, with or without a finding ("" for all)."""

    department: str
    stage: str
    show: str

    def fits(self, entry: ReviewedComment) -> bool:
        """Whether its findings are as asked for."""
        return not self.show or (self.show == "none") == entry.unmarked

    @property
    def query(self) -> dict[str, str]:
        """Its part of an address: what is asked for."""
        return {name: value for name, value in asdict(self).items() if value}


@review.get("/<slug>/comments")
@requires(Role.REVIEWER)
def comments(slug: str) -> ResponseReturnValue:
    with database().read() as session:
        found = opened_round(session, slug)
        round_people.require(session, found, signed_in_user())
        listed = comment_lists.tallies(session, found)
        counted = {entry.department: entry for entry in comment_releases.theme_counts(session, found)}
    return render_template("reviewer/comments.html", round=found, listed=listed, counted=counted)


@review.get("/<slug>/comments/list")
@requires(Role.REVIEWER)
def comment_list(slug: str) -> ResponseReturnValue:
    user, asked = signed_in_user(), _asked()
    with database().read() as session:
        found = opened_round(session, slug)
        round_people.require(session, found, user)
        listed = comment_lists.reviewed(session, found, asked.department)
    fitting = [entry for entry in listed if asked.fits(entry)]
    counts = Counter(entry.state(user) for entry in fitting)
    stage = asked.stage or next((s for s in comment_lists.STATES if counts[s]), comment_lists.UNDECIDED)
    return render_template(
        "reviewer/comment_list.html",
        round=found,
        asked=replace(asked, stage=stage),
        counts=counts,
        departments=list(dict.fromkeys(d.name for d in questionnaire_of(found).departments)),
        page=page_of_rows([e for e in fitting if e.state(user) == stage], list_query().page, PER_PAGE),
        pieces=pieces,
    )


@review.post("/<slug>/comments/propose")
@requires(Role.REVIEWER)
def propose_release(slug: str) -> ResponseReturnValue:
    user, texts, decisions = signed_in_user(), _fields("text-"), _fields("decision-")
    chosen = {key: (value, texts.get(key, "")) for key, value in decisions.items() if value}
    others = {key: text for key, text in texts.items() if key not in chosen} if _rest() else {}

    def store(session: Session) -> int:
        found = lifecycle.get_round(session, slug)
        alike = comment_releases.unmarked(session, found, others)
        rest = {key: (Decision.RELEASE, others[key]) for key in alike}
        return comment_releases.propose(session, found, user, chosen | rest)

    kept = database().write(store)
    flash(_("已记下 %(count)s 条，等另一位评议员确认。", count=kept), "success" if kept else "info")
    return _back(slug)


@review.post("/<slug>/comments/confirm")
@requires(Role.REVIEWER)
def confirm_release(slug: str) -> ResponseReturnValue:
    user, texts, ticked = signed_in_user(), _fields("shown-"), set(_fields("confirm-"))
    rest = _rest()

    def store(session: Session) -> int:
        found = lifecycle.get_round(session, slug)
        alike = comment_releases.unmarked(session, found, texts, unchanged=True) if rest else set()
        shown = {key: texts.get(key, "") for key in ticked | alike}
        return comment_releases.confirm(session, found, user, shown)

    done = database().write(store)
    flash(_("已确认 %(count)s 条。", count=done), "success" if done else "info")
    return _back(slug)


@review.post("/<slug>/comments/take-back")
@requires(Role.REVIEWER)
def take_back_release(slug: str) -> ResponseReturnValue:
    user, ids = signed_in_user(), request.form.getlist("comment")
    count = database().write(lambda s: comment_releases.take_back(s, lifecycle.get_round(s, slug), user, ids))
    flash(_("已取回 %(count)s 条，可以重新处理。", count=count), "success")
    return _back(slug)


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


def pieces(entry: ReviewedComment) -> list[tuple[str, str]]:
    """Pieces (text, kind) of the original comment; kind is "" for text in which the rules found nothing."""
    cut, at = [], 0
    for finding in entry.findings:
        cut += [
            (entry.original[at : finding.start], ""),
            (entry.original[finding.start : finding.end], finding.kind),
        ]
        at = finding.end
    return [piece for piece in [*cut, (entry.original[at:], "")] if piece[0]]


def _asked() -> Filter:
    """Filter from the query string; what is unknown is ignored."""
    given = {name: request.args.get(name, "") for name in ("department", "stage", "show")}
    stage = given["stage"] if given["stage"] in comment_lists.STATES else ""
    return Filter(given["department"], stage, given["show"] if given["show"] in MARKS else "")


def _fields(prefix: str) -> dict[str, str]:
    """Fields of the form whose name begins with `prefix`, by the rest of their name."""
    return {name.removeprefix(prefix): v for name, v in request.form.items() if name.startswith(prefix)}


def _rest() -> bool:
    """Whether everything listed in which the rules find nothing is to be decided alike."""
    return request.form.get("rest") == "yes"


def _back(slug: str) -> ResponseReturnValue:
    """To the same filter; what comes next has moved up to the page that was just worked through."""
    asked: dict[str, Any] = {"page": request.args.get("page"), **_asked().query}
    return redirect(url_for("review.comment_list", slug=slug, **asked))
