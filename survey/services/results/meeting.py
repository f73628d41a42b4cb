"""Facts for the meeting: places, grades and how firm they are, as part of the ranking's facts."""

from __future__ import annotations

from dataclasses import replace

from msgspec import convert

from analysis.meeting.summary import BEST, for_meeting
from survey.facts.analysed import as_analysed
from survey.facts.meeting import MeetingFacts
from survey.facts.ranking import RankingFacts
from survey.protocol.questionnaire import GRADE_LINES
from survey.services.disclosure import told
from survey.services.results.ranking import ends_of, ratings_from_scores
from survey.services.results.scored_round import ScoredRound


def meeting(scored: ScoredRound, full: RankingFacts) -> MeetingFacts | None:
    """Facts for the meeting on all departments; None where nothing could be ranked."""
    if not full.departments:
        return None
    ratings = ratings_from_scores(scored.questionnaire, scored.scores)
    scale, ends = scored.questionnaire.scale, ends_of(scored.questionnaire)
    # The usual grade lines presume that the best answer is worth 100.
    graded = scale.grade_lines != GRADE_LINES or ends[1] == BEST
    results = for_meeting(
        as_analysed(full),
        ratings,
        hide=scored.threshold,
        lines=scale.grade_lines if graded else None,
        scale=ends,
        line=scale.warning_line,
    )
    n = {d.name: d.n for d in full.departments}
    results = replace(results, corrected=told.shrunken(results.corrected, n, scored.told))
    return convert(results.to_dict(), MeetingFacts)
