"""The ranking of an opened round, computed once from its score table, and the files made of it.

`analysis`, scipy and matplotlib load inside the functions: the worker that serves phones needs none of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from survey.ballot.description import RoundDescription
from survey.ballot.questionnaire import Questionnaire
from survey.ballot.scoretable import ScoreTable
from survey.db import Database
from survey.errors import N_, Conflict, NotFound
from survey.models import Artifact, OpenedBox, Round, State
from survey.services.audit import record
from survey.services.closing import count_invitations
from survey.services.descriptions import describe
from survey.services.rounds import get_round

if TYPE_CHECKING:
    from analysis.errors import InputError
    from analysis.ratings import Ratings
    from analysis.results import Ranking
    from survey.documents.attempts import Failure

Report = Callable[..., None]
File = tuple[str, str, bytes]
"""Name, media type, content."""
FACTS, FAILED, BULLETIN = "facts.json", "failed.json", "bulletin.docx"
PROGRAM = "程序"
"""Who made the files, for the audit log: nobody asks for those of an opening."""
SEED = 20260101
LEVEL = 0.95
METHOD_VERSION = 3
"""Goes up when equal ballots give other figures than before; what went before it was not numbered."""


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
        result = _bilingual(rank(ratings, threshold=threshold, seed=SEED, scale=ends_of(questionnaire)))
    except InputError as error:
        return _nothing_ranked(scores, error)
    result["method_version"] = METHOD_VERSION
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


def ends_of(questionnaire: Questionnaire) -> tuple[float, float]:
    """Points of the worst and the best level."""
    points = [level.points for level in questionnaire.scale.levels]
    return float(min(points)), float(max(points))


def _group_ranking(
    questionnaire: Questionnaire, group: str, ratings: Ratings, threshold: int
) -> dict[str, Any]:
    """The joint ranking of one group's departments; a group that cannot be compared says why."""
    from analysis.errors import InputError
    from analysis.ranking import rank

    members = {d.name for d in questionnaire.departments if d.group == group}
    present = [index for index, name in enumerate(ratings.department_names) if name in members]
    try:
        # Who marks without care is asked of whole ballots, not of the few departments of one group.
        part = ratings.take_departments(present)
        found = rank(part, threshold=threshold, seed=SEED, scale=ends_of(questionnaire), screen=False)
    except InputError as error:
        nothing = {"name": group, "departments": [], "pairs": []}
        return nothing | {"notes": [error.zh], "notes_en": [error.en]}
    return {"name": group} | _bilingual(found)


def _bilingual(ranking: Ranking) -> dict[str, Any]:
    return ranking.to_dict() | {"notes_en": [note.text("en") for note in ranking.notes]}


def _nothing_ranked(scores: ScoreTable, why: InputError) -> dict[str, Any]:
    """A version-1 ranking of nothing; it counts no department's ratings, which are too few to publish."""
    test = dict.fromkeys(("statistic", "df1", "df2", "p_value"))
    head: dict[str, Any] = {"version": 1, "method_version": METHOD_VERSION}
    head |= {"n_raters": scores.valid, "n_ratings": None, "level": LEVEL, "global_test": test}
    empty: dict[str, Any] = {"departments": [], "pairs": [], "insufficient": [], "groups": []}
    return head | empty | {"notes": [why.zh], "notes_en": [why.en]}


def analyse_round(database: Database, slug: str, progress: Report | None = None) -> None:
    """Compute and keep ranking and facts of an opened round, then its files; repeating gives the same."""
    from survey.services import facts

    report = progress or (lambda *_: None)
    with database.read() as session:
        round = get_round(session, slug)
        description, period, planned = describe(session, round), round.period, round.planned_closes_on
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
        planned=planned,
        progress=progress,
    )
    numbers = facts.facts_file(found)
    database.write(lambda s: _keep(s, bytes.fromhex(description.id), in_chinese(ranking), numbers))
    draw_files(database, slug, progress)


def draw_files(database: Database, slug: str, progress: Report | None = None) -> list[Failure]:
    """Make and keep the files of an analysed round from its kept numbers; those that could not be made.

    Raises `NotFound` before the analysis.
    """
    from survey.documents.bundle import make_artifacts
    from survey.services import facts

    (progress or (lambda *_: None))(N_("制作图表和文档"), 0, 1)
    with database.read() as session:
        round = get_round(session, slug)
        description, found = describe(session, round), facts.facts_of(session, round)
        counts = _counts(session, round) | {"digest": score_table(session, round).digest}
    failures: list[Failure] = []
    files: list[File] = []
    if found["ranking"]["departments"]:
        # Files are handed on: they say what may be published, and so do pages.
        made = make_artifacts(description, found["ranking"], counts, progress=progress, failures=failures)
        files = [(a.name, a.media_type, a.content) for a in made]
    if failures:
        told = json.dumps([asdict(failure) for failure in failures], ensure_ascii=False)
        files.append((FAILED, "application/json", told.encode()))
    database.write(lambda s: _keep_files(s, slug, bytes.fromhex(description.id), files))
    return failures


def score_table(session: Session, round: Round) -> ScoreTable:
    """The opened round's score table; raises `Conflict` before opening."""
    box = session.get(OpenedBox, round.id)
    if box is None:
        raise Conflict(N_("本轮还没有开箱。"))
    description = describe(session, round)
    questionnaire = description.questionnaire
    shape = (len(questionnaire.departments), len(questionnaire.items), len(questionnaire.strata))
    counts = (box.valid, len(box.invalid))
    return ScoreTable(*shape, bytes(box.rows), *counts, box.digest.hex(), description.scores_at_least)


def ranking_of(session: Session, round: Round) -> dict[str, Any] | None:
    """The version-1 ranking; None while there is none."""
    return session.scalar(select(OpenedBox.ranking).where(OpenedBox.round_id == round.id))


def artifacts(session: Session, round: Round) -> list[tuple[str, str, int]]:
    """(name, media type, bytes) of the round's files, by name."""
    query = select(Artifact.name, Artifact.media_type, func.length(Artifact.content))
    mine = (Artifact.round_id == round.id, Artifact.name != FAILED)
    rows = session.execute(query.where(*mine).order_by(Artifact.name))
    return [(name, kind, size) for name, kind, size in rows]


def not_drawn(session: Session, round: Round) -> list[dict[str, str]]:
    """Files that could not be made when they last were to be: name, and why in zh and en."""
    kept = session.get(Artifact, (round.id, FAILED))
    found: list[dict[str, str]] = json.loads(kept.content) if kept else []
    return found


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


def _keep(session: Session, round_id: bytes, ranking: dict[str, Any], numbers: File) -> None:
    """The numbers, before anything is drawn: no picture that fails can cost them."""
    session.get_one(OpenedBox, round_id).ranking = ranking
    session.execute(delete(Artifact).where(Artifact.round_id == round_id))
    _add(session, round_id, numbers)


def _keep_files(session: Session, slug: str, round_id: bytes, files: Sequence[File]) -> None:
    """Instead of those that were drawn before; the numbers stay. The log says what the bulletin was."""
    session.execute(delete(Artifact).where(Artifact.round_id == round_id, Artifact.name != FACTS))
    for file in files:
        _add(session, round_id, file)
    said = {name: hashlib.sha256(content).hexdigest() for name, _kind, content in files if name == BULLETIN}
    record(session, actor=PROGRAM, action="results.make", subject=slug, files=len(files), **said)


def _add(session: Session, round_id: bytes, file: File) -> None:
    name, media_type, content = file
    session.add(Artifact(round_id=round_id, name=name, media_type=media_type, content=content))
