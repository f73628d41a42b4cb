"""Suggestions for the list of problems: differences beyond chance, and no figure that is withheld."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from survey.models import Problem, ProblemSource, Round
from survey.parts import Part
from survey.services.followup import comment_releases, indicators, problems
from survey.services.results.facts import known_facts
from survey.services.rounds.lifecycle import list_rounds


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finding; `evidence` holds its numbers, `known` says that it is on the list already."""

    department: str
    source: str
    item: str
    evidence: dict[str, Any] = field(default_factory=dict)
    known: bool = False


@dataclass(frozen=True, slots=True)
class Improvement:
    """A problem's item in a later round: points relative to the average of the departments, jointly."""

    slug: str
    title: str
    change: float
    low: float
    high: float
    direction: str


def candidates(session: Session, round: Round) -> list[Candidate]:
    """Everything found in an opened round, by department, those on the list already marked."""
    facts: Part = known_facts(session, round) or {}
    listed = {(p.department, p.source, p.item) for p in problems.of_round(session, round)}
    found = [*_from_facts(facts), *_from_comments(session, round), *_from_indicators(session, facts)]
    return [
        Candidate(c.department, c.source, c.item, c.evidence, (c.department, c.source, c.item) in listed)
        for c in found
    ]


def improvements(session: Session, problem: Problem, until: date | None = None) -> list[Improvement]:
    """How the problem's item, or its department, moved in every later round that was analysed.

    From the later rounds' facts, whose intervals are right jointly (docs/facts.md).
    """
    start = session.get_one(Round, problem.round_id)
    later = [r for r in list_rounds(session) if r.opens_on > start.opens_on]
    found = []
    for round in reversed(later):
        change = _change(known_facts(session, round) or {}, problem, start.slug)
        if change is not None and (until is None or round.opens_on <= until):
            low, high = change["ci"]
            found.append(
                Improvement(round.slug, round.title, change["change"], low, high, change["direction"])
            )
    return found


def _from_facts(facts: Part) -> Iterator[Candidate]:
    line = facts.get("scale", {}).get("warning_line")
    for profile in facts.get("profiles", ()):
        name = profile["name"]
        overall = profile.get("overall")
        if profile.get("line") == "below" and overall:
            shown = {"score": overall["adjusted"], "ci": overall["ci"], "line": line, "n": profile.get("n")}
            yield Candidate(name, ProblemSource.LINE, "", shown)
        for item in profile.get("items", ()):
            mean, group = item.get("mean"), item.get("group")
            if mean is not None and line is not None and mean < line:
                shown = {"score": mean, "line": line, "n": item.get("n")}
                yield Candidate(name, ProblemSource.LINE, item["name"], shown)
            if group and group.get("direction") == "below":
                shown = {"difference": group["difference"], "ci": group["ci"], "n": item.get("n")}
                yield Candidate(name, ProblemSource.GAP, item["name"], shown)


def _from_comments(session: Session, round: Round) -> Iterator[Candidate]:
    for entry in comment_releases.theme_counts(session, round):
        for theme in entry["themes"]:
            if theme["n"] is not None:
                shown = {"count": theme["n"], "total": entry["n"]}
                yield Candidate(entry["department"], ProblemSource.COMMENTS, theme["name"], shown)


def _from_indicators(session: Session, facts: Part) -> Iterator[Candidate]:
    names = {profile["name"] for profile in facts.get("profiles", ())}
    for entry in indicators.latest(session):
        if entry["department"] in names and entry["below"]:
            shown = {key: entry[key] for key in ("value", "province", "city", "period", "unit")}
            yield Candidate(entry["department"], ProblemSource.INDICATOR, entry["name"], shown)


def _change(facts: Part, problem: Problem, slug: str) -> dict[str, Any] | None:
    """The change since the problem's own round: of its item where there is one, else of its department."""
    for profile in facts.get("profiles", ()):
        if profile["name"] != problem.department:
            continue
        for item in profile.get("items", ()):
            if problem.item and item["name"] == problem.item:
                change: dict[str, Any] | None = item.get("change")
                return change if change and change.get("slug") == slug else None
        for change in profile.get("changes", ()):
            if change["slug"] == slug and change.get("ci"):
                return dict(change)
    return None
