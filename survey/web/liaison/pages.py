"""Pages of a department's liaison: only the problems and published results of that department."""

from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from survey.clock import today
from survey.database.paging import page_of_rows
from survey.documents.media_types import MEDIA
from survey.errors import N_, NotFound
from survey.models import Role, Round, User
from survey.services.departments.lineage import Lineage, read_lineage
from survey.services.followup import problem_ledger, problems
from survey.services.publication import files
from survey.services.rounds import editions
from survey.services.rounds.real import get_real_round, real_rounds
from survey.web.liaison import problem
from survey.web.problems.ledger_file import ledger_file
from survey.web.site.access import requires
from survey.web.site.blueprints import liaison as blueprint
from survey.web.site.downloads import attachment
from survey.web.site.listing import list_query
from survey.web.site.request import database, signed_in_user
from survey.web.site.round_view import questionnaire_of
from survey.web.waiting.task_lines import waiting_for

__all__ = ["blueprint", "problem"]
PER_PAGE = 50


@blueprint.get("/")
@requires(Role.LIAISON)
def home() -> ResponseReturnValue:
    user = signed_in_user()
    with database().read() as session:
        entries = problems.of_liaison(session, user, today())
        waiting = waiting_for(session, user, today())
        lineage = read_lineage(session)
        results = [
            r
            for r in real_rounds(session)
            if editions.current(session, r) is not None and _own(lineage, user, r) is not None
        ]
    return render_template(
        "liaison/home.html",
        page=page_of_rows(entries, list_query().page, PER_PAGE),
        results=results,
        department=user.department,
        waiting=waiting,
    )


@blueprint.get("/problems.xlsx")
@requires(Role.LIAISON)
def own_ledger() -> Response:
    user, day = signed_in_user(), today()
    with database().read() as session:
        lines = problem_ledger.of_liaison(session, user, day)
    return ledger_file(lines, user.department, day)


@blueprint.get("/<slug>/results")
@requires(Role.LIAISON)
def results(slug: str) -> ResponseReturnValue:
    user = signed_in_user()
    with database().read() as session:
        found = get_real_round(session, slug)
        edition, name = editions.current(session, found), _own(read_lineage(session), user, found)
    content = edition.facts if edition else None
    own = [p for p in content.facts.profiles if p.name == name] if content else []
    if content is None or name is None or not own:
        raise NotFound(N_("这一轮没有公布贵部门的结果。"))
    return render_template(
        "liaison/results.html",
        round=found,
        edition=edition,
        profile=own[0],
        facts=content.facts,
        themes=next((t for t in content.themes if t.department == name), None),
        comments=content.comments.get(name, ()),
    )


@blueprint.get("/<slug>/letter.docx")
@requires(Role.LIAISON)
def letter(slug: str) -> Response:
    """Letter to the liaison's department, the same file that the reviewers have."""
    user = signed_in_user()
    with database().read() as session:
        found = get_real_round(session, slug)
        edition, name = editions.current(session, found), _own(read_lineage(session), user, found)
        if edition is None or name is None:
            raise NotFound(N_("这一轮没有公布贵部门的结果。"))
        content = files.letter(session, edition, name)
    return attachment(content, f"{found.title}反馈函-{name}.docx", MEDIA["docx"])


def _own(lineage: Lineage, user: User, round: Round) -> str | None:
    """Name of the liaison's department in this round, under whatever name; None where it is not rated."""
    names = [department.name for department in questionnaire_of(round).departments]
    name = lineage.called(user.department, names)
    return name if name in names else None
