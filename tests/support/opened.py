"""An opened round without ballots: what the analysis would have left, written down by hand; what is
then done with it: published, problems recorded and followed up."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import numpy as np
from county import County

from survey.clock import today
from survey.facts.whole import Facts
from survey.facts.wire import written
from survey.models import Artifact, Comment, OpenedBox, Problem, Round, State, User
from survey.protocol.box.scoretable import ScoreTable
from survey.services.followup import handing_over, problem_steps, problems
from survey.services.publication import publishing
from survey.services.rounds import editions, lifecycle
from survey.services.rounds.descriptions import describe

BALLOTS = 40
LATER = today() + timedelta(days=30)


def open_by_hand(
    place: County, comments: dict[int, list[str]] | None = None, *, facts: dict[str, Any] | None = None
) -> County:
    """Close the round and open it with `facts` and these comments by department."""
    place.close()

    def keep(session: Any) -> None:
        found = lifecycle.get_round(session, place.slug)
        found.state = State.OPENED
        digest = hashlib.sha256(b"rows").digest()
        session.add(
            OpenedBox(
                round_id=found.id, rows=b"rows", valid=BALLOTS, invalid=[], digest=digest, ranking=ranking()
            )
        )
        for department, texts in (comments or {}).items():
            session.add_all(Comment(round_id=found.id, department=department, text=t) for t in texts)
        keep_facts(session, found, facts if facts is not None else made_up_facts(place.slug))

    place.database.write(keep)
    return place


def publish(place: County) -> County:
    """Propose an edition and confirm it, as the first two reviewers do."""
    first, second = place.reviewers[:2]
    place.act(lambda s, r: publishing.propose(s, r, first))
    place.act(lambda s, r: publishing.confirm(s, editions.waiting(s, r), second, today()))
    return place


def record(place: County, **changes: Any) -> Problem:
    """Record a problem of 公安局, due at `LATER`, with these changes."""
    values: dict[str, Any] = {"department": "公安局", "task": "改进窗口态度", "deadline": LATER} | changes
    return place.act(
        lambda s, r: problems.record(s, r, problems.NewProblem(**values), place.reviewers[0], today())
    )


def step(place: County, name: str, user: User, *values: Any, number: int = 1, **named: Any) -> Any:
    """Take the step `name` of a problem."""

    def work(session: Any, found: Round) -> Any:
        taken = getattr(handing_over, name, None) or getattr(problem_steps, name)
        return taken(session, session.get(Problem, (found.id, number)), user, today(), *values, **named)

    return place.act(work)


def keep_box(session: Any, slug: str, levels: np.ndarray) -> Round:
    """Leave a closed round as an opening would: levels (n, departments, items), whose strata are unsaid."""
    found = lifecycle.get_round(session, slug)
    n = len(levels)
    rows = np.concatenate([levels.reshape(n, -1), np.zeros((n, 1))], axis=1).astype(np.uint8)
    table = ScoreTable.build(describe(session, found), [row.tobytes() for row in rows])
    found.state = State.OPENED
    box = {"valid": n, "invalid": [], "digest": bytes.fromhex(table.digest), "ranking": None}
    session.add(OpenedBox(round_id=found.id, rows=table.rows, **box))
    session.flush()
    return found


def falling_levels(seed: int) -> np.ndarray:
    """Thirty ballots (30, 4, 2) whose later departments do worse."""
    chance = np.random.default_rng(seed)
    return np.clip(np.rint(1.6 + np.arange(4)[:, None] / 3 + chance.normal(0, 0.7, (30, 4, 2))), 1, 3)


def as_json(facts: Facts) -> dict[str, Any]:
    """Facts that a test may change, before they are kept again."""
    return written(facts)


def keep_facts(session: Any, found: Round, facts: dict[str, Any]) -> None:
    """Replace the round's facts, as another analysis would."""
    old = session.get(Artifact, (found.id, "facts.json"))
    if old is not None:
        session.delete(old)
        session.flush()
    content = json.dumps(facts, ensure_ascii=False).encode()
    session.add(
        Artifact(round_id=found.id, name="facts.json", media_type="application/json", content=content)
    )


