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
from survey.services.results.scored_round import Material


def meeting(material: Material, full: RankingFacts) -> MeetingFacts | None:
    """Facts for the meeting on all departments; None where nothing could be ranked."""
    if not full.departments:
        return None
    ratings = ratings_from_scores(material.questionnaire, material.scores)
    scale, ends = material.questionnaire.scale, ends_of(material.questionnaire)
    # The usual grade lines presume that the best answer is worth 100.
    graded = scale.grade_lines != GRADE_LINES or ends[1] == BEST
    found = for_meeting(
        as_analysed(full),
        ratings,
        hide=material.threshold,
        lines=scale.grade_lines if graded else None,
        scale=ends,
        line=scale.warning_line,
    )
    n = {d.name: d.n for d in full.departments}
    found = replace(found, corrected=told.shrunken(found.corrected, n, material.told))
    return convert(found.to_dict(), MeetingFacts)
