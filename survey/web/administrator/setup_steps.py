"""Steps of setting up a round: the form of each, initial values and the changes that it makes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask_wtf import FlaskForm

from analysis.answers.spelling import name_key
from survey.documents.uploads.departments_table import DepartmentEntry
from survey.models import Mode, Period, Round, State, User
from survey.protocol.questionnaire import Department, Item, Level, Questionnaire, Scale, Stratum
from survey.services.rounds import keyholders
from survey.services.rounds.defaults import make_department
from survey.services.rounds.lifecycle import AT_LEAST, NewRound, RoundChanges
from survey.web.administrator.forms.grade_lines import grade_lines
from survey.web.administrator.forms.keys import KeysForm
from survey.web.administrator.forms.setup import (
    BasicsForm,
    DepartmentsForm,
    QuestionsForm,
    StrataForm,
    split,
)
from survey.web.site.forms.rows import Rows

DAYS_OPEN = 21
DEFAULT_BODY = "县人大常委会、县政协"
QUARTERS = ("一", "二", "三", "四")
SPARE_ROWS = 3
MOST_LEVELS = 5
BASICS = ("title", "slug", "body", "period", "mode", "opens_on", "closes_on")

Questions = Questionnaire


@dataclass(frozen=True, slots=True)
class SetupStep:
    """Step with a form: `values` fills the form from a round, `changes` turns the form into arguments of
    `lifecycle.update_round`."""

    name: str
    form: type[FlaskForm]
    values: Callable[[Round, Questions], dict[str, object]]
    changes: Callable[[FlaskForm, Questions], RoundChanges]


def suggestions(today: date, taken: set[str], titles: Collection[str]) -> dict[str, object]:
    """Initial values for a new round: this quarter, open for three weeks; `taken`: slugs in use, `titles`:
    keys of `titles_of`."""
    quarter = (today.month - 1) // 3
    return {
        "title": free_title(f"{today.year} 年第{QUARTERS[quarter]}季度评议", titles),
        "slug": free_slug(f"{today.year}-q{quarter + 1}", taken),
        "body": DEFAULT_BODY,
        "period": Period.QUARTER.value,
        "mode": Mode.BOTH.value,
        "opens_on": today,
        "closes_on": today + timedelta(days=DAYS_OPEN),
    }


def copied(earlier: Round) -> dict[str, object]:
    """Values that a new round takes over from `earlier`, beside the questionnaire."""
    same = {name: getattr(earlier, name) for name in ("body", "period", "mode")}
    return same | {"title": ""}  # what is copied is another round, whose name somebody must think of


def titles_of(others: Iterable[Round]) -> dict[str, str]:
    """Titles of the rounds that are not cancelled, by `name_key`, under which
    different spellings are equal."""
    return {name_key(r.title): r.title for r in others if r.state != State.CANCELLED}


def free_title(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or with the first number that makes it different from all in
    `taken` (keys of `titles_of`)."""
    numbered = (f"{wanted}（{n}）" if n > 1 else wanted for n in range(1, len(taken) + 2))
    return next(title for title in numbered if name_key(title) not in taken)


def free_slug(wanted: str, taken: set[str]) -> str:
    """`wanted`, or with the first number that makes it different from all in `taken`."""
    if wanted not in taken:
        return wanted
    number = next(n for n in range(2, len(taken) + 3) if f"{wanted}-{n}" not in taken)
    return f"{wanted}-{number}"


def new_round(
    form: FlaskForm,
    base: Questions,
    reviewers: Sequence[User],
    earlier: Round | None,
    before: Sequence[bytes] = (),
) -> NewRound:
    """Draft that a valid `NewRoundForm` describes; everything else from `earlier`, or the defaults.

    `before`: ids of the holders of `earlier`; those who are still reviewers hold keys again.
    """
    active = {user.id for user in reviewers}
    holders = tuple(one for one in before if one in active) or keyholders.proposed(reviewers)
    return NewRound(
        slug=form.slug.data,
        title=form.title.data,
        body=form.body.text,
        period=form.period.data,
        mode=form.mode.data,
        opens_on=form.opens_on.data,
        closes_on=form.closes_on.data,
        threshold=earlier.threshold if earlier else 10,
        at_least=max(AT_LEAST, earlier.at_least) if earlier else AT_LEAST,
        quorum=min(earlier.quorum if earlier else 2, max(1, len(holders))),
        questionnaire=base,
        holders=holders,
        trial=form.trial.data,
    )


def differing(kept: FlaskForm, typed: FlaskForm) -> list[str]:
    """Lines, one a row or field, that the form of stored values has and the form as typed does not."""
    said = set(_lines(typed))
    return [line for line in _lines(kept) if line not in said]


def _lines(form: FlaskForm) -> Iterator[str]:
    for field in form:
        if isinstance(field, Rows):
            for row in field:
                cells = [
                    f"{cell.data:g}" if isinstance(cell.data, float) else str(cell.data or "").strip()
                    for cell in row.form
                ]
                if row.form[field.naming].data:
                    yield " · ".join(cell for cell in cells if cell and cell != "False").replace(
                        " · True", " ✓"
                    )
        elif field.type == "SelectMultipleField":
            chosen = [str(label) for value, label, *_ in field.iter_choices() if value in (field.data or [])]
            yield f"{field.label.text}：{'、'.join(chosen)}"
        elif field.type not in ("CSRFTokenField", "HiddenField"):
            yield f"{field.label.text}：{field.data}"


