"""Suggestions for a round's list of problems, only from figures that may be published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from survey.facts.items import ItemChange
from survey.facts.profiles import ChangeSince
from survey.facts.publication import Evidence
from survey.facts.whole import Facts
from survey.models import Problem, ProblemSource, Round
from survey.services.departments.lineage import read_lineage
from survey.services.followup import comment_releases, indicators, problems
from survey.services.results.facts import known_facts
from survey.services.rounds.real import real_rounds


@dataclass(frozen=True, slots=True)
class Candidate:
    """Finding suggested as a problem; `source` is a `ProblemSource`, `item` the item, theme or indicator
    ("" for the department as a whole), `evidence` the figures by name, `known`: it is on the list already."""

    department: str
    source: str
    item: str
    evidence: Evidence = field(default_factory=dict)
    known: bool = False


@dataclass(frozen=True, slots=True)
class Improvement:
    """Change of a problem's item (or department) from the problem's round to a later one, in points relative
    to the average of the departments, with a joint confidence interval (None where unbounded)."""

    slug: str
    title: str
    change: float
    low: float | None
    high: float | None
    direction: str


def candidates(session: Session, round: Round) -> list[Candidate]:
    """Findings of an opened round from facts, comments and indicators; `known` marks those on the list
    already."""
    facts = known_facts(session, round)
    listed = {(p.origin, p.source, p.item) for p in problems.of_round(session, round)}
    found = [*_from_facts(facts), *_from_comments(session, round), *_from_indicators(session, facts)]
    return [
        Candidate(c.department, c.source, c.item, c.evidence, (c.department, c.source, c.item) in listed)
        for c in found
    ]


def improvements(session: Session, problem: Problem) -> list[Improvement]:
    """`improvements_of` one problem, in all later rounds."""
    return improvements_of(session, [problem])[0]


def improvements_of(
    session: Session, listed: Sequence[Problem], until: date | None = None
) -> list[list[Improvement]]:
    """For each problem, changes of its item, or else its department, in later rounds that were analysed, up
    to those opening on `until`.

    From the later rounds' facts, whose intervals hold jointly (docs/facts.md).
    """
    lineage, starts = read_lineage(session), [session.get_one(Round, p.round_id) for p in listed]
    found: list[list[Improvement]] = [[] for _ in listed]
    for round in reversed(real_rounds(session)):
        earlier = [n for n, start in enumerate(starts) if start.opens_on < round.opens_on]
        if not earlier or (until is not None and round.opens_on > until):
            continue
        facts = known_facts(session, round)
        names = [profile.name for profile in facts.profiles] if facts else []
        for n in earlier:
            name = lineage.called(listed[n].origin, names)
            change = _change(facts, name, listed[n].item, starts[n].slug)
            if change is not None:
                low, high = change.ci
                found[n].append(
                    Improvement(round.slug, round.title, change.change, low, high, change.direction)
                )
    return found


def _from_facts(facts: Facts | None) -> Iterator[Candidate]:
    if facts is None:
        return
    line = facts.scale.warning_line
    shown: Evidence
    for profile in facts.profiles:
        name, overall = profile.name, profile.overall
        if profile.line == "below" and overall:
            shown = {"score": overall.adjusted, "ci": overall.ci, "line": line, "n": profile.n}
            yield Candidate(name, ProblemSource.LINE, "", shown)
        for item in profile.items:
            if item.mean is not None and item.mean < line:
                shown = {"score": item.mean, "line": line, "n": item.n}
                yield Candidate(name, ProblemSource.LINE, item.name, shown)
            if item.group and item.group.direction == "below":
                shown = {"difference": item.group.difference, "ci": item.group.ci, "n": item.n}
                yield Candidate(name, ProblemSource.GAP, item.name, shown)


def _from_comments(session: Session, round: Round) -> Iterator[Candidate]:
    for entry in comment_releases.theme_counts(session, round):
        for theme in entry.themes:
            if theme.n is not None:
                shown = {"count": theme.n, "total": entry.n}
                yield Candidate(entry.department, ProblemSource.COMMENTS, theme.name, shown)


def _from_indicators(session: Session, facts: Facts | None) -> Iterator[Candidate]:
    names = {profile.name for profile in facts.profiles} if facts else set()
    for entry in indicators.latest_of(session, names):
        if entry.department in names and entry.below:
            shown = {key: getattr(entry, key) for key in ("value", "province", "city", "period", "unit")}
            yield Candidate(entry.department, ProblemSource.INDICATOR, entry.name, shown)


def _change(facts: Facts | None, name: str, asked: str, slug: str) -> ItemChange | ChangeSince | None:
    """Change, in these facts, since the round `slug`, of the department `name`: of the item `asked`, or of
    the whole where it is ""; None where there is none."""
    profile = next((p for p in facts.profiles if p.name == name), None) if facts else None
    if profile is None:
        return None
    for item in profile.items:
        if asked and item.name == asked:
            return item.change if item.change and item.change.slug == slug else None
    return next((change for change in profile.changes if change.slug == slug), None)
