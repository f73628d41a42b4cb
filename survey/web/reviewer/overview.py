"""Pages of an opened round: overview, one department, two departments side by side."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.errors import N_, NotFound
from survey.facts.whole import Facts
from survey.models import Role, Round
from survey.services.followup import comment_releases, problems
from survey.services.results.facts import facts_of
from survey.web.result_views.department import compare_page, profile_page
from survey.web.result_views.overview import overview_page
from survey.web.result_views.ranking import ranking_page
from survey.web.reviewer.opened_round import opened_round
from survey.web.site.access import requires
from survey.web.site.blueprints import review
from survey.web.site.request import database
from survey.web.site.round_view import questionnaire_of
from survey.wording import cells, method, numbers, respondents
from survey.wording import department as department_words
from survey.wording import ranking as ranking_words
from survey.wording import round as round_words
from survey.wording.cautions import left_out
from survey.wording.english_facts import in_page_language
from survey.wording.names import class_name


@review.app_context_processor
def _helpers() -> dict[str, object]:
    return {
        "figures": numbers,
        "cell_words": cells,
        "department_words": department_words,
        "round_words": round_words,
        "respondents": respondents,
        "rankings": ranking_words,
        "reading": ranking_words.reading,
        "method": method,
        "class_name": class_name,
        "left_out": left_out,
    }


@review.get("/<slug>/overview")
@requires(Role.REVIEWER)
def overview(slug: str) -> ResponseReturnValue:
    found, facts = _facts(slug)
    scale = questionnaire_of(found).scale
    return render_template(
        "reviewer/overview.html",
        round=found,
        facts=facts,
        scale=scale,
        headline=ranking_words.omnibus(facts.ranking),
        page=overview_page(facts, scale),
        ranking=ranking_page(facts.ranking, scale),
        links=_links(slug, facts),
    )


@review.get("/<slug>/departments/<int:index>")
@requires(Role.REVIEWER)
def profile(slug: str, index: int) -> ResponseReturnValue:
    found, facts = _facts(slug)
    if index >= len(facts.profiles):
        raise NotFound(N_("本轮没有这个部门。"), remedy=N_("请从结果总览里选部门。"))
    name = questionnaire_of(found).departments[index].name
    with database().read() as session:
        said = comment_releases.released_texts(session, found).get(name, [])
        listed = [p for p in problems.of_round(session, found) if p.department == name]
    return render_template(
        "reviewer/profile.html",
        round=found,
        facts=facts,
        page=profile_page(facts, index, questionnaire_of(found).scale),
        said=said,
        problems=[p for p in listed if p.stage != "withdrawn"],
        links=_links(slug, facts),
    )


@review.get("/<slug>/compare")
@requires(Role.REVIEWER)
def compare(slug: str) -> ResponseReturnValue:
    found, facts = _facts(slug)
    chosen = [request.args.get(name, type=int) for name in ("a", "b")]
    known = [facts.profiles[i] for i in chosen if i is not None and 0 <= i < len(facts.profiles)]
    page = None
    if len(known) == 2 and known[0] is not known[1]:
        page = compare_page(facts, known[0], known[1])
    return render_template("reviewer/compare.html", round=found, facts=facts, page=page, chosen=chosen)


def _links(slug: str, facts: Facts) -> dict[str, str]:
    """Address of each department's page, by name."""
    return {p.name: url_for("review.profile", slug=slug, index=p.index) for p in facts.profiles}


def _facts(slug: str) -> tuple[Round, Facts]:
    with database().read() as session:
        found = opened_round(session, slug)
        return found, in_page_language(facts_of(session, found))
