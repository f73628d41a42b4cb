"""From the set-up form to a new round, and what the form suggests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from survey.ballot.questionnaire import Department, Questionnaire
from survey.forms.round import RoundForm
from survey.models import Mode, Period, Round, User
from survey.services.rounds import NewRound

DAYS_OPEN = 21
DEFAULT_BODY = "县人大常委会、县政协"
QUARTERS = ("一", "二", "三", "四")


def suggestions(today: date, taken: set[str], reviewers: list[User]) -> dict[str, Any]:
    """Sensible values for a first look at the form: this quarter, three weeks, every reviewer."""
    quarter = (today.month - 1) // 3
    chosen = [user.id.hex() for user in reviewers][:3]
    return {
        "title": f"{today.year} 年第{QUARTERS[quarter]}季度评议",
        "slug": free_slug(f"{today.year}-q{quarter + 1}", taken),
        "body": DEFAULT_BODY,
        "period": Period.QUARTER.value,
        "mode": Mode.BOTH.value,
        "opens_on": today,
        "closes_on": today + timedelta(days=DAYS_OPEN),
        "threshold": 10,
        "quorum": min(2, max(1, len(chosen))),
        "comments": True,
        "holders": chosen,
    }


def copied(earlier: Round) -> dict[str, Any]:
    """What a new round takes over from `earlier`, beside its questionnaire."""
    names = ("title", "body", "period", "mode", "threshold", "quorum")
    return {name: getattr(earlier, name) for name in names}


def free_slug(wanted: str, taken: set[str]) -> str:
    """`wanted`, or with the first number that makes it new."""
    if wanted not in taken:
        return wanted
    number = next(n for n in range(2, len(taken) + 3) if f"{wanted}-{n}" not in taken)
    return f"{wanted}-{number}"


def by_group(departments: tuple[Department, ...]) -> dict[str, list[str]]:
    """Department names under their groups, in the given order."""
    groups: dict[str, list[str]] = {}
    for department in departments:
        groups.setdefault(department.group, []).append(department.name)
    return groups


def new_round(form: RoundForm, base: Questionnaire, offered: tuple[Department, ...]) -> NewRound:
    """The round that a valid `form` describes: `base` asked about the chosen departments."""
    chosen = set(form.departments.data)
    departments = tuple(d for d in offered if d.name in chosen) + form.added_departments
    plain = {
        name: form[name].data
        for name in ("slug", "title", "body", "opens_on", "closes_on", "threshold", "quorum")
    }
    return NewRound(
        **plain,
        period=Period(form.period.data),
        mode=Mode(form.mode.data),
        questionnaire=replace(base, departments=departments, comments=form.comments.data),
        holders=tuple(bytes.fromhex(holder) for holder in form.holders.data),
    )
