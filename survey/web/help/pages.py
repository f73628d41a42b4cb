"""Pages of the manual, and which step belongs to which page of the desk."""

from __future__ import annotations

import threading
from functools import cache

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.documents.lists.booklet import write_booklet
from survey.errors import N_, NotFound
from survey.manual import Chapter, chapters
from survey.models import Role
from survey.paths import STATIC
from survey.web.site.downloads import PDF, attachment
from survey.web.site.request import current_user

blueprint = Blueprint("help", __name__, url_prefix="/help")

_PRINTING = threading.Lock()
OF_ROLE = {Role.ADMINISTRATOR: "office", Role.REVIEWER: "reviewer", Role.LIAISON: "liaison"}
STEPS = {
    "people.": "office#people",
    "admin.roster": "office#roster",
    "admin.upload_roster": "office#roster",
    "admin.new_round": "office#set-up",
    "admin.setup": "office#set-up",
    "admin.preview": "office#set-up",
    "admin.sample": "office#set-up",
    "admin.invitations": "office#issue",
    "admin.issuing_job": "office#issue",
    "mailing.": "office#issue",
    "admin.participation": "office#collect",
    "admin.replace": "office#collect",
    "admin.calls": "office#collect",
    "admin.interview": "office#collect",
    "review.key": "keyholder#make",
    "review.opening": "keyholder#open",
    "review.comments": "reviewer#comments",
    "review.comment_list": "reviewer#comments",
    "review.publication": "reviewer#publish",
    "review.problem": "reviewer#problems",
    "review.ranking": "reviewer#results",
    "review.overview": "reviewer#results",
    "review.compare": "reviewer#results",
    "review.profile": "reviewer#results",
    "changes.": "reviewer#changes",
    "liaison.problem": "liaison#work",
    "liaison.results": "liaison#results",
}
"""Step of the manual by the beginning of an endpoint; the longest that fits counts."""


@blueprint.app_context_processor
def _link() -> dict[str, object]:
    return {"help_address": help_address}


def help_address() -> str:
    """Address of the step for the present page, else of the chapter of who is signed in, else of the list."""
    user = current_user()
    if user is None:
        return url_for("help.overview")
    fitting = [start for start in STEPS if (request.endpoint or "").startswith(start)]
    place = STEPS[max(fitting, key=len)] if fitting else OF_ROLE[Role(user.role)]
    name, _, step = place.partition("#")
    return url_for("help.chapter", name=name, _anchor=step or None)


@blueprint.get("/")
def overview() -> ResponseReturnValue:
    return render_template("help/overview.html", chapters=chapters())


@blueprint.get("/<name>", endpoint="chapter")
def chapter_page(name: str) -> ResponseReturnValue:
    return render_template("help/chapter.html", name=name, chapter=_known(name))


@blueprint.get("/<name>.pdf")
def booklet(name: str) -> ResponseReturnValue:
    return attachment(_booklet(name), f"pingyi-{_known(name).title}.pdf", PDF)


def _booklet(name: str) -> bytes:
    with _PRINTING:  # one at a time: whoever asks while it is made gets the same
        return _made(name)


@cache
def _made(name: str) -> bytes:
    return write_booklet(_known(name), STATIC / "img")


def _known(name: str) -> Chapter:
    found = chapters().get(name)
    if found is None:
        raise NotFound(N_("没有这一本手册。"))
    return found
