"""One way to change a round's state from a button: check the tick, do it, say it, go back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import flash, redirect, url_for
from flask_wtf import FlaskForm

from survey.database import storage_order
from survey.errors import Busy
from survey.services.rounds import lifecycle
from survey.web.site.request import database


def change_state(
    slug: str,
    form: FlaskForm | None,
    change: Callable[[Any, Any], Any],
    said: str,
    back: str = "admin.overview",
    after: Callable[[str], None] | None = None,
) -> Any:
    """Run `change(session, round)`, then `after(slug)`; return to the page `back` with the sentence `said`.

    A form that does not validate changes nothing; its first complaint is shown there.
    """
    if form is not None and not form.validate():
        flash(str(next(iter(form.errors.values()))[0]), "error")
    else:
        database().write(lambda s: change(s, lifecycle.get_round(s, slug)))
        if after is not None:
            after(slug)
        flash(said, "success")
    return redirect(url_for(back, slug=slug))


def erase_traces_of(slug: str) -> None:
    """What follows when a round stops; the state has changed already, so a busy file is left to the clock."""
    with suppress(Busy):
        storage_order.erase_traces(database(), slug)
