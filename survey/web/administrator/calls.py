"""Call list: whom to call while a round collects, as of the last daily batch, and what came of it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.clock import today
from survey.errors import N_, Malformed, PingyiError, in_full
from survey.language import gettext as _
from survey.models import Outcome, Role
from survey.services.rounds import lifecycle
from survey.services.voting import calling, participation
from survey.services.voting.calling import Called, FirmToCall
from survey.web.administrator.forms.calls import OUTCOMES, CallRow, CallsForm
from survey.web.site.access import requires
from survey.web.site.blueprints import admin
from survey.web.site.listing import list_query
from survey.web.site.request import database, signed_in_user


@admin.get("/rounds/<slug>/calls")
@requires(Role.ADMINISTRATOR)
def calls(slug: str) -> ResponseReturnValue:
    want, only = list_query(), _only()
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        page = calling.to_call(session, found, only, want.search, want.page)
    rows = [_row(firm) for firm in page]
    return _page(slug, CallsForm(data={"rows": rows}))


@admin.post("/rounds/<slug>/calls")
@requires(Role.ADMINISTRATOR)
def note_calls(slug: str) -> ResponseReturnValue:
    """Keep what was noted; the list again where somebody else noted something else meanwhile."""
    form, actor = CallsForm(), signed_in_user().name
    if not form.validate():
        return _page(slug, form), 400
    parts = {_key(part): part for part in _parts(form)}
    wanted = {key: _noted(part.outcome.data, part.note.data) for key, part in parts.items()}
    seen = {key: _noted(part.seen_outcome.data, part.seen_note.data) for key, part in parts.items()}
    try:
        overtaken = database().write(
            lambda s: calling.enter(s, lifecycle.get_round(s, slug), wanted, seen, actor, today())
        )
    except PingyiError as error:
        form.form_errors.append(in_full(error, _))
        return _page(slug, form), error.status
    if not overtaken:
        flash(_("已保存。"), "success")
        want = list_query()
        same: dict[str, Any] = {"show": _only(), "search": want.search or None, "page": want.page}
        return redirect(url_for("admin.calls", slug=slug, **same))
    _show_others(slug, {key: parts[key] for key in overtaken})
    return _page(slug, form), 409


def _show_others(slug: str, parts: dict[bytes, CallRow]) -> None:
    """Say beside each of these rows what somebody else noted; saving once more is then meant."""
    with database().read() as session:
        firms = calling.chosen_firms(session, lifecycle.get_round(session, slug), parts)
    for key, firm in firms.items():
        part, noted = parts[key], firm.noted
        part.seen_outcome.data, part.seen_note.data = noted.outcome.value, noted.note
        said = _("别人刚记了“%(text)s”。再保存一次，就以您填的为准。", text=_words(noted))
        part.outcome.errors = [said]


def _page(slug: str, form: CallsForm) -> str:
    want, only = list_query(), _only()
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        firms = calling.chosen_firms(session, found, [_key(part) for part in _parts(form)])
        facts = {
            "round": found,
            "page": calling.to_call(session, found, only, want.search, want.page),
            "totals": participation.totals(session, found, today()),
            "counts": calling.counts(session, found),
        }
    rows = [(firms[key], part) for part in _parts(form) if (key := _key(part)) in firms]
    return render_template(
        "administrator/collecting/calls.html",
        form=form,
        rows=rows,
        want=want,
        only=only,
        outcomes=OUTCOMES,
        **facts,
    )


def _only() -> Outcome | None:
    text = request.args.get("show", "")
    return Outcome(text) if text in list(Outcome) else None


def _parts(form: CallsForm) -> list[CallRow]:
    return [row.form for row in form.rows]


def _row(firm: FirmToCall) -> dict[str, str]:
    outcome, note = firm.noted.outcome.value, firm.noted.note
    key = firm.enterprise.id.hex()
    return {"firm": key, "seen_outcome": outcome, "seen_note": note, "outcome": outcome, "note": note}


def _key(part: CallRow) -> bytes:
    try:
        return bytes.fromhex(part.firm.data or "")
    except ValueError as error:
        raise Malformed(N_("填写的结果无法识别。")) from error


def _noted(outcome: str | None, note: str | None) -> Called:
    try:
        return Called(Outcome(outcome or ""), note or "")
    except ValueError as error:
        raise Malformed(N_("填写的结果无法识别。")) from error


def _words(noted: Called) -> str:
    return f"{OUTCOMES[noted.outcome]} {noted.note}".strip()
