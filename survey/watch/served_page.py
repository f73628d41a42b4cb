"""Check that a served survey page equals, byte for byte, the page that these sources make for its round."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from survey.contact import Contact
from survey.errors import N_, PingyiError
from survey.protocol.description import RoundDescription

Render = Callable[[RoundDescription, str, str, date | None, Contact | None], str]

CARRIED = re.compile(r'<script type="application/json" id="round">(.*?)</script>', re.DOTALL)
PLANNED = re.compile(r'data-planned="(\d{4}-\d{2}-\d{2})"')
ANNOUNCED = re.compile(r'<p class="note">(.*?)</p>', re.DOTALL)
OFFICE = re.compile(r'<span\s+id="office">(.*?) <a href="tel:[^"]*">(.*?)</a>(?:（(.*?)）)?</span>', re.S)
STATES = ("open", "draft", "due", "closed", "opened", "cancelled")
AROUND = 30


class Carried(NamedTuple):
    """Data in a survey page that the sources do not know: round, announcement, and whom to call."""

    description: RoundDescription
    announcement: str
    planned: date | None
    """Announced closing day, if the round closed before it."""
    contact: Contact | None = None


def carried(page: str) -> Carried | None:
    """Data that `page` carries; None if it is no survey page."""
    found, note, day = CARRIED.search(page), ANNOUNCED.search(page), PLANNED.search(page)
    try:
        description = RoundDescription.from_dict(json.loads(found[1])) if found else None
    except (PingyiError, ValueError, KeyError, TypeError, AttributeError):
        description = None
    if description is None:
        return None
    try:
        planned = date.fromisoformat(day[1]) if day else None
    except ValueError:
        planned = None
    office = OFFICE.search(page)
    contact = Contact(*(html.unescape(part or "") for part in office.groups())) if office else None
    return Carried(description, html.unescape(note[1]) if note else "", planned, contact)


def page_problems(page: str, render: Render) -> Iterator[PingyiError]:
    """Yield the first place where `page` differs from what `render` makes for its data, if any."""
    said = carried(page)
    if said is None:
        yield PingyiError(N_("网页里没有轮次说明，无法与源代码比较。"))
        return
    own = _pages(said, render)
    if page not in own.values():
        same = max(_common(page, one) for one in own.values())
        place = page[max(0, same - AROUND) : same + AROUND].replace("\n", " ")
        yield PingyiError(N_("网页与源代码生成的不同，第一处在“%(place)s”。"), place=place)


def page_state(page: str, render: Render) -> str | None:
    """The one of `STATES` in which `render` makes exactly `page`; None if in none."""
    said = carried(page)
    own = _pages(said, render) if said else {}
    return next((state for state, made in own.items() if made == page), None)


def _pages(said: Carried, render: Render) -> dict[str, str]:
    data = (said.announcement, said.planned, said.contact)
    return {state: render(said.description, state, *data) for state in STATES}


def _common(a: str, b: str) -> int:
    """Number of characters that both texts have in common at their beginning."""
    return next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
