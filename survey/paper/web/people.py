"""Who sits before the station: the first, the second, or both."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.errors import N_, InvalidInput
from survey.language import gettext as _
from survey.paper.station.people import TWO, same
from survey.paper.station.report import count
from survey.paper.web.room import BOTH, blueprint, room, sit_down, somebody


@blueprint.get("/")
@somebody
def overview() -> ResponseReturnValue:
    here = room()
    return render_template(
        "station/overview.html", count=count(here.station, here.settling), names=here.people.names
    )


@blueprint.get("/people")
def people() -> ResponseReturnValue:
    names = room().people.names
    return render_template("station/people.html", names=names, two=TWO)


@blueprint.post("/people")
def change() -> ResponseReturnValue:
    given, here = request.form, room()
    if given.get("do") == "leave":
        sit_down(None)
        return redirect(url_for("station.people"), 303)
    if given.get("do") == "enrol":
        place = _enrol(given.get("name", ""), given.get("passphrase", ""), given.get("again", ""))
    else:
        place = _signed_on()
    sit_down(place)
    here.taken.pop(place, None)
    return redirect(url_for("station.overview"), 303)


def _enrol(name: str, passphrase: str, again: str) -> int:
    here = room()
    with here.lock:
        place = here.people.enrol(name, same(passphrase, again))
    flash(_("已登记：%(name)s。", name=here.people.names[place]), "success")
    return place


def _signed_on() -> int:
    """Place of whoever typed a passphrase, `BOTH` where two did; raises `InvalidInput`."""
    people, given = room().people, request.form
    typed = [place for place in range(TWO) if given.get(f"passphrase-{place}")]
    if not typed or not all(people.proves(place, given[f"passphrase-{place}"]) for place in typed):
        raise InvalidInput(N_("口令不对。"))
    return BOTH if len(typed) == TWO else typed[0]
