"""Page for drawing a sample of the roster for a round, with the expected precision beside it."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.clock import today
from survey.errors import N_, NotFound, PingyiError, in_full
from survey.language import current_language
from survey.language import gettext as _
from survey.models import Role, Round
from survey.models.roster import Sample
from survey.services.invitations import planning, sampling
from survey.services.roster import enterprises
from survey.services.rounds import lifecycle
from survey.web.administrator.forms.sampling import SampleForm
from survey.web.site.access import requires
from survey.web.site.blueprints import admin
from survey.web.site.downloads import CSV, attachment
from survey.web.site.request import database, signed_in_user
from survey.web.site.round_view import questionnaire_of

SUGGESTED_SHARE = 3
FEWEST = 100


@admin.get("/rounds/<slug>/sample", endpoint="sample")
@requires(Role.ADMINISTRATOR)
def sample_page(slug: str) -> ResponseReturnValue:
    form, present = _form(slug)
    return _page(form, present)


@admin.post("/rounds/<slug>/sample")
@requires(Role.ADMINISTRATOR)
def plan_or_draw(slug: str) -> ResponseReturnValue:
    """Show what the design would draw (button 试算), or draw and store the sample (button 抽取)."""
    form, present = _form(slug)
    if not form.validate():
        return _page(form, present), 400
    design, actor = form.design, signed_in_user().name
    try:
        if request.form.get("action") != "draw":
            return _page(form, present, _trial(present.round, form))
        drawn = database().write(
            lambda s: sampling.draw(s, lifecycle.get_round(s, slug), design, actor, today()).drawn
        )
    except PingyiError as error:
        form.form_errors.append(in_full(error, _))
        return _page(form, present), error.status
    flash(_("已抽取 %(count)s 家并存档。签发邀请之前还可以重抽。", count=drawn), "success")
    return redirect(url_for("admin.sample", slug=slug))


@admin.post("/rounds/<slug>/sample/drop")
@requires(Role.ADMINISTRATOR)
def drop_sample(slug: str) -> ResponseReturnValue:
    database().write(lambda s: sampling.drop(s, lifecycle.get_round(s, slug)))
    flash(_("样本已撤销，将邀请整个名录。"))
    return redirect(url_for("admin.sample", slug=slug))


@admin.get("/rounds/<slug>/sample.csv")
@requires(Role.ADMINISTRATOR)
def sample_table(slug: str) -> ResponseReturnValue:
    """Download of the stored table of the sample, byte for byte, so that its digest can be checked."""
    with database().read() as session:
        sample = sampling.sample_of(session, lifecycle.get_round(session, slug))
    if sample is None:
        raise NotFound(N_("本轮没有抽样。"))
    return attachment(sampling.table_of(sample), f"抽样框与样本-{slug}.csv", CSV)


@dataclass(frozen=True, slots=True)
class PresentSample:
    """What the page shows whatever the form says; `source`: where the presumed response comes from."""

    round: Round
    total: int
    sample: Sample | None
    source: str


def _form(slug: str) -> tuple[SampleForm, PresentSample]:
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        strata = sampling.strata_of_roster(session)
        total = enterprises.count_enterprises(session)
        sample = sampling.sample_of(session, found)
        rate, ratings, source = planning.presumed(session)
    departments = len(questionnaire_of(found).departments)
    values = {
        "size": sample.drawn if sample else min(total, max(FEWEST, total // SUGGESTED_SHARE)),
        "seed": sample.seed if sample else secrets.token_hex(8),
        "response": round(100 * rate),
        "ratings": round(min(ratings, departments), 1),
    }
    if sample:
        design = sampling.design_of(sample)
        values |= {name: getattr(design, name) for name in ("strata", "method", "minimum")}
    form = SampleForm(data=values)
    form.offer([(name, _label(name, counts)) for name, counts in strata.items()])
    return form, PresentSample(found, total, sample, source)


def _label(name: str, counts: Counter[str]) -> str:
    options = _("、").join(f"{option} {count}" for option, count in counts.most_common(6))
    return _("%(name)s（%(options)s）", name=name, options=options)


def _trial(found: Round, form: SampleForm) -> dict[str, object]:
    with database().read() as session:
        cells = sampling.allocation(session, form.design)
    return {"cells": cells, "plan": _plan(found, form.design)}


def _plan(found: Round, design: sampling.SampleDesign) -> str:
    departments = len(questionnaire_of(found).departments)
    ratings = min(design.ratings, departments)
    expected = planning.expected(design.size, departments, ratings, design.response_rate)
    return expected.summary(current_language())


def _page(form: SampleForm, present: PresentSample, trial: Mapping[str, object] | None = None) -> str:
    """Page of the form, with the cells of the `trial` or else of the stored sample."""
    sample, cells = present.sample, dict(trial or {})
    if sample and not trial:
        cells = {
            "cells": sampling.cells_of(sample),
            "plan": _plan(present.round, sampling.design_of(sample)),
            "archived": True,
        }
    return render_template(
        "administrator/sample.html",
        form=form,
        round=present.round,
        total=present.total,
        sample=sample,
        source=present.source,
        **cells,
    )
