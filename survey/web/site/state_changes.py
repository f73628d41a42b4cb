"""View for a button that changes a round's state: check the form, make the
change, flash a message, go back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from survey.database import storage_order
from survey.database.engine import UNREACHABLE, Database
from survey.errors import Busy, Closed
from survey.services.rounds import lifecycle
from survey.web.site.request import database

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from survey.models import Round


def change_state(
    slug: str,
    form: FlaskForm | None,
    change: Callable[[Session, Round], object],
    said: str,
    back: str = "admin.overview",
    after: Callable[[str], None] | None = None,
) -> ResponseReturnValue:
    """Run `change(session, round)`, then `after(slug)`; redirect to the page `back`, flashing `said`.

    A form that does not validate changes nothing; its first error is flashed.
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
    """Begin to erase the traces of arrival order that the database file keeps of a stopped round.

    It may take long, so nobody waits for it; what is not done is done by the clock.
    """
    threading.Thread(target=_erase, args=(database(), slug), name="pingyi-traces", daemon=True).start()


def _erase(used: Database, slug: str) -> None:
    with suppress(Busy, Closed, *UNREACHABLE):
        storage_order.erase_traces(used, slug)
