"""Ranking of an opened round, computed once from its score table, and access to the files made of it.

`analysis`, scipy and matplotlib load inside the functions: the worker that serves phones needs none of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import convert
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.errors import N_, Conflict, NotFound
from survey.facts.ranking import RankingFacts
from survey.facts.wire import ranking_from
from survey.models import Artifact, OpenedBox, Round
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.description import RoundDescription
from survey.protocol.questionnaire import Questionnaire
from survey.services.rounds.descriptions import describe

if TYPE_CHECKING:
    from analysis.answers.ratings import Ratings
    from analysis.errors import InputError
    from analysis.ranking.results import Ranking

Json = dict[str, object]
Report = Callable[..., None]
FACTS, FAILED = "facts.json", "failed.json"
SEED = 20260101
LEVEL = 0.95
METHOD_VERSION = 7
"""Goes up when equal ballots give other figures than before; what went before it was not numbered."""


def ranking_from_scores(description: RoundDescription, scores: ScoreTable) -> Json:
    """Version-1 ranking (docs/architecture.md) of all departments, and of each group under "groups".

    Deterministic: the seed is fixed, and the rows of the table are sorted. When nothing can be compared (too
    few ballots), no department is ranked and a note says why.
    """
    return rank_scores(description, scores).version1


@dataclass(frozen=True, slots=True)
class RoundRanking:
    """Ranking of a round in both of its forms."""

    version1: Json
    """As exported boxes hold it and verifiers compare it: with its notes in Chinese."""
    facts: RankingFacts
    """The same with its notes in both languages."""


def rank_scores(description: RoundDescription, scores: ScoreTable) -> RoundRanking:
    """Ranking as `ranking_from_scores` makes it, also as facts; computed once."""
    from analysis.errors import InputError
    from analysis.ranking.rank import rank

    questionnaire, threshold = description.questionnaire, description.threshold
    try:
        ratings = ratings_from_scores(questionnaire, scores)
        ranking = rank(ratings, threshold=threshold, seed=SEED, scale=ends_of(questionnaire))
    except InputError as error:
        return _both(_nothing_ranked(scores, error), [error.en], [])
    groups = [_group_ranking(questionnaire, group, ratings, threshold) for group in questionnaire.groups]
    return _both(ranking.to_dict() | {"method_version": METHOD_VERSION}, _english(ranking), groups)


def _both(ranking: Json, notes_en: list[str], groups: list[tuple[Json, list[str]]]) -> RoundRanking:
    """groups: the ranking within each, and its notes in English."""
    bilingual = [group | {"notes_en": notes} for group, notes in groups]
    facts = convert(ranking | {"notes_en": notes_en, "groups": bilingual}, RankingFacts)
    return RoundRanking(ranking | {"groups": [group for group, _notes in groups]}, facts)


def _english(ranking: Ranking) -> list[str]:
    return [note.text("en") for note in ranking.notes]


def ratings_from_scores(questionnaire: Questionnaire, scores: ScoreTable) -> Ratings:
    """Ratings in points of the weighted items; answers "not rated" and "don't know" are missing."""
    import numpy as np

    from analysis.answers.levels import ratings_from_levels

    points = np.full(256, np.nan)
    for level, entry in enumerate(questionnaire.scale.levels, start=1):
        points[level] = entry.points
    weights = {item.name: item.weight for item in questionnaire.items if item.weight > 0}
    return ratings_from_levels(
        scores.ratings(),
        points,
        departments=range(len(questionnaire.departments)),
        items=[index for index, item in enumerate(questionnaire.items) if item.weight > 0],
        department_names=[department.name for department in questionnaire.departments],
        item_names=list(weights),
        item_weights=weights if len(weights) > 1 else None,
    )


def ends_of(questionnaire: Questionnaire) -> tuple[float, float]:
    """Points of the worst and the best level."""
    points = [level.points for level in questionnaire.scale.levels]
    return float(min(points)), float(max(points))


def _group_ranking(
    questionnaire: Questionnaire, group: str, ratings: Ratings, threshold: int
) -> tuple[Json, list[str]]:
    """Ranking of one group's departments, and its notes in English; for a group that cannot be compared, an
    empty one with a note why."""
    from analysis.errors import InputError
    from analysis.ranking.rank import rank

    members = {d.name for d in questionnaire.departments if d.group == group}
    present = [index for index, name in enumerate(ratings.department_names) if name in members]
    try:
        # Careless ballots are searched for in the ranking of all departments, where ballots are whole.
        part = ratings.take_departments(present)
        ranking = rank(part, threshold=threshold, seed=SEED, scale=ends_of(questionnaire), screen=False)
    except InputError as error:
        return {"name": group, "departments": [], "pairs": [], "notes": [error.zh]}, [error.en]
    return {"name": group} | ranking.to_dict(), _english(ranking)


def _nothing_ranked(scores: ScoreTable, why: InputError) -> Json:
    """Version-1 ranking without departments; it counts no ratings, which are too few to publish."""
    test = dict.fromkeys(("statistic", "df1", "df2", "p_value"))
    head: Json = {"version": 1, "method_version": METHOD_VERSION}
    head |= {"n_raters": scores.valid, "n_ratings": None, "level": LEVEL, "global_test": test}
    empty: Json = {"departments": [], "pairs": [], "insufficient": [], "groups": []}
    return head | empty | {"notes": [why.zh]}


def score_table(session: Session, round: Round) -> ScoreTable:
    """Score table of an opened round; raises `Conflict` before opening."""
    box = session.get(OpenedBox, round.id)
    if box is None:
        raise Conflict(N_("本轮还没有开箱。"))
    description = describe(session, round)
    questionnaire = description.questionnaire
    shape = (len(questionnaire.departments), len(questionnaire.items), len(questionnaire.strata))
    counts = (box.valid, len(box.invalid))
    return ScoreTable(*shape, bytes(box.rows), *counts, box.digest.hex(), description.scores_at_least)


def version1_of(session: Session, round: Round) -> Json | None:
    """Version-1 ranking of the round as stored and exported; None while there is none."""
    return session.scalar(select(OpenedBox.ranking).where(OpenedBox.round_id == round.id))


def ranking_of(session: Session, round: Round) -> RankingFacts | None:
    """Ranking of the round as stored; None while there is none. Raises `UnreadableFacts`."""
    kept = version1_of(session, round)
    return None if kept is None else ranking_from(kept)


def artifacts(session: Session, round: Round) -> list[tuple[str, str, int]]:
    """Triples (name, media type, bytes) of the round's files, by name."""
    query = select(Artifact.name, Artifact.media_type, func.length(Artifact.content))
    mine = (Artifact.round_id == round.id, Artifact.name != FAILED)
    rows = session.execute(query.where(*mine).order_by(Artifact.name))
    return [(name, kind, size) for name, kind, size in rows]


def not_drawn(session: Session, round: Round) -> list[dict[str, str]]:
    """Files that could not be made at the last attempt: name, and reason in zh and en."""
    kept = session.get(Artifact, (round.id, FAILED))
    failures: list[dict[str, str]] = json.loads(kept.content) if kept else []
    return failures


def artifact(session: Session, round: Round, name: str) -> Artifact:
    """File of the round with this name; raises `NotFound`."""
    file = session.get(Artifact, (round.id, name))
    if file is None:
        raise NotFound(N_("本轮没有名为“%(name)s”的文件。"), name=name)
    return file
