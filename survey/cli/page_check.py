"""Whether a served survey page is, to the byte, what these sources make of the round that it carries."""

from __future__ import annotations

import html
import json
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from survey.ballot.description import RoundDescription
from survey.errors import N_, PingyiError

Render = Callable[[RoundDescription, str, str], str]

CARRIED = re.compile(r'<script type="application/json" id="round">(.*?)</script>', re.DOTALL)
ANNOUNCED = re.compile(r'<p class="note">(.*?)</p>', re.DOTALL)
STATES = ("open", "draft", "closed", "opened", "cancelled")
AROUND = 30


class Carried(NamedTuple):
    """What a page says that the sources do not know: the round, and what the office announces."""

    description: RoundDescription
    announcement: str


def carried(page: str) -> Carried | None:
    """What `page` carries; `None` for what is no survey page."""
    found, note = CARRIED.search(page), ANNOUNCED.search(page)
    try:
        description = RoundDescription.from_dict(json.loads(found[1])) if found else None
    except (PingyiError, ValueError, KeyError, TypeError, AttributeError):
        description = None
    if description is None:
        return None
    return Carried(description, html.unescape(note[1]) if note else "")


def page_problems(page: str, render: Render) -> Iterator[PingyiError]:
    """The first place where `page` is not what `render(description, state, announcement)` makes, if any."""
    said = carried(page)
    if said is None:
        yield PingyiError(N_("网页里没有轮次说明，无法与源代码比较。"))
        return
    own = [render(said.description, state, said.announcement) for state in STATES]
    if page not in own:
        same = max(_common(page, one) for one in own)
        place = page[max(0, same - AROUND) : same + AROUND].replace("\n", " ")
        yield PingyiError(N_("网页与源代码生成的不同，第一处在“%(place)s”。"), place=place)


def _common(a: str, b: str) -> int:
    """How many characters both begin with."""
    return next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def renderer() -> Render:
    """The page as these sources make it."""
    from survey.app import create_app
    from survey.config import Settings
    from survey.db import Database
    from survey.views.survey_page import rendered

    settings = Settings(Path(), "sqlite:///none", "", secrets.token_hex(32))
    app = create_app(settings, Database(settings.database_url))  # never asked, and so never opened

    def render(description: RoundDescription, state: str, announcement: str) -> str:
        with app.test_request_context():
            return rendered(description, state, announcement)

    return render
