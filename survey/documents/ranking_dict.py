"""From the version-1 dictionary of a ranking back to `analysis.results.Ranking`, for charts and tables."""

from analysis.deserialise import group_rankings, ranking_from_dict

__all__ = ["group_rankings", "ranking_from_dict"]
