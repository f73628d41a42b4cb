"""Results of an opened round: numbers are worked out and stored first, then the files drawn from them.

`analysis`, scipy and matplotlib load inside the functions: the worker that serves phones needs none of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlalchemy.orm import Session

from survey.database.engine import Database
from survey.errors import N_, Conflict
from survey.facts.round import BallotCounts
from survey.models import Artifact, OpenedBox, Round, State
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.description import RoundDescription
from survey.services.operations.audit import record
from survey.services.operations.own_process import work_out
from survey.services.results import facts
from survey.services.results.ranking import FACTS, FAILED, Json, Report, rank_scores, score_table
from survey.services.rounds.counting import count_invitations
from survey.services.rounds.descriptions import describe
from survey.services.rounds.lifecycle import get_round

if TYPE_CHECKING:
    from survey.documents.layout.attempts import Failure

File = tuple[str, str, bytes]
"""Name, media type, content."""
BULLETIN = "bulletin.docx"
PROGRAM = "程序"
"""Who made the files, for the audit log: nobody asks for those of an opening."""


def analyse_round(database: Database, slug: str, progress: Report | None = None) -> None:
    """Compute and store ranking and facts of an opened round, then make its
    files; repeating gives the same."""
    with database.read() as session:
        round = get_round(session, slug)
        description, period, planned = describe(session, round), round.period, round.planned_closes_on
        scores, counts = score_table(session, round), _counts(session, round)
        margins, earlier = facts.margins_of(session, round), facts.earlier_rounds(session, round)
    known = description, scores, margins, earlier, counts, period, planned
    version1, numbers = work_out(progress, _work_out, *known)
    database.write(lambda s: _keep(s, bytes.fromhex(description.id), version1, numbers))
    draw_files(database, slug, progress)


def draw_files(database: Database, slug: str, progress: Report | None = None) -> list[Failure]:
    """Make and store the files of an analysed round from its stored numbers; returns failures, one for each
    file that could not be made.

    Raises `NotFound` before the analysis.
    """
    with database.read() as session:
        round = get_round(session, slug)
        description, stored = describe(session, round), facts.facts_of(session, round)
        kept = session.get_one(Artifact, (round.id, FACTS)).content
        counts, digest = _counts(session, round), score_table(session, round).digest
    files: list[File] = []
    failures: list[Failure] = []
    if stored.ranking.departments:
        files, failures = work_out(progress, _draw, description, kept, counts, digest)
    if failures:
        told = json.dumps([asdict(failure) for failure in failures], ensure_ascii=False)
        files.append((FAILED, "application/json", told.encode()))
    database.write(lambda s: _keep_files(s, slug, bytes.fromhex(description.id), files))
    return failures


def _work_out(
    description: RoundDescription,
    scores: ScoreTable,
    margins: facts.Margins,
    earlier: Sequence[facts.EarlierRound],
    counts: BallotCounts,
    period: str,
    planned: date | None,
    report: Report,
) -> tuple[Json, File]:
    """Version-1 ranking and the file of facts."""
    report(N_("计算排名"), 0, 1)
    ranking = rank_scores(description, scores)
    worked_out = facts.round_facts(
        description,
        scores,
        margins,
        earlier,
        ranking=ranking.facts,
        counts=counts,
        period=period,
        planned=planned,
        progress=report,
    )
    return ranking.version1, facts.facts_file(worked_out)


def _draw(
    description: RoundDescription, kept: bytes, counts: BallotCounts, digest: str, report: Report
) -> tuple[list[File], list[Failure]]:
    """Files of an opened round from its file of facts, and those that could not be made."""
    from survey.documents.edition.opening_files import make_artifacts

    report(N_("制作图表和文档"), 0, 1)
    failures: list[Failure] = []
    # The published ranking, since files are handed on.
    ranking = facts.read_facts(kept).ranking
    made = make_artifacts(description, ranking, counts, report, digest=digest, failures=failures)
    return [(each.name, each.media_type, each.content) for each in made], failures


def _counts(session: Session, round: Round) -> BallotCounts:
    if round.state != State.OPENED:
        raise Conflict(N_("本轮还没有开箱。"))
    box = session.get_one(OpenedBox, round.id)
    return BallotCounts(
        invited=round.invited_count,
        collected=round.collected_count,
        cast=round.cast_count,
        replaced=count_invitations(session, round).replaced,
        valid=box.valid,
        invalid=len(box.invalid),
        merkle_root=round.merkle_root.hex() if round.merkle_root else "",
    )


def _keep(session: Session, round_id: bytes, ranking: Json, numbers: File) -> None:
    """Store ranking and facts, before anything is drawn: no picture that fails can cost them."""
    session.get_one(OpenedBox, round_id).ranking = ranking
    session.execute(delete(Artifact).where(Artifact.round_id == round_id))
    _add(session, round_id, numbers)


def _keep_files(session: Session, slug: str, round_id: bytes, files: Sequence[File]) -> None:
    """Store the files instead of those drawn before, but for the facts; records the digest of the bulletin in
    the audit log."""
    session.execute(delete(Artifact).where(Artifact.round_id == round_id, Artifact.name != FACTS))
    for file in files:
        _add(session, round_id, file)
    said = {name: hashlib.sha256(content).hexdigest() for name, _kind, content in files if name == BULLETIN}
    record(session, actor=PROGRAM, action="results.make", subject=slug, files=len(files), **said)


def _add(session: Session, round_id: bytes, file: File) -> None:
    name, media_type, content = file
    session.add(Artifact(round_id=round_id, name=name, media_type=media_type, content=content))
