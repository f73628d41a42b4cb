"""Rankings among the facts as the analysis has them, for charts and tables, and back; loads numpy."""

from __future__ import annotations

from msgspec import convert, to_builtins

from analysis.ranking.reading_json import group_rankings, ranking_from_dict
from analysis.ranking.results import Ranking
from survey.facts.ranking import RankingFacts, RankingPart


def as_analysed(ranking: RankingPart) -> Ranking:
    """The ranking that these facts were made of; a missing number is NaN."""
    return ranking_from_dict(to_builtins(ranking, enc_hook=dict))


def as_facts(ranking: Ranking) -> RankingFacts:
    """Facts of a ranking without groups, with its notes in both languages."""
    english = {"notes_en": [note.text("en") for note in ranking.notes]}
    return convert(ranking.to_dict() | english, RankingFacts)


def groups_as_analysed(ranking: RankingFacts) -> list[tuple[str, Ranking]]:
    """(name, ranking) of each group that could be ranked."""
    return group_rankings(to_builtins(ranking, enc_hook=dict))
