"""Content of an edition: facts of the round, released comments, themes, problems, outside indicators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import convert
from sqlalchemy.orm import Session

from analysis.answers.signs import without_invisible
from survey.errors import N_, Conflict
from survey.facts.publication import EditionContent, EditionDepartment, EditionProblem, EditionRound
from survey.facts.wire import written_edition
from survey.models import Problem, Round, Stage, State
from survey.services.disclosure.released_figures import is_released
from survey.services.followup import comment_releases, indicators, mended, problems
from survey.services.invitations import growth
from survey.services.publication import composites as edition_composites
from survey.services.results.facts import known_facts
from survey.services.rounds import closing
from survey.services.rounds.descriptions import describe
from survey.services.voting import paper_counts, telephone_check
from survey.texts import OddSign, odd_sign

FORMAT: Final = "pingyi-publication"
VERSION: Final = 1
_SHOWN: Final = 30


def assemble(session: Session, round: Round, composites: Sequence[str] = ()) -> EditionContent:
    """Content that a publication freezes (docs/formats.md); raises `Conflict`
    before the round was analysed.

    composites: hexadecimal ids of those to be published with it. Without any, without invitations added while
    collecting, a check by telephone, paper forms and problems of earlier rounds, the content is as it was
    before there were such, so that the same numbers have the same digest.
    """
    if round.state != State.OPENED:
        raise Conflict(N_("这一轮还没有开箱，没有可以公布的内容。"))
    facts = known_facts(session, round)
    if facts is None:
        raise Conflict(N_("这一轮的数字还没有算完，暂时不能公布。"), remedy=N_("请等分析完成后再试。"))
    if not is_released(facts):
        raise Conflict(
            N_("这一轮的数字是旧版本程序算的，位数太细，能倒推出少数人的回答，不能公布。"),
            remedy=N_(
                "请管理员在服务器上运行 pingyi results remake %(slug)s，按现在的规则重算；不需要钥匙。"
            ),
            slug=round.slug,
        )
    questionnaire = describe(session, round).questionnaire
    listed = [p for p in problems.of_round(session, round) if p.stage != Stage.WITHDRAWN]
    comments = comment_releases.released_texts(session, round)
    return EditionContent(
        format=FORMAT,
        version=VERSION,
        round=EditionRound(slug=round.slug, title=round.title, body=round.body),
        departments=tuple(EditionDepartment(name=d.name, group=d.group) for d in questionnaire.departments),
        facts=facts,
        themes=tuple(comment_releases.theme_counts(session, round)),
        comments={department: tuple(released) for department, released in comments.items()},
        problems=tuple(map(_problem, listed)),
        indicators=tuple(indicators.latest_of(session, [p.name for p in facts.profiles])),
        added=growth.added(session, round),
        composites=edition_composites.entries(session, round, composites) if composites else (),
        telephone=telephone_check.stated(session, round),
        paper=paper_counts.stated(session, round),
        mended=mended.of_earlier_rounds(session, round),
        restored=closing.beyond_restored(session, round),
    )


def marked(content: EditionContent) -> list[OddSign]:
    """Characters of this content that documents print as a mark, each with the text around it."""
    texts = sorted(map(without_invisible, _texts(written_edition(content))))
    return [odd for text in dict.fromkeys(texts) if (odd := odd_sign(text, text[:_SHOWN]))]


def _texts(value: object) -> set[str]:
    """Every text in parsed JSON."""
    found: set[str] = set()
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, str):
            found.add(inner)
        elif isinstance(inner, dict | list):
            waiting.extend(inner.values() if isinstance(inner, dict) else inner)
    return found


def _problem(problem: Problem) -> EditionProblem:
    names = ("number", "department", "source", "item", "task", "evidence")
    given = {name: getattr(problem, name) for name in names}
    return convert(given | {"deadline": problem.deadline.isoformat()}, EditionProblem)