def ranking() -> dict[str, Any]:
    """税务局 above 公安局, 供电公司 alike; 财政局 was rated by too few."""
    departments = [
        _ranked("税务局", 30, 82.0, 1, (1, 2), "a", "above"),
        _ranked("供电公司", 28, 75.0, 2, (1, 3), "ab", "same"),
        _ranked("公安局", 26, 61.0, 3, (2, 3), "b", "below"),
    ]
    test = {"statistic": 9.0, "df1": 2, "df2": 37, "p_value": 0.0006, "method": "max-t"}
    pair = {"a": "税务局", "b": "公安局", "difference": 21.0, "se": 3.0, "p_adjusted": 0.0001, "df": 37.0}
    pair |= {"p_additive": 0.0001, "p_latent": None, "se_cr0": 3.0}
    method = {"threshold": 10, "draws": 10_000, "seed": 1, "stepdown": False, "latent_guard": True}
    method |= {"n_components": 1, "critical_values": {"pairs": 3.0}, "scale": [20.0, 100.0]}
    return {
        "version": 1,
        "n_raters": BALLOTS,
        "n_ratings": 168,
        "level": 0.95,
        "global_test": test,
        "departments": departments,
        "pairs": [pair | {"ci": [13.0, 29.0], "significant": True}],
        "insufficient": [
            {"name": "财政局", "n": None, "code": "threshold", "reason": "少于门槛", "reason_en": "Too few."}
        ],
        "notes": [],
        "note_codes": [],
        "method": method,
        "groups": [],
    }


def made_up_facts(slug: str) -> dict[str, Any]:
    """Facts in the shape of docs/facts.md: 公安局's 态度 is below the line and below its group."""
    group = {"difference": -9.0, "ci": [-14.0, -4.0], "p": 0.001, "direction": "below"}
    items = [
        _item("态度", 26, 55.0, [10, 16], group),
        _item("总体", 26, 72.0, [10, 16], None),
    ]
    overall = {
        "rank": 3,
        "rank_set": [2, 3],
        "of": 3,
        "adjusted": 61.0,
        "ci": [55.0, 67.0],
        "mean": 61.5,
        "se": 2.0,
        "tier": "b",
        "vs_average": "below",
        "bound": "",
        "average_difference": -12.0,
        "average_ci": [-18.0, -6.0],
    }
    profiles = [
        _profile(0, "税务局", "执法", "above", 30),
        _profile(1, "公安局", "执法", "below", 26)
        | {"items": items, "overall": overall, "in_group": overall},
        _profile(2, "供电公司", "服务", "undecided", 28),
        _profile(3, "财政局", "服务", None, None)
        | {"ranked": False, "reason_zh": "人数太少。", "reason_en": "Too few."},
    ]
    levels = [("好", 100.0), ("中", 60.0), ("差", 20.0)]
    return {
        "version": 1,
        "round": dict.fromkeys(("id", "title", "body", "digest"), "")
        | {"slug": slug, "threshold": 10, "period": "quarter"}
        | {"opens_on": "2026-10-01", "closes_on": "2026-12-20"},
        "counts": {"invited": 60, "collected": 45, "cast": BALLOTS, "valid": BALLOTS, "invalid": 0}
        | {"replaced": 0, "merkle_root": ""},
        "scale": {
            "levels": [{"label": x, "label_en": x, "points": p} for x, p in levels],
            "satisfied": 2,
            "warning_line": 70.0,
        },
        "items": [_over_all("态度", 70.0), _over_all("总体", 74.0, overall=True)],
        "ranking": ranking(),
        "response": {
            "possible": True,
            "ballots": BALLOTS,
            "threshold": 10,
            "roster": 60,
            "strata": [
                {
                    "name": "规模",
                    "name_en": "Size",
                    "gap": None,
                    "gap_option": None,
                    "not_said": {"ballots": None, "reason": "threshold"},
                    "options": [
                        _option("大", 20, 16, 0.4, ""),
                        _option("小", 40, None, None, "complementary"),
                    ],
                }
            ],
        },
        **{
            name: _nothing()
            for name in (
                "weighting",
                "resolution",
                "quality",
                "reliability",
                "drivers",
                "combined",
            )
        },
        "assumptions": {"possible": True, "additivity": _nothing(), "standardised": []},
        "treatment": [],
        "profiles": profiles,
        "changes": [],
        "method": {
            "seed": 1,
            "draws": 10_000,
            "level": 0.95,
            "threshold": 10,
            "item_level": 0.975,
            "step": 0.5,
        },
    }


