"""A published edition as its page shows it: only from the frozen content, whatever has changed since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey.models import Publication
from survey.protocol.questionnaire import Scale
from survey.web.result_views.ranking import RankingPage, ranking_page

MOST_THEMES = 3


@dataclass(frozen=True, slots=True)
class Published:
    """What the page needs; `stages` are the problems' present stages by number."""

    edition: int
    digest: str
    correction: str
    log: tuple[int, str] | None
    added: tuple[dict[str, Any], ...]
    facts: dict[str, Any]
    ranking: RankingPage
    themes: tuple[dict[str, Any], ...]
    problems: tuple[dict[str, Any], ...]
    indicators: tuple[dict[str, Any], ...]
    composites: tuple[dict[str, Any], ...]
    stages: Mapping[int, str]
    tally: Mapping[str, int]


def publication_page(
    publication: Publication, scale: Scale, stages: Mapping[int, str] | None = None
) -> Published:
    """The page of one edition."""
    content, now = publication.facts, stages or {}
    return Published(
        edition=publication.edition,
        digest=publication.digest.hex(),
        correction=publication.correction,
        log=publication.log,
        added=tuple(content.get("added", ())),
        facts=content["facts"],
        ranking=ranking_page(content["facts"]["ranking"], scale),
        themes=tuple(entry for entry in map(_frequent, content["themes"]) if entry["themes"]),
        problems=tuple(content["problems"]),
        indicators=tuple(content["indicators"]),
        composites=tuple(content.get("composites", ())),
        stages=now,
        tally=Counter(now.values()),
    )


def _frequent(entry: dict[str, Any]) -> dict[str, Any]:
    """A department's shown themes, the commonest first."""
    shown = [theme for theme in entry["themes"] if theme["n"] is not None]
    return entry | {"themes": sorted(shown, key=lambda t: -t["n"])[:MOST_THEMES]}
