"""What the station's pages share: the station, who sits before it, and what a page asks of whom."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import cast

from flask import Blueprint, current_app, redirect, session, url_for
from flask.typing import ResponseReturnValue

from survey.errors import N_, Forbidden, Phrase
from survey.paper.station.folder import INCOMING, Station
from survey.paper.station.people import People
from survey.paper.station.settling import THIRD, Settling
from survey.paper.web.work import Work

blueprint = Blueprint("station", __name__)
BOTH = THIRD
IDLE_SECONDS = 15 * 60
_WHO, _SEEN = "who", "seen"
View = Callable[..., ResponseReturnValue]


@dataclass
class Room:
    """The station under its pages. `key`: opens them; `hosts`: names by which they may be asked for.

    `refused`: what is said of files that were not read; `taken`: decisions of this sitting by place.
    """

    station: Station
    key: str
    hosts: frozenset[str] = frozenset()
    work: Work = field(default_factory=Work)
    lock: threading.Lock = field(default_factory=threading.Lock)
    refused: list[Phrase] = field(default_factory=list)
    taken: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settling = Settling(self.station)
        (self.station.folder / INCOMING).mkdir(mode=0o700, exist_ok=True)

    @property
    def people(self) -> People:
        return People(self.station)


def room() -> Room:
    return cast(Room, current_app.extensions["station"])


def who() -> int | None:
    """Who sits here: place 0 or 1, `BOTH`, or None for nobody or nobody lately."""
    if time.time() - session.get(_SEEN, 0) > IDLE_SECONDS:
        session.pop(_WHO, None)
    return session.get(_WHO)


def touch() -> None:
    session[_SEEN] = int(time.time())


def sit_down(place: int | None) -> None:
    """Let whoever is at `place` go on here; None: nobody."""
    session[_WHO] = place
    touch()


def two_only(view: View) -> View:
    """View that asks for both people when something is changed."""

    @wraps(view)
    def asked(*given: object, **named: object) -> ResponseReturnValue:
        if who() != BOTH:
            raise Forbidden(N_("这一步要两个人一起做。"), remedy=N_("请按“换人”，两个人一起登录。"))
        return view(*given, **named)

    return asked


def somebody(view: View) -> View:
    """View that asks who is there first."""

    @wraps(view)
    def asked(*given: object, **named: object) -> ResponseReturnValue:
        if who() is None:
            return redirect(url_for("station.people"), 303)
        touch()
        return view(*given, **named)

    return asked
