"""The facts of an opened round (docs/facts.md): every number that pages, documents and open data show.

Worked out once, when a round is opened, and kept as its file `facts.json`. What needs numpy and scipy loads
inside `round_facts`: pages only read what was kept.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from survey.errors import N_, NotFound
from survey.facts.whole import Facts
from survey.facts.wire import facts_from, parsed
from survey.language import in_both
from survey.models import Artifact, Enterprise, Round, State
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.description import RoundDescription
from survey.services.disclosure import released_figures
from survey.services.results import small_counts
from survey.services.results.ranking import FACTS, LEVEL, SEED, bilingual_ranking, score_table
from survey.services.rounds.descriptions import describe
from survey.wording import reasons
from survey.wording.ranking import NOT_RANKED

if TYPE_CHECKING:
    from survey.services.results.scored_round import Material

NAME = FACTS
MEDIA_TYPE = "application/json"
VERSION = 1
COUNTS = ("invited", "collected", "cast", "replaced", "valid", "invalid", "merkle_root")
STEPS = 6

Report = Callable[..., None]
Margins = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class EarlierRound:
    """A round opened before, to compare with."""

    description: RoundDescription
    scores: ScoreTable


def round_facts(
    description: RoundDescription,
    scores: ScoreTable,
    roster_margins: Mapping[str, Mapping[str, int]],
    earlier_rounds: Sequence[EarlierRound] = (),
    *,
    ranking: dict[str, Any] | None = None,
    counts: Mapping[str, Any] | None = None,
    period: str = "",
    planned: date | None = None,
    progress: Report | None = None,
) -> dict[str, Any]:
    """All facts of a round; the shape is in docs/facts.md. Deterministic.

    roster_margins: stratum → option → enterprises; earlier_rounds: newest first; ranking: what
    `bilingual_ranking` gave, which is worked out unless given; counts: of invitations and ballots;
    planned: the announced last day where the round was closed before it.
    """
    from analysis.threads import blas_threads
    from survey.services.results.scored_round import Material

    with blas_threads(len(description.questionnaire.departments)):
        material = Material(description, scores)
        earlier = [Material(e.description, e.scores) for e in earlier_rounds]
        full = ranking or bilingual_ranking(description, scores)
        head = _head(description, scores, counts or {}, period, planned)
        parts = _parts(material, earlier, roster_margins, full, _steps(progress))
        return released_figures.released(small_counts.protect(head | parts))


def _parts(
    material: Material,
    earlier: Sequence[Material],
    roster_margins: Mapping[str, Mapping[str, int]],
    full: dict[str, Any],
    report: Callable[[str], None],
) -> dict[str, Any]:
    from survey.services.disclosure import released_ranking
    from survey.services.results import answer_counts, assumptions, comparisons, meeting, profiles

    answers, rest = answer_counts.AnswerCounts(material, full), _comparing(material, full)
    facts: dict[str, Any] = {
        "items": answer_counts.items(material, answers),
        "ranking": released_ranking.release(
            publishable(full, material.raters.tolist(), material.description), material.told
        ),
    }
    report(N_("检查结论靠几张选票支撑"))
    facts["ranking"] |= meeting.meeting(material, full)
    report(N_("核对回收情况"))
    facts |= _who_answered(material, roster_margins, facts["ranking"], rest)
    report(N_("检查答卷质量"))
    facts |= _how_well(material, rest)
    report(N_("比较各类企业的评价"))
    facts["treatment"] = comparisons.treatment(material, rest)
    facts["assumptions"] = assumptions.assumptions(material, roster_margins, facts["treatment"], rest)
    report(N_("与以前各轮比较"))
    facts["changes"] = comparisons.changes(material, earlier)
    facts["combined"] = comparisons.combined(material, earlier)
    report(N_("分析各部门的指标"))
    facts["profiles"] = profiles.profiles(material, answers, facts, earlier[0] if earlier else None)
    return facts | {"method": _method(material)}


def _comparing(material: Material, full: dict[str, Any]) -> dict[str, Any]:
    """The ranking with the departments on whose exact scores comparisons may rest, and their rounding."""
    told = [
        d | {"error": material.told.told(d["adjusted"], d["n"])[0] - d["adjusted"]}
        for d in full["departments"]
        if d["name"] not in material.bounded
    ]
    return full | {"departments": told}


def _who_answered(
    material: Material,
    roster_margins: Mapping[str, Mapping[str, int]],
    told: dict[str, Any],
    rest: dict[str, Any],
) -> dict[str, Any]:
    from survey.services.results import response

    return {
        "response": response.response(material, roster_margins),
        "weighting": response.weighting(material, roster_margins, rest),
        "resolution": response.resolution(material, told),
    }


def _how_well(material: Material, full: dict[str, Any]) -> dict[str, Any]:
    from survey.services.results import item_importance, quality

    return {
        "quality": quality.quality(material, full),
        "reliability": quality.reliability(material),
        "drivers": item_importance.drivers(material),
    }


def _method(material: Material) -> dict[str, Any]:
    from survey.services.results import comparisons, profiles

    return {
        "seed": SEED,
        "draws": comparisons.DRAWS,
        "level": LEVEL,
        "threshold": material.threshold,
        "item_level": profiles.item_level(material),
    }


def _steps(progress: Report | None) -> Callable[[str], None]:
    done = iter(range(STEPS))
    return lambda step: progress(step, next(done), STEPS) if progress else None


def _head(
    description: RoundDescription,
    scores: ScoreTable,
    counts: Mapping[str, Any],
    period: str,
    planned: date | None,
) -> dict[str, Any]:
    scale = description.questionnaire.to_dict()["scale"]
    named = ("id", "slug", "title", "body", "opens_on", "closes_on", "threshold")
    given = {"valid": scores.valid, "invalid": scores.invalid} | dict(counts)
    return {
        "version": VERSION,
        "round": {name: getattr(description, name) for name in named}
        | {"period": period, "digest": scores.digest}
        | ({"planned_closes_on": planned.isoformat()} if planned else {}),
        "counts": {name: given.get(name) for name in COUNTS},
        "scale": {
            "levels": list(scale["levels"]),
            "satisfied": scale["satisfied"],
            "warning_line": scale["warning_line"],
        },
    }


def publishable(
    ranking: dict[str, Any], raters: Sequence[int], description: RoundDescription
) -> dict[str, Any]:
    """The ranking without counts that are below the threshold, directly or by subtraction."""
    departments = description.questionnaire.departments
    few = {d.name for d, n in zip(departments, raters, strict=True) if 0 < n < description.threshold}

    def told(part: dict[str, Any]) -> dict[str, Any]:
        entries = [_insufficient(entry, few) for entry in part.get("insufficient", [])]
        codes = part.get("note_codes", ())
        said = {
            key: [_note(*pair, place) for pair in zip(codes, part[key], strict=False)] or part[key]
            for place, key in enumerate(("notes", "notes_en"))
            if key in part
        }
        # The total counts ratings of departments that are not ranked too, and would give theirs away.
        total = {"n_ratings": None} if entries else {}
        return part | {"insufficient": entries} | said | total

    return told(ranking) | {"groups": [told(group) for group in ranking["groups"]]}


def _insufficient(entry: dict[str, Any], few: set[str]) -> dict[str, Any]:
    zh, en = in_both(NOT_RANKED.get(entry["code"], NOT_RANKED["df"]))
    told = {"n": None if entry["name"] in few else entry["n"], "reason": zh, "reason_en": en}
    return entry | told


def _note(code: str, text: str, language: int) -> str:
    return in_both(reasons.SINGLE_DEPARTMENT)[language] if code == "single_department" else text


def facts_of(session: Session, round: Round) -> Facts:
    """The facts kept when the round was opened; raises `NotFound` while there are none."""
    if (facts := known_facts(session, round)) is None:
        raise NotFound(
            N_("选票已经开箱，但结果还没有算完。"),
            remedy=N_("请稍等一会儿再刷新；如果开箱中断过，请到开箱进度页接着完成。"),
        )
    return facts


def known_facts(session: Session, round: Round) -> Facts | None:
    """The round's facts (docs/facts.md) as its analysis stored them; None while there are none."""
    kept = session.get(Artifact, (round.id, NAME))
    return read_facts(kept.content) if kept else None