def _ranked(
    name: str, n: int, adjusted: float, rank: int, ranks: tuple[int, int], tier: str, against: str
) -> dict[str, Any]:
    return {
        "name": name,
        "n": n,
        "mean": adjusted + 0.5,
        "adjusted": adjusted,
        "se": 2.0,
        "ci": [adjusted - 6, adjusted + 6],
        "rank": rank,
        "rank_set": list(ranks),
        "tier": tier,
        "vs_average": against,
        "component": 0,
        "average_difference": 0.0,
        "average_ci": [-1.0, 1.0],
        "df": 37.0,
        "bound": "",
    }


def _item(name: str, n: int, mean: float, levels: list[int], group: dict[str, Any] | None) -> dict[str, Any]:
    shown = {"name": name, "name_en": name, "n": n, "reason": "", "mean": mean, "satisfied": 0.62}
    classes = [{"first": i, "last": i, "count": n} for i, n in enumerate(levels)]
    bounds = {"satisfied_at_least": None, "satisfied_at_most": None}
    return shown | bounds | {"classes": classes, "not_known": None, "group": group, "change": None}


def _withheld(name: str) -> dict[str, Any]:
    gone = dict.fromkeys(("n", "mean", "satisfied", "satisfied_at_least", "satisfied_at_most"))
    rest = {"classes": None, "not_known": None, "group": None, "change": None}
    return {"name": name, "name_en": name, "reason": "threshold"} | gone | rest


def _over_all(name: str, mean: float, *, overall: bool = False) -> dict[str, Any]:
    figures = {"n": 84, "mean": mean, "satisfied": 0.8, "weight": 1.0, "overall": overall}
    bounds = {"satisfied_at_least": None, "satisfied_at_most": None}
    return {"name": name, "name_en": name} | figures | bounds


def _profile(index: int, name: str, group: str, line: str | None, n: int | None) -> dict[str, Any]:
    items = [_item(i, n, 80.0, [n // 2, n - n // 2], None) if n else _withheld(i) for i in ("态度", "总体")]
    empty = {"items": items, "overall": None, "in_group": None} | {
        name: [] for name in ("changes", "importance", "treatment")
    }
    head = {
        "index": index,
        "name": name,
        "group": group,
        "ranked": True,
        "reason_zh": "",
        "reason_en": "",
        "n": n,
    }
    satisfied = {"share": None, "ratings": None, "reason": "", "at_least": None, "at_most": None}
    return head | {"line": line, "satisfied": satisfied} | empty


def _nothing() -> dict[str, Any]:
    return {
        "possible": False,
        "reason_zh": "没有可以排名的部门。",
        "reason_en": "No department could be ranked.",
    }


def _option(name: str, roster: int, ballots: int | None, share: float | None, reason: str) -> dict[str, Any]:
    named = {"option": name, "option_en": "", "roster_share": roster / 60}
    return named | {"roster": roster, "ballots": ballots, "share": share, "reason": reason}
