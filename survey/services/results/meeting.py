"""Facts for the meeting: places, grades and how firm they are, as part of the ranking's facts."""

from __future__ import annotations

from dataclasses import replace

from msgspec import convert

from analysis.influence.ballots import Influence
from analysis.meeting.grading import grades
from analysis.meeting.summary import BEST, for_meeting
from survey.facts.analysed import as_analysed
from survey.facts.meeting import MeetingFacts
from survey.facts.ranking import RankingFacts
from survey.protocol.questionnaire import GRADE_LINES
from survey.services.disclosure import told
from survey.services.results.profiles import against_line
from survey.services.results.ranking import ends_of
from survey.services.results.scored_round import ScoredRound

_LINE = ("above_line", "below_line")


def meeting(scored: ScoredRound, full: RankingFacts, published: RankingFacts) -> MeetingFacts | None:
    """Facts for the meeting on all departments; None where nothing could be ranked.

    Grades, and statements on the warning line, go by the published intervals, which stand beside them and are
    a little wider than the exact ones.
    """
    if not full.departments:
        return None
    ratings = scored.ratings()
    scale, ends = scored.questionnaire.scale, ends_of(scored.questionnaire)
    # The usual grade lines presume that the best answer is worth 100.
    graded = scale.grade_lines != GRADE_LINES or ends[1] == BEST
    lines = scale.grade_lines if graded else None
    results = for_meeting(
        as_analysed(full),
        ratings,
        hide=scored.threshold,
        lines=lines,
        scale=ends,
        line=scale.warning_line,
    )
    n = {d.name: d.n for d in full.departments}
    results = replace(
        results,
        corrected=told.shrunken(results.corrected, n, scored.told),
        grades=None if results.grades is None or lines is None else grades(as_analysed(published), lines),
        influence=None
        if results.influence is None
        else _shown(results.influence, published, scale.warning_line),
    )
    return convert(results.to_dict(), MeetingFacts)


def _shown(influence: Influence, published: RankingFacts, line: float) -> Influence:
    """Influence without statements on the warning line that the published intervals do not show."""
    shown = {(f"{against_line(d.ci, line)}_line", d.name) for d in published.departments}
    kept = (s for s in influence.statements if s.kind not in _LINE or (s.kind, s.a) in shown)
    return replace(influence, statements=tuple(kept))
