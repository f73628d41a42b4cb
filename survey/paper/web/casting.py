"""Casting, with progress; begun again, it goes on where it stopped."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey.errors import N_, Conflict
from survey.paper.station.casting import Lines, cast_all
from survey.paper.station.report import count
from survey.paper.web.room import Room, blueprint, room, somebody, two_only
from survey.paper.web.work import CASTING, Tell


@blueprint.get("/cast")
@somebody
def cast() -> ResponseReturnValue:
    here = room()
    running = here.work.runs(CASTING)
    counted = None if running else count(here.station, here.settling)
    ended = here.work.ended(CASTING, gettext)
    return render_template("station/cast.html", running=running, count=counted, ended=ended)


@blueprint.post("/cast")
@somebody
@two_only
def begin() -> ResponseReturnValue:
    here = room()
    counted = count(here.station, here.settling)
    if not counted.ready and not counted.late:
        raise Conflict(N_("没有待投的表。"))
    here.work.start(CASTING, lambda tell: run(here, tell))
    return redirect(url_for("station.cast"), 303)


def run(here: Room, tell: Tell) -> None:
    """Cast every form that is ready."""
    total = len(here.settling.forms())
    lines = Lines.to(here.station.url, here.station.description)
    for done, _ in enumerate(cast_all(here.station, lines), start=1):
        tell(done, total)