def _basics(a_round: Round, _questions: Questions) -> dict[str, object]:
    return {name: getattr(a_round, name) for name in BASICS}


def _basics_changes(form: FlaskForm, _questions: Questions) -> RoundChanges:
    return RoundChanges(
        title=form.title.data,
        slug=form.slug.data,
        body=form.body.text,
        period=form.period.data,
        mode=form.mode.data,
        opens_on=form.opens_on.data,
        closes_on=form.closes_on.data,
    )


def department_rows(departments: Sequence[Department]) -> dict[str, object]:
    """Form data of the departments, with a few empty rows."""
    rows = [{"group": d.group, "name": d.name, "name_en": d.name_en, "common": d.common} for d in departments]
    return {"rows": rows + [{}] * SPARE_ROWS}


def departments_of(rows: Sequence[DepartmentEntry]) -> tuple[Department, ...]:
    return tuple(make_department(r.name, r.group, common=r.common, name_en=r.name_en) for r in rows)


def _departments_changes(form: FlaskForm, questions: Questions) -> RoundChanges:
    return {"questionnaire": replace(questions, departments=departments_of(form.departments))}


def _questions(_round: Round, questions: Questions) -> dict[str, object]:
    scale = questions.scale
    plain = {
        name: getattr(scale, name) for name in ("satisfied", "warning_line", "not_known", "not_known_en")
    }
    plain["grade_lines"] = "、".join(f"{line:g}" for line in scale.grade_lines)
    levels = [{"label": v.label, "label_en": v.label_en, "points": v.points} for v in scale.levels]
    items = [
        {"name": i.name, "name_en": i.name_en, "weight": i.weight, "overall": i.overall}
        for i in questions.items
    ]
    return plain | {
        "items": items + [{}] * SPARE_ROWS,
        "levels": levels + [{}] * (MOST_LEVELS - len(levels)),
        "comments": questions.comments,
        "comment_chars": questions.comment_chars,
    }


def _questions_changes(form: FlaskForm, questions: Questions) -> RoundChanges:
    rows = [row.form for row in form["items"] if (row.form.name.data or "").strip()]
    items = tuple(
        Item(r.name.data.strip(), (r.name_en.data or "").strip(), r.weight.data, r.overall.data) for r in rows
    )
    levels = tuple(
        Level(r.form.label.data.strip(), (r.form.label_en.data or "").strip(), r.form.points.data)
        for r in form.levels
        if (r.form.label.data or "").strip()
    )
    scale = Scale(
        levels,
        form.satisfied.data,
        form.warning_line.data,
        form.not_known.data.strip(),
        (form.not_known_en.data or "").strip(),
        grade_lines(form.grade_lines.data),
    )
    wanted = replace(
        questions,
        items=items,
        scale=scale,
        comments=form.comments.data,
        comment_chars=form.comment_chars.data,
    )
    return {"questionnaire": wanted}


def _strata(_round: Round, questions: Questions) -> dict[str, object]:
    rows = [
        {
            "name": s.name,
            "name_en": s.name_en,
            "options": "、".join(s.options),
            "options_en": ", ".join(s.options_en) if s.options_en != s.options else "",
        }
        for s in questions.strata
    ]
    return {"rows": rows + [{}] * 2}


def _strata_changes(form: FlaskForm, questions: Questions) -> RoundChanges:
    strata = []
    for row in (entry.form for entry in form.rows):
        if (row.name.data or "").strip():
            options = tuple(split(row.options.data))
            english = tuple(split(row.options_en.data)) or options
            strata.append(Stratum(row.name.data.strip(), (row.name_en.data or "").strip(), options, english))
    return {"questionnaire": replace(questions, strata=tuple(strata))}


KEY_SETTINGS = ("quorum", "threshold", "at_least")


def _keys(a_round: Round, _questions: Questions) -> dict[str, object]:
    return {name: getattr(a_round, name) for name in KEY_SETTINGS}


def _keys_changes(form: FlaskForm, _questions: Questions) -> RoundChanges:
    return {
        "holders": tuple(bytes.fromhex(holder) for holder in form.holders.data),
        "quorum": form.quorum.data,
        "threshold": form.threshold.data,
        "at_least": form.at_least.data,
    }


STEPS = (
    SetupStep("basics", BasicsForm, _basics, _basics_changes),
    SetupStep(
        "departments", DepartmentsForm, lambda _r, q: department_rows(q.departments), _departments_changes
    ),
    SetupStep("questions", QuestionsForm, _questions, _questions_changes),
    SetupStep("strata", StrataForm, _strata, _strata_changes),
    SetupStep("keys", KeysForm, _keys, _keys_changes),
)
LAST = "preview"
BY_NAME = {step.name: step for step in STEPS}


def after(name: str) -> str:
    """Name of the step after `name`; after the last one, `LAST` (the preview)."""
    names = [step.name for step in STEPS]
    place = names.index(name) + 1
    return names[place] if place < len(names) else LAST
