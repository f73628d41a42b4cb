"""The ranking of an opened round, computed once from its score table, and the files made of it.

`analysis`, scipy and matplotlib load inside the functions: the worker that serves phones needs none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from survey.ballot.questionnaire import Questionnaire, RoundDescription
from survey.ballot.scoretable import ScoreTable
from survey.db import Database
from survey.errors import N_, Conflict, NotFound
from survey.models import Artifact, OpenedBox, Round, State
from survey.services.closing import count_invitations
from survey.services.descriptions import describe
from survey.services.rounds import get_round

if TYPE_CHECKING:
    from analysis.errors import InputError
    from analysis.ratings import Ratings
    from analysis.results import Ranking

Report = Callable[..., None]
SEED = 20260101
LEVEL = 0.95


def ranking_from_scores(description: RoundDescription, scores: ScoreTable) -> dict[str, Any]:
    """Version-1 ranking (docs/architecture.md) of all departments, and of each group under "groups".

    Deterministic: the seed is fixed, and the rows of the table are sorted. When nothing can be
    compared (too few ballots), no department is ranked and a note says why.
    """
    return in_chinese(bilingual_ranking(description, scores))


def in_chinese(ranking: dict[str, Any]) -> dict[str, Any]:
    """A `bilingual_ranking` as version 1 has it, which exported boxes hold and verifiers compare."""
    groups = [in_chinese(group) for group in ranking.get("groups", ())]
    kept = {key: value for key, value in ranking.items() if key != "notes_en"}
    return kept | ({"groups": groups} if "groups" in ranking else {})


def bilingual_ranking(description: RoundDescription, scores: ScoreTable) -> dict[str, Any]:
    """As `ranking_from_scores`, with the notes in English as "notes_en", of every group as well."""
    from analysis.errors import InputError
    from analysis.ranking import rank

    questionnaire, threshold = description.questionnaire, description.threshold
    try:
        ratings = ratings_from_scores(questionnaire, scores)
        result = _bilingual(rank(ratings, threshold=threshold, seed=SEED))
    except InputError as error:
        return _nothing_ranked(scores, error)
    result["groups"] = [
        _group_ranking(questionnaire, group, ratings, threshold) for group in questionnaire.groups
    ]
    return result


def ratings_from_scores(questionnaire: Questionnaire, scores: ScoreTable) -> Ratings:
    """Points instead of levels; what was not rated or not known is missing."""
    import numpy as np

    from analysis.ratings import Ratings

    points = np.full(256, np.nan)
    for level, entry in enumerate(questionnaire.scale.levels, start=1):
        points[level] = entry.points
    weights = {item.name: item.weight for item in questionnaire.items if item.weight > 0}
    counted = [index for index, item in enumerate(questionnaire.items) if item.weight > 0]
    return Ratings.from_array(
        points[scores.ratings()[:, :, counted]],
        department_names=[department.name for department in questionnaire.departments],
        item_names=list(weights),
        item_weights=weights if len(weights) > 1 else None,
    )


def _group_ranking(
    questionnaire: Questionnaire, group: str, ratings: Ratings, threshold: int
) -> dict[str, Any]:
    """The joint ranking of one group's departments; a group that cannot be compared says why."""
    from analysis.errors import InputError
    from analysis.ranking import rank

    members = {d.name for d in questionnaire.departments if d.group == group}
    present = [index for index, name in enumerate(ratings.department_names) if name in members]
    try:
        found = rank(ratings.take_departments(present), threshold=threshold, seed=SEED)
    except InputError as error:
        nothing = {"name": group, "departments": [], "pairs": []}
        return nothing | {"notes": [error.zh], "notes_en": [error.en]}
    return {"name": group} | _bilingual(found)


def _bilingual(ranking: Ranking) -> dict[str, Any]:
    return ranking.to_dict() | {"notes_en": [note.text("en") for note in ranking.notes]}


