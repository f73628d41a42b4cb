"""Contents of the page of a published edition, from its frozen content, whatever has changed since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from survey.facts.differences import differences, differences_of
from survey.facts.publication import (
    AddedInvitations,
    DepartmentThemes,
    EditionComposite,
    EditionProblem,
    OutsideFigure,
)
from survey.facts.whole import Facts
from survey.language import current_language
from survey.models import Publication
from survey.protocol.questionnaire import Scale
from survey.web.result_views.ranking import RankingPage, ranking_page
from survey.wording import editions, telephone
from survey.wording.correction import sentences as corrections
from survey.wording.english_facts import content_in_page_language

MOST_THEMES = 3


@dataclass(frozen=True, slots=True)
class Published:
    """Contents of an edition's page; `stages`: present stage of each problem, by number."""

    edition: int
    digest: str
    correction: str
    corrected: tuple[str, ...]
    log: tuple[int, str] | None
    added: tuple[AddedInvitations, ...]
    restored: tuple[str, ...]
    telephone: tuple[str, ...]
    paper: tuple[str, ...]
    facts: Facts
    ranking: RankingPage
    themes: tuple[DepartmentThemes, ...]
    problems: tuple[EditionProblem, ...]
    indicators: tuple[OutsideFigure, ...]
    composites: tuple[EditionComposite, ...]
    stages: Mapping[int, str]
    tally: Mapping[str, int]


def publication_page(
    publication: Publication,
    before: Publication | None,
    scale: Scale,
    stages: Mapping[int, str] | None = None,
) -> Published:
    """Contents of the page of one edition; `before`: the one that it corrects."""
    content, now = content_in_page_language(publication.facts), stages or {}
    return Published(
        edition=publication.edition,
        digest=publication.digest.hex(),
        correction=publication.correction,
        corrected=_corrected(publication, before),
        log=publication.log,
        added=content.added,
        restored=tuple(editions.restored(content.restored)),
        telephone=tuple(telephone.stated(content.telephone)),
        paper=tuple(editions.paper_forms(content.paper)),
        facts=content.facts,
        ranking=ranking_page(content.facts.ranking, scale),
        themes=tuple(entry for entry in map(_frequent, content.themes) if entry.themes),
        problems=content.problems,
        indicators=content.indicators,
        composites=content.composites,
        stages=now,
        tally=Counter(now.values()),
    )


def _corrected(publication: Publication, before: Publication | None) -> tuple[str, ...]:
    """What the edition says differently from the one before, and why; nothing for the first."""
    if before is None:
        return ()
    if current_language() == "zh":
        found = differences_of(before.content, publication.content)
    else:
        found = differences(*map(content_in_page_language, (before.facts, publication.facts)))
    return tuple(corrections.with_reason(publication.correction, found, publication.edition, on_page=True))


def _frequent(entry: DepartmentThemes) -> DepartmentThemes:
    """`entry` of a department's themes with only the `MOST_THEMES` most frequent of those shown."""
    shown = sorted((theme for theme in entry.themes if theme.n is not None), key=lambda t: -(t.n or 0))
    return replace(entry, themes=tuple(shown[:MOST_THEMES]))