@lru_cache(maxsize=4)
def read_facts(content: bytes) -> Facts:
    """Facts as kept; those from before small counts were merged are merged now. Raises `UnreadableFacts`."""
    facts = parsed(content)
    raw = any("levels" in item for profile in facts["profiles"] for item in profile["items"])
    return facts_from(small_counts.protect(facts) if raw else facts)


def facts_file(facts: Mapping[str, Any]) -> tuple[str, str, bytes]:
    """(name, media type, content) under which facts are kept."""
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return NAME, MEDIA_TYPE, text.encode()


def roster_margins(session: Session) -> Margins:
    """Stratum → option → enterprises on the roster; those without an option are not counted."""
    counted: dict[str, Counter[str]] = {}
    for strata in session.scalars(select(Enterprise.strata)):
        for stratum, option in strata.items():
            if option:
                counted.setdefault(stratum, Counter())[option] += 1
    return {stratum: dict(options) for stratum, options in counted.items()}


def earlier_rounds(session: Session, round: Round) -> list[EarlierRound]:
    """Opened rounds that began before this one, or on the same day and ended before it, newest first;
    no further back than a year.
    """
    days = (Round.opens_on, Round.closes_on)
    query = select(Round).where(
        Round.state == State.OPENED, tuple_(*days) < tuple_(literal(round.opens_on), literal(round.closes_on))
    )
    found: Iterable[Round] = session.scalars(query.order_by(*(day.desc() for day in days), Round.slug))
    recent = [r for r in found if (round.opens_on - r.opens_on).days <= 366]
    return [EarlierRound(describe(session, r), score_table(session, r)) for r in recent]