def _nothing_ranked(scores: ScoreTable, why: InputError) -> dict[str, Any]:
    """A version-1 ranking of nothing; it counts no department's ratings, which are too few to publish."""
    test = dict.fromkeys(("statistic", "df1", "df2", "p_value"))
    head = {"version": 1, "n_raters": scores.valid, "n_ratings": None, "level": LEVEL, "global_test": test}
    empty: dict[str, Any] = {"departments": [], "pairs": [], "insufficient": [], "groups": []}
    return head | empty | {"notes": [why.zh], "notes_en": [why.en]}


def analyse_round(database: Database, slug: str, progress: Report | None = None) -> None:
    """Compute and keep ranking, facts and files of an opened round; repeating gives the same."""
    from survey.documents.bundle import make_artifacts
    from survey.services import facts

    report = progress or (lambda *_: None)
    with database.read() as session:
        round = get_round(session, slug)
        description, period = describe(session, round), round.period
        scores, counts = score_table(session, round), _counts(session, round)
        margins, earlier = facts.roster_margins(session), facts.earlier_rounds(session, round)
    report(N_("计算排名"), 0, 1)
    ranking = bilingual_ranking(description, scores)
    found = facts.round_facts(
        description,
        scores,
        margins,
        earlier,
        ranking=ranking,
        counts=counts,
        period=period,
        progress=progress,
    )
    report(N_("制作图表和文档"), 0, 1)
    files = [facts.facts_file(found)]
    if ranking["departments"]:
        # Files are handed on: they say nothing that is below the threshold, as the page may to reviewers.
        made = make_artifacts(
            description, found["ranking"], counts | {"digest": scores.digest}, progress=progress
        )
        files += [(a.name, a.media_type, a.content) for a in made]
    database.write(lambda s: _keep(s, bytes.fromhex(description.id), in_chinese(ranking), files))


def score_table(session: Session, round: Round) -> ScoreTable:
    """The opened round's score table; raises `Conflict` before opening."""
    box = session.get(OpenedBox, round.id)
    if box is None:
        raise Conflict(N_("本轮还没有开箱。"))
    questionnaire = describe(session, round).questionnaire
    shape = (len(questionnaire.departments), len(questionnaire.items), len(questionnaire.strata))
    return ScoreTable(*shape, bytes(box.rows), box.valid, len(box.invalid), box.digest.hex())


def ranking_of(session: Session, round: Round) -> dict[str, Any] | None:
    """The version-1 ranking; None while there is none."""
    return session.scalar(select(OpenedBox.ranking).where(OpenedBox.round_id == round.id))


def artifacts(session: Session, round: Round) -> list[tuple[str, str, int]]:
    """(name, media type, bytes) of the round's files, by name."""
    query = select(Artifact.name, Artifact.media_type, func.length(Artifact.content))
    return [
        (name, kind, size)
        for name, kind, size in session.execute(
            query.where(Artifact.round_id == round.id).order_by(Artifact.name)
        )
    ]


def artifact(session: Session, round: Round, name: str) -> Artifact:
    """One file; raises `NotFound`."""
    found = session.get(Artifact, (round.id, name))
    if found is None:
        raise NotFound(N_("本轮没有名为“%(name)s”的文件。"), name=name)
    return found


def _counts(session: Session, round: Round) -> dict[str, Any]:
    if round.state != State.OPENED:
        raise Conflict(N_("本轮还没有开箱。"))
    box = session.get_one(OpenedBox, round.id)
    return {
        "invited": round.invited_count,
        "collected": round.collected_count,
        "cast": round.cast_count,
        "replaced": count_invitations(session, round)[2],
        "valid": box.valid,
        "invalid": len(box.invalid),
        "merkle_root": round.merkle_root.hex() if round.merkle_root else "",
    }


def _keep(
    session: Session, round_id: bytes, ranking: dict[str, Any], files: Sequence[tuple[str, str, bytes]]
) -> None:
    session.get_one(OpenedBox, round_id).ranking = ranking
    session.execute(delete(Artifact).where(Artifact.round_id == round_id))
    for name, media_type, content in files:
        session.add(Artifact(round_id=round_id, name=name, media_type=media_type, content=content))
